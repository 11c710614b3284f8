// Asking for aggregates, and saying when that was.

import { type Groups, keys } from "@megalith/api";
import type { Entity } from "@megalith/meta";
import { keepPreviousData, type UseQueryResult, useQuery } from "@tanstack/react-query";
import { api } from "../../app/server";

/** Figures are not asked for again at each return to the page. */
const STALE_MS = 60_000;

type Query = Parameters<typeof api.records.aggregate>[1];

/** An aggregate of the records of an entity; none asks nothing. */
export function useFigures(entity: Entity | null, query: Query): UseQueryResult<Groups> {
  const path = entity?.path ?? "";
  return useQuery({
    queryKey: keys.groups(path, query),
    queryFn: ({ signal }) => api.records.aggregate(path, query, signal),
    enabled: entity !== null,
    staleTime: STALE_MS,
    placeholderData: keepPreviousData,
  });
}

/** The time of day at which answers came, the oldest of them. */
export function askedAt(answers: readonly UseQueryResult[], locale: string): string {
  const times = answers.map((answer) => answer.dataUpdatedAt).filter((time) => time > 0);
  if (times.length === 0) return "";
  const format = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  return format.format(Math.min(...times));
}
