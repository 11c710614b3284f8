// What is wrong with an expression, and where: offsets that an editor can underline.

import { compareTexts } from "./value";

/** Places in the text while it is read: units of UTF-16, the end not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The smallest span that holds both. */
export function spanTo(a: Span, b: Span): Span {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** One thing that is wrong with an expression. */
export interface ExprError {
  /** Stable, for programs: one of the codes in `docs/expressions.md`. */
  readonly code: string;
  /** What to do about it, for people. */
  readonly message: string;
  /** Offset of the first byte concerned, in UTF-8, as the server counts. */
  readonly start: number;
  /** Offset after the last byte concerned. */
  readonly end: number;
  /** What to write in place of these bytes, when one correction is likely. */
  readonly suggestion: string | null;
}

/** A mistake found while reading; its span is turned into bytes when the text is known. */
export class Mistake extends Error {
  readonly code: string;
  readonly span: Span;
  readonly suggestion: string | null;

  constructor(code: string, span: Span, message: string, suggestion: string | null = null) {
    super(message);
    this.code = code;
    this.span = span;
    this.suggestion = suggestion;
  }
}

/** Turns places in a text from units of UTF-16 into bytes of UTF-8. */
export function byteOffsets(text: string): (at: number) => number {
  const offsets = new Uint32Array(text.length + 1);
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    offsets[at] = bytes;
    const code = text.codePointAt(at) ?? 0;
    if (code > 0xffff) {
      // Both halves of a pair begin where the character does.
      at += 1;
      offsets[at] = bytes;
      bytes += 4;
    } else {
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    }
  }
  offsets[text.length] = bytes;
  return (at) => offsets[Math.min(at, text.length)] ?? bytes;
}

/** The place of an error in units of UTF-16, as editors and `String.slice` count. */
export function placeIn(text: string, error: { start: number; end: number }): Span {
  const offset = byteOffsets(text);
  const find = (byte: number) => {
    let at = 0;
    while (at < text.length && offset(at) < byte) at += 1;
    return at;
  };
  return { start: find(error.start), end: find(error.end) };
}

/** The text with an error's suggestion in its place. */
export function corrected(text: string, error: ExprError): string {
  if (error.suggestion === null) return text;
  const { start, end } = placeIn(text, error);
  return text.slice(0, start) + error.suggestion + text.slice(end);
}

/** The name nearest to `wrong`, if one is near enough to be a slip of the hand. */
export function nearest(wrong: string, names: Iterable<string>): string | null {
  const lower = [...wrong.toLowerCase()];
  const allowed = Math.min(3, Math.max(1, Math.floor([...wrong].length / 3)));
  let best: { name: string; distance: number } | null = null;
  for (const name of names) {
    const distance = damerauLevenshtein(lower, [...name.toLowerCase()]);
    if (distance > allowed) continue;
    const nearer =
      best === null ||
      distance < best.distance ||
      (distance === best.distance && compareTexts(name, best.name) < 0);
    if (nearer) best = { name, distance };
  }
  return best?.name ?? null;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function damerauLevenshtein(a: readonly string[], b: readonly string[]): number {
  const [rows, columns] = [a.length + 2, b.length + 2];
  const far = a.length + b.length;
  const table = new Array<number>(rows * columns).fill(0);
  const at = (i: number, j: number) => table[(i + 1) * columns + (j + 1)] ?? far;
  const set = (i: number, j: number, value: number) => {
    table[(i + 1) * columns + (j + 1)] = value;
  };
  set(-1, -1, far);
  for (let i = 0; i <= a.length; i += 1) {
    set(i, -1, far);
    set(i, 0, i);
  }
  for (let j = 0; j <= b.length; j += 1) {
    set(-1, j, far);
    set(0, j, j);
  }
  const lastRow = new Map<string, number>();
  for (let i = 1; i <= a.length; i += 1) {
    let lastColumn = 0;
    const own = a[i - 1] ?? "";
    for (let j = 1; j <= b.length; j += 1) {
      const other = b[j - 1] ?? "";
      const [i1, j1] = [lastRow.get(other) ?? 0, lastColumn];
      const same = own === other;
      const cost = same ? 0 : 1;
      set(
        i,
        j,
        Math.min(
          at(i - 1, j - 1) + cost,
          at(i, j - 1) + 1,
          at(i - 1, j) + 1,
          at(i1 - 1, j1 - 1) + (i - i1 - 1) + 1 + (j - j1 - 1),
        ),
      );
      if (same) lastColumn = j;
    }
    lastRow.set(own, i);
  }
  return at(a.length, b.length);
}
