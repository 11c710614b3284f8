import { expect, it } from "vitest";
import { all, foldedAtFirst, forestOf, missingParents, seen } from "./forest";

const rows = (text: string) =>
  text.split(" ").map((pair) => {
    const [id = "", parent] = pair.split("<");
    return { id, parent: parent ?? null };
  });
const grow = (text: string) => forestOf(rows(text), (row) => row.parent);
const drawn = (text: string, folded: string[] = []) =>
  seen(grow(text), new Set(folded))
    .map((node) => "-".repeat(node.depth) + node.id)
    .join(" ");

it.each([
  ["a child stands below its parent, in the order they came", "a b<a c<a d<b", "a -b --d -c"],
  ["a parent may come after its child", "b<a a", "a -b"],
  ["who names a parent that is not there stands at the top", "b<x a", "b a"],
  ["who names itself stands at the top", "a<a b<a", "a -b"],
  ["a circle is cut, and nobody is lost", "a b<c c<b d<c", "a b -c --d"],
])("%s", (_, text, expected) => {
  expect(drawn(text)).toBe(expected);
});

it("what is folded hides all below it", () => {
  expect(drawn("a b<a c<b d", ["a"])).toBe("a d");
});

it("each knows how many stand below it", () => {
  expect(all(grow("a b<a c<b d<b")).map((node) => node.size)).toEqual([3, 2, 0, 0]);
});

it("at first as many levels are open as there is room for", () => {
  const trees = grow("a b<a c<a d<b e<b f<c");
  expect([...foldedAtFirst(trees, 10)]).toEqual([]);
  expect([...foldedAtFirst(trees, 4)]).toEqual(["b", "c"]);
  expect([...foldedAtFirst(trees, 1)]).toEqual(["a", "b", "c"]);
});

it("the parents that a search left out are asked for", () => {
  expect(missingParents(rows("a<x b<x c<b"), (row) => row.parent)).toEqual(["x"]);
});
