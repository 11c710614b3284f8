import type { Group } from "@megalith/meta";
import { expect, it } from "vitest";
import { runsOf, Sections } from "./sections";

const group = (id: string, count: number, inner: Group[] = []): Group => ({
  id,
  key: "state",
  value: id,
  depth: 0,
  count,
  sums: {},
  filter: `state == '${id}'`,
  inner,
});

it("a list without groups is one run", () => {
  const all = Sections.flat("", 1_000_000);
  expect(all.at(999_999)).toEqual({ kind: "row", run: "", place: 999_999 });
  expect(all.at(1_000_000)).toBeNull();
  expect(all.seen(500, 520)).toEqual([{ run: "", first: 500, last: 520 }]);
});

it("heads stand before their rows, a closed group is its head alone", () => {
  const groups = [group("a", 3), group("b", 1_000), group("c", 2)];
  const all = Sections.grouped(groups, ({ id }) => id !== "b");
  expect(all.count).toBe(3 + 3 + 2);
  const said = Array.from({ length: all.count }, (_, index) => {
    const spot = all.at(index);
    return spot?.kind === "group" ? spot.group.id : `${spot?.run}${spot?.place}`;
  });
  expect(said).toEqual(["a", "a0", "a1", "a2", "b", "c", "c0", "c1"]);
  expect(all.seen(2, 6)).toEqual([
    { run: "a", first: 1, last: 2 },
    { run: "c", first: 0, last: 0 },
  ]);
});

it("groups inside of groups: rows follow the innermost", () => {
  const groups = [group("a", 5, [group("a1", 2), group("a2", 3)])];
  expect(Sections.grouped(groups, () => true).count).toBe(1 + 1 + 2 + 1 + 3);
  expect(runsOf(groups).map(({ id, count }) => [id, count])).toEqual([
    ["a1", 2],
    ["a2", 3],
  ]);
});
