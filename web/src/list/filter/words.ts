// A condition in words.

import {
  type Condition,
  choiceLabel,
  type FilterValue,
  fieldAt,
  formatDate,
  formatDecimal,
  formatInstant,
  formatMoney,
  type Manner,
  ME,
  mannerOf,
  type Op,
  type Reader,
} from "@megalith/meta";
import type { Entity, Field, Schema } from "../../app/catalog";
import { t, type Word } from "../../app/words";

const DAYS: Partial<Record<Op, Word>> = {
  lt: "op.before",
  le: "op.until",
  gt: "op.after",
  ge: "op.from",
};
const OPS: Record<Op, Word> = {
  is: "op.is",
  isNot: "op.isNot",
  lt: "op.lt",
  le: "op.le",
  gt: "op.gt",
  ge: "op.ge",
  contains: "op.contains",
  starts: "op.starts",
  ends: "op.ends",
  empty: "op.empty",
  filled: "op.filled",
  during: "op.during",
};

/** A comparison as it is said of such a field. */
export function opWord(op: Op, manner: Manner): string {
  const isTime = manner === "date" || manner === "instant";
  return t((isTime ? DAYS[op] : undefined) ?? OPS[op]);
}

const SPANS: Readonly<Record<string, Word>> = {
  today: "span.today",
  yesterday: "span.yesterday",
  last24h: "span.last24h",
  last7: "span.last7",
  last30: "span.last30",
  last90: "span.last90",
  last365: "span.last365",
  thisMonth: "span.thisMonth",
  lastMonth: "span.lastMonth",
  next7: "span.next7",
  next30: "span.next30",
  past: "span.past",
  future: "span.future",
};
export const spanWord = (span: string): string => {
  const word = SPANS[span];
  return word ? t(word) : span;
};

/** What a path is called; a key in another system by that system. */
export function pathLabel(schema: Schema, entity: Entity, path: string): string {
  const system = /^external_ids\.(\w+)$/.exec(path)?.[1];
  if (system) return t("systemKey", { name: system });
  return fieldAt(schema, entity, path)?.label ?? path;
}

/** A value as it is read; `titles` has the names of linked records. */
function valueWord(
  field: Field | null,
  value: FilterValue,
  reader: Reader,
  titles: Readonly<Record<string, string>>,
): string {
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  if (typeof value === "object") return formatMoney(value.amount, value.currency, reader);
  if (!field) return value;
  switch (mannerOf(field)) {
    case "choice":
      return choiceLabel(field, value);
    case "date":
      return formatDate(value, reader);
    case "instant":
      return formatInstant(value, reader);
    case "number":
      return formatDecimal(value, reader);
    case "link":
      return value === ME ? t("me") : (titles[value] ?? value);
    default:
      return value;
  }
}

export function conditionWord(
  schema: Schema,
  entity: Entity,
  { field: path, op, values }: Condition,
  reader: Reader,
  titles: Readonly<Record<string, string>>,
): { field: string; op: string; value: string } {
  const field = fieldAt(schema, entity, path)?.field ?? null;
  const manner = field ? mannerOf(field) : "text";
  const value =
    op === "during"
      ? spanWord(String(values[0]))
      : values.map((one) => valueWord(field, one, reader, titles)).join(", ");
  return { field: pathLabel(schema, entity, path), op: opWord(op, manner), value };
}
