import { expect, it } from "vitest";
import { addMonths, every, inStretch, lastMonths, ofMonth, quoted, sameDaysBefore } from "./span";

it("months go over the ends of years, both ways", () => {
  expect([1, -1, -12, 13].map((count) => addMonths("2026-12", count))).toEqual([
    "2027-01",
    "2026-11",
    "2025-12",
    "2028-01",
  ]);
  expect(lastMonths("2026-02-28", 3)).toEqual(["2025-12", "2026-01", "2026-02"]);
});

it.each([
  ["2026-11-21", { from: "2026-10-01", to: "2026-10-22" }],
  ["2026-01-01", { from: "2025-12-01", to: "2025-12-02" }],
  // February has no 31st: the whole of it stands against the whole of March.
  ["2026-03-31", { from: "2026-02-01", to: "2026-03-01" }],
  ["2024-03-29", { from: "2024-02-01", to: "2024-03-01" }],
])("until %s this month is held against the same days of the last", (today, expected) => {
  expect(sameDaysBefore(today)).toEqual(expected);
});

it("conditions are written as the API reads them", () => {
  expect(inStretch("ordered_on", ofMonth("2026-12"))).toBe(
    "ordered_on >= date('2026-12-01') && ordered_on < date('2027-01-01')",
  );
  expect(every("a", "", undefined, false, "b")).toBe("a && b");
  expect(quoted("O'Hara \\ Sons")).toBe("'O\\'Hara \\\\ Sons'");
});
