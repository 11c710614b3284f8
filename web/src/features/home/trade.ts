// The figures of a trading company: which orders count, and what the answers of aggregates say.

import type { Entity, Schema } from "@megalith/meta";
import { listPath } from "../../app/catalog";
import { address } from "../../app/server";
import { inCompany } from "./asks";
import { every, inStretch, quoted, type Stretch } from "./span";

/** An order counts once it is confirmed, and as long as it is not cancelled. */
const COUNTS = "state != 'draft' && state != 'cancelled'";

/** The orders, where the reader may see what the figures are made of. */
export function ordersOf(schema: Schema): Entity | null {
  const entity = schema.entity("operations.sales_order");
  const needed = ["ordered_on", "required_on", "net", "currency", "customer", "state"];
  const may = entity?.rights?.read && needed.every((name) => schema.field(entity, name));
  return may ? entity : null;
}

/** The stock moves and the items, where the reader may see both. */
export function stockOf(schema: Schema): { moves: Entity; items: Entity } | null {
  const moves = schema.entity("operations.stock_move");
  const items = schema.entity("operations.item");
  if (!moves?.rights?.read || !items?.rights?.read) return null;
  return schema.field(items, "reorder_level") ? { moves, items } : null;
}

/** Which orders a figure is about. */
export interface About {
  readonly stretch: Stretch;
  readonly company: string;
  readonly currency?: string | undefined;
  readonly customer?: string | undefined;
}

export function ordersFilter(
  entity: Entity,
  { stretch, company, currency, customer }: About,
): string {
  return every(
    inStretch("ordered_on", stretch),
    COUNTS,
    currency && `currency == ${quoted(currency)}`,
    customer && `customer == ${quoted(customer)}`,
    inCompany(entity, company),
  );
}

/** The list of the orders that a figure is about. */
export const ordersPath = (entity: Entity, about: About): string =>
  address(listPath(entity), { filter: ordersFilter(entity, about), order: "ordered_on desc" });

/** A row of an aggregate. */
type Row = Readonly<Record<string, unknown>>;

/** An exact amount and how many orders it is of. */
export interface Sum {
  readonly amount: string;
  readonly orders: number;
}

const moneyOf = (value: unknown): { amount: string; currency: string } | null => {
  const { amount, currency } = (value ?? {}) as { amount?: unknown; currency?: unknown };
  return typeof amount === "string" && typeof currency === "string" ? { amount, currency } : null;
};

/** What orders come to: how many, and how much in each currency; currencies are never added up. */
export interface Sums {
  readonly orders: number;
  readonly by: ReadonlyMap<string, Sum>;
}

export const nothing: Sums = { orders: 0, by: new Map() };

/** Reads `count(),sum(net)`; each currency is a row of its own. */
export function sumsOf(rows: readonly Row[]): Sums {
  const by = new Map<string, Sum>();
  let orders = 0;
  for (const row of rows) {
    const count = Number(row["count()"] ?? 0);
    const money = moneyOf(row["sum(net)"]);
    orders += count;
    if (money) by.set(money.currency, { amount: money.amount, orders: count });
  }
  return { orders, by };
}

/** The same by month. */
export function monthsOf(rows: readonly Row[]): ReadonlyMap<string, Sums> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const month = String(row["month(ordered_on)"] ?? "");
    found.set(month, [...(found.get(month) ?? []), row]);
  }
  return new Map([...found].map(([month, own]) => [month, sumsOf(own)]));
}

/** The currencies of some months, that of most orders first. */
export function currenciesOf(months: Iterable<Sums>): string[] {
  const orders = new Map<string, number>();
  for (const { by } of months) {
    for (const [currency, sum] of by) {
      orders.set(currency, (orders.get(currency) ?? 0) + sum.orders);
    }
  }
  return [...orders].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([one]) => one);
}
