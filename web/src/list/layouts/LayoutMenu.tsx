// Chooses how the records are shown, and by which field.

import type { ViewKind, ViewState } from "@megalith/meta";
import { Button, IconButton, Menu, type MenuEntry } from "@megalith/ui";
import { CalendarDays, ListTree, Network, Rows3, SquareKanban } from "lucide-react";
import type { ReactNode } from "react";
import type { Entity } from "../../app/catalog";
import { useDeeds } from "../../app/deeds";
import { t } from "../../app/words";
import { usePhone } from "../phone";
import type { ChangeView } from "../state";
import { kindOf, kindsOf, placeOf, placesOf } from "./kinds";

const icons: Record<ViewKind, ReactNode> = {
  list: <Rows3 />,
  board: <SquareKanban />,
  calendar: <CalendarDays />,
  tree: <ListTree />,
  chart: <Network />,
};

export function LayoutMenu({
  entity,
  view,
  change,
}: {
  entity: Entity;
  view: ViewState;
  change: ChangeView;
}): ReactNode {
  const isPhone = usePhone();
  const kinds = kindsOf(entity);
  const show = (kind: ViewKind) => change({ kind, by: null, at: null });
  useDeeds(
    entity.label_plural,
    kinds.length < 2
      ? []
      : kinds.map((kind) => ({
          id: `layout ${kind}`,
          label: `${t("layouts")}: ${t(`layout.${kind}`)}`,
          icon: icons[kind],
          run: () => show(kind),
        })),
  );
  if (kinds.length < 2) return null;
  const kind = kindOf(entity, view);
  const places = placesOf(entity, kind);
  const place = placeOf(entity, view);
  const items: MenuEntry[] = kinds.map((one) => ({
    id: one,
    label: t(`layout.${one}`),
    icon: icons[one],
    checked: one === kind,
    onSelect: () => show(one),
  }));
  if (places.length > 1) {
    items.push("line", { heading: t(`layoutBy.${kind === "board" ? "board" : "calendar"}`) });
    for (const field of places) {
      items.push({
        id: field.name,
        label: field.label,
        checked: field === place,
        onSelect: () => change({ by: field.name }),
      });
    }
  }
  return (
    <Menu
      label={t("layouts")}
      items={items}
      trigger={(props) =>
        isPhone ? (
          <IconButton label={t(`layout.${kind}`)} {...props}>
            {icons[kind]}
          </IconButton>
        ) : (
          <Button look="ghost" icon={icons[kind]} {...props}>
            {t(`layout.${kind}`)}
          </Button>
        )
      }
    />
  );
}
