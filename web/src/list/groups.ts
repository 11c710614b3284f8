// The groups of a list with their counts and sums, and the sums over all of it.

import { keys } from "@megalith/api";
import {
  countOf,
  type Entity,
  type Field,
  fieldAt,
  type Group,
  groupKey,
  groupTree,
  type Schema,
  type Sums,
  sumsOf,
} from "@megalith/meta";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "../app/server";
import type { Asked } from "./asked";

/** What is added up: prices, shares and keys mean nothing in sum. */
const SUMMED = new Set<Field["kind"]>(["money", "quantity", "integer"]);

export const isSummed = (field: Field): boolean => SUMMED.has(field.kind) && !field.system;

/** A key that a list is grouped by, with its field. */
export interface GroupBy {
  readonly key: string;
  readonly field: Field;
  readonly label: string;
}

/** The keys of a view that can be meant. */
export function groupsBy(schema: Schema, entity: Entity, group: readonly string[]): GroupBy[] {
  return group.flatMap((key) => {
    const parsed = groupKey(key);
    const at = parsed && fieldAt(schema, entity, parsed.field);
    if (!at || (parsed.bucket && at.field.kind !== "date")) return [];
    return [{ key, field: at.field, label: at.label }];
  });
}

interface Summary {
  readonly groups: readonly Group[];
  readonly count: number;
  readonly sums: Sums;
  /** There are more groups than are shown. */
  readonly cut: boolean;
}

/** Groups and sums of what is asked for, by filter and words. */
export function useSummary(
  entity: Entity,
  asked: Asked,
  by: readonly GroupBy[],
  summed: readonly string[],
  enabled: boolean,
) {
  const path = entity.path ?? "";
  const query = {
    filter: asked.filter,
    q: asked.q,
    group_by: by.map(({ key }) => key).join(","),
    select: ["count()", ...summed.map((name) => `sum(${name})`)].join(","),
  };
  const answer = useQuery({
    queryKey: keys.groups(path, query),
    queryFn: ({ signal }) => api.records.aggregate(path, query, signal),
    placeholderData: keepPreviousData,
    enabled,
  });
  const { data, isPlaceholderData } = answer;
  const summary = useMemo<Summary | undefined>(() => {
    if (!data || (isPlaceholderData && by.length > 0)) return undefined;
    const items = data.items as Record<string, unknown>[];
    return {
      groups: sorted(groupTree(items, by, summed), by),
      count: countOf(items),
      sums: sumsOf(items, summed),
      cut: data.cut,
    };
  }, [data, isPlaceholderData, by, summed]);
  return { summary, error: answer.error, retry: () => void answer.refetch() };
}

/** States and choices in the order of their life, spans of time the newest first, all else the largest first. */
function sorted(groups: readonly Group[], by: readonly GroupBy[]): readonly Group[] {
  const rank = ({ key, value, depth }: Group): number => {
    const field = by[depth]?.field;
    if (value === null || value === undefined) return Number.MAX_SAFE_INTEGER;
    if (field && "choices" in field) return field.choices.findIndex(({ name }) => name === value);
    return field?.kind === "date" || groupKey(key)?.bucket
      ? -Number(String(value).replace(/\D/g, ""))
      : 0;
  };
  return [...groups]
    .sort((a, b) => rank(a) - rank(b) || b.count - a.count)
    .map((group) => ({ ...group, inner: sorted(group.inner, by) }));
}

interface Groupable {
  key: string;
  field: Field;
  /** By month rather than by value. */
  span: boolean;
}

/** What a list can be grouped by: few values, or spans of time. */
export function groupables(entity: Entity): Groupable[] {
  const plain = new Set<Field["kind"]>(["state", "choice", "boolean", "link"]);
  return entity.fields.flatMap((field): Groupable[] => {
    if (field.kind === "date") return [{ key: `month(${field.name})`, field, span: true }];
    if (plain.has(field.kind)) return [{ key: field.name, field, span: false }];
    const isShort = field.kind === "text" && field.max <= 3 && !field.unique;
    return isShort ? [{ key: field.name, field, span: false }] : [];
  });
}
