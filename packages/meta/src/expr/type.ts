// The types of expressions, and how they meet.

import { Decimal, SCALED_DIGITS } from "./decimal";
import { Money } from "./money";
import { Day, Duration, Instant, WallTime } from "./time";
import { Id, JsonText, List, Rows, type Value } from "./value";

/** The type of a field, a term or a result. Every type holds null besides its own values. */
export type Type =
  | { readonly kind: Plain }
  /** With a scale it fits 18 digits there; without one (a product, a quotient) 28 digits. */
  | { readonly kind: "decimal"; readonly scale: number | null }
  | { readonly kind: "id"; readonly entity: string; readonly prefix: string }
  | { readonly kind: "list"; readonly item: Type }
  /** Child rows, whose fields the environment knows under this name. */
  | { readonly kind: "rows"; readonly name: string };

type Plain =
  | "null"
  | "bool"
  | "int"
  | "text"
  | "date"
  | "instant"
  | "duration"
  | "wall_time"
  | "money"
  | "json";

export const NULL: Type = { kind: "null" };
export const BOOL: Type = { kind: "bool" };
export const INT: Type = { kind: "int" };
export const TEXT: Type = { kind: "text" };
export const DATE: Type = { kind: "date" };
export const INSTANT: Type = { kind: "instant" };
export const DURATION: Type = { kind: "duration" };
export const MONEY: Type = { kind: "money" };

export const decimal = (scale: number | null): Type => ({ kind: "decimal", scale });
export const listOf = (item: Type): Type => ({ kind: "list", item });
export const idOf = (entity: string, prefix: string): Type => ({ kind: "id", entity, prefix });

export function sameType(a: Type, b: Type): boolean {
  if (a.kind === "decimal" && b.kind === "decimal") return a.scale === b.scale;
  if (a.kind === "id" && b.kind === "id") return a.entity === b.entity && a.prefix === b.prefix;
  if (a.kind === "list" && b.kind === "list") return sameType(a.item, b.item);
  if (a.kind === "rows" && b.kind === "rows") return a.name === b.name;
  return a.kind === b.kind;
}

/** Whether it is a whole number or a decimal. */
export function isNumber(type: Type): boolean {
  return type.kind === "int" || type.kind === "decimal";
}

const ORDERED = new Set(["int", "decimal", "text", "date", "instant", "duration", "money"]);

/** Whether `<` and its like are defined. */
export function isOrdered(type: Type): boolean {
  return ORDERED.has(type.kind);
}

/** Whether `==` is defined besides the question for null. */
export function hasEquality(type: Type): boolean {
  return isOrdered(type) || ["bool", "wall_time", "id"].includes(type.kind);
}

/** The type of what may be one or the other; null when they do not mix. */
export function joinTypes(a: Type, b: Type): Type | null {
  if (sameType(a, b)) return a;
  if (a.kind === "null") return b;
  if (b.kind === "null") return a;
  if (isNumber(a) && isNumber(b)) return decimal(jointScale(a, b));
  if (a.kind === "list" && b.kind === "list") {
    const item = joinTypes(a.item, b.item);
    return item && listOf(item);
  }
  return null;
}

/** The larger scale of two numbers, if both are known. */
export function jointScale(a: Type, b: Type): number | null {
  const scale = (type: Type) =>
    type.kind === "int" ? 0 : type.kind === "decimal" ? type.scale : null;
  const [x, y] = [scale(a), scale(b)];
  return x === null || y === null ? null : Math.max(x, y);
}

/** The type that the literal of a value has; ids have no literal of their own. */
export function typeOfLiteral(value: Value): Type {
  if (value === null || value instanceof Id || value instanceof Rows) return NULL;
  if (typeof value === "boolean") return BOOL;
  if (typeof value === "bigint") return INT;
  if (typeof value === "string") return TEXT;
  if (value instanceof Decimal) {
    const fits = value.scale <= SCALED_DIGITS && value.rescale(value.scale) !== null;
    return decimal(fits ? value.scale : null);
  }
  if (value instanceof Day) return DATE;
  if (value instanceof Instant) return INSTANT;
  if (value instanceof WallTime) return { kind: "wall_time" };
  if (value instanceof Duration) return DURATION;
  if (value instanceof Money) return MONEY;
  if (value instanceof JsonText) return { kind: "json" };
  if (value instanceof List) {
    const join = (type: Type, item: Value) => joinTypes(type, typeOfLiteral(item)) ?? NULL;
    return listOf(value.items.reduce(join, NULL));
  }
  return NULL;
}

const WORDS: Record<string, string> = {
  null: "null",
  bool: "a boolean",
  int: "a whole number",
  text: "text",
  date: "a date",
  instant: "an instant",
  duration: "a duration",
  wall_time: "a wall time",
  money: "money",
  json: "JSON",
  rows: "rows",
};

/** For people: "text", "a decimal of 2 places", "an id of operations.customer". */
export function typeText(type: Type): string {
  switch (type.kind) {
    case "decimal":
      return type.scale === null ? "a decimal" : `a decimal of ${type.scale} places`;
    case "id":
      return `an id of ${type.entity}`;
    case "list":
      return `a list of ${typeText(type.item)}`;
    default:
      return WORDS[type.kind] ?? type.kind;
  }
}

/** Reads `decimal(2)`, `list(text)`, `id(operations.customer,cus)`; null for anything else. */
export function parseType(text: string): Type | null {
  const found = /^([a-z_]+)(?:\((.*)\))?$/.exec(text);
  const [, name = "", inside = ""] = found ?? [];
  switch (name) {
    case "decimal":
      return decimal(inside === "" ? null : Number(inside));
    case "list": {
      const item = parseType(inside);
      return item && listOf(item);
    }
    case "rows":
      return { kind: "rows", name: inside };
    case "id": {
      const [entity = "", prefix = ""] = inside.split(",");
      return idOf(entity, prefix);
    }
    default:
      return name in WORDS ? { kind: name as Plain } : null;
  }
}
