// What keys and pointers mean in a grid, apart from how it is drawn.

/** A cell; row -1 is the head. */
export interface Spot {
  row: number;
  col: number;
}

/** The cells between two corners, both counted. */
export interface Range {
  from: Spot;
  to: Spot;
}

interface Size {
  rows: number;
  cols: number;
  /** The rows that fit on the screen. */
  page: number;
}

interface Press {
  key: string;
  ctrl: boolean;
}

const clamp = (value: number, least: number, most: number) =>
  Math.max(least, Math.min(most, value));

/** Where a key leads from a cell; null when the key does not move. */
export function spotAfter({ key, ctrl }: Press, from: Spot, size: Size, rtl: boolean): Spot | null {
  const last = { row: size.rows - 1, col: size.cols - 1 };
  const sideways = (step: number) =>
    ctrl ? (step < 0 ? 0 : last.col) : clamp(from.col + step, 0, last.col);
  const upDown = (step: number) =>
    ctrl ? (step < 0 ? Math.min(0, last.row) : last.row) : clamp(from.row + step, -1, last.row);
  switch (key) {
    case "ArrowDown":
      return { ...from, row: upDown(1) };
    case "ArrowUp":
      return { ...from, row: upDown(-1) };
    case "ArrowRight":
      return { ...from, col: sideways(rtl ? -1 : 1) };
    case "ArrowLeft":
      return { ...from, col: sideways(rtl ? 1 : -1) };
    case "Home":
      return ctrl ? { row: Math.min(0, last.row), col: 0 } : { ...from, col: 0 };
    case "End":
      return ctrl ? last : { ...from, col: last.col };
    case "PageDown":
      return { ...from, row: clamp(from.row + size.page, Math.min(0, last.row), last.row) };
    case "PageUp":
      return { ...from, row: clamp(from.row - size.page, Math.min(0, last.row), last.row) };
    case "j":
      return ctrl ? null : { ...from, row: upDown(1) };
    case "k":
      return ctrl ? null : { ...from, row: Math.max(0, upDown(-1)) };
    default:
      return null;
  }
}

/** The corners of a range in reading order. */
export function corners({ from, to }: Range): Range {
  return {
    from: { row: Math.max(0, Math.min(from.row, to.row)), col: Math.min(from.col, to.col) },
    to: { row: Math.max(from.row, to.row), col: Math.max(from.col, to.col) },
  };
}

/** The columns of a row that lie in a range, `[first, last]`; null for none. */
export function columnsIn(range: Range | null, row: number): [number, number] | null {
  if (!range) return null;
  const { from, to } = corners(range);
  return row >= from.row && row <= to.row ? [from.col, to.col] : null;
}

/** Cells as spreadsheets exchange them; what holds a tab, a quote or a line end is quoted. */
export function toTsv(cells: readonly (readonly string[])[]): string {
  const quoted = (text: string) =>
    /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return cells.map((row) => row.map(quoted).join("\t")).join("\n");
}

/** Reads what a spreadsheet copied; a line end at the very end adds no row. */
export function fromTsv(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const next = () => {
    rows.at(-1)?.push(cell);
    cell = "";
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t") next();
    else if (sign === "\n" || sign === "\r") {
      if (sign === "\r" && text[at + 1] === "\n") at++;
      next();
      if (at < text.length - 1) rows.push([]);
    } else cell += sign;
  }
  if (cell !== "" || (rows.at(-1)?.length ?? 0) > 0 || rows.length === 1) {
    if (!/[\r\n]$/.test(text)) next();
  }
  return rows;
}

/**
 * Cells repeated until they fill an area, as far as it holds them a whole number of times; a row
 * that is shorter than the others is filled with empty cells.
 */
export function spread(
  cells: readonly (readonly string[])[],
  rows: number,
  cols: number,
): string[][] {
  const width = cells.reduce((most, row) => Math.max(most, row.length), 0);
  if (width === 0) return [];
  const times = (room: number, size: number) =>
    room > size && room % size === 0 ? room / size : 1;
  const across = times(cols, width);
  const wide = cells.map((row) => {
    const one = Array.from({ length: width }, (_, at) => row[at] ?? "");
    return Array.from({ length: across }, () => one).flat();
  });
  return Array.from({ length: times(rows, cells.length) }, () => wide).flat();
}

/** Which rows are chosen: those of the keys, or all rows there are but those of the keys. */
export interface Selection {
  readonly all: boolean;
  readonly keys: ReadonlySet<string>;
}

export const NOTHING: Selection = { all: false, keys: new Set() };
export const EVERYTHING: Selection = { all: true, keys: new Set() };

/** Whether a row is chosen. */
export const isChosen = (selection: Selection, key: string): boolean =>
  selection.all !== selection.keys.has(key);

/** How many rows are chosen of `total`; undefined where that is not known. */
export function countChosen({ all, keys }: Selection, total: number | undefined) {
  if (!all) return keys.size;
  return total === undefined ? undefined : Math.max(0, total - keys.size);
}

/** The selection with one row put in or taken out. */
export function toggled({ all, keys }: Selection, key: string): Selection {
  const next = new Set(keys);
  if (!next.delete(key)) next.add(key);
  return { all, keys: next };
}

/** The selection with all rows from one to another put in. */
export function extended(
  { all, keys }: Selection,
  keyAt: (row: number) => string | null,
  from: number,
  to: number,
): Selection {
  const next = new Set(keys);
  for (let row = Math.min(from, to); row <= Math.max(from, to); row++) {
    const key = keyAt(row);
    if (key === null) continue;
    if (all) next.delete(key);
    else next.add(key);
  }
  return { all, keys: next };
}

/** Whether what was typed begins an edit: anything that shows, or what a number begins with. */
export function begins(key: string, typing: "text" | "number" | undefined): boolean {
  if (!typing || [...key].length !== 1 || key === " ") return false;
  return typing === "text" || /[\p{Nd}\p{Sc}.,+\-\u2212(=]/u.test(key);
}

/** The order of columns with one of them moved by a step. */
export function moved(order: readonly string[], id: string, step: number): string[] {
  const at = order.indexOf(id);
  const to = clamp(at + step, 0, order.length - 1);
  if (at < 0 || at === to) return [...order];
  const next = order.filter((other) => other !== id);
  next.splice(to, 0, id);
  return next;
}

export interface Sort {
  id: string;
  desc: boolean;
}

/** The sorting after a press on a column's head: up, down, none; further keys stay with Shift. */
export function sortAfter(sort: readonly Sort[], id: string, more: boolean): Sort[] {
  const present = sort.find((one) => one.id === id);
  const others = more ? sort.filter((one) => one.id !== id) : [];
  if (!present) return [...others, { id, desc: false }];
  return present.desc
    ? others
    : more
      ? sort.map((one) => (one.id === id ? { id, desc: true } : one))
      : [{ id, desc: true }];
}
