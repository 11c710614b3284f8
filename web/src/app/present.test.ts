import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hearDate, present, presentMs } from "./present";

const TRUE = Date.parse("2026-07-04T12:00:00Z");
const DATE = "Sat, 04 Jul 2026 12:00:00 GMT";
const YEAR = 366 * 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.setSystemTime(TRUE);
  hearDate(DATE, TRUE, TRUE);
  vi.useRealTimers();
});

test.each([
  ["years behind", TRUE - 7 * YEAR, TRUE],
  ["years ahead", TRUE + 5 * YEAR, TRUE],
  ["an hour ahead", TRUE + 3_600_000, TRUE],
  ["seconds off, which is the network", TRUE + 20_000, TRUE + 20_000],
])("the present of a device that is %s", (_, device, expected) => {
  vi.setSystemTime(device);
  hearDate(DATE, device, device);
  expect(presentMs()).toBe(expected);
  vi.advanceTimersByTime(5_000);
  expect(present().getTime()).toBe(expected + 5_000);
});

test("no date, one that cannot be read, or one of an answer that took minutes says nothing", () => {
  vi.setSystemTime(TRUE);
  for (const [date, sent] of [
    [null, TRUE],
    ["yesterday", TRUE],
    ["Sat, 04 Jul 2020 12:00:00 GMT", TRUE - 300_000],
    ["Sat, 04 Jul 2020 12:00:00 GMT", TRUE + 1],
  ] as const) {
    hearDate(date, sent, TRUE);
    expect(presentMs()).toBe(TRUE);
  }
});

test("a clock that is put right is taken as it is again", () => {
  vi.setSystemTime(TRUE - YEAR);
  hearDate(DATE, TRUE - YEAR, TRUE - YEAR);
  expect(presentMs()).toBe(TRUE);
  vi.setSystemTime(TRUE);
  hearDate(DATE, TRUE, TRUE);
  expect(presentMs()).toBe(TRUE);
});
