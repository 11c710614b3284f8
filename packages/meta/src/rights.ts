// What the actor may do: from the rights in the schema and the state of a record. The server
// decides in the end; this is what a screen offers, and why it does not.

import type { ApiRecord, Entity, Field } from "./schema";

/** Whether something may be done, and if not, why: a key of the catalogues with its values. */
export type Permission =
  | { readonly allowed: true; readonly reason: null }
  | { readonly allowed: false; readonly reason: Refusal };

export type Refusal =
  /** No rule of the actor's roles allows it. */
  | { readonly code: "no_right"; readonly verb: string }
  /** The act leads from other states only. */
  | { readonly code: "wrong_state"; readonly state: string; readonly from: readonly string[] }
  /** The record is not of a kind that can be changed. */
  | { readonly code: "unchangeable" };

const ALLOWED: Permission = { allowed: true, reason: null };
const refuse = (reason: Refusal): Permission => ({ allowed: false, reason });

/**
 * Whether the actor may use a verb (`read`, `create`, `update`, `delete` or an act) on a record, or
 * on some record where none is given. A row condition of a grant is known to the server only.
 */
export function may(entity: Entity, verb: string, record: ApiRecord | null = null): Permission {
  const changes = verb === "update" || verb === "delete";
  if (changes && entity.kind === "append_only") return refuse({ code: "unchangeable" });
  if (!entity.rights?.[verb]) return refuse({ code: "no_right", verb });
  const from = (entity.states?.moves ?? []).filter((move) => move.act === verb).map((m) => m.from);
  const state = record?.state;
  if (from.length > 0 && typeof state === "string" && !from.includes(state)) {
    return refuse({ code: "wrong_state", state, from });
  }
  return ALLOWED;
}

/** The acts of an entity in the order of the schema, each with whether it may be used now. */
export function actsFor(
  entity: Entity,
  record: ApiRecord,
): readonly { name: string; label: string; permission: Permission }[] {
  return entity.acts
    .filter((act) => entity.rights?.[act.name])
    .map((act) => ({ ...act, permission: may(entity, act.name, record) }));
}

/** The act that most likely comes next: the first move from the record's state that is allowed. */
export function nextAct(entity: Entity, record: ApiRecord): string | null {
  const moves = entity.states?.moves ?? [];
  const names = entity.states?.names.map((state) => state.name) ?? [];
  const ahead = (from: string, to: string) => names.indexOf(to) > names.indexOf(from);
  const found = moves.find(
    (move) =>
      move.from === record.state &&
      ahead(move.from, move.to) &&
      may(entity, move.act, record).allowed,
  );
  return found?.act ?? null;
}

/** Whether a field can be typed into: for a new record, or for one that may be changed. */
export function mayWrite(entity: Entity, field: Field, record: ApiRecord | null): boolean {
  if (!field.writable || field.computed) return false;
  return entity.kind === "child" || may(entity, record ? "update" : "create", record).allowed;
}
