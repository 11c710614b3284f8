// The rows of a list, page by page as one scrolls.

import { keys, type Page } from "@megalith/api";
import type { OrderKey } from "@megalith/meta";
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  useInfiniteQuery,
} from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Entity, Field } from "../app/catalog";
import type { Row } from "../app/reader";
import { api } from "../app/server";
import type { Asked } from "./asked";

const PAGE = 100;

const listQuery = (entity: Entity, fields: readonly Field[], order: string, asked: Asked) => {
  const path = entity.path ?? "";
  const query = {
    ...asked,
    page_size: PAGE,
    order_by: order,
    fields: fields.map((field) => field.name),
    expand: fields.filter((field) => field.kind === "link").map((field) => field.name),
  };
  return infiniteQueryOptions({
    queryKey: keys.list(path, query),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => api.records.list(path, query, pageParam, signal),
    getNextPageParam: (page) => page.next_page_token || null,
    placeholderData: (before, last) =>
      // Other columns or another order of the same list: what is known stays until it comes.
      last?.queryKey[1] === path ? before : undefined,
  });
};

/** An order as the API is asked for it. */
export const orderBy = (order: readonly OrderKey[]): string =>
  order.map((key) => (key.descending ? `${key.field} desc` : key.field)).join(", ");

export function useRows(
  entity: Entity,
  fields: readonly Field[],
  order: readonly OrderKey[],
  asked: Asked,
) {
  const query = useInfiniteQuery(listQuery(entity, fields, orderBy(order), asked));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  // Rows that are on their way have a place already, as far as they can be scrolled to.
  const waiting = query.isPending ? 20 : hasNextPage ? PAGE : 0;
  return { query, rows, waiting, more: hasNextPage ? more : undefined };
}

/** A record as some list of its entity shows it. */
export function knownRow(client: QueryClient, entity: Entity, id: string): Row | undefined {
  const lists = client.getQueriesData<InfiniteData<Page, string>>({
    queryKey: keys.lists(entity.path ?? ""),
  });
  for (const [, data] of lists) {
    const row = data?.pages?.flatMap((page) => page.items).find((one) => one.id === id);
    if (row) return row;
  }
  return undefined;
}
