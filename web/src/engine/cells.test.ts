import type { Field } from "@megalith/meta";
import { expect, test } from "vitest";
import { isTable, parseTable, placeTable, readCell } from "./cells";

const field = (name: string, kind: string, more: object = {}) =>
  ({ name, label: name.toUpperCase(), kind, ...more }) as Field;
const columns = [field("item", "link"), field("count", "quantity"), field("note", "text")];
const german = { locale: "de", zone: "UTC" };

test.each([
  [
    "a\tb\nc\td\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["a\r\nb", [["a"], ["b"]]],
  ['"two\nlines"\t"a ""b"""\n', [["two\nlines", 'a "b"']]],
  ['5" pipe\tx', [['5" pipe', "x"]]],
  ["\t\n", [["", ""]]],
])("%j is cells", (text, cells) => {
  expect(parseTable(text)).toEqual(cells);
});

test("one cell is no table", () => {
  expect(["a", "a b", "a\n"].map(isTable)).toEqual([false, false, false]);
  expect(["a\tb", "a\nb"].map(isTable)).toEqual([true, true]);
});

test("cells stand from where they are put in, or below the heads that they came with", () => {
  const names = (found: ReturnType<typeof placeTable>) => found.columns.map((one) => one?.name);
  const bare = placeTable([["4", "x", "?"]], columns, 1);
  expect(names(bare)).toEqual(["count", "note", undefined]);
  const headed = placeTable(
    [
      ["Count", "Item", "Else"],
      ["4", "x", "?"],
    ],
    columns,
    1,
  );
  expect(names(headed)).toEqual(["count", "item", undefined]);
  expect(headed.rows).toEqual([["4", "x", "?"]]);
});

test.each([
  [columns[1], "1.234,5", "1234.5"],
  [columns[1], "3 dozen", "3 dozen"],
  [field("price", "price"), "12,50 €", "12.5"],
  [field("off", "percent"), "5 %", "0.05"],
  [field("fee", "money"), "2,00", { amount: "2.00", currency: "EUR" }],
  [field("day", "date"), "31.1.2026", "2026-01-31"],
  [field("how", "choice", { choices: [{ name: "by_sea", label: "Seeweg" }] }), "seeweg", "by_sea"],
  [field("done", "boolean"), "Ja", true],
  [columns[0], " C001 ", { id: "", title: "C001" }],
  [columns[2], "  ", null],
] as [Field, string, unknown][])("a cell of %o: %s", (of, text, value) => {
  expect(readCell(of, text, german, "EUR", "2026-02-01")).toEqual(value);
});
