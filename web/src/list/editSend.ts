// Sending changes of cells: one by one, each merged with what others changed meanwhile, or many in
// one batch. What is sent shows at once; what is refused is taken back and stays at its cell.

import { ApiProblem, type ApiRecord, type Command } from "@megalith/api";
import { sameValue } from "@megalith/meta";
import type { Row } from "../app/reader";
import { inWords } from "../app/refusals";
import { wrongs } from "../engine/problems";
import { records } from "../engine/server";
import { wireOf } from "./editValues";

type Values = Readonly<Record<string, unknown>>;

/** New values of one record, as they are shown: a link with its title. */
export interface RowChange {
  readonly row: Row;
  readonly values: Values;
}

/** Values that stand over what the list was told, until it is told them itself. */
interface Over {
  readonly version: number;
  readonly values: Values;
}

/** The changes of a page that the list does not know of yet. */
export class Overlay {
  private readonly over = new Map<string, Over>();
  private readonly made = new Map<string, { row: Row; over: Over; result: Row }>();

  /** A row as it is now; the same object for the same two. */
  show(row: Row): Row {
    const over = this.over.get(row.id);
    if (!over || row.version > over.version) return row;
    const made = this.made.get(row.id);
    if (made?.row === row && made.over === over) return made.result;
    const result = { ...row, ...over.values, version: over.version };
    this.made.set(row.id, { row, over, result });
    return result;
  }

  /** Puts values over a row. */
  put(row: Row, values: Values, version = row.version): void {
    const before = this.over.get(row.id);
    const kept = before && before.version >= row.version ? before.values : {};
    this.over.set(row.id, { version, values: { ...kept, ...values } });
  }

  /** The server's answer, links expanded as the row shows them; fields still under way stay. */
  settle(row: Row, answer: ApiRecord, except: ReadonlySet<string> = new Set()): void {
    const shown = this.show(row);
    const isShown = (name: string) => name in shown && !except.has(name);
    const values = Object.entries(answer).filter(([name]) => isShown(name));
    const known = values.map(([name, value]) => {
      const old = shown[name];
      return [name, wireOf(old) === value ? old : value] as const;
    });
    this.put(row, Object.fromEntries(known), answer.version);
  }

  /** Forgets what stands over a row, or over all. */
  drop(id?: string): void {
    if (id === undefined) this.over.clear();
    else this.over.delete(id);
  }
}

/** The values of a change that differ from the row, as they are sent. */
export function patchOf({ row, values }: RowChange): Values {
  const entries = Object.entries(values).map(([name, value]) => [name, wireOf(value)] as const);
  return Object.fromEntries(
    entries.filter(([name, value]) => !sameValue(value, wireOf(row[name]) ?? null)),
  );
}

/** The values that a patch would have to write to take itself back. */
export const earlierOf = (row: Row, patch: Values): Values =>
  Object.fromEntries(Object.keys(patch).map((name) => [name, wireOf(row[name])]));

/** What is wrong with each field of a refused change; what is at no field is said at the first. */
export function refusedFields(problem: ApiProblem, names: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const name of names) {
    const [wrong] = wrongs(problem.at(`/${name}`));
    if (wrong) found.set(name, wrong.text);
  }
  const [first] = names;
  if (found.size === 0 && first !== undefined) {
    // A fault of a field that was not touched, or of none.
    found.set(first, [problem, ...problem.errors].map(inWords).join(" "));
  }
  return found;
}

interface BatchOutcome {
  readonly changeSet: string | null;
  readonly done: readonly { change: RowChange; answer: ApiRecord; patch: Values }[];
  readonly refused: readonly { change: RowChange; patch: Values; problem: ApiProblem }[];
}

/** Sends changes of many rows as one batch. */
export async function sendBatch(
  path: string,
  changes: readonly RowChange[],
): Promise<BatchOutcome> {
  const sent = changes
    .map((change) => ({ change, patch: patchOf(change) }))
    .filter(({ patch }) => Object.keys(patch).length > 0);
  if (sent.length === 0) return { changeSet: null, done: [], refused: [] };
  const commands = sent.map(
    ({ change: { row }, patch }): Command => ({
      update: { ...patch, id: row.id, base_version: row.version },
    }),
  );
  const { change_set, results } = await records.batch(path, commands, false);
  const paired = sent.map((one, at) => ({ ...one, result: results[at] }));
  return {
    changeSet: change_set,
    done: paired.flatMap(({ change, patch, result }) =>
      result?.record ? [{ change, patch, answer: result.record as unknown as ApiRecord }] : [],
    ),
    refused: paired.flatMap(({ change, patch, result }) =>
      result?.record ? [] : [{ change, patch, problem: refusalOf(result?.problem) }],
    ),
  };
}

/** A problem inside of an answer. */
export const refusalOf = (problem: unknown): ApiProblem =>
  new ApiProblem((problem ?? {}) as Readonly<Record<string, unknown>>);
