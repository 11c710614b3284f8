import { expect, test } from "vitest";
import { chance } from "./testing";
import {
  groupKey,
  orderBy,
  parseOrder,
  type ViewState,
  viewFromParams,
  viewToParams,
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
      columns: some(fields).map((field) => ({ field, width: one([null, 64, 320]) })),
      pinned: one([null, 1, 3]),
      open: one([null, "so_01h455vb4pex5vsknk084sn02q"]),
      by: one([null, "ordered_on"]),
      at: one([null, "2026-07-04"]),
    };
    const address = new URLSearchParams(viewToParams(state)).toString();
    expect(viewFromParams(Object.fromEntries(new URLSearchParams(address)))).toEqual(state);
  }
});

test("the usual view has a bare address, and nonsense in one is left out", () => {
  const usual = viewFromParams({});
  expect(viewToParams(usual)).toEqual({});
  const odd = {
    kind: "hologram",
    order: "-,--x,Name,name,-name",
    group: "a,,a,b c",
    q: 12,
    columns: "name:wide,name:90,:4,name:10,Name,total",
    pinned: "-1",
  };
  expect(viewFromParams(odd)).toEqual({
    ...usual,
    q: "12",
    order: [{ field: "name", descending: false }],
    group: ["a"],
    columns: [
      { field: "name", width: 90 },
      { field: "total", width: null },
    ],
  });
});

test("a list is grouped by fields and by spans of time", () => {
  expect(groupKey("customer.country")).toEqual({ field: "customer.country", bucket: null });
  expect(groupKey("month(ordered_on)")).toEqual({ field: "ordered_on", bucket: "month" });
  expect(groupKey("decade(ordered_on)")).toBeNull();
  expect(viewFromParams({ group: "month(ordered_on),state,x y" }).group).toEqual([
    "month(ordered_on)",
    "state",
  ]);
});

test("an order is asked for in the words of the API", () => {
  expect(orderBy(parseOrder("-ordered_on,number"))).toBe("ordered_on desc, number");
});
