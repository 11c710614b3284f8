// Which rows are drawn: those that are seen, a few around them, and the one that has the focus.

import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { barFor, extentOf, follow, type Place, rowsAt, topFor } from "./place";

const OVERSCAN = 4;
/** After this rest the scrollbar of a long list is put to where it belongs. */
const REST_MS = 150;

interface Seen {
  first: number;
  last: number;
  /** What is added to a row's place in the list to have its place on the canvas. */
  shift: number;
}

interface RowWindow {
  /** The rows to draw. */
  rows: number[];
  /** The rows that are seen, `[first, last]`. */
  seen: readonly [number, number];
  startOf: (row: number) => number;
  /** Pixels of the canvas that are the rows'. */
  height: number;
  /** Where the list stands, in pixels of the whole list. */
  topNow: () => number;
  /** Brings a row into sight. */
  show: (row: number) => void;
}

export function useWindow({
  box,
  count,
  height,
  around,
  kept,
  begin = 0,
}: {
  box: RefObject<HTMLElement | null>;
  count: number;
  height: number;
  /** Pixels of the head and of the totals. */
  around: number;
  /** The row with the focus, which stays however far away it is. */
  kept: number;
  /** Where the list stands at first, in pixels of the whole list. */
  begin?: number | undefined;
}): RowWindow {
  // About as high as the window until it is measured: asking for it would have the page laid out
  // before the rows are asked for.
  const [view, setView] = useState(() => window.innerHeight);
  const [seen, setSeen] = useState<Seen>({ first: 0, last: -1, shift: 0 });
  const place = useRef<Place>({ top: 0, bar: 0 });
  const due = useRef(begin);
  const extent = extentOf(count * height + around, view);
  const now = useRef({ extent, count, height, around });
  now.current = { extent, count, height, around };

  /** Draws what is to be seen where the list stands. */
  const draw = useCallback(() => {
    const { extent, count, height, around } = now.current;
    const { top, bar } = place.current;
    const [first, last] = rowsAt(top, extent.view - around, height, count);
    setSeen((before) => {
      const next = { first, last, shift: bar - top };
      const same = before.first === first && before.last === last && before.shift === next.shift;
      return same ? before : next;
    });
  }, []);
  /** Puts the list somewhere, and the scrollbar to where that is. */
  const stand = useCallback(
    (top: number, bar: number) => {
      const element = box.current;
      if (!element) return;
      element.scrollTop = bar;
      place.current = { top, bar: element.scrollTop };
      const { extent } = now.current;
      if (extent.list === extent.canvas) place.current = { top: element.scrollTop, bar };
      draw();
    },
    [box, draw],
  );

  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    let timer = 0;
    const rest = () => {
      const { top, bar } = place.current;
      const due = barFor(top, now.current.extent);
      if (due !== bar) stand(top, due);
    };
    const scroll = () => {
      const { extent } = now.current;
      const bar = element.scrollTop;
      if (bar === place.current.bar) return;
      due.current = 0;
      place.current = follow(place.current, bar, extent);
      if (extent.list !== extent.canvas) {
        window.clearTimeout(timer);
        const { top } = place.current;
        const ends =
          (bar <= 0 && top > 0) ||
          (bar >= extent.canvas - extent.view && top < extent.list - extent.view);
        // The scrollbar has come to an end before the list has.
        if (ends) rest();
        else timer = window.setTimeout(rest, REST_MS);
      }
      flushSync(draw);
    };
    const watch = new ResizeObserver(() => setView(element.clientHeight));
    watch.observe(element);
    element.addEventListener("scroll", scroll, { passive: true });
    return () => {
      window.clearTimeout(timer);
      watch.disconnect();
      element.removeEventListener("scroll", scroll);
    };
  }, [box, draw, stand]);

  // Rows came or went, or have another height: the list stays where it is as far as it reaches.
  useLayoutEffect(() => {
    const most = Math.max(0, extent.list - extent.view);
    // The rows come one after another: it waits until it reaches as far.
    const back = most >= due.current ? due.current : 0;
    if (back) due.current = 0;
    const top = Math.min(back || place.current.top, most);
    if (back) stand(top, barFor(top, extent));
    else if (extent.list === extent.canvas) {
      // Where it stands at its beginning there is nothing to ask the page for.
      const bar = place.current.bar && (box.current?.scrollTop ?? 0);
      place.current = { top: bar, bar };
      draw();
    } else stand(top, barFor(top, extent));
  }, [extent.list, extent.view, height]);

  const show = useCallback(
    (row: number) => {
      const { extent, height, around } = now.current;
      const { top, bar } = place.current;
      const next = topFor(row, top, extent.view - around, height);
      if (next === top) return;
      const near = Math.abs(next - top) <= extent.view;
      stand(next, near ? bar + next - top : barFor(next, extent));
    },
    [stand],
  );

  const topNow = useCallback(() => place.current.top, []);

  const from = Math.max(0, seen.first - OVERSCAN);
  const to = Math.min(count - 1, seen.last + OVERSCAN);
  const rows = Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at);
  const away = kept >= 0 && kept < count && (kept < from || kept > to);
  if (away) rows.push(kept);
  return {
    rows,
    seen: [seen.first, seen.last],
    // The row with the focus waits above the canvas while it is out of sight.
    startOf: (row) => (away && row === kept ? -2 * height : row * height + seen.shift),
    height: extent.canvas - around,
    topNow,
    show,
  };
}
