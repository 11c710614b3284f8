import { describe, expect, it } from "vitest";
import { barFor, extentOf, follow, MOST_PX, rowsAt, topFor } from "./place";

const ROW = 36;
const VIEW = 800;
const long = extentOf(1_000_000 * ROW, VIEW);

describe("a million rows under one scrollbar", () => {
  it("lie on a canvas that browsers can draw, a short list on its own length", () => {
    expect(long.canvas).toBe(MOST_PX);
    expect(extentOf(100 * ROW, VIEW)).toEqual({ list: 3_600, canvas: 3_600, view: VIEW });
    expect(follow({ top: 0, bar: 0 }, 2_500, extentOf(3_600, VIEW))).toEqual({
      top: 2_500,
      bar: 2_500,
    });
  });

  it("move pixel by pixel in small steps, from wherever one is", () => {
    for (const top of [0, 1_000_000, 35_000_000]) {
      let at = { top, bar: barFor(top, long) };
      for (let step = 0; step < 50; step++) {
        const next = follow(at, at.bar + 90, long);
        expect(next.top).toBe(Math.min(at.top + 90, long.list - VIEW));
        at = next;
      }
    }
  });

  it("are reached to the very first and the very last by dragging", () => {
    const end = follow({ top: 0, bar: 0 }, MOST_PX - VIEW, long);
    expect(end.top).toBe(long.list - VIEW);
    expect(rowsAt(end.top, VIEW, ROW, 1_000_000)[1]).toBe(999_999);
    expect(follow(end, 0, long).top).toBe(0);
    const middle = follow(end, (MOST_PX - VIEW) / 2, long);
    expect(Math.abs(rowsAt(middle.top, VIEW, ROW, 1_000_000)[0] - 499_989)).toBeLessThan(3);
  });

  it("keep the scrollbar true to the place, at both ends exactly", () => {
    expect(barFor(0, long)).toBe(0);
    expect(barFor(long.list - VIEW, long)).toBe(MOST_PX - VIEW);
    for (const top of [123, 456_789, 30_000_001]) {
      const again = follow({ top: 0, bar: 99_999_999 }, barFor(top, long), long);
      // A pixel of the scrollbar is some rows at most.
      expect(Math.abs(again.top - top)).toBeLessThan(5);
    }
  });
});

describe("rows", () => {
  it.each([
    [0, 800, 10, 0, 9],
    [0, 800, 1_000, 0, 22],
    [36, 720, 1_000, 1, 20],
    [0, 800, 0, 0, -1],
  ])("from %s with %s pixels of %s rows: %s to %s", (top, view, count, first, last) => {
    expect(rowsAt(top, view, ROW, count)).toEqual([first, last]);
  });

  it("come into sight by the shortest way", () => {
    expect(topFor(0, 100, VIEW, ROW)).toBe(0);
    expect(topFor(10, 100, VIEW, ROW)).toBe(100);
    expect(topFor(100, 100, VIEW, ROW)).toBe(101 * ROW - VIEW);
  });
});
