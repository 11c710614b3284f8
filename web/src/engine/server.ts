// How the engine reads records, finds them, and has what is shown of them read anew.

import { ApiProblem, type ApiRecord, asProblem, keys, newKey, type Page } from "@megalith/api";
import { type Entity, quote, type Schema } from "@megalith/meta";
import { toast } from "@megalith/ui";
import { type QueryClient, queryOptions, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { inShort } from "../app/refusals";
import { api } from "../app/server";
import { t } from "../app/words";

export type { ApiRecord };
export { ApiProblem, asProblem, newKey };

/** The records of the organisation that the person is in. */
export const { records } = api;

/** One record with the titles of what it links to. */
export const recordQuery = (entity: Entity, id: string, knownAt?: string) => {
  const expand = entity.fields
    .filter((field) => field.kind === "link" || field.kind === "links")
    .map((field) => field.name);
  const path = entity.path ?? "";
  const query = { expand, ...(knownAt ? { known_at: knownAt } : {}) };
  return queryOptions({
    queryKey: keys.record(path, id, query),
    queryFn: ({ signal }): Promise<ApiRecord> => records.get(path, id, query, signal),
    // What was, stays so.
    ...(knownAt ? { staleTime: Number.POSITIVE_INFINITY } : {}),
  });
};

/** How many ids one filter names. */
const MOST_TITLES = 100;

/** The titles of records of one entity by their ids, for links inside of lines. */
export const titlesQuery = (entity: Entity | null, ids: readonly string[]) =>
  queryOptions({
    queryKey: [...keys.of(entity?.path ?? ""), "titles", ids],
    queryFn: async ({ signal }) => {
      const found: Record<string, string> = {};
      if (!entity?.path) return found;
      for (let at = 0; at < ids.length; at += MOST_TITLES) {
        const some = ids.slice(at, at + MOST_TITLES);
        const filter = `id in [${some.map((id) => `'${id}'`).join(",")}]`;
        const query = { filter, fields: [entity.title], page_size: MOST_TITLES };
        const page = await records.list(entity.path, query, "", signal);
        for (const one of page.items) found[one.id] = String(one[entity.title] ?? one.id);
      }
      return found;
    },
    staleTime: 60_000,
    enabled: ids.length > 0 && Boolean(entity?.path),
  });

/** Has everything of an entity read anew, wherever it is shown. */
export function settle(client: QueryClient, entity: Entity): Promise<void> {
  return client.invalidateQueries({ queryKey: keys.of(entity.path ?? "") });
}

/** The records before and after one in the list that it was opened from, as far as it is loaded. */
export function neighbours(
  client: QueryClient,
  entity: Entity,
  id: string,
): { before: string | null; after: string | null } {
  // A list lies in pieces, whose place in it is the last part of their key.
  const lists = new Map<string, { newest: number; pieces: [number, readonly string[]][] }>();
  for (const query of client.getQueryCache().findAll({ queryKey: keys.lists(entity.path ?? "") })) {
    const pages = (query.state.data as { pages?: readonly Page[] } | undefined)?.pages;
    if (!pages) continue;
    const [, , , asked, piece] = query.queryKey;
    const list = lists.get(JSON.stringify(asked)) ?? { newest: 0, pieces: [] };
    list.newest = Math.max(list.newest, query.state.dataUpdatedAt);
    list.pieces.push([
      Number(piece ?? 0),
      pages.flatMap((page) => page.items.map((one) => one.id)),
    ]);
    lists.set(JSON.stringify(asked), list);
  }
  const holding = [...lists.values()]
    .filter(({ pieces }) => pieces.some(([, ids]) => ids.includes(id)))
    .sort((a, b) => b.newest - a.newest)[0];
  const pieces = holding?.pieces.sort(([a], [b]) => a - b) ?? [];
  const ids = pieces.flatMap(([, some]) => some);
  const at = ids.indexOf(id);
  return { before: ids[at - 1] ?? null, after: at < 0 ? null : (ids[at + 1] ?? null) };
}

/** Takes something back, and says if that failed. */
export function useUndo(): (undo: () => Promise<void>) => () => void {
  return useCallback(
    (undo) => () => {
      undo().then(
        () => toast({ text: t("undone") }),
        (error) => toast({ text: inShort(asProblem(error)), tone: "bad" }),
      );
    },
    [],
  );
}

export const useSettle = (entity: Entity) => {
  const client = useQueryClient();
  return useCallback(() => settle(client, entity), [client, entity]);
};

/** The kinds of record that link to an entity, with what its deletion would do to them. */
function dependents(
  schema: Schema,
  entity: Entity,
): { entity: Entity; field: string; effect: "restrict" | "cascade" | "set_null" }[] {
  return schema.entities.flatMap((other) =>
    other.path === null
      ? []
      : other.fields.flatMap((field) =>
          field.kind === "link" && field.target === entity.name && !field.system
            ? [{ entity: other, field: field.name, effect: field.on_delete }]
            : [],
        ),
  );
}

/**
 * How many records link to any of these. Kinds of which none does are left out, and those that may
 * not be listed.
 */
export async function countUsers(
  schema: Schema,
  entity: Entity,
  ids: readonly string[],
  signal: AbortSignal,
) {
  const named = ids.map((id) => quote(id)).join(", ");
  const found = await Promise.all(
    dependents(schema, entity).map(async (user) => {
      const filter = `${user.field} in [${named}]`;
      const query = { filter, page_size: 1, count: true, fields: ["id"] };
      const asked = records.list(user.entity.path ?? "", query, "", signal);
      const page = await asked.catch((error) => {
        if (asProblem(error).isPassing) throw error;
        return null;
      });
      return { ...user, count: page?.total_size ?? page?.items.length ?? 0 };
    }),
  );
  return found.filter((user) => user.count > 0);
}
