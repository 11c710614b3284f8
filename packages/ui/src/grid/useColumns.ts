// The columns as somebody arranged them: order, which are shown, how wide.

import {
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useMemo, useRef, useState } from "react";
import { moved } from "./model";
import type { Arrangement, Column } from "./types";

const features = tableFeatures({
  columnOrderingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
});
const noRows: Record<string, never>[] = [];
const DEFAULT_WIDTH = 150;
const LEAST_WIDTH = 64;
const NONE: Arrangement = { order: [], hidden: [], widths: {} };
const atLeast = (width: number) => Math.max(LEAST_WIDTH, Math.round(width));

export interface Arranged<T> {
  columns: Column<T>[];
  /** For `grid-template-columns`. */
  template: string;
  /** The pixels of all columns together. */
  width: number;
  widthOf: (id: string) => number;
  /** Shows a width while it is being chosen. */
  pull: (id: string, width: number) => void;
  resize: (id: string, width: number) => void;
  move: (id: string, step: number) => void;
  moveTo: (id: string, before: string) => void;
  hide: (id: string) => void;
  /** Where the columns stand that stay in sight, in pixels. */
  pins: readonly number[];
  /** The pixels that they take, with the check boxes. */
  pinnedWidth: number;
  /** Has so many columns stay in sight. */
  pin: (count: number) => void;
}

/** The list of before as long as the same stand in it: rows are drawn again for another one. */
function useSame<T>(list: T[]): T[] {
  const kept = useRef(list);
  const { current } = kept;
  const same = list.length === current.length && list.every((one, at) => one === current[at]);
  if (!same) kept.current = list;
  return kept.current;
}

export function useColumns<T>(
  columns: Column<T>[],
  arrangement: Arrangement | undefined,
  onArrange: ((next: Arrangement) => void) | undefined,
  lead: number,
): Arranged<T> {
  const defs = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        accessorFn: () => null,
        size: column.width ?? DEFAULT_WIDTH,
        minSize: LEAST_WIDTH,
      })),
    [columns],
  );
  const given = arrangement ?? NONE;
  const [pulled, setPulled] = useState({ of: NONE.widths, widths: NONE.widths });
  // What is being pulled counts until the arrangement says a width.
  const isPulled = pulled.of === given.widths;
  const present = isPulled ? { ...given, widths: { ...given.widths, ...pulled.widths } } : given;
  const table = useTable({
    features,
    columns: defs,
    data: noRows,
    state: {
      columnOrder: present.order,
      columnVisibility: Object.fromEntries(present.hidden.map((id) => [id, false])),
      columnSizing: present.widths,
    },
  });
  const byId = new Map(columns.map((column) => [column.id, column]));
  const shown = table.getVisibleLeafColumns();
  const visible = useSame(
    shown
      .map((column) => byId.get(column.id))
      .filter((column): column is Column<T> => column !== undefined),
  );
  const sizes = new Map(shown.map((column) => [column.id, column.getSize()]));
  const widthOf = (id: string) => sizes.get(id) ?? DEFAULT_WIDTH;
  const many = Math.max(1, Math.min(present.pinned ?? 1, visible.length));
  // What stands behind a column that stays in sight must know where that one ends.
  const grows = (column: Column<T>, at: number) =>
    column.grow && present.widths[column.id] === undefined && at >= many - 1;
  const tracks = visible.map((column, at) =>
    grows(column, at) ? `minmax(${widthOf(column.id)}px, 1fr)` : `${widthOf(column.id)}px`,
  );
  if (!visible.some(grows)) tracks.push("minmax(0, 1fr)");
  const stand = [lead];
  for (const column of visible.slice(0, many)) stand.push((stand.at(-1) ?? 0) + widthOf(column.id));
  const text = stand.slice(0, -1).join();
  const pins = useMemo(() => text.split(",").map(Number), [text]);
  const order = () => {
    const known = table.getAllLeafColumns().map((column) => column.id);
    return [
      ...present.order.filter((id) => known.includes(id)),
      ...known.filter((id) => !present.order.includes(id)),
    ];
  };
  const arrange = (next: Partial<Arrangement>) => onArrange?.({ ...present, ...next });
  return {
    columns: visible,
    template: [...(lead ? [`${lead}px`] : []), ...tracks].join(" "),
    width: lead + visible.reduce((sum, column) => sum + widthOf(column.id), 0),
    widthOf,
    pull: (id, width) => setPulled({ of: given.widths, widths: { [id]: atLeast(width) } }),
    resize: (id, width) => arrange({ widths: { ...present.widths, [id]: atLeast(width) } }),
    move: (id, step) => {
      const ids = visible.map((column) => column.id);
      const hidden = order().filter((one) => !ids.includes(one));
      arrange({ order: [...moved(ids, id, step), ...hidden] });
    },
    moveTo: (id, before) => {
      const rest = order().filter((one) => one !== id);
      rest.splice(Math.max(0, rest.indexOf(before)), 0, id);
      arrange({ order: rest });
    },
    pins,
    pinnedWidth: stand.at(-1) ?? lead,
    pin: (pinned) => arrange({ pinned }),
    hide: (id) => arrange({ hidden: [...new Set([...present.hidden, id])] }),
  };
}
