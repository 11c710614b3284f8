import { expect, test } from "vitest";
import { chance } from "./testing";
import {
  EMPTY_VIEW,
  type ViewState,
  viewFromParams,
  viewFromSearch,
  viewToQuery,
  viewToSearch,
} from "./view";

test("any view comes back from its address as it was", () => {
  const next = chance(42);
  const one = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const some = <T>(of: readonly T[]) => of.filter(() => next() < 0.4);
  const texts = [
    "",
    "total > money('12.30', 'EUR') && name == 'ä&b=c#d+e%20'",
    "a\nb",
    "سعر",
    "🗿 ?x=1",
  ];
  const fields = ["name", "customer.country", "total", "ordered_on", "created_at"];
  for (let n = 0; n < 1_000; n += 1) {
    const state: ViewState = {
      kind: one(["list", "board", "calendar", "tree", "chart"]),
      view: one([null, "vie_01h455vb4pex5vsknk084sn02q"]),
      filter: one(texts),
      q: one(texts),
      order: some(fields).map((field) => ({ field, descending: next() < 0.5 })),
      group: some(fields),
      columns: some(fields),
      open: one([null, "so_01h455vb4pex5vsknk084sn02q"]),
    };
    expect(viewFromSearch(viewToSearch(state))).toEqual(state);
  }
});

test("the usual view has a bare address, and nonsense in one is left out", () => {
  expect(viewToSearch(EMPTY_VIEW)).toBe("");
  const odd = { kind: "hologram", order: "-,--x,Name,name,-name", group: "a,,a,b c", q: 12 };
  expect(viewFromParams(odd)).toEqual({
    ...EMPTY_VIEW,
    q: "12",
    order: [{ field: "name", descending: false }],
    group: ["a"],
  });
});

test("a grouped list is ordered by its groups first, by four keys at most", () => {
  const order = ["a", "b", "c", "d"].map((field) => ({ field, descending: field === "b" }));
  const state = { ...EMPTY_VIEW, q: "x", order, group: ["b", "z"] };
  expect(viewToQuery(state)).toEqual({ q: "x", order_by: "b desc, z, a, c" });
});
