// What happened to a record, as its timeline tells it: the events of each day, in the words of the
// fields.

import { keys, queryText } from "@megalith/api";
import type { Entity, Field, Schema } from "@megalith/meta";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { records } from "./server";

/** One field, before and after; absent is what the reader may not know. */
export interface Change {
  readonly field: string;
  readonly before?: unknown;
  readonly after?: unknown;
  readonly erased: boolean;
}

export interface LineChange {
  readonly field: string;
  readonly id: string;
  readonly change: "added" | "changed" | "removed";
  readonly changes: readonly Change[];
}

export interface Happening {
  readonly event: string;
  readonly position: number;
  readonly at: string;
  readonly actor: {
    readonly id: string | null;
    readonly kind: string;
    readonly title: string | null;
  };
  readonly verb: string;
  /** `batch`, `import` or `undo` where it was done together with others. */
  readonly through?: string | null;
  readonly reason: string | null;
  readonly change_set: string | null;
  readonly version: number;
  readonly changes: readonly Change[];
  readonly lines: readonly LineChange[];
}

interface HistoryPage {
  readonly items: readonly Happening[];
  readonly next_page_token: string;
}

const PAGE = 30;

export const historyQuery = (entity: Entity, id: string) => {
  const path = `${entity.path}/${encodeURIComponent(id)}:history`;
  return infiniteQueryOptions({
    queryKey: [...keys.of(entity.path ?? ""), "history", id],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      records.read<HistoryPage>(
        path + queryText({ page_size: PAGE, page_token: pageParam }),
        signal,
      ),
    getNextPageParam: (page) => page.next_page_token || null,
  });
};

/** What of a timeline is shown. */
export type Shown = "all" | "changes" | "acts";

const PLAIN = new Set(["create", "update", "delete"]);
export const isAct = (one: Happening) => !PLAIN.has(one.verb);

/** The events that are shown, by the day on which they were in a zone; the newest first. */
export function byDay(
  items: readonly Happening[],
  shown: Shown,
  zone: string,
): readonly { day: string; items: readonly Happening[] }[] {
  const format = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  const days: { day: string; items: Happening[] }[] = [];
  for (const one of items) {
    if (shown !== "all" && isAct(one) !== (shown === "acts")) continue;
    const day = format.format(new Date(one.at));
    const last = days.at(-1);
    if (last?.day === day) last.items.push(one);
    else days.push({ day, items: [one] });
  }
  return days;
}

/** The ids that changes speak of, by the entity that they are of: for their titles. */
export function linkedIds(
  items: readonly Happening[],
  entity: Entity,
  schema: Schema,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, Set<string>>();
  const note = (field: Field | null, value: unknown) => {
    if (field?.kind !== "link" && field?.kind !== "links") return;
    const target = schema.target(field);
    if (!target?.path) return;
    const ids = found.get(target.name) ?? new Set<string>();
    found.set(target.name, ids);
    for (const id of Array.isArray(value) ? value : [value]) {
      if (typeof id === "string") ids.add(id);
    }
  };
  const noteAll = (of: Entity | null, changes: readonly Change[]) => {
    for (const { field, before, after } of of ? changes : []) {
      const known = schema.field(of as Entity, field);
      note(known, before);
      note(known, after);
    }
  };
  for (const one of items) {
    noteAll(entity, one.changes);
    for (const line of one.lines) {
      const field = schema.field(entity, line.field);
      noteAll(field && schema.target(field), line.changes);
    }
  }
  return new Map([...found].map(([name, ids]) => [name, [...ids].sort()]));
}

/** A value with the titles of what it links to. */
export function titled(value: unknown, titles: Readonly<Record<string, string>>): unknown {
  const one = (id: unknown) =>
    typeof id === "string" && titles[id] !== undefined ? { id, title: titles[id] } : id;
  return Array.isArray(value) ? value.map(one) : one(value);
}
