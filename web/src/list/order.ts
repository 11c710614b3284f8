// The order of a list that nobody has ordered: documents the newest first, all else by its name.

import type { Entity, OrderKey } from "@megalith/meta";

export function usualOrder(entity: Entity): readonly OrderKey[] {
  const field = (name: string) => entity.fields.find((one) => one.name === name && one.sortable);
  const descending = true;
  if (entity.number || entity.kind === "append_only") {
    const day = entity.fields.find((one) => one.kind === "date" && !one.system && one.indexed);
    const keys = [day?.name, "number"].filter((name): name is string => !!name && !!field(name));
    if (day) return keys.map((name) => ({ field: name, descending }));
    return field("created_at") ? [{ field: "created_at", descending }] : [];
  }
  const title = field(entity.title);
  if (title && title.kind !== "id") return [{ field: title.name, descending: false }];
  return field("created_at") ? [{ field: "created_at", descending }] : [];
}

/** Records beyond which an order or a filter that no index serves takes long. */
export const HUGE = 100_000;
/** How many records are shown of a huge list in an order that no index serves. */
export const FIRST = 1_000;

/** Whether the order of a list of so many records is served by no index. */
export function isSlowOrder(
  entity: Entity,
  order: readonly OrderKey[],
  total: number | undefined,
): boolean {
  const first = entity.fields.find((field) => field.name === order[0]?.field);
  if (order.length === 0 || total === undefined || total <= HUGE) return false;
  return !first?.indexed && first?.kind !== "id";
}
