// What a refusal says of the records that stand in the way, as links to lists of them.

import type { FieldProblem } from "@megalith/api";
import { quote, type Schema } from "@megalith/meta";
import { type Entity, listPath } from "../app/catalog";
import type { ApiProblem } from "./server";

/** One kind of record that uses another. */
interface Use {
  readonly entity: Entity;
  readonly count: number;
  /** The list of just those records. */
  readonly href: string;
}

/** What becomes of records that use one which is deleted, where they do not stand in its way. */
export const FATES = { cascade: "goesToo", set_null: "isEmptied" } as const;

/** A list limited to the records that link to one. */
export function usersPath(entity: Entity, field: string, id: string): string {
  const filter = new URLSearchParams({ filter: `${field} == ${quote(id)}` });
  return `${listPath(entity)}?${filter}`;
}

const SAYS = /^(\d+) of ([\w.]+) use it as (\w+)$/;

/** The uses that a 409 `in_use` names, and what it says besides. */
export function usesOf(
  problem: ApiProblem,
  schema: Schema,
  id: string,
): { uses: readonly Use[]; others: readonly FieldProblem[] } {
  const uses: Use[] = [];
  const others: FieldProblem[] = [];
  for (const one of problem.errors) {
    const [, count, name = "", field = ""] = SAYS.exec(one.message) ?? [];
    const entity = one.code === "in_use" ? schema.entity(name) : null;
    if (entity?.path) {
      uses.push({ entity, count: Number(count), href: usersPath(entity, field, id) });
    } else if (one.message !== problem.message) others.push(one);
  }
  return { uses, others };
}
