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

export interface Size {
  rows: number;
  cols: number;
  /** The rows that fit on the screen. */
  page: number;
}

export interface Press {
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

/** The set with one key put in or taken out. */
export function toggled(selected: ReadonlySet<string>, key: string): Set<string> {
  const next = new Set(selected);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** The set with all keys from one row to another put in. */
export function extended(
  selected: ReadonlySet<string>,
  keyAt: (row: number) => string | null,
  from: number,
  to: number,
): Set<string> {
  const next = new Set(selected);
  for (let row = Math.min(from, to); row <= Math.max(from, to); row++) {
    const key = keyAt(row);
    if (key !== null) next.add(key);
  }
  return next;
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
