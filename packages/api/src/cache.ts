// What of the records lies in the query cache, and changing it before the server has answered.

import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";
import type { ApiRecord, ListQuery, Page, ViewQuery } from "./records";

/** Keys of the cache: everything of an entity begins with its path. */
export const keys = {
  of: (path: string): QueryKey => ["records", path],
  lists: (path: string): QueryKey => ["records", path, "list"],
  list: (path: string, query: ListQuery): QueryKey => ["records", path, "list", query],
  views: (path: string, id: string): QueryKey => ["records", path, "record", id],
  record: (path: string, id: string, query: ViewQuery): QueryKey => [
    "records",
    path,
    "record",
    id,
    query,
  ],
  groups: (path: string, query: object): QueryKey => ["records", path, "groups", query],
};

type Pages = InfiniteData<Page, string>;

/** What was in the cache before, to put back. */
export type Before = readonly (readonly [QueryKey, unknown])[];

/** Puts back what was in the cache. */
export function restore(client: QueryClient, before: Before): void {
  for (const [key, data] of before) client.setQueryData(key, data);
}

/** Changes a record wherever it is shown; answers what was there before. */
export function change(
  client: QueryClient,
  path: string,
  id: string,
  edit: (record: ApiRecord) => ApiRecord,
): Before {
  const lists = client.getQueriesData<Pages>({ queryKey: keys.lists(path) });
  const views = client.getQueriesData<ApiRecord>({ queryKey: keys.views(path, id) });
  const shown = (pages: Pages) => pages.pages.some((page) => page.items.some((r) => r.id === id));
  const before: (readonly [QueryKey, unknown])[] = [];
  for (const [key, pages] of lists) {
    if (!pages || !shown(pages)) continue;
    before.push([key, pages]);
    const items = (page: Page) => page.items.map((item) => (item.id === id ? edit(item) : item));
    client.setQueryData<Pages>(key, {
      ...pages,
      pages: pages.pages.map((page) => ({ ...page, items: items(page) })),
    });
  }
  for (const [key, record] of views) {
    if (!record) continue;
    before.push([key, record]);
    client.setQueryData<ApiRecord>(key, edit(record));
  }
  return before;
}

/** Takes a record out of every list; answers what was there before. */
export function drop(client: QueryClient, path: string, id: string): Before {
  const before: (readonly [QueryKey, unknown])[] = [];
  for (const [key, pages] of client.getQueriesData<Pages>({ queryKey: keys.lists(path) })) {
    if (!pages?.pages.some((page) => page.items.some((item) => item.id === id))) continue;
    before.push([key, pages]);
    const without = (page: Page): Page => ({
      ...page,
      items: page.items.filter((item) => item.id !== id),
      ...(page.total_size !== undefined && { total_size: page.total_size - 1 }),
    });
    client.setQueryData<Pages>(key, { ...pages, pages: pages.pages.map(without) });
  }
  return before;
}

/**
 * A record with what the server answered: fields that it did not answer stay, and a link that is
 * shown expanded stays so while it leads to the same record.
 */
export function merged(shown: ApiRecord, answer: ApiRecord): ApiRecord {
  if (answer.version < shown.version) return shown;
  const result: Record<string, unknown> = { ...shown };
  for (const [name, value] of Object.entries(answer)) {
    const old = shown[name];
    const expanded = typeof old === "object" && old !== null && "id" in old;
    result[name] = expanded && (old as { id: unknown }).id === value ? old : value;
  }
  return result as ApiRecord;
}
