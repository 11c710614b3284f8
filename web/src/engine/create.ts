// What can be made new: keys `c` and a letter, and the entries of the palette.

import { type Entity, may } from "@megalith/meta";
import type { ReactNode } from "react";
import { isAdministrative } from "../app/catalog";
import { t, within } from "../app/words";

type Part = { readonly label: string; readonly entities: readonly Entity[] };

const newPath = (entity: Entity) => `/${entity.service}/${entity.plural}/new`;

// What administration is made of is made on its own pages.
const creatable = (parts: readonly Part[]) =>
  parts.flatMap((part) =>
    part.entities
      .filter((entity) => may(entity, "create").allowed && !isAdministrative(entity.service))
      .map((entity) => ({ part, entity })),
  );

/** A shortcut for each kind of record: the letter that also goes to its list. */
export function createShortcuts(
  parts: readonly Part[],
  letters: ReadonlyMap<string, string>,
  go: (path: string) => void,
): { keys: string; label: string; group: string; run: () => void }[] {
  return creatable(parts).flatMap(({ entity }) => {
    const letter = letters.get(entity.label_plural);
    return letter
      ? [
          {
            keys: `c ${letter}`,
            label: entity.label,
            group: t("create"),
            run: () => go(newPath(entity)),
          },
        ]
      : [];
  });
}

/** The palette's entries. */
export function createEntries(
  parts: readonly Part[],
  letters: ReadonlyMap<string, string>,
  searching: boolean,
  go: (path: string) => void,
  icon: ReactNode,
) {
  return {
    id: "create",
    heading: t("create"),
    most: searching ? 4 : 0,
    items: creatable(parts).map(({ part, entity }) => {
      const letter = letters.get(entity.label_plural);
      return {
        id: `create ${entity.name}`,
        label: t("createRecord", { name: within(entity.label) }),
        hint: part.label,
        icon,
        keywords: `${t("create")} ${entity.label}`,
        keys: letter ? `c ${letter}` : undefined,
        onSelect: () => go(newPath(entity)),
      };
    }),
  };
}
