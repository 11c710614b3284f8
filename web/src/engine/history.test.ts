import { Schema, type SchemaDocument } from "@megalith/meta";
import { expect, test } from "vitest";
import { byDay, type Happening, linkedIds, titled } from "./history";

const event = (at: string, verb: string, more: Partial<Happening> = {}): Happening => ({
  event: at,
  position: 1,
  at,
  actor: { id: null, kind: "system", title: null },
  verb,
  reason: null,
  change_set: null,
  version: 1,
  changes: [],
  lines: [],
  ...more,
});
const items = [
  event("2026-07-05T00:30:00Z", "confirm"),
  event("2026-07-04T22:30:00Z", "update"),
  event("2026-07-04T10:00:00Z", "create"),
];
const days = (shown: "all" | "changes" | "acts", zone: string) =>
  byDay(items, shown, zone).map((one) => [one.day, one.items.map((item) => item.verb)]);

test("events stand under their day in the zone of the reader", () => {
  expect(days("all", "UTC")).toEqual([
    ["2026-07-05", ["confirm"]],
    ["2026-07-04", ["update", "create"]],
  ]);
  expect(days("all", "Europe/Berlin")).toEqual([
    ["2026-07-05", ["confirm", "update"]],
    ["2026-07-04", ["create"]],
  ]);
});

test("acts or changes alone", () => {
  expect(days("acts", "UTC")).toEqual([["2026-07-05", ["confirm"]]]);
  expect(days("changes", "UTC")).toEqual([["2026-07-04", ["update", "create"]]]);
});

test("the ids behind links are found, in lines too, each once", () => {
  const link = (name: string, target: string) => ({ name, kind: "link", target });
  const schema = new Schema({
    services: [],
    entities: [
      {
        name: "order",
        kind: "normal",
        fields: [link("who", "person"), { name: "rows", kind: "lines", target: "row" }],
      },
      { name: "row", kind: "child", fields: [link("item", "item")] },
      { name: "person", kind: "normal", path: "/p", fields: [] },
      { name: "item", kind: "normal", path: "/i", fields: [] },
    ],
  } as unknown as SchemaDocument);
  const order = schema.entity("order");
  if (!order) throw new Error("no order");
  const change = (field: string, before: unknown, after: unknown) => ({
    field,
    before,
    after,
    erased: false,
  });
  const found = linkedIds(
    [
      event("2026-07-04T10:00:00Z", "update", {
        changes: [change("who", "p_1", "p_2")],
        lines: [
          { field: "rows", id: "r_1", change: "added", changes: [change("item", null, "i_1")] },
        ],
      }),
      event("2026-07-03T10:00:00Z", "create", { changes: [change("who", null, "p_1")] }),
    ],
    order,
    schema,
  );
  expect([...found]).toEqual([
    ["person", ["p_1", "p_2"]],
    ["item", ["i_1"]],
  ]);
  expect(titled("p_1", { p_1: "Ann" })).toEqual({ id: "p_1", title: "Ann" });
  expect(titled(["p_1", "p_3"], { p_1: "Ann" })).toEqual([{ id: "p_1", title: "Ann" }, "p_3"]);
});
