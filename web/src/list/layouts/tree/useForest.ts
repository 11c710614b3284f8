// Reads the records of a tree: all that match, and whoever stands above them.

import { keys } from "@megalith/api";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Entity, Field } from "../../../app/catalog";
import type { Row } from "../../../app/reader";
import { api } from "../../../app/server";
import type { Asked } from "../../asked";
import { forestOf, missingParents, type Node } from "./forest";

/** The most records that a tree shows. */
export const MOST = 5000;
const PAGE = 1000;
/** How many ids one filter names. */
const IDS = 100;
/** The most levels that are looked for above what was found. */
const LEVELS = 30;

interface Found {
  rows: Row[];
  /** Those that match; the others stand above them. */
  matching: ReadonlySet<string>;
  isCut: boolean;
}

/** The id of a record's parent: a link is its id, or an object where it was expanded. */
const parentId = (row: Row, parent: Field): string | null => {
  const value = row[parent.name];
  if (typeof value === "string") return value;
  return (value as { id?: string } | null | undefined)?.id ?? null;
};

export function useForest(
  entity: Entity,
  parent: Field,
  fields: readonly Field[],
  asked: Asked,
  moved: ReadonlyMap<string, Row>,
) {
  const path = entity.path ?? "";
  const shape = {
    fields: [...new Set([...fields.map((field) => field.name), parent.name])],
    expand: fields
      .filter((field) => field.kind === "link" && field !== parent)
      .map((field) => field.name),
  };
  const query = useQuery({
    queryKey: [...keys.of(path), "forest", shape, asked],
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }): Promise<Found> => {
      const rows: Row[] = [];
      let token = "";
      const order_by = asked.q ? "" : entity.title;
      do {
        const page = await api.records.list(
          path,
          { ...asked, ...shape, order_by, page_size: PAGE },
          token,
          signal,
        );
        rows.push(...page.items);
        token = page.next_page_token;
      } while (token !== "" && rows.length < MOST);
      const matching = new Set(rows.map((row) => row.id));
      const isNarrowed = asked.q !== "" || asked.filter !== "";
      // Parents that may not be seen are not answered: nobody asks for them twice.
      const asks = new Set<string>();
      for (let level = 0; isNarrowed && level < LEVELS; level += 1) {
        const missing = missingParents(rows, (row) => parentId(row, parent));
        const wanted = missing.filter((id) => !asks.has(id)).slice(0, IDS);
        if (wanted.length === 0) break;
        for (const id of wanted) asks.add(id);
        const filter = `id in [${wanted.map((id) => `'${id}'`).join(",")}]`;
        const page = await api.records.list(path, { ...shape, filter, page_size: IDS }, "", signal);
        rows.push(...page.items);
      }
      return { rows, matching, isCut: token !== "" };
    },
  });
  const found = query.data;
  const trees = useMemo<Node<Row>[]>(
    () =>
      forestOf(
        (found?.rows ?? []).map((row) => moved.get(row.id) ?? row),
        (row) => parentId(row, parent),
      ),
    [found, moved, parent],
  );
  return { query, trees, found };
}
