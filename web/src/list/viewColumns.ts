// Columns as a view keeps them, in its address: which, in which order, how wide, how many stay in sight.

import type { ViewColumn, ViewState } from "@megalith/meta";
import type { Columns } from "../app/settings";

/** The arrangement that a view says; null where it leaves the columns to the person. */
export function arrangementOf(
  columns: readonly ViewColumn[],
  pinned: number | null,
): Columns | null {
  if (columns.length === 0) return null;
  const names = columns.map(({ field }) => field);
  const widths = columns.flatMap(({ field, width }) => (width === null ? [] : [[field, width]]));
  return {
    order: names,
    shown: names,
    hidden: [],
    widths: Object.fromEntries(widths),
    ...(pinned !== null && { pinned }),
  };
}

/** What a view says of an arrangement in which `shown` are shown. */
export function columnsOfView(
  { order, widths, pinned = 1 }: Columns,
  shown: readonly string[],
): Pick<ViewState, "columns" | "pinned"> {
  const known = order.filter((name) => shown.includes(name));
  const rest = shown.filter((name) => !known.includes(name));
  return {
    columns: [...known, ...rest].map((field) => ({ field, width: widths[field] ?? null })),
    pinned: pinned > 1 ? pinned : null,
  };
}

/** Whether somebody has arranged anything. */
export const isArranged = ({ order, shown, hidden, widths, pinned = 1 }: Columns): boolean =>
  order.length + shown.length + hidden.length + Object.keys(widths).length > 0 || pinned > 1;
