import { type Entity, Schema, type SchemaDocument } from "@megalith/meta";
import { expect, test } from "vitest";
import {
  arranged,
  factsOf,
  filledColumns,
  formGroups,
  isFinal,
  totalsOf,
  withoutBlank,
} from "./shape";

const field = (name: string, kind: string, more: object = {}) => ({
  name,
  label: name,
  kind,
  help: "",
  required: false,
  system: false,
  writable: true,
  computed: false,
  default: null,
  ...more,
});
const entity = (name: string, more: object) => ({
  name,
  service: "trade",
  plural: `${name}s`,
  path: `/api/v1/trade/${name}s`,
  kind: "normal",
  label: name,
  title: "name",
  states: null,
  acts: [],
  rights: { create: true, update: true },
  ...more,
});
const schema = new Schema({
  services: [],
  entities: [
    entity("deal", {
      states: {
        names: [],
        moves: [
          { from: "open", act: "win", to: "won" },
          { from: "open", act: "hold", to: "held" },
          { from: "held", act: "win", to: "won" },
        ],
      },
      fields: [
        field("id", "id", { system: true, writable: false }),
        field("name", "text", { max: 9 }),
        field("note", "long_text", { max: 9 }),
        field("fee", "money"),
        field("mail", "email"),
        field("day", "date"),
        field("rows", "lines", { target: "row" }),
      ],
    }),
    entity("row", {
      path: null,
      kind: "child",
      fields: [
        field("id", "id", { system: true, writable: false }),
        field("count", "quantity", { scale: 2 }),
        field("unit", "text", { max: 9 }),
        field("rebate", "percent", { scale: 4, default: { kind: "value", value: "0" } }),
        field("sum", "money", { writable: false, computed: true }),
      ],
    }),
  ],
} as unknown as SchemaDocument);
const deal = schema.entity("deal") as Entity;
const rows = deal.fields.at(-1) as Entity["fields"][number];
const record = { id: "deal_1", version: 1, name: "A", note: null, fee: null, mail: "a@b", day: "" };

test("facts stand in their groups, without the title, the empty ones only when asked for", () => {
  const names = (all: boolean) =>
    factsOf(deal, record, all).groups.map((group) => [
      group.name,
      group.fields.map((one) => one.name),
    ]);
  expect(names(false)).toEqual([["addresses", ["mail"]]]);
  expect(factsOf(deal, record, false).empty).toBe(3);
  expect(names(true)).toEqual([
    ["main", ["day"]],
    ["amounts", ["fee"]],
    ["addresses", ["mail"]],
    ["details", ["note"]],
  ]);
});

test("a form has the fields that can be written, lines apart", () => {
  expect(formGroups(deal, null).flatMap((group) => group.fields.map((one) => one.name))).toEqual([
    "name",
    "day",
    "fee",
    "mail",
    "note",
  ]);
});

test("money is summed exactly, each currency by itself", () => {
  const sum = schema.entity("row")?.fields.at(-1) as Entity["fields"][number];
  const line = (amount: string, currency: string) => ({ sum: { amount, currency } });
  const lines = [line("0.10", "EUR"), line("0.20", "EUR"), line("7", "JPY"), { sum: null }];
  expect(totalsOf(sum, lines)).toEqual([
    { amount: "0.3", currency: "EUR" },
    { amount: "7", currency: "JPY" },
  ]);
});

test("columns with nothing in them are left out, and a unit stands with its quantity", () => {
  const lines = [{ count: "2", unit: "pcs", rebate: "0", sum: null }];
  expect(filledColumns(schema, rows, lines).map((one) => one.name)).toEqual(["count"]);
});

test("blank lines at the end go, others stay", () => {
  const blank = { count: null, unit: null, rebate: "0" };
  const full = { count: "1", unit: null, rebate: "0" };
  expect(withoutBlank(schema, rows, [blank, full, blank, {}])).toEqual([blank, full]);
});

test("a move is final when no act leads on from where it leads", () => {
  const open = { id: "deal_1", version: 1, state: "open" };
  expect(isFinal(deal, "win", open)).toBe(true);
  expect(isFinal(deal, "hold", open)).toBe(false);
  expect(isFinal(deal, "unknown", open)).toBe(false);
});

test("an arrangement puts its fields first, and only the fields of the form stand in it", () => {
  const groups = formGroups(deal, null);
  const inputs = deal.fields.filter((one) => ["name", "day", "fee"].includes(one.name));
  const named = (layout: { head: string[] } | null) =>
    arranged(groups, inputs, layout).map((group) => [group.name, group.fields.map((f) => f.name)]);
  expect(named(null)).toEqual([
    ["main", ["name", "day"]],
    ["amounts", ["fee"]],
  ]);
  expect(named({ head: ["fee", "unknown", "name"] })).toEqual([
    ["head", ["fee", "name"]],
    ["main", ["day"]],
  ]);
});
