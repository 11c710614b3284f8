// What cells of a spreadsheet would change in a list: which values, and what cannot be meant. At
// most as many rows as one commit takes; more is what the import is for.

import type { Schema } from "@megalith/meta";
import { type Area, spread } from "@megalith/ui/grid";
import type { Entity, Field } from "../app/catalog";
import { type Row, textOf, titleText } from "../app/reader";
import { patchOf, type RowChange } from "./editSend";
import { isEditable, type Meant, type Reading, readCell, whyNot } from "./editValues";
import { tg } from "./editWords";

/** Cells that wait to be put in, and what is known of the place. */
export interface Pasted {
  readonly entity: Entity;
  readonly area: Pick<Area, "row" | "rows" | "columns" | "reach">;
  readonly cells: readonly (readonly string[])[];
  /** The rows of the list, as far as that is known. */
  readonly total: number | undefined;
  readonly rowsOf: (from: number, count: number) => readonly (Row | null)[];
  readonly fieldsOf: (names: readonly string[]) => readonly Field[];
  readonly given: Reading;
}

/** One value that would change. */
interface CellChange {
  readonly row: Row;
  readonly field: Field;
  readonly before: string;
  readonly after: string;
  readonly value: unknown;
}

/** One that cannot: the row is null where the list has none for it. */
interface CellFault {
  readonly row: Row | null;
  readonly at: number;
  readonly field: Field | null;
  readonly text: string;
  readonly reason: string;
}

export interface Plan {
  readonly changes: readonly CellChange[];
  readonly faults: readonly CellFault[];
  /** Cells that are so already. */
  readonly same: number;
  /** Lines that are more than one commit takes. */
  readonly beyond: number;
}

/** The most rows of one paste: those of one batch. */
export const MOST_ROWS = 1_000;
/** The most different names of records that are looked up. */
export const MOST_TITLES = 1_000;

/** Texts in cells of links, by the entity whose records they name: only the server knows which. */
export function titlesIn(pasted: Pasted, schema: Schema): Map<Entity, string[]> {
  const wanted = new Map<Entity, Set<string>>();
  const { texts, fields } = laid(pasted);
  for (const [col, field] of fields.entries()) {
    const target = field.kind === "link" ? schema.target(field) : null;
    if (!target?.path || !isEditable(pasted.entity, field, null)) continue;
    const titles = wanted.get(target) ?? new Set<string>();
    wanted.set(target, titles);
    for (const row of texts) {
      const text = (row[col] ?? "").trim();
      if (text !== "") titles.add(text);
    }
  }
  return new Map([...wanted].map(([target, titles]) => [target, [...titles]]));
}

/** The record that a text names; one that names none or several is not in it. */
export type Found = ReadonlyMap<Entity, ReadonlyMap<string, { id: string; label: string }>>;

function laid(pasted: Pasted) {
  const { area, cells } = pasted;
  const first = cells.slice(0, MOST_ROWS);
  const texts = spread(first, Math.min(area.rows, MOST_ROWS), area.columns.length);
  const width = texts[0]?.length ?? 0;
  const names = area.reach.slice(0, width);
  return {
    texts,
    fields: pasted.fieldsOf(names),
    beyond: Math.max(0, cells.length - MOST_ROWS),
    cut: Math.max(0, width - names.length),
  };
}

/** What would change and what cannot, in the order of the list. */
export function planOf(pasted: Pasted, schema: Schema, found: Found): Plan {
  const { entity, area, given } = pasted;
  const { texts, fields, beyond, cut } = laid(pasted);
  const rows = pasted.rowsOf(area.row, texts.length);
  const changes: CellChange[] = [];
  const faults: CellFault[] = [];
  let same = 0;
  for (const [down, own] of texts.entries()) {
    const row = rows[down] ?? null;
    const at = area.row + down;
    if (!row) {
      const isPast = pasted.total !== undefined && at >= pasted.total;
      const reason = isPast ? tg("grid.noRow") : tg("grid.rowNotLoaded");
      faults.push({ row, at, field: null, text: own.join(" · "), reason });
      continue;
    }
    for (const [col, field] of fields.entries()) {
      const text = own[col] ?? "";
      const before = textOf(field, row, given.reader);
      const isTitle = field.name === entity.title && titleText(entity, row) === text;
      // What was copied from here says the same when it is put back.
      if (text === before || isTitle) {
        same += 1;
        continue;
      }
      const refuse = (reason: string) => faults.push({ row, at, field, text, reason });
      const reason = whyNot(entity, field, row);
      if (reason !== undefined) {
        refuse(reason);
        continue;
      }
      const meant = read(field, text, row, given, schema, found);
      if ("fault" in meant) {
        refuse(meant.fault);
        continue;
      }
      const { value } = meant;
      if (Object.keys(patchOf({ row, values: { [field.name]: value } })).length === 0) same += 1;
      else {
        const after = textOf(field, { ...row, [field.name]: value }, given.reader);
        changes.push({ row, field, before, after, value });
      }
    }
  }
  if (cut > 0) {
    const reason = tg("grid.noColumn", { count: cut });
    faults.push({ row: null, at: area.row, field: null, text: "", reason });
  }
  return { changes, faults, same, beyond };
}

function read(
  field: Field,
  text: string,
  row: Row,
  given: Reading,
  schema: Schema,
  found: Found,
): Meant {
  const target = field.kind === "link" ? schema.target(field) : null;
  const title = text.trim();
  if (!target || title === "") return readCell(field, text, row, given);
  const one = found.get(target)?.get(title);
  return one
    ? { value: { id: one.id, title: one.label } }
    : { fault: tg("grid.noneNamed", { name: title }) };
}

/** The changes of a plan, row by row. */
export function rowChanges(changes: readonly CellChange[]): RowChange[] {
  const rows = new Map<string, { row: Row; values: Record<string, unknown> }>();
  for (const { row, field, value } of changes) {
    const own = rows.get(row.id) ?? { row, values: {} };
    own.values[field.name] = value;
    rows.set(row.id, own);
  }
  return [...rows.values()];
}
