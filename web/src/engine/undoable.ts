// Acts and deletions that can be taken back: each is sent as a change set of its own, whose undo is
// the server's. Who may not undo change sets sends the plain command.

import { type Entity, may, type Schema } from "@megalith/meta";
import { ApiProblem, type ApiRecord, records } from "./server";

const CHANGE_SETS = "platform.change_set";

/** What was done, and how it is taken back; null where it cannot be. */
export interface Done {
  /** The record as it is now; null where it is gone. */
  readonly record: ApiRecord | null;
  readonly undo: (() => Promise<void>) | null;
}

function mayUndo(entity: Entity, schema: Schema): boolean {
  const sets = schema.entity(CHANGE_SETS);
  return sets !== null && entity.scope === "org" && may(sets, "undo").allowed;
}

/** Whether an act leaves something that is never taken back: a document's number has no gaps. */
function drawsNumber(entity: Entity, row: ApiRecord, act: string): boolean {
  return entity.number?.at === act && row.number == null;
}

/** Whether an act can be taken back as it was done. */
export const isUndoable = (entity: Entity, schema: Schema, row: ApiRecord, name: string): boolean =>
  mayUndo(entity, schema) && !drawsNumber(entity, row, name);

/** Takes a change set back; what stands in the way is said. */
async function takeBack(changeSet: string): Promise<void> {
  const path = "/api/v1/platform/change-sets";
  const place = `${path}/${encodeURIComponent(changeSet)}:undo`;
  const after = await records.command<ApiRecord>(place, undefined);
  if (!after.conflicts) return;
  const [first] = (
    await records.command<{ conflicts: readonly { reason: string }[] }>(
      `${place}?preview=true`,
      undefined,
    )
  ).conflicts;
  const detail = first?.reason.replace(/^\w+: /, "") ?? String(after.conflicts);
  throw new ApiProblem({ status: 409, code: "not_undone", title: "", detail });
}

async function together(
  entity: Entity,
  row: ApiRecord,
  command: Parameters<typeof records.batch>[1][number],
  idempotencyKey: string | undefined,
): Promise<Done> {
  const path = entity.path ?? "";
  const now = await records.get(path, row.id, { fields: ["id", "version"] });
  if (now.version !== row.version) {
    throw new ApiProblem({ status: 412, code: "version_mismatch", title: "", detail: "" });
  }
  const options = idempotencyKey ? { idempotencyKey } : {};
  const answer = await records.batch(path, [command], true, options);
  const [result] = answer.results;
  if (result?.problem) throw new ApiProblem({ ...result.problem });
  const changeSet = answer.change_set;
  return {
    record: (result?.record ?? null) as ApiRecord | null,
    undo: changeSet ? () => takeBack(changeSet) : null,
  };
}

/** Does an act; it is refused (412) where somebody has changed the record since. */
export async function act(
  entity: Entity,
  schema: Schema,
  row: ApiRecord,
  name: string,
  values: Readonly<Record<string, unknown>> = {},
  idempotencyKey?: string,
): Promise<Done> {
  if (isUndoable(entity, schema, row, name)) {
    const command = { act: { ...values, id: row.id, act: name } };
    return together(entity, row, command, idempotencyKey);
  }
  const record = await records.act(entity.path ?? "", row.id, name, values, {
    ifMatch: row.version,
    ...(idempotencyKey ? { idempotencyKey } : {}),
  });
  return { record, undo: null };
}

/** Deletes a record; it is refused (412) where somebody has changed it since. */
export async function remove(entity: Entity, schema: Schema, row: ApiRecord): Promise<Done> {
  if (mayUndo(entity, schema)) {
    return together(entity, row, { delete: { id: row.id } }, undefined);
  }
  await records.remove(entity.path ?? "", row.id, { ifMatch: row.version });
  return { record: null, undo: null };
}
