import { expect, test } from "vitest";
import { addTexts, groupFilter, groupTree, spanOf, sumsOf } from "./groups";
import type { Field } from "./schema";

const field = (kind: string) => ({ name: "x", kind }) as Field;

test.each([
  ["1.50", "2.5", "4.00"],
  ["0.1", "0.2", "0.3"],
  ["9007199254740993.01", "0.01", "9007199254740993.02"],
  ["-1", "1.00", "0.00"],
])("%s and %s are %s", (a, b, sum) => expect(addTexts(a, b)).toBe(sum));

test("amounts are summed for each currency, other numbers for themselves", () => {
  const items = [
    { "sum(total)": { amount: "1.50", currency: "EUR" }, "sum(pieces)": "3" },
    { "sum(total)": { amount: "2.00", currency: "USD" }, "sum(pieces)": "4" },
    { "sum(total)": { amount: "0.25", currency: "EUR" }, "sum(pieces)": null },
  ];
  expect(sumsOf(items, ["total", "pieces"])).toEqual({
    total: { EUR: "1.75", USD: "2.00" },
    pieces: { "": "7" },
  });
});

test.each([
  ["state", "state", "draft", "state == 'draft'"],
  ["name", "text", "O'Neil \\", "name == 'O\\'Neil \\\\'"],
  ["active", "boolean", false, "active == false"],
  ["customer.country", "text", null, "customer.country == null"],
  ["on", "date", "2026-01-31", "on == date('2026-01-31')"],
  ["month(on)", "date", "2025-12", "on >= date('2025-12-01') && on < date('2026-01-01')"],
])("a group of %s (%s) %s is found by %s", (key, kind, value, text) =>
  expect(groupFilter(key, field(kind), value)).toBe(text),
);

test.each([
  ["2026", "2026-01-01", "2027-01-01"],
  ["2026-02", "2026-02-01", "2026-03-01"],
  ["2024-02-29", "2024-02-29", "2024-03-01"],
])("%s reaches from %s to before %s", (text, from, to) => expect(spanOf(text)).toEqual([from, to]));

test("keys make a tree, whose groups hold what is inside of them", () => {
  const items = [
    { state: "draft", country: "DE", "count()": 2, "sum(n)": "1" },
    { state: "draft", country: null, "count()": 1, "sum(n)": "2" },
    { state: "sent", country: "DE", "count()": 4, "sum(n)": "3" },
  ];
  const keys = [
    { key: "state", field: field("state") },
    { key: "country", field: field("text") },
  ];
  const [draft, sent] = groupTree(items, keys, ["n"]);
  expect([draft?.count, draft?.sums, draft?.inner.length]).toEqual([3, { n: { "": "3" } }, 2]);
  expect(draft?.inner[1]?.filter).toBe("state == 'draft' && country == null");
  expect(sent?.inner[0]?.depth).toBe(1);
});
