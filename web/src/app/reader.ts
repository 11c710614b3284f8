// How values look to whoever reads them: their locale, their zone, and which dot a state has.

import type { ApiRecord } from "@megalith/api";
import { formatValue, type Reader } from "@megalith/meta";
import type { Tone } from "@megalith/ui";
import { useUi } from "@megalith/ui";
import { useMemo } from "react";
import type { Entity, Field } from "./catalog";
import { t } from "./words";

export function useReader(): Reader {
  const { locale } = useUi();
  return useMemo(
    () => ({ locale, zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC" }),
    [locale],
  );
}

export type Row = ApiRecord;

/** Whether an id is the one under which the system itself acts. */
export const isSystem = (id: string) => /^usr_0+$/.test(id);

/** A field of a record as text; one that cannot be read as its kind stays as the server wrote it. */
export function textOf(field: Field, row: Row, reader: Reader): string {
  const value = row[field.name];
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (typeof value === "string" && isSystem(value)) return t("system");
  try {
    return formatValue(field, value, reader, row);
  } catch {
    return typeof value === "string" ? value : JSON.stringify(value ?? "");
  }
}

export const titleText = (entity: Entity, row: Row): string => {
  const title = row[entity.title];
  if (typeof title === "string" && title) return title;
  return entity.title === "id" ? row.id : t(entity.title === "number" ? "unnumbered" : "unnamed");
};

const ended = new Set(["cancelled", "closed", "archived", "undone", "expired", "revoked"]);
const good = new Set(["shipped", "received", "done", "paid", "active", "finished", "posted"]);
const bad = new Set(["failed", "refused", "rejected", "overdue"]);

/** The dot of a state: where it stands among the states says most, a few names say more. */
export function toneOf(field: Field, state: string): Tone {
  if (ended.has(state)) return "ended";
  if (bad.has(state)) return "bad";
  if (good.has(state)) return "good";
  const choices = "choices" in field ? field.choices : [];
  return state === "draft" || choices[0]?.name === state ? "idle" : "info";
}

export const isAmount = (field: Field) =>
  ["money", "decimal", "percent", "price", "quantity", "integer"].includes(field.kind);

const widths: Partial<Record<Field["kind"], number>> = {
  state: 116,
  choice: 120,
  date: 112,
  instant: 168,
  boolean: 90,
  money: 130,
  integer: 96,
  decimal: 110,
  quantity: 110,
  price: 110,
  percent: 96,
  link: 168,
  email: 200,
};
export const widthOf = (field: Field) => widths[field.kind] ?? 160;
