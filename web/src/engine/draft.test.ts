import { expect, test } from "vitest";
import { Draft } from "./draft";

const lines = () => new Draft({ name: "A", lines: [{ item: "x" }, { item: "y" }] });

test("a draft is dirty while it differs from what it started with", () => {
  const draft = lines();
  expect(draft.isDirty()).toBe(false);
  draft.set("name", "B");
  expect(draft.isDirty()).toBe(true);
  draft.set("name", "A");
  expect(draft.isDirty()).toBe(false);
});

test("typing into the row behind the last makes it, and its key stays", () => {
  const draft = lines();
  const before = draft.keysOf("lines");
  draft.setCells("lines", 2, { item: "z" }, { discount: "0" });
  expect(draft.rows("lines")[2]).toEqual({ item: "z", discount: "0" });
  expect(draft.keysOf("lines").slice(0, 3)).toEqual(before);
  expect(draft.keysOf("lines")).toHaveLength(4);
});

test("a row keeps its key wherever it moves, others keep their rows", () => {
  const draft = lines();
  const [first, second] = draft.keysOf("lines");
  const [x, y] = draft.rows("lines");
  draft.move("lines", 1, 0);
  expect(draft.keysOf("lines").slice(0, 2)).toEqual([second, first]);
  expect(draft.rows("lines")).toEqual([y, x]);
  expect(draft.rows("lines")[1]).toBe(x);
  draft.move("lines", 0, -1);
  expect(draft.rows("lines")[0]).toBe(y);
});

test("only who looks at what changed is told", () => {
  const draft = lines();
  const told: string[] = [];
  draft.subscribe("name", () => told.push("name"));
  draft.subscribe("lines", () => told.push("lines"));
  draft.onAny(() => told.push("any"));
  draft.set("name", "B");
  draft.setCells("lines", 0, { item: "z" });
  draft.setCells("lines", 0, { item: "z" });
  expect(told).toEqual(["name", "any", "lines", "any"]);
});

test("what is foreseen stays with its row, and is old once something changes", () => {
  const draft = lines();
  const [first, second] = draft.keysOf("lines");
  const moment = draft.moment();
  draft.splice("lines", 0, 1, []);
  draft.foresee({ lines: [{ sum: "1" }, { sum: "2" }] }, moment);
  expect(draft.foreseen()?.stale).toBe(true);
  expect(draft.foreseen()?.rows.get(second as number)).toEqual({ sum: "2" });
  expect(draft.foreseen()?.rows.get(first as number)).toEqual({ sum: "1" });
  draft.foresee({}, draft.moment());
  expect(draft.foreseen()?.stale).toBe(false);
});
