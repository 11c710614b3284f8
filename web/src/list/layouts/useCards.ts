// The records of a column, page by page as one scrolls down it.

import { keys } from "@megalith/api";
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { Entity, Field } from "../../app/catalog";
import { api } from "../../app/server";
import type { Asked } from "../asked";

const PAGE = 30;

const cardsQuery = (entity: Entity, fields: readonly Field[], order: string, asked: Asked) => {
  const path = entity.path ?? "";
  const query = {
    ...asked,
    page_size: PAGE,
    order_by: order,
    fields: fields.map((field) => field.name),
    expand: fields.filter((field) => field.kind === "link").map((field) => field.name),
  };
  return infiniteQueryOptions({
    queryKey: [...keys.list(path, query), "cards"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => api.records.list(path, query, pageParam, signal),
    getNextPageParam: (page) => page.next_page_token || null,
  });
};

export function useCards(entity: Entity, fields: readonly Field[], order: string, asked: Asked) {
  const query = useInfiniteQuery(cardsQuery(entity, fields, order, asked));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { query, rows, more: hasNextPage ? more : undefined };
}
