import { expect, it } from "vitest";
import { addDays, addMonths, beginning, dayIn, firstDayOf, weeksOf } from "./month";

it.each([
  // July 2026 begins on a Wednesday.
  ["2026-07-15", 1, "2026-06-29", "2026-08-02", 5],
  ["2026-07-15", 7, "2026-06-28", "2026-08-01", 5],
  // Arab weeks begin on Saturday.
  ["2026-07-15", 6, "2026-06-27", "2026-07-31", 5],
  // February 2027 fills exactly four weeks.
  ["2027-02-03", 1, "2027-02-01", "2027-02-28", 4],
  ["2026-08-01", 1, "2026-07-27", "2026-09-06", 6],
])("the month of %s with weeks from day %i goes from %s to %s", (day, first, from, to, count) => {
  const weeks = weeksOf(day, first);
  expect(weeks).toHaveLength(count);
  expect(weeks[0]?.[0]?.day).toBe(from);
  expect(weeks.at(-1)?.at(-1)?.day).toBe(to);
  expect(weeks.every((week) => week.length === 7)).toBe(true);
  expect(weeks.flat().filter((one) => !one.isOutside)[0]?.day).toBe(`${day.slice(0, 7)}-01`);
});

it("days and months are added over their ends", () => {
  expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  expect(addDays("2028-03-01", -1)).toBe("2028-02-29");
  expect(addMonths("2026-01-31", 1)).toBe("2026-02-28");
  expect(addMonths("2026-03-31", -1)).toBe("2026-02-28");
  expect(addMonths("2026-11-15", 3)).toBe("2027-02-15");
});

it.each([
  ["2026-07-04", "UTC", "2026-07-04T00:00:00Z"],
  ["2026-07-04", "Europe/Berlin", "2026-07-03T22:00:00Z"],
  ["2026-07-04", "Asia/Kolkata", "2026-07-03T18:30:00Z"],
  // The clocks go forward on this day, and back on the other.
  ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z"],
  ["2026-10-26", "Europe/Berlin", "2026-10-25T23:00:00Z"],
  ["2026-07-04", "Pacific/Auckland", "2026-07-03T12:00:00Z"],
])("%s begins in %s at %s, and that instant is on that day", (day, zone, instant) => {
  expect(beginning(day, zone)).toBe(instant);
  expect(dayIn(instant, zone)).toBe(day);
  const before = new Date(Date.parse(instant) - 1000).toISOString();
  expect(dayIn(before, zone)).toBe(addDays(day, -1));
});

it("weeks begin as the locale has it", () => {
  expect(firstDayOf("de-DE")).toBe(1);
  expect(firstDayOf("en-US")).toBe(7);
  expect(firstDayOf("no locale")).toBe(1);
});
