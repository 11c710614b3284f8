// What can be done with the records that are chosen; it stands below the list while any are.

import { actsFor, may } from "@megalith/meta";
import { Button, copyText, IconButton, later, Menu, type MenuEntry, toast } from "@megalith/ui";
import { countChosen, NOTHING, type Selection } from "@megalith/ui/grid";
import { Ellipsis, Link2, Pencil, Play, Trash2, X } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { type Entity, type Field, listPath, type Schema } from "../app/catalog";
import { useDeeds } from "../app/deeds";
import type { Row } from "../app/reader";
import { inShort } from "../app/refusals";
import { t } from "../app/words";
import { asProblem } from "../engine/server";
import type { Asked } from "./asked";
import { chosenIds } from "./bulk";
import { sourceOf } from "./bulkSource";
import styles from "./edit.module.css";
import { tg } from "./editWords";
import type { Undos } from "./undo";

const BulkDialog = later(() => import("./bulkDialog"));
const ExportDialog = later(() => import("./exportDialog"));

/** What is being asked about. */
export type Deed =
  | { readonly verb: "update" | "delete" }
  | { readonly verb: "act"; readonly act: string; readonly label: string };

export interface BulkProps {
  entity: Entity;
  schema: Schema;
  asked: Asked;
  /** How many match, as far as that is known. */
  total: number | undefined;
  selected: Selection;
  /** The columns that are shown. */
  fields: readonly Field[];
  /** One of the records, for what an editor takes from such. */
  sample: Row | undefined;
  undos: Undos;
  onSelect: (next: Selection) => void;
  /** Records have changed: what is shown is read anew. */
  onChanged: () => Promise<void>;
}

const MOST_LINKS = 1_000;

export default function BulkBar(props: BulkProps): ReactNode {
  const { entity, asked, total, selected, onSelect } = props;
  // Notices stand above the bar.
  useEffect(() => {
    const { style } = document.documentElement;
    style.setProperty("--foot", "56px");
    return () => void style.removeProperty("--foot");
  }, []);
  const [deed, setDeed] = useState<Deed | "export" | null>(null);
  const count = countChosen(selected, total);
  const verbs = actsFor(entity, { id: "", version: 0 });

  const copyLinks = async () => {
    const links: string[] = [];
    const source = sourceOf(entity);
    try {
      for await (const ids of chosenIds(selected, asked, source, new AbortController().signal)) {
        links.push(...ids.map((id) => `${location.origin}${listPath(entity)}/${id}`));
      }
      if (await copyText(links.join("\n"))) {
        toast({ text: tg("bulk.linksCopied", { count: links.length }), tone: "info" });
      }
    } catch (error) {
      toast({ text: inShort(asProblem(error)), tone: "bad" });
    }
  };
  const more: MenuEntry[] = [
    {
      id: "links",
      label: tg("bulk.copyLinks"),
      icon: <Link2 />,
      reason:
        (count ?? Number.POSITIVE_INFINITY) > MOST_LINKS
          ? tg("bulk.tooManyLinks", { most: MOST_LINKS })
          : undefined,
      onSelect: () => void copyLinks(),
    },
    ...(may(entity, "delete").allowed
      ? [
          "line" as const,
          {
            id: "delete",
            label: t("delete"),
            icon: <Trash2 />,
            danger: true,
            onSelect: () => setDeed({ verb: "delete" }),
          },
        ]
      : []),
  ];

  useDeeds(count === undefined ? tg("bulk.allSelected") : t("selected", { count }), [
    ...verbs.map(({ name, label }) => ({
      id: name,
      label,
      icon: <Play />,
      run: () => setDeed({ verb: "act", act: name, label }),
    })),
    ...(may(entity, "update").allowed
      ? [
          {
            id: "update",
            label: tg("bulk.edit"),
            icon: <Pencil />,
            run: () => setDeed({ verb: "update" }),
          },
        ]
      : []),
    { id: "links", label: tg("bulk.copyLinks"), icon: <Link2 />, run: () => void copyLinks() },
  ]);

  return (
    <>
      <section className={styles.bar} aria-label={tg("bulk.label")}>
        <span role="status">
          {count === undefined ? tg("bulk.allSelected") : t("selected", { count })}
        </span>
        {may(entity, "update").allowed && (
          <Button size="small" icon={<Pencil />} onClick={() => setDeed({ verb: "update" })}>
            {tg("bulk.edit")}
          </Button>
        )}
        {verbs.length > 0 && (
          <Menu
            label={tg("bulk.acts")}
            items={verbs.map(({ name, label }) => ({
              id: name,
              label,
              onSelect: () => setDeed({ verb: "act", act: name, label }),
            }))}
            trigger={(trigger) => (
              <Button size="small" {...trigger}>
                {tg("bulk.acts")}
              </Button>
            )}
          />
        )}
        <Button size="small" onClick={() => setDeed("export")}>
          {tg("bulk.export")}
        </Button>
        <Menu
          label={t("ui.more")}
          items={more}
          trigger={(trigger) => (
            <IconButton size="small" label={t("ui.more")} {...trigger}>
              <Ellipsis />
            </IconButton>
          )}
        />
        <IconButton size="small" label={t("clearSelection")} onClick={() => onSelect(NOTHING)}>
          <X />
        </IconButton>
      </section>
      {deed === "export" ? (
        <ExportDialog {...props} onClose={() => setDeed(null)} />
      ) : (
        deed && <BulkDialog {...props} deed={deed} count={count} onClose={() => setDeed(null)} />
      )}
    </>
  );
}
