import type { Entity } from "@megalith/meta";
import { expect, it } from "vitest";
import { askFilter, askPath, asksOf } from "./asks";

const named = (name: string) => ({ name, label: name.toUpperCase() });
const move = (from: string, act: string, to: string) => ({ from, act, to });

function entity(more: Partial<Entity>, states: string[], moves: [string, string, string][]) {
  const names = states.map(named);
  const acts = [...new Set(moves.map(([, act]) => act))];
  return {
    name: "operations.order",
    service: "operations",
    plural: "orders",
    path: "/api/v1/operations/orders",
    per_company: true,
    states: { names, moves: moves.map((one) => move(...one)) },
    acts: acts.map(named),
    fields: [{ name: "state", kind: "state", choices: names }],
    rights: { read: true, ...Object.fromEntries(acts.map((act) => [act, true])) },
    ...more,
  } as unknown as Entity;
}

const life: [string, string, string][] = [
  ["draft", "confirm", "confirmed"],
  ["confirmed", "ship", "shipped"],
  ["draft", "cancel", "cancelled"],
  ["confirmed", "cancel", "cancelled"],
];
const states = ["draft", "confirmed", "shipped", "cancelled"];
const said = (one: Entity) => asksOf(one).map(({ state, act, own }) => [state, act, own]);

it("one's own drafts wait, and what is on its way waits for whoever may move it on", () => {
  expect(said(entity({}, states, life))).toEqual([
    ["draft", "CONFIRM", true],
    ["confirmed", "SHIP", false],
  ]);
  const warehouse = entity({ rights: { read: true, ship: true } }, states, life);
  expect(said(warehouse)).toEqual([["confirmed", "SHIP", false]]);
  expect(said(entity({ rights: { read: true } }, states, life))).toEqual([]);
  expect(said(entity({ rights: { ship: true } }, states, life))).toEqual([]);
});

it("of what the installation does only failures wait", () => {
  const job = entity(
    { service: "platform" },
    ["queued", "running", "failed"],
    [
      ["queued", "lease", "running"],
      ["running", "fail", "failed"],
      ["failed", "retry", "queued"],
    ],
  );
  expect(said(job)).toEqual([["failed", "RETRY", false]]);
});

it("what waits opens as a list, of the chosen company where there is one", () => {
  const [mine, all] = asksOf(entity({}, states, life));
  expect(mine && askFilter(mine)).toBe("state == 'draft' && created_by == user.id");
  const path = all ? new URL(askPath(all, "com_1"), "http://x") : null;
  expect(path?.pathname).toBe("/operations/orders");
  expect(path?.searchParams.get("filter")).toBe("state == 'confirmed' && company == 'com_1'");
});
