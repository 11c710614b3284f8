// The palette of the app: what can be done here, where one can go, what is found.

import { may } from "@megalith/meta";
import { Kbd } from "@megalith/ui";
import { CommandPalette, type PaletteGroup } from "@megalith/ui/palette";
import { useQuery } from "@tanstack/react-query";
import {
  CircleHelp,
  CircleUser,
  Clock,
  Contrast,
  House,
  Moon,
  PanelLeft,
  Plus,
  Rows3,
  Settings2,
  Star,
  Sun,
  Upload,
} from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { createEntries } from "../engine/create";
import { type Entity, listPath, type sections } from "./catalog";
import { choose } from "./choose";
import type { Here } from "./context";
import { deedsHere } from "./deeds";
import { iconOf } from "./icons";
import { prefer } from "./mine";
import { api } from "./server";
import { useSettings } from "./settings";
import { t, within } from "./words";

const SEARCH_MS = 140;

export default function Palette({
  parts,
  goKeys,
  here,
  org,
  onGo,
  onStar,
  onOver,
  onClose,
}: {
  parts: ReturnType<typeof sections>;
  goKeys: Map<string, string>;
  here: Here;
  org: string;
  onGo: (to: string) => void;
  onStar: () => void;
  onOver: (which: "help" | "settings") => void;
  onClose: () => void;
}): ReactNode {
  const [query, setQuery] = useState("");
  const [asked, setAsked] = useState("");
  // As it was when the palette was opened: it stands over the page.
  const [offered] = useState(deedsHere);
  const wishes = useSettings();
  useEffect(() => {
    const timer = setTimeout(() => setAsked(query.trim()), SEARCH_MS);
    return () => clearTimeout(timer);
  }, [query]);
  const found = useQuery({
    queryKey: ["search", asked],
    enabled: asked.length > 1,
    queryFn: ({ signal }) => api.records.search(asked, 12, signal),
  });
  const entities = parts.flatMap((part) => part.entities);
  const byName = new Map(entities.map((entity) => [entity.name, entity]));
  const later = (which: "help" | "settings") => () => setTimeout(() => onOver(which));
  const theme = (name: "light" | "dark" | "contrast") => () => choose({ theme: name });
  const sign = (entity: Entity | undefined) => {
    const Icon = iconOf(entity ?? { name: "" });
    return <Icon />;
  };

  const acts: PaletteGroup = {
    id: "act",
    heading: t("act"),
    most: query ? 6 : here.place ? 1 : 0,
    items: [
      ...(here.place
        ? [
            {
              id: "star",
              label: t("addFavourite"),
              hint: here.place.label,
              icon: <Star />,
              onSelect: onStar,
            },
          ]
        : []),
      {
        id: "light",
        label: `${t("theme")}: ${t("themeLight")}`,
        icon: <Sun />,
        onSelect: theme("light"),
      },
      {
        id: "dark",
        label: `${t("theme")}: ${t("themeDark")}`,
        icon: <Moon />,
        onSelect: theme("dark"),
      },
      {
        id: "contrast",
        label: `${t("theme")}: ${t("themeContrast")}`,
        icon: <Contrast />,
        onSelect: theme("contrast"),
      },
      ...(["compact", "regular", "comfortable"] as const).map((density) => ({
        id: density,
        label: `${t("density")}: ${t(density)}`,
        icon: <Rows3 />,
        onSelect: () => choose({ density }),
      })),
      {
        id: "sidebar",
        label: t("toggleSidebar"),
        keys: "[",
        icon: <PanelLeft />,
        onSelect: () => prefer({ collapsed: !wishes.collapsed }),
      },
      { id: "settings", label: t("settings"), icon: <Settings2 />, onSelect: later("settings") },
      {
        id: "account",
        label: t("account"),
        icon: <CircleUser />,
        onSelect: () => onGo("/account"),
      },
      {
        id: "help",
        label: t("shortcuts"),
        keys: "?",
        icon: <CircleHelp />,
        onSelect: later("help"),
      },
    ],
  };
  const made = createEntries(parts, goKeys, Boolean(query), onGo, <Plus />);
  const imports: PaletteGroup = {
    id: "import",
    heading: t("import"),
    most: 3,
    items: entities
      .filter((entity) => entity.importable && may(entity, "create").allowed)
      .map((entity) => ({
        id: `import ${entity.name}`,
        label: t("importRecords", { name: within(entity.label_plural) }),
        icon: <Upload />,
        onSelect: () => onGo(`/import?entity=${entity.name}`),
      })),
  };
  const deeds = offered.map(
    ({ of, deeds }, at): PaletteGroup => ({
      id: `deeds ${at}`,
      heading: of,
      most: query ? 6 : 5,
      items: deeds.map(({ run, ...deed }) => ({ ...deed, id: `${at} ${deed.id}`, onSelect: run })),
    }),
  );
  const groups: PaletteGroup[] = [
    ...deeds,
    acts,
    ...(query
      ? []
      : [
          made,
          {
            id: "recent",
            heading: t("recent"),
            most: 4,
            items: (wishes.recent[org] ?? []).map((place) => ({
              id: `recent ${place.path}`,
              label: place.label,
              hint: place.hint,
              icon: <Clock />,
              onSelect: () => onGo(place.path),
            })),
          },
        ]),
    {
      id: "go",
      heading: t("goTo"),
      most: query ? 5 : 8,
      items: [
        { id: "home", label: t("home"), keys: "g h", icon: <House />, onSelect: () => onGo("/") },
        ...parts.flatMap((part) =>
          part.entities.map((entity) => {
            const key = goKeys.get(entity.label_plural);
            return {
              id: `go ${entity.name}`,
              label: entity.label_plural,
              hint: part.label,
              keywords: `${entity.label} ${part.label}`,
              keys: key ? `g ${key}` : undefined,
              icon: sign(entity),
              onSelect: () => onGo(listPath(entity)),
            };
          }),
        ),
      ],
    },
    {
      id: "found",
      heading: t("found"),
      found: true,
      most: 12,
      items: (query.trim().length > 1 ? (found.data?.items ?? []) : []).map((hit) => ({
        id: `found ${hit.id}`,
        label: String(hit.title ?? hit.id),
        hint: byName.get(hit.entity)?.label ?? hit.entity,
        icon: sign(byName.get(hit.entity)),
        onSelect: () => onGo(hit.href.replace(/^\/api\/v1/, "")),
      })),
    },
    // What is there comes before what could be made.
    ...(query ? [made, imports] : []),
  ];
  return (
    <CommandPalette
      open
      onClose={onClose}
      query={query}
      onQuery={setQuery}
      placeholder={t("searchOrAct")}
      groups={groups}
      busy={found.isFetching || (query.trim().length > 1 && asked !== query.trim())}
      foot={
        <>
          <span>
            <Kbd keys="up" /> <Kbd keys="down" />
          </span>
          <span>
            <Kbd keys="enter" /> {t("open")}
          </span>
          <span>
            <Kbd keys="escape" /> {t("close").toLowerCase()}
          </span>
        </>
      }
    />
  );
}
