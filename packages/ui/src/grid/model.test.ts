import { describe, expect, it } from "vitest";
import {
  begins,
  columnsIn,
  countChosen,
  EVERYTHING,
  extended,
  fromTsv,
  isChosen,
  moved,
  NOTHING,
  type Spot,
  sortAfter,
  spotAfter,
  spread,
  toggled,
  toTsv,
} from "./model";

const size = { rows: 100, cols: 5, page: 20 };

describe("keys in a grid", () => {
  const rows: [string, boolean, Spot, Spot | null][] = [
    ["ArrowDown", false, { row: 3, col: 2 }, { row: 4, col: 2 }],
    ["ArrowDown", true, { row: 3, col: 2 }, { row: 99, col: 2 }],
    ["ArrowUp", false, { row: 0, col: 2 }, { row: -1, col: 2 }],
    ["ArrowUp", false, { row: -1, col: 2 }, { row: -1, col: 2 }],
    ["ArrowUp", true, { row: 70, col: 2 }, { row: 0, col: 2 }],
    ["ArrowRight", false, { row: 3, col: 4 }, { row: 3, col: 4 }],
    ["ArrowLeft", true, { row: 3, col: 4 }, { row: 3, col: 0 }],
    ["Home", false, { row: 3, col: 4 }, { row: 3, col: 0 }],
    ["Home", true, { row: 3, col: 4 }, { row: 0, col: 0 }],
    ["End", false, { row: 3, col: 1 }, { row: 3, col: 4 }],
    ["End", true, { row: 3, col: 1 }, { row: 99, col: 4 }],
    ["PageDown", false, { row: 3, col: 1 }, { row: 23, col: 1 }],
    ["PageDown", false, { row: 95, col: 1 }, { row: 99, col: 1 }],
    ["PageUp", false, { row: 5, col: 1 }, { row: 0, col: 1 }],
    ["j", false, { row: 5, col: 1 }, { row: 6, col: 1 }],
    ["k", false, { row: 0, col: 1 }, { row: 0, col: 1 }],
    ["a", false, { row: 0, col: 1 }, null],
    ["j", true, { row: 0, col: 1 }, null],
  ];
  it.each(rows)("%s (control %s) from %o leads to %o", (key, ctrl, from, to) => {
    expect(spotAfter({ key, ctrl }, from, size, false)).toEqual(to);
  });

  it("left and right change places where text runs from right to left", () => {
    const from = { row: 1, col: 1 };
    expect(spotAfter({ key: "ArrowLeft", ctrl: false }, from, size, true)?.col).toBe(2);
    expect(spotAfter({ key: "ArrowRight", ctrl: false }, from, size, true)?.col).toBe(0);
  });

  it("an empty grid keeps the focus in its head", () => {
    const none = { rows: 0, cols: 3, page: 10 };
    for (const key of ["ArrowDown", "PageDown", "PageUp"]) {
      expect(spotAfter({ key, ctrl: false }, { row: -1, col: 0 }, none, false)?.row).toBe(-1);
    }
  });
});

describe("ranges", () => {
  it("hold the cells between two corners, whichever was first", () => {
    const range = { from: { row: 5, col: 3 }, to: { row: 2, col: 1 } };
    expect(columnsIn(range, 2)).toEqual([1, 3]);
    expect(columnsIn(range, 5)).toEqual([1, 3]);
    expect(columnsIn(range, 6)).toBeNull();
    expect(columnsIn(null, 2)).toBeNull();
  });

  it("what is copied is read back as it was", () => {
    const cells = [
      ["plain", 'a "quoted" word', ""],
      ["two\nlines", "a\ttab", "end"],
    ];
    expect(fromTsv(toTsv(cells))).toEqual(cells);
    expect(fromTsv("a\tb\r\nc\td\r\n")).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(fromTsv("one")).toEqual([["one"]]);
  });
});

describe("what is put in", () => {
  const cells = [
    ["a", "b"],
    ["c", "d"],
  ];
  it.each([
    ["a smaller area takes the whole", 1, 1, cells],
    ["one that holds it twice repeats it", 4, 2, [...cells, ...cells]],
    [
      "also across",
      2,
      4,
      [
        ["a", "b", "a", "b"],
        ["c", "d", "c", "d"],
      ],
    ],
    ["one that does not hold it evenly takes it once", 3, 3, cells],
  ] as [string, number, number, string[][]][])("%s", (_, rows, cols, found) => {
    expect(spread(cells, rows, cols)).toEqual(found);
  });

  it("one cell fills any area, and short rows are filled up", () => {
    expect(spread([["x"]], 2, 3)).toEqual([
      ["x", "x", "x"],
      ["x", "x", "x"],
    ]);
    expect(spread([["a", "b"], ["c"]], 1, 1)).toEqual([
      ["a", "b"],
      ["c", ""],
    ]);
    expect(spread([], 5, 5)).toEqual([]);
  });

  it.each([
    ["x", "text", true],
    ["é", "text", true],
    [" ", "text", false],
    ["Enter", "text", false],
    ["x", undefined, false],
    ["x", "number", false],
    ["7", "number", true],
    ["٧", "number", true],
    ["-", "number", true],
    ["€", "number", true],
  ] as [string, "text" | "number" | undefined, boolean][])(
    "typing %s over a cell of %s begins an edit: %s",
    (key, typing, found) => expect(begins(key, typing)).toBe(found),
  );
});

describe("selection and columns", () => {
  it("a key is put in and taken out", () => {
    const one = toggled(NOTHING, "a");
    expect([...toggled(one, "b").keys]).toEqual(["a", "b"]);
    expect([...toggled(one, "a").keys]).toEqual([]);
  });

  it("of all rows some are left out, also such that were never loaded", () => {
    const most = toggled(toggled(EVERYTHING, "a"), "b");
    expect(isChosen(most, "a")).toBe(false);
    expect(isChosen(most, "never seen")).toBe(true);
    expect(countChosen(most, 1_000_000)).toBe(999_998);
    expect(countChosen(most, undefined)).toBeUndefined();
    const again = extended(most, (row) => ["a", "b"][row] ?? null, 0, 0);
    expect([...again.keys]).toEqual(["b"]);
  });

  it("a stretch of rows is put in, rows without a key are passed over", () => {
    const keyAt = (row: number) => (row === 2 ? null : `k${row}`);
    expect([...extended(NOTHING, keyAt, 3, 1).keys]).toEqual(["k1", "k3"]);
  });

  it("a column moves by steps and stops at the ends", () => {
    expect(moved(["a", "b", "c"], "a", 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b", "c"], "c", 1)).toEqual(["a", "b", "c"]);
    expect(moved(["a", "b", "c"], "c", -2)).toEqual(["c", "a", "b"]);
  });

  it("a head sorts up, then down, then not; with Shift others stay", () => {
    let sort = sortAfter([], "a", false);
    expect(sort).toEqual([{ id: "a", desc: false }]);
    sort = sortAfter(sort, "b", true);
    expect(sort.map((one) => one.id)).toEqual(["a", "b"]);
    sort = sortAfter(sort, "a", true);
    expect(sort).toEqual([
      { id: "a", desc: true },
      { id: "b", desc: false },
    ]);
    expect(sortAfter([{ id: "a", desc: true }], "a", false)).toEqual([]);
  });
});
