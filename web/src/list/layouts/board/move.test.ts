import { expect, it } from "vitest";
import type { Entity, Field } from "../../../app/catalog";
import type { Row } from "../../../app/reader";
import { columnFilter, columnsOf, type Move, moveTo } from "./move";

const state = {
  name: "state",
  kind: "state",
  choices: ["draft", "confirmed", "shipped", "cancelled"].map((name) => ({ name, label: name })),
} as unknown as Field;
const channel = {
  name: "channel",
  kind: "choice",
  writable: true,
  required: false,
  choices: [{ name: "web", label: "Web" }],
} as unknown as Field;
const entity = (rights: Record<string, boolean>) =>
  ({
    kind: "normal",
    rights,
    states: {
      names: [],
      moves: [
        { from: "draft", act: "confirm", to: "confirmed" },
        { from: "confirmed", act: "ship", to: "shipped" },
        { from: "draft", act: "cancel", to: "cancelled" },
      ],
    },
  }) as unknown as Entity;
const all = entity({ confirm: true, ship: true, cancel: true, update: true });
const row = { id: "so_1", version: 1, state: "draft", channel: null } as Row;

it.each<[string, Entity, Field, string, Move]>([
  ["where it stands", all, state, "draft", { kind: "stay" }],
  ["by an act", all, state, "confirmed", { kind: "act", act: "confirm", isFinal: false }],
  ["by the last act", all, state, "cancelled", { kind: "act", act: "cancel", isFinal: true }],
  ["where no act leads", all, state, "shipped", { kind: "never", why: "no_way" }],
  ["without the right", entity({}), state, "confirmed", { kind: "never", why: "no_right" }],
  ["by the field", all, channel, "web", { kind: "change" }],
  ["a record not mine", entity({}), channel, "web", { kind: "never", why: "no_right" }],
  [
    "a field that a rule fills",
    all,
    { ...channel, writable: false },
    "web",
    { kind: "never", why: "fixed" },
  ],
])("a card moves %s", (_, kind, field, column, expected) => {
  expect(moveTo(kind, field, row, column)).toEqual(expected);
});

it("a choice that may be empty has a column for that, and the filter says so", () => {
  expect(columnsOf(channel).map((one) => one.name)).toEqual(["web", ""]);
  expect(columnsOf({ ...channel, required: true }).map((one) => one.name)).toEqual(["web"]);
  expect(columnFilter("", state, "draft")).toBe("state == 'draft'");
  expect(columnFilter("a || b", channel, "")).toBe("(a || b) && channel == null");
});
