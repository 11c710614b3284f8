import type { Field } from "@megalith/meta";
import { expect, test } from "vitest";
import { from, isExpression, memberOf, originOf, read, specsOf, unusedOf } from "./spec";

const MAPPING = `name = "shop"

[[step]]
file = "a.csv"
entity = "some.thing"
key = "No"
[step.fields]
name = "Name, \\"full\\""
code = 'C\\D'
on = { column = "On", format = "%d.%m.%Y" }
link = { key = "Group", match = "name" }
[step.fields.address]
city = "Town"
# Not used: X
[step.format]
sheet = "One"
`;
const field = (kind: string) => ({ name: "f", kind }) as unknown as Field;

test("the fields of a mapping are read with what stands beside their columns", () => {
  expect(specsOf(MAPPING)).toEqual({
    name: 'Name, "full"',
    code: "C\\D",
    on: { column: "On", format: "%d.%m.%Y" },
    link: { key: "Group", match: "name" },
    "address.city": "Town",
  });
  expect(specsOf("[step.fields]\na = { column = \nb = [1]")).toEqual({});
});

test.each<[string, unknown, string, boolean, unknown]>([
  ["text", null, "A", true, "A"],
  ["text", "B", "", true, null],
  ["text", "B", "upper(A)", false, { expr: "upper(A)" }],
  ["date", { column: "B", format: "%Y" }, "A", true, { column: "A", format: "%Y" }],
  ["money", null, "A", true, { column: "A", currency: "EUR" }],
  ["money", { column: "B", currency: "Cur" }, "A", true, { column: "A", currency: "Cur" }],
  ["link", null, "A", true, { key: "A" }],
  ["link", { key: "B", match: "code" }, "A", true, { key: "A", match: "code" }],
])(
  "%s from another column keeps how its cells are read",
  (kind, before, origin, isColumn, spec) => {
    expect(from(field(kind), before as null, origin, isColumn, "EUR")).toEqual(spec);
  },
);

test("how cells are read is changed and taken away", () => {
  const dated = read(field("date"), "A", "format", "%d.%m.%Y", ["A"]);
  expect(dated).toEqual({ column: "A", format: "%d.%m.%Y" });
  expect([originOf(dated), memberOf(dated, "format")]).toEqual(["A", "%d.%m.%Y"]);
  expect(read(field("date"), dated, "format", "", ["A"])).toBe("A");
  expect(read(field("link"), { key: "A" }, "match", "code", ["A"])).toEqual({
    key: "A",
    match: "code",
  });
});

test("an expression is told from a column, and a column that it uses is used", () => {
  expect(isExpression("A", ["A"])).toBe(false);
  expect(isExpression({ expr: "A + B" }, ["A", "B"])).toBe(true);
  expect(isExpression({ key: "A" }, ["A"])).toBe(false);
  expect(unusedOf(["A", "Unit price", "B", "C"], ["A", "Unit_price * 2"])).toEqual(["B", "C"]);
});
