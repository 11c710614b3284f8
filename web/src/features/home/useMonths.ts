// Orders month by month, and a year before them.

import type { Entity } from "@megalith/meta";
import { present } from "../../app/present";
import { useFigures } from "./asked";
import { addMonths, dayOf, lastMonths } from "./span";
import { ordersFilter } from "./trade";

const YEAR = 12;

/** The orders of the last months and of a year before each: one question for all of them. */
export function useMonths(orders: Entity, months: number, company: string) {
  const today = dayOf(present());
  const [oldest = today.slice(0, 7)] = lastMonths(today, months);
  const stretch = {
    from: `${addMonths(oldest, -YEAR)}-01`,
    to: `${addMonths(today.slice(0, 7), 1)}-01`,
  };
  return useFigures(orders, {
    select: "count(),sum(net)",
    group_by: "month(ordered_on)",
    filter: ordersFilter(orders, { stretch, company }),
    limit: 1000,
  });
}
