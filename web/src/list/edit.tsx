// Working in the cells of a list: what is typed, pasted and filled down shows at once, is merged
// with what others changed meanwhile, and can be taken back. What is refused stays at its cell with
// the reason; what two have changed is shown side by side.

import { type ApiRecord, keys } from "@megalith/api";
import { sameValue } from "@megalith/meta";
import { later, toast } from "@megalith/ui";
import type { Area, Column, DataGridProps, GridRow, Mark } from "@megalith/ui/grid";
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import type { Entity, Field, Schema } from "../app/catalog";
import { type Row, textOf, titleText, useReader } from "../app/reader";
import { inShort } from "../app/refusals";
import { t } from "../app/words";
import { now } from "../engine/clock";
import { asProblem, records } from "../engine/server";
import type { Conflict } from "./editConflict";
import { earlierOf, Overlay, patchOf, type RowChange, refusedFields, sendBatch } from "./editSend";
import { editText, isEditable, isFigure, type Reading, whyNot, wireOf } from "./editValues";
import { tg } from "./editWords";
import type { Pasted } from "./paste";
import { mayUndoSets, Undos, undoSets, useUndoKey } from "./undo";

const Cell = later(() => import("./editCell"));
const ConflictDialog = later(() => import("./editConflict"));
const PasteDialog = later(() => import("./pasteDialog"));

/** What the editors of cells need to know beside the cell. */
export interface CellGround {
  readonly entity: Entity;
  readonly field: Field;
  readonly given: Reading;
}

type GridProps = Pick<
  DataGridProps<Row>,
  "rowAt" | "onEdit" | "onWrong" | "marks" | "onPaste" | "onFill" | "onCopied"
>;

const items = new WeakMap<Row, GridRow<Row>>();

/** More rows than these are shown before they are filled down. */
const ASK_FROM = 50;

export function useEditing({
  entity,
  schema,
  fields,
  rowAt,
  total,
}: {
  entity: Entity;
  schema: Schema;
  fields: readonly Field[];
  rowAt: (index: number) => GridRow<Row> | undefined;
  /** The rows there are, as far as that is known. */
  total: number | undefined;
}) {
  const client = useQueryClient();
  const reader = useReader();
  const path = entity.path ?? "";
  const [overlay] = useState(() => new Overlay());
  const [undos] = useState(() => new Undos());
  const [marks, setMarks] = useState<ReadonlyMap<string, ReadonlyMap<string, Mark>>>(new Map());
  const [, draw] = useState(0);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [pasted, setPasted] = useState<Pasted | null>(null);
  const queues = useRef(new Map<string, Promise<void>>());
  useUndoKey(undos);

  const given = useMemo<Reading>(
    () => ({
      schema,
      reader,
      get today() {
        return now().today.toString();
      },
    }),
    [schema, reader],
  );
  const columnsOf = useCallback(
    (column: Column<Row>, field: Field): Column<Row> => {
      const reason = (row: Row) => whyNot(entity, field, row);
      if (!isEditable(entity, field, null)) return { ...column, reason };
      return {
        ...column,
        reason,
        editable: (row) => isEditable(entity, field, row),
        // Where the title is, letters are keys: x chooses a row, j and k go on.
        ...(field.name === entity.title ? {} : { typing: isFigure(field) ? "number" : "text" }),
        editor: (props) => <Cell {...props} ground={{ entity, field, given }} />,
      };
    },
    [entity, given],
  );

  const mark = useCallback((row: string, marked: ReadonlyMap<string, Mark | null>) => {
    setMarks((before) => {
      const cells = new Map(before.get(row));
      for (const [name, one] of marked) {
        if (one) cells.set(name, one);
        else cells.delete(name);
      }
      const next = new Map(before);
      if (cells.size > 0) next.set(row, cells);
      else next.delete(row);
      return next;
    });
    draw((count) => count + 1);
  }, []);
  const markAll = (row: Row, names: readonly string[], one: Mark | null) =>
    mark(row.id, new Map(names.map((name) => [name, one])));
  const textsOf = (row: Row, values: Readonly<Record<string, unknown>>) => (name: string) => {
    const field = schema.field(entity, name);
    return field ? textOf(field, { ...row, ...values } as Row, reader) : "";
  };

  /** What others show of these records is asked anew when it is next looked at. */
  const stale = useCallback(
    () => client.invalidateQueries({ queryKey: keys.of(path), refetchType: "none" }),
    [client, path],
  );
  /** Everything is read anew, and nothing stands over it any more. */
  const refresh = useCallback(async () => {
    await client.invalidateQueries({ queryKey: keys.of(path) });
    overlay.drop();
    setMarks(new Map());
    draw((count) => count + 1);
  }, [client, path, overlay]);

  /** Takes back what was refused, and says at each cell what was wrong. */
  const refuse = (before: Row, change: RowChange, reasons: ReadonlyMap<string, string>) => {
    const names = Object.keys(change.values);
    overlay.put(before, Object.fromEntries(names.map((name) => [name, before[name]])));
    const text = textsOf(before, change.values);
    mark(
      before.id,
      new Map(
        names.map((name): [string, Mark | null] => {
          const message = reasons.get(name);
          return [name, message ? { state: "wrong", text: text(name), message } : null];
        }),
      ),
    );
  };

  /** Changes one record, after what is still under way with it. */
  const change = (row: Row, values: Readonly<Record<string, unknown>>, version?: number) => {
    const before = overlay.show(row);
    const names = Object.keys(values);
    const same = names.every((name) =>
      sameValue(wireOf(values[name]), wireOf(before[name]) ?? null),
    );
    if (same && version === undefined) return markAll(row, names, null);
    overlay.put(before, values);
    markAll(row, names, { state: "saving" });
    const run = async () => {
      const base = version ?? overlay.show(row).version;
      const patch = Object.fromEntries(names.map((name) => [name, wireOf(values[name])]));
      try {
        const answer = await records.update(path, row.id, patch, { baseVersion: base });
        overlay.settle(row, answer, underWay(row.id, names));
        markAll(row, names, null);
        undos.push(t("saved", { name: titleText(entity, overlay.show(row)) }), async () => {
          const earlier = earlierOf(before, patch);
          const back = await records.update(path, row.id, earlier, { baseVersion: answer.version });
          overlay.put(overlay.show(row), Object.fromEntries(names.map((n) => [n, before[n]])));
          overlay.settle(row, back);
          markAll(row, names, null);
          await stale();
          return 0;
        });
        await stale();
      } catch (error) {
        const problem = asProblem(error);
        if (problem.code === "merge_conflict" || problem.status === 412) {
          await dispute(row, before, values);
        } else refuse(before, { row, values }, refusedFields(problem, names));
      }
    };
    const queue = queues.current;
    const sent = (queue.get(row.id) ?? Promise.resolve()).then(run, run);
    queue.set(row.id, sent);
    undos.during(sent);
  };
  const newestMarks = useRef(marks);
  newestMarks.current = marks;
  /** The fields of a record that are still being saved, apart from some. */
  const underWay = (id: string, names: readonly string[]): ReadonlySet<string> => {
    const cells = [...(newestMarks.current.get(id) ?? [])];
    const busy = cells.filter(([name, one]) => one.state === "saving" && !names.includes(name));
    return new Set(busy.map(([name]) => name));
  };

  /** Somebody else has changed the same: both values stand side by side. */
  const dispute = async (row: Row, before: Row, values: Readonly<Record<string, unknown>>) => {
    const names = Object.keys(values);
    const expand = entity.fields.filter((one) => one.kind === "link").map((one) => one.name);
    let theirs: ApiRecord;
    try {
      theirs = await records.get(path, row.id, { expand });
    } catch (error) {
      refuse(before, { row, values }, refusedFields(asProblem(error), names));
      return;
    }
    overlay.put(before, Object.fromEntries(names.map((name) => [name, theirs[name]])));
    overlay.settle(row, theirs);
    markAll(row, names, null);
    setConflict({
      title: titleText(entity, theirs),
      fields: entity.fields.filter((field) => names.includes(field.name)),
      mine: { ...theirs, ...values } as ApiRecord,
      theirs,
      keep: (mine) => {
        const kept = Object.fromEntries(mine.map((name) => [name, values[name]]));
        if (mine.length > 0) change(overlay.show(row), kept, theirs.version);
      },
    });
  };

  /** Sends changes of many rows as one batch, which is taken back as one. */
  const changeMany = (changes: readonly RowChange[]): Promise<void> => {
    const sent = sendMany(changes);
    undos.during(sent);
    return sent;
  };
  const sendMany = async (changes: readonly RowChange[]): Promise<void> => {
    const before = changes.map(({ row, values }) => ({ row: overlay.show(row), values }));
    for (const one of before) {
      overlay.put(one.row, one.values);
      markAll(one.row, Object.keys(one.values), { state: "saving" });
    }
    try {
      const { changeSet, done, refused } = await sendBatch(path, before);
      for (const one of before) markAll(one.row, Object.keys(one.values), null);
      for (const { change: one, answer } of done) overlay.settle(one.row, answer);
      for (const { change: one, problem } of refused) {
        refuse(one.row, one, refusedFields(problem, Object.keys(one.values)));
      }
      const cells = done.reduce((sum, one) => sum + Object.keys(one.patch).length, 0);
      const lost = refused.reduce((sum, one) => sum + Object.keys(one.patch).length, 0);
      const said =
        lost > 0
          ? tg("grid.changedSome", { count: cells, refused: lost })
          : tg("grid.changed", { count: cells });
      if (done.length === 0) {
        toast({ text: said, tone: lost > 0 ? "bad" : "info" });
        return;
      }
      undos.push(
        said,
        async () => {
          let left = 0;
          if (changeSet && mayUndoSets(schema)) left = await undoSets([changeSet]);
          else {
            const back = done.map(({ change: one, patch, answer }) => ({
              row: { ...answer } as Row,
              values: earlierOf(one.row, patch),
            }));
            left = (await sendBatch(path, back)).refused.length;
          }
          await refresh();
          return left;
        },
        lost > 0 ? "bad" : "done",
      );
      await stale();
    } catch (error) {
      const problem = asProblem(error);
      for (const one of before) {
        refuse(one.row, one, refusedFields(problem, Object.keys(one.values)));
      }
      toast({ text: inShort(problem), tone: "bad" });
    }
  };

  const byName = useMemo(() => new Map(fields.map((field) => [field.name, field])), [fields]);
  const shownAt = (index: number): GridRow<Row> | undefined => {
    const item = rowAt(index);
    if (item?.kind !== "row") return item;
    const row = overlay.show(item.row);
    if (row === item.row) return item;
    // The same for the same, so that rows that stay are not drawn again.
    const known = items.get(row) ?? { ...item, row };
    items.set(row, known);
    return known;
  };
  /** Some rows from one on; the heads of groups are none. */
  const rowsOf = (from: number, count: number) => {
    const rows: (Row | null)[] = [];
    for (let at = from; rows.length < count; at += 1) {
      const item = shownAt(at);
      if (item?.kind === "row") rows.push(item.row);
      else if (item?.kind !== "group") rows.push(null);
    }
    return rows;
  };
  const fieldsOf = (names: readonly string[]) =>
    names.map((name) => byName.get(name)).filter((one): one is Field => one !== undefined);

  const paste = (area: Area, cells: string[][]) => {
    if (cells.length === 0) return;
    setPasted({ area, cells, total, rowsOf, fieldsOf, given, entity });
  };
  const fill = ({ row, rows, columns }: Area) => {
    const [first, ...others] = rowsOf(row, rows);
    if (!first) return;
    const changes = others.flatMap((one): RowChange[] => {
      if (!one) return [];
      const own = fieldsOf(columns).filter((field) => isEditable(entity, field, one));
      const values = Object.fromEntries(own.map((field) => [field.name, first[field.name]]));
      const isChange = Object.keys(patchOf({ row: one, values })).length > 0;
      return isChange ? [{ row: one, values }] : [];
    });
    const given = fieldsOf(columns).filter((field) => isEditable(entity, field, first));
    if (given.length === 0) toast({ text: tg("grid.nothingToFill"), tone: "info" });
    else if (changes.length > ASK_FROM) {
      const texts = given.map((field) => editText(field, first, reader));
      const area = { row: row + 1, rows: rows - 1, columns: given.map((one) => one.name) };
      paste({ ...area, reach: area.columns }, [texts]);
    } else if (changes.length > 0) void changeMany(changes);
  };

  const grid: GridProps = {
    rowAt: shownAt,
    marks,
    onCopied: (count, left) => {
      const text = t("copied", { count });
      toast({
        text: left > 0 ? `${text}. ${tg("grid.notLoaded", { count: left })}` : text,
        tone: "info",
      });
    },
    ...(entity.rights?.update && {
      onEdit: (row: Row, column: string, value: unknown) => change(row, { [column]: value }),
      onWrong: (row: Row, column: string, wrong: { text: string; message: string } | null): void =>
        markAll(row, [column], wrong && { state: "wrong", ...wrong }),
      onPaste: paste,
      onFill: fill,
    }),
  };
  const dialogs: ReactNode = (
    <>
      {conflict && <ConflictDialog conflict={conflict} onClose={() => setConflict(null)} />}
      {pasted && (
        <PasteDialog
          pasted={pasted}
          onSave={(changes) => {
            setPasted(null);
            void changeMany(changes);
          }}
          onClose={() => setPasted(null)}
        />
      )}
    </>
  );
  return { grid, columnsOf, dialogs, undos, refresh, preload: Cell.preload };
}
