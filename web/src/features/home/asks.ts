// What waits for somebody: from the states of the records and the acts that they may do, whatever
// kinds of record there are.

import { type Entity, type Field, nextAct } from "@megalith/meta";
import type { Tone } from "@megalith/ui";
import { isAdministrative, listPath } from "../../app/catalog";
import { toneOf } from "../../app/reader";
import { address } from "../../app/server";
import { every } from "./span";

/** Records of one kind in one state, and what may be done with them. */
export interface Ask {
  readonly entity: Entity;
  readonly state: string;
  readonly label: string;
  readonly tone: Tone;
  /** The label of the act that comes next; null where only looking is left. */
  readonly act: string | null;
  /** Whether only those count that the person made. */
  readonly own: boolean;
}

const stateOf = (entity: Entity): Field | undefined =>
  entity.fields.find((field) => field.kind === "state");

/**
 * What may wait: a record that somebody began waits for them; one that is on its way waits for
 * everybody who may move it on. Of what the installation does, only what has failed waits.
 */
export function asksOf(entity: Entity): readonly Ask[] {
  const field = stateOf(entity);
  const { states } = entity;
  if (!field || !states || !entity.path || !entity.rights?.read) return [];
  const first = states.names[0]?.name;
  return states.names.flatMap(({ name, label }) => {
    const tone = toneOf(field, name);
    const next = nextAct(entity, { id: "", version: 0, state: name });
    const act = tone === "bad" ? (next ?? back(entity, name)) : next;
    const own = name === first;
    const asks = tone === "bad" || (act !== null && !isAdministrative(entity.service));
    if (!asks) return [];
    const named = entity.acts.find((one) => one.name === act)?.label ?? null;
    return [{ entity, state: name, label, tone, act: named, own }];
  });
}

/** The act that leads out of a state that is bad, such as trying again. */
function back(entity: Entity, state: string): string | null {
  const found = entity.states?.moves.find(
    (move) => move.from === state && entity.rights?.[move.act] === true,
  );
  return found?.act ?? null;
}

/** The condition of what waits. */
export const askFilter = ({ state, own }: Ask): string =>
  every(`state == '${state}'`, own && "created_by == user.id");

/** The list of what waits. */
export const askPath = (ask: Ask, company: string): string =>
  address(listPath(ask.entity), { filter: every(askFilter(ask), inCompany(ask.entity, company)) });

/** Limits records that belong to a company to the chosen one. */
export const inCompany = (entity: Entity, company: string): string =>
  company && entity.per_company ? `company == '${company}'` : "";
