import type { Entity } from "@megalith/meta";
import { expect, it } from "vitest";
import { currenciesOf, monthsOf, ordersFilter, sumsOf } from "./trade";

const row = (month: string, count: number, amount: string, currency: string) => ({
  "month(ordered_on)": month,
  "count()": count,
  "sum(net)": { amount, currency },
});

it("currencies stand apart, and amounts stay exact", () => {
  const sums = sumsOf([row("", 2, "0.10", "EUR"), row("", 3, "90071992547409931.07", "JPY")]);
  expect(sums.orders).toBe(5);
  expect(sums.by.get("JPY")).toEqual({ amount: "90071992547409931.07", orders: 3 });
  expect(sumsOf([{ "count()": 4, "sum(net)": null }])).toEqual({ orders: 4, by: new Map() });
});

it("months gather their currencies; that of most orders comes first", () => {
  const months = monthsOf([
    row("2026-01", 1, "9", "CHF"),
    row("2026-01", 2, "5", "EUR"),
    row("2026-02", 4, "7", "EUR"),
    row("2026-02", 3, "7", "AED"),
  ]);
  expect([...months].map(([month, { orders }]) => [month, orders])).toEqual([
    ["2026-01", 3],
    ["2026-02", 7],
  ]);
  expect(currenciesOf(months.values())).toEqual(["EUR", "AED", "CHF"]);
});

it("a figure and the list behind it ask for the same orders", () => {
  const entity = { per_company: true } as Entity;
  const stretch = { from: "2026-01-01", to: "2026-02-01" };
  expect(ordersFilter(entity, { stretch, company: "com_1", currency: "EUR" })).toBe(
    "ordered_on >= date('2026-01-01') && ordered_on < date('2026-02-01') && " +
      "state != 'draft' && state != 'cancelled' && currency == 'EUR' && company == 'com_1'",
  );
});
