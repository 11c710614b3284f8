// How a card comes into another column: by the act that leads there, or by changing the field.

import { may, type Permission } from "@megalith/meta";
import type { Entity, Field } from "../../../app/catalog";
import type { Row } from "../../../app/reader";

/** What must be done to move a record, or why it cannot be. */
export type Move =
  | { readonly kind: "stay" }
  | { readonly kind: "act"; readonly act: string; readonly isFinal: boolean }
  | { readonly kind: "change" }
  | { readonly kind: "never"; readonly why: "no_way" | "no_right" | "fixed" };

/** The move of a record to a column. */
export function moveTo(entity: Entity, field: Field, row: Row, column: string): Move {
  if (row[field.name] === column) return { kind: "stay" };
  if (field.kind !== "state") {
    if (!field.writable) return { kind: "never", why: "fixed" };
    const permission: Permission = may(entity, "update", row);
    return permission.allowed ? { kind: "change" } : { kind: "never", why: "no_right" };
  }
  const moves = entity.states?.moves ?? [];
  const ways = moves.filter((move) => move.from === row[field.name] && move.to === column);
  if (ways.length === 0) return { kind: "never", why: "no_way" };
  const way = ways.find((move) => may(entity, move.act, row).allowed);
  if (!way) return { kind: "never", why: "no_right" };
  return { kind: "act", act: way.act, isFinal: !moves.some((move) => move.from === column) };
}

/** The columns of a board: the choices, and one for records in which none is chosen. */
export function columnsOf(field: Field): { name: string; label: string | null }[] {
  const choices = "choices" in field ? field.choices : [];
  const none = field.kind === "choice" && !field.required ? [{ name: "", label: null }] : [];
  return [...choices, ...none];
}

/** The filter for what stands in a column. */
export function columnFilter(filter: string, field: Field, column: string): string {
  const own = column === "" ? `${field.name} == null` : `${field.name} == '${column}'`;
  return filter ? `(${filter}) && ${own}` : own;
}
