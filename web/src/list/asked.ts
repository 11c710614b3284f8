// What the API is asked for a view, and how many records that are.

import { keys, type ListQuery } from "@megalith/api";
import type { ViewState } from "@megalith/meta";
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Entity } from "../app/catalog";
import { useCompany } from "../app/context";
import { api } from "../app/server";

/** The records that a view is about, in whatever layout they are shown. */
export interface Asked {
  readonly filter: string;
  readonly q: string;
}

/** What a view asks for, within the company that the person works in. */
export function useAsked(entity: Entity, { filter, q }: ViewState): Asked {
  const company = useCompany();
  return useMemo(() => {
    if (!company || !entity.fields.some((one) => one.name === "company")) return { filter, q };
    const own = `company == '${company}'`;
    return { filter: filter ? `(${filter}) && ${own}` : own, q };
  }, [entity, company, filter, q]);
}

const totalQuery = (entity: Entity, { filter, q }: Asked) => {
  const path = entity.path ?? "";
  const query: ListQuery = { filter, q, fields: ["id"], page_size: 1, count: true };
  return queryOptions({
    queryKey: [...keys.of(path), "total", query],
    queryFn: async ({ signal }) =>
      (await api.records.list(path, query, "", signal)).total_size ?? 0,
  });
};

/** How many records there are; what was known before stays until the answer is there. */
export const useTotal = (entity: Entity, asked: Asked) =>
  useQuery({ ...totalQuery(entity, asked), placeholderData: keepPreviousData });
