// Where a list of any length stands while its scrollbar has a bounded one. Browsers draw nothing
// beyond some 17 to 33 million pixels, which a million rows exceed: a long list lies on a shorter
// canvas. Small steps move it pixel by pixel; a long way, such as a drag of the scrollbar, leads to
// where that part of the list is.

/** The longest canvas, in pixels. */
export const MOST_PX = 8_000_000;

/** Pixels of the whole list as it would be, of the canvas, and of the part that is seen. */
interface Extent {
  readonly list: number;
  readonly canvas: number;
  readonly view: number;
}

/** Where the list stands and where the scrollbar does, both in pixels from the top. */
export interface Place {
  readonly top: number;
  readonly bar: number;
}

const clamp = (value: number, most: number) => Math.max(0, Math.min(value, Math.max(0, most)));

export function extentOf(list: number, view: number): Extent {
  return { list, canvas: Math.min(list, Math.max(MOST_PX, view)), view };
}

/** The scrollbar's place that shows where in the list one is. */
export function barFor(top: number, { list, canvas, view }: Extent): number {
  if (list === canvas) return clamp(top, list - view);
  return clamp(Math.round((top / Math.max(1, list - view)) * (canvas - view)), canvas - view);
}

/** Where the list stands after the scrollbar has moved. */
export function follow(before: Place, bar: number, extent: Extent): Place {
  const { list, canvas, view } = extent;
  if (list === canvas) return { top: bar, bar };
  const step = bar - before.bar;
  const top =
    Math.abs(step) <= 2 * view
      ? before.top + step
      : (bar / Math.max(1, canvas - view)) * (list - view);
  return { top: clamp(Math.round(top), list - view), bar };
}

/** The first and the last row that are seen at a place; the last is -1 where there is none. */
export function rowsAt(top: number, view: number, height: number, count: number): [number, number] {
  const first = Math.min(Math.max(0, Math.floor(top / height)), Math.max(0, count - 1));
  return [first, Math.min(count - 1, Math.floor((top + Math.max(view, 1) - 1) / height))];
}

/** Where the list must stand so that a row is seen whole; the same where it is already. */
export function topFor(row: number, top: number, view: number, height: number): number {
  const start = row * height;
  if (start < top) return start;
  return start + height > top + view ? start + height - view : top;
}
