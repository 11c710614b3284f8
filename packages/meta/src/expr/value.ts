// Values as the evaluator holds them, and how they look on the wire.

import { Decimal, parseDecimal } from "./decimal";
import { isCurrency, Money, parseMoney } from "./money";
import { Day, Duration, Instant, WallTime } from "./time";
import type { Type } from "./type";

/** A record's id without its prefix: 26 characters whose order is that of the ids. */
export class Id {
  readonly suffix: string;

  constructor(suffix: string) {
    this.suffix = suffix;
  }
}

/** A JSON text; it can only be asked whether it is there. */
export class JsonText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Child rows: each a list of values in the order of the rows' own environment. */
export class Rows {
  readonly rows: readonly (readonly Value[])[];

  constructor(rows: readonly (readonly Value[])[]) {
    this.rows = rows;
  }
}

/** A list of values of one type. */
export class List {
  readonly items: readonly Value[];

  constructor(items: readonly Value[]) {
    this.items = items;
  }
}

/** Whole numbers are bigints: they have 64 bits. */
export type Value =
  | null
  | boolean
  | bigint
  | string
  | Decimal
  | Day
  | Instant
  | Duration
  | WallTime
  | Money
  | Id
  | JsonText
  | List
  | Rows;

/** Splits an id into its prefix and its suffix; null when it is none. */
export function parseId(text: string): { prefix: string; id: Id } | null {
  const found = /^(.+)_([0-7][0-9a-hjkmnp-tv-z]{25})$/s.exec(text);
  return found ? { prefix: found[1] ?? "", id: new Id(found[2] ?? "") } : null;
}

/** The id of a field as it stands on the wire, whatever entity it is of. */
function idOf(text: string): Id | null {
  return parseId(text)?.id ?? null;
}

const I64_MIN = -(1n << 63n);
const I64_MAX = (1n << 63n) - 1n;

/** Whether a whole number fits 64 bits. */
export function isI64(value: bigint): boolean {
  return value >= I64_MIN && value <= I64_MAX;
}

/**
 * Reads a value of a type as the API writes it; null for null, for what is absent, and for what is
 * not of that type. An expanded link is read by its `id`.
 */
export function fromJson(json: unknown, type: Type, rowTypes: RowTypes = () => null): Value {
  if (json === null || json === undefined) return null;
  switch (type.kind) {
    case "bool":
      return typeof json === "boolean" ? json : null;
    case "int":
      return integer(json);
    case "decimal":
      return typeof json === "string" ? Decimal.parse(json) : integer(json);
    case "text":
      return typeof json === "string" ? json : null;
    case "date":
      return typeof json === "string" ? Day.parse(json) : null;
    case "instant":
      return typeof json === "string" ? Instant.parse(json) : null;
    case "duration":
      return typeof json === "string" ? Duration.parse(json) : null;
    case "wall_time":
      return typeof json === "string" ? WallTime.parse(json) : null;
    case "json":
      return new JsonText(typeof json === "string" ? json : JSON.stringify(json));
    case "money":
      return money(json);
    case "id": {
      const text = typeof json === "object" ? (json as { id?: unknown }).id : json;
      return typeof text === "string" ? idOf(text) : null;
    }
    case "list":
      return Array.isArray(json)
        ? new List(json.map((item) => fromJson(item, type.item, rowTypes)))
        : null;
    case "rows": {
      const fields = rowTypes(type.name);
      if (!fields || !Array.isArray(json)) return null;
      const row = (item: unknown) =>
        fields.map((field) =>
          fromJson((item as Record<string, unknown> | null)?.[field.name], field.type, rowTypes),
        );
      return new Rows(json.map(row));
    }
    case "null":
      return null;
  }
}

/** The fields of child rows by the name of their type, in the order of their values. */
export type RowTypes = (name: string) => readonly { name: string; type: Type }[] | null;

function integer(json: unknown): bigint | null {
  if (typeof json === "bigint") return isI64(json) ? json : null;
  if (typeof json === "number") return Number.isInteger(json) ? BigInt(json) : null;
  return null;
}

function money(json: unknown): Money | null {
  const { amount, currency } = json as { amount?: unknown; currency?: unknown };
  if (typeof amount !== "string" || typeof currency !== "string" || !isCurrency(currency)) {
    return null;
  }
  const found = parseMoney(amount, currency);
  return typeof found === "string" ? null : found;
}

/** The value as the API writes it: decimals are texts, money is an object; an id has no prefix. */
export function toJson(value: Value): unknown {
  if (typeof value === "bigint") {
    return value >= -(1n << 53n) && value <= 1n << 53n ? Number(value) : value;
  }
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Money) return { amount: value.amountText(), currency: value.currency };
  if (value instanceof Id) return value.suffix;
  if (value instanceof JsonText) return value.text;
  if (value instanceof List) return value.items.map(toJson);
  if (value instanceof Rows) return value.rows.map((row) => row.map(toJson));
  return value.toString();
}

/** Reads a decimal that a person or the API wrote, of at most `scale` places. */
export function decimalOf(text: string, scale: number): Decimal | null {
  const found = parseDecimal(text, scale);
  return typeof found === "string" ? null : found;
}

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  // Most texts are short and plain; a lone half of a pair is counted as it would be written.
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) > 0x7f) return encoder.encode(text).length;
    bytes += 1;
  }
  return bytes;
}

/** The order of two texts by code point, as both databases have it. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    let [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x === y) continue;
    // Halves of pairs stand for code points above all others.
    const isHalf = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;
    if (isHalf(x) !== isHalf(y)) [x, y] = [isHalf(x) ? 1 : 0, isHalf(y) ? 1 : 0];
    return x < y ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}
