// How a figure comes about, as far as the record itself shows it: the fields or the lines that it is
// the sum of, checked with exact numbers, else what its rule speaks of.

import { Decimal, type Entity, type Field, type Schema } from "@megalith/meta";
import type { Row } from "../app/reader";
import { isAmount } from "../app/reader";
import { filledColumns } from "./shape";

/** What a figure is made of. */
export type Made =
  /** Amounts of the same record, which add up to it. */
  | { readonly of: "fields"; readonly fields: readonly Field[] }
  /** A column of lines, which adds up to it, or columns that its rule works with. */
  | {
      readonly of: "lines";
      readonly lines: Field;
      readonly columns: readonly Field[];
      readonly isSum: boolean;
    }
  | { readonly of: "nothing" };

const amountOf = (value: unknown): Decimal | null => {
  const { amount } = (value ?? {}) as { amount?: string };
  const text = amount ?? (typeof value === "string" ? value : null);
  return text === null ? null : Decimal.parse(text);
};

function adds(values: readonly unknown[], total: unknown): boolean {
  const wanted = amountOf(total);
  if (!wanted) return false;
  const all = values.map((value) => amountOf(value) ?? Decimal.of(0n));
  const scale = Math.max(wanted.scale, ...all.map((one) => one.scale));
  const at = (one: Decimal) => one.mantissa * 10n ** BigInt(scale - one.scale);
  return all.reduce((sum, one) => sum + at(one), 0n) === at(wanted);
}

/** Whether the help of a field speaks of another by its name. */
const speaksOf = (help: string, field: Field) =>
  new RegExp(`\\b${field.name.replaceAll("_", "[ _]")}(e?s)?\\b`, "i").test(help);

export function madeOf(field: Field, entity: Entity, row: Row, schema: Schema): Made {
  const value = row[field.name];
  const others = entity.fields.filter(
    (one) => one !== field && one.kind === field.kind && speaksOf(field.help, one),
  );
  if (
    others.length > 1 &&
    adds(
      others.map((one) => row[one.name]),
      value,
    )
  ) {
    return { of: "fields", fields: others };
  }
  for (const lines of entity.fields.filter((one) => one.kind === "lines")) {
    const rows = (row[lines.name] ?? []) as Row[];
    if (rows.length === 0) continue;
    const numbers = filledColumns(schema, lines, rows).filter(isAmount);
    const sum = numbers.find(
      (one) =>
        one.kind === field.kind &&
        adds(
          rows.map((line) => line[one.name]),
          value,
        ),
    );
    if (sum) return { of: "lines", lines, columns: [sum], isSum: true };
    const own = schema.target(lines);
    const named = (own?.fields ?? []).filter(isAmount).some((one) => speaksOf(field.help, one));
    if (named || /\blines?\b/i.test(field.help)) {
      return { of: "lines", lines, columns: numbers, isSum: false };
    }
  }
  return { of: "nothing" };
}
