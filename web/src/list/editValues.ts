// Cells of a list as values: what may be changed in place, what a text in a cell means, and what of
// it is sent. The editors, what is pasted and what is filled down read texts in the same way.

import {
  checkValue,
  type Field,
  formatDecimal,
  formatPercent,
  may,
  mayWrite,
  parseAmount,
  parseDay,
  parseNumber,
  parsePercent,
  parseSpan,
  type Reader,
  type Schema,
} from "@megalith/meta";
import type { Entity } from "../app/catalog";
import { type Row, textOf } from "../app/reader";
import { t } from "../app/words";
import { reasonOf } from "../engine/Acts";
import { wrongs } from "../engine/problems";
import { tg } from "./editWords";

/** What reading a text depends on. */
export interface Reading {
  readonly schema: Schema;
  readonly reader: Reader;
  /** `2026-07-04`, on the clock of the person. */
  readonly today: string;
}

/** Kinds that are changed in a cell; others need the room of a form. */
const IN_PLACE = new Set<Field["kind"]>([
  "text",
  "email",
  "phone",
  "url",
  "colour",
  "integer",
  "decimal",
  "percent",
  "price",
  "quantity",
  "money",
  "date",
  "duration",
  "boolean",
  "choice",
  "link",
]);

const FIGURES = new Set<Field["kind"]>([
  "integer",
  "decimal",
  "percent",
  "price",
  "quantity",
  "money",
]);

export const isFigure = (field: Field): boolean => FIGURES.has(field.kind);

/** Whether a field can be changed in the cells of a list. */
export function isEditable(entity: Entity, field: Field, row: Row | null): boolean {
  return IN_PLACE.has(field.kind) && mayWrite(entity, field, row) && !field.system;
}

/** Why a cell cannot be changed in place; undefined where it can. */
export function whyNot(entity: Entity, field: Field, row: Row): string | undefined {
  if (isEditable(entity, field, row)) return undefined;
  if (field.kind === "state") return tg("grid.stateByActs");
  if (field.computed) return tg("grid.computed");
  const permission = may(entity, "update", row);
  if (!permission.allowed) return reasonOf(entity, permission);
  if (field.system || !field.writable) return tg("grid.bySystem");
  return tg("grid.inRecord");
}

/** The text that an editor begins with: what reading it gives back. */
export function editText(field: Field, row: Row, reader: Reader): string {
  const value = row[field.name];
  if (value === null || value === undefined) return "";
  if (field.kind === "quantity" || field.kind === "decimal") {
    return formatDecimal(String(value), reader);
  }
  if (field.kind === "price") return formatDecimal(String(value), reader, 2);
  if (field.kind === "percent") return formatPercent(String(value), reader);
  return textOf(field, row, reader);
}

/** The currency of an amount that says none: its own, that of the record, or of another amount. */
export function currencyOf(field: Field, row: Row): string | null {
  const own = (value: unknown) => {
    const { currency } = (value ?? {}) as { currency?: unknown };
    return typeof currency === "string" ? currency : null;
  };
  const stated = typeof row.currency === "string" ? row.currency : null;
  const others = Object.values(row).map((value) => (typeof value === "object" ? own(value) : null));
  return own(row[field.name]) ?? stated ?? others.find((one) => one !== null) ?? null;
}

/** What a text in a cell means, or why it means nothing. */
export type Meant = { readonly value: unknown } | { readonly fault: string };

/** Reads a text for a field; a link is read by `readTitles`, as only the server knows its records. */
export function readCell(field: Field, text: string, row: Row, given: Reading): Meant {
  const typed = text.trim();
  const value = typed === "" ? null : (parsed(field, typed, row, given) ?? typed);
  const [first] = checkValue(field, value, given.schema);
  if (!first) return { value };
  const [wrong] = wrongs([{ ...first, pointer: `/${field.name}` }]);
  return { fault: wrong?.text ?? first.message };
}

function parsed(field: Field, text: string, row: Row, { reader, today }: Reading): unknown {
  switch (field.kind) {
    case "integer": {
      const number = parseNumber(text, reader);
      return number === null ? null : Number(number);
    }
    case "decimal":
    case "price":
      return parseNumber(text, reader);
    case "quantity":
      // "12 pcs": the unit is the record's own.
      return parseNumber(text.replace(/[\s\u00a0]*\p{L}+\.?$/u, ""), reader);
    case "percent":
      return parsePercent(text, reader);
    case "money":
      return parseAmount(text, currencyOf(field, row), reader);
    case "date":
      return parseDay(text, today, reader);
    case "duration":
      return parseSpan(text, reader);
    case "boolean":
      return readBoolean(text);
    case "choice":
      return (
        field.choices.find((one) => same(one.name, text) || same(one.label, text))?.name ?? null
      );
    default:
      return null;
  }
}

const same = (a: string, b: string) => a.localeCompare(b, undefined, { sensitivity: "base" }) === 0;

function readBoolean(text: string): boolean | null {
  const isOne = (words: readonly string[]) => words.some((word) => same(word, text));
  if (isOne([t("yes"), "true", "yes", "1", "x", "✓"])) return true;
  return isOne([t("no"), "false", "no", "0", "-"]) ? false : null;
}

/** A value as the API takes it: a link by its id. */
export function wireOf(value: unknown): unknown {
  const { id } = (value ?? {}) as { id?: unknown };
  return typeof value === "object" && typeof id === "string" ? id : (value ?? null);
}
