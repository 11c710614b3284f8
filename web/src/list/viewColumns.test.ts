import { viewFromParams, viewToParams } from "@megalith/meta";
import { expect, it } from "vitest";
import { usualColumns } from "./columns";
import { arrangementOf, columnsOfView, isArranged } from "./viewColumns";

it("what a view keeps of an arrangement comes back from its address", () => {
  const own = { ...usualColumns, order: ["total", "number"], widths: { total: 140 }, pinned: 2 };
  const kept = columnsOfView(own, ["number", "state", "total"]);
  const { columns, pinned } = viewFromParams(viewToParams({ ...viewFromParams({}), ...kept }));
  expect(arrangementOf(columns, pinned)).toEqual({
    order: ["total", "number", "state"],
    shown: ["total", "number", "state"],
    hidden: [],
    widths: { total: 140 },
    pinned: 2,
  });
});

it("a view without columns leaves them to the person", () => {
  expect(arrangementOf([], 2)).toBeNull();
});

it("only what somebody arranged is kept", () => {
  expect(isArranged(usualColumns)).toBe(false);
  expect(isArranged({ ...usualColumns, view: "sv_1", pinned: 1 })).toBe(false);
  for (const more of [{ hidden: ["a"] }, { widths: { a: 90 } }, { pinned: 2 }, { order: ["a"] }]) {
    expect(isArranged({ ...usualColumns, ...more })).toBe(true);
  }
});
