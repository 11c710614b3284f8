import { type Entity, type Field, Schema, type SchemaDocument } from "@megalith/meta";
import { expect, test } from "vitest";
import { madeOf } from "./made";

const money = (name: string, help: string) => ({ name, kind: "money", help, computed: true });
const schema = new Schema({
  services: [],
  entities: [
    {
      name: "deal",
      kind: "normal",
      fields: [
        money("net", "The sum of the lines' amounts."),
        { name: "freight", kind: "money", help: "" },
        money("tax", "The sum of the lines' taxes, each rounded."),
        money("total", "What is to be paid: net, freight and tax."),
        { name: "lines", kind: "lines", target: "row", help: "" },
      ],
    },
    {
      name: "row",
      kind: "child",
      fields: [
        { name: "tax_rate", kind: "percent", help: "" },
        { name: "amount", kind: "money", help: "" },
      ],
    },
  ],
} as unknown as SchemaDocument);
const deal = schema.entity("deal") as Entity;
const eur = (amount: string) => ({ amount, currency: "EUR" });
const row = {
  id: "d_1",
  version: 1,
  net: eur("0.30"),
  freight: null,
  tax: eur("0.06"),
  total: eur("0.36"),
  lines: [
    { id: "l_1", tax_rate: "0.2", amount: eur("0.10") },
    { id: "l_2", tax_rate: "0.2", amount: eur("0.20") },
  ],
};
const how = (name: string, of: typeof row = row) => {
  const made = madeOf(schema.field(deal, name) as Field, deal, of, schema);
  if (made.of === "fields") return made.fields.map((one) => one.name);
  return made.of === "lines" ? [made.isSum, made.columns.map((one) => one.name)] : made.of;
};

test("a figure is the sum of the fields or the lines that add up to it, to the last digit", () => {
  expect(how("total")).toEqual(["net", "freight", "tax"]);
  expect(how("net")).toEqual([true, ["amount"]]);
});

test("where nothing adds up, it is said what the rule works with, not that it is a sum", () => {
  expect(how("tax")).toEqual([false, ["tax_rate", "amount"]]);
  expect(how("total", { ...row, total: eur("0.37") })).toBe("nothing");
});
