// Screens that are arranged by hand, where the speed of the work asks for it. What is not arranged
// stands as the schema has it.

import type { Entity } from "@megalith/meta";

/** How a form is arranged for the people who fill in hundreds of it. */
export interface Layout {
  /** The fields that stand first, in the order of the work; the others stand below the lines. */
  readonly head: readonly string[];
  /** The field whose choice leads on to the first line. */
  readonly lead: string;
  /** Of each kind of lines the order of the columns, and those that Enter leads through. */
  readonly lines: Readonly<
    Record<string, { readonly order: readonly string[]; readonly flow: readonly string[] }>
  >;
}

const ARRANGED: Readonly<Record<string, () => Promise<{ default: Layout }>>> = {
  "operations.sales_order": () => import("../features/operations/salesOrder"),
  "operations.purchase_order": () => import("../features/operations/purchaseOrder"),
};

const held = new Map<string, Promise<Layout | null>>();

/** The arrangement of an entity's form; the same promise each time, for `use`. */
export function layoutOf(entity: Entity): Promise<Layout | null> {
  const known =
    held.get(entity.name) ??
    ARRANGED[entity.name]?.().then(
      (found) => found.default,
      () => null,
    ) ??
    Promise.resolve(null);
  held.set(entity.name, known);
  return known;
}
