// Groups of records as an aggregate answers them: put together where the store kept currencies
// apart, made a tree where there are several keys, and each with the condition that finds its
// records.

import { Decimal } from "./expr/decimal";
import { quote } from "./expr/print";
import { Day } from "./expr/time";
import type { Field } from "./schema";
import { groupKey } from "./view";

/** Sums of a field by currency; one without a currency stands under the empty text. */
export type Sums = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Group {
  /** The values from the outermost key to this one, as a text that is its own. */
  readonly id: string;
  readonly key: string;
  readonly value: unknown;
  readonly depth: number;
  readonly count: number;
  readonly sums: Sums;
  /** The condition that holds for its records, those of the groups around it included. */
  readonly filter: string;
  readonly inner: readonly Group[];
}

type Item = Readonly<Record<string, unknown>>;

/** The sum of two decimal texts, exactly. */
export function addTexts(a: string, b: string): string {
  const [left, right] = [Decimal.parse(a), Decimal.parse(b)];
  if (!left || !right) return left ? a : b;
  const places = Math.max(...[a, b].map((text) => text.split(".")[1]?.length ?? 0));
  const lift = (one: Decimal) => one.mantissa * 10n ** BigInt(places - one.scale);
  return Decimal.of(lift(left) + lift(right), places).toFixed(places);
}

/** The sums that answers of `sum(field)` hold together. */
export function sumsOf(items: readonly Item[], fields: readonly string[]): Sums {
  const all: Record<string, Record<string, string>> = {};
  for (const field of fields) {
    const by: Record<string, string> = {};
    for (const item of items) {
      const found = item[`sum(${field})`];
      if (found === null || found === undefined) continue;
      const { amount, currency } = found as { amount?: string; currency?: string };
      const [text, code] = amount === undefined ? [String(found), ""] : [amount, currency ?? ""];
      by[code] = by[code] === undefined ? text : addTexts(by[code], text);
    }
    all[field] = by;
  }
  return all;
}

export const countOf = (items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + Number(item["count()"] ?? 0), 0);

/** The condition that a record's value of a key is one of a group. */
export function groupFilter(key: string, field: Field, value: unknown): string {
  const { field: name, bucket } = groupKey(key) ?? { field: key, bucket: null };
  if (value === null || value === undefined) return `${name} == null`;
  if (bucket !== null) {
    const [from, to] = spanOf(String(value));
    return `${name} >= date('${from}') && ${name} < date('${to}')`;
  }
  switch (field.kind) {
    case "boolean":
    case "integer":
      return `${name} == ${String(value)}`;
    case "date":
      return `${name} == date('${String(value)}')`;
    case "decimal":
    case "percent":
    case "price":
    case "quantity":
      return `${name} == decimal(${quote(String(value))})`;
    default:
      return `${name} == ${quote(String(value))}`;
  }
}

/** The first day of `2026`, `2026-01` or `2026-01-31`, and the first one after it. */
export function spanOf(text: string): [string, string] {
  const [year = 1, month, day] = text.split("-").map(Number);
  const pad = (number: number, digits: number) => String(number).padStart(digits, "0");
  const iso = (y: number, m: number) => `${pad(y, 4)}-${pad(m, 2)}-01`;
  if (month === undefined) return [iso(year, 1), iso(year + 1, 1)];
  if (day === undefined) {
    return [iso(year, month), month === 12 ? iso(year + 1, 1) : iso(year, month + 1)];
  }
  const at = Day.parse(text);
  const next = at ? new Date((at.number + 1) * 86_400_000).toISOString().slice(0, 10) : text;
  return [text, next];
}

/** The tree of groups of an aggregate's answer, in the order in which their values come. */
export function groupTree(
  items: readonly Item[],
  keys: readonly { readonly key: string; readonly field: Field }[],
  summed: readonly string[],
): readonly Group[] {
  const level = (some: readonly Item[], depth: number, above: string, path: string): Group[] => {
    const at = keys[depth];
    if (!at) return [];
    const parts = new Map<string, Item[]>();
    for (const item of some) {
      const text = JSON.stringify(item[at.key] ?? null);
      const part = parts.get(text);
      if (part) part.push(item);
      else parts.set(text, [item]);
    }
    return [...parts].map(([text, own]) => {
      const value = JSON.parse(text) as unknown;
      const filter = [above, groupFilter(at.key, at.field, value)].filter(Boolean).join(" && ");
      const id = `${path}/${text}`;
      return {
        id,
        key: at.key,
        value,
        depth,
        count: countOf(own),
        sums: sumsOf(own, summed),
        filter,
        inner: level(own, depth + 1, filter, id),
      };
    });
  };
  return level(items, 0, "", "");
}
