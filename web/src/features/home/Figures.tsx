// A trading company at a glance: orders and sales of this month, what is late, what runs out. Each
// number opens what it counts, and says what it is of.

import { type Entity, formatInteger, formatMoney } from "@megalith/meta";
import { Figure, Sparkline } from "@megalith/ui/chart";
import type { ReactNode } from "react";
import { listPath } from "../../app/catalog";
import { useCompany } from "../../app/context";
import { present } from "../../app/present";
import { useReader } from "../../app/reader";
import { address } from "../../app/server";
import { useFigures } from "./asked";
import { inCompany } from "./asks";
import { dayOf, every, lastMonths, nextDay, sameDaysBefore } from "./span";
import { monthsOf, nothing, ordersFilter, ordersPath, sumsOf } from "./trade";
import { useMonths } from "./useMonths";
import { th } from "./words";

const TO_SHIP = "state == 'confirmed'";

/** Orders and sales of this month so far, against as many days of the last. */
export function ThisMonth({ orders, currency }: { orders: Entity; currency: string }): ReactNode {
  const reader = useReader();
  const company = useCompany();
  const today = dayOf(present());
  const about = { stretch: { from: `${today.slice(0, 7)}-01`, to: nextDay(today) }, company };
  const before = { stretch: sameDaysBefore(today), company };
  const select = "count(),sum(net)";
  const filter = ordersFilter(orders, about);
  const now = useFigures(orders, { select, filter });
  const last = useFigures(orders, { select, filter: ordersFilter(orders, before) });
  const months = monthsOf(useMonths(orders, 12, company).data?.items ?? []);
  const path = lastMonths(today, 12).map((month) => months.get(month) ?? nothing);
  const sums = now.data ? sumsOf(now.data.items) : null;
  const then = last.data ? sumsOf(last.data.items) : null;
  const wait = "…";
  const money = (amount: string | undefined) => formatMoney(amount ?? "0", currency, reader);
  const others = sums ? [...sums.by.keys()].filter((one) => one !== currency).length : 0;
  return (
    <>
      <Figure
        label={th("ordersThisMonth")}
        value={sums ? formatInteger(sums.orders, reader) : wait}
        note={then ? th("sameDaysBefore", { value: formatInteger(then.orders, reader) }) : wait}
        href={ordersPath(orders, about)}
      >
        <Sparkline values={path.map((one) => one.orders)} />
      </Figure>
      <Figure
        label={th("netThisMonth", { currency })}
        value={sums ? money(sums.by.get(currency)?.amount) : wait}
        note={
          then ? (
            <>
              {th("sameDaysBefore", { value: money(then.by.get(currency)?.amount) })}
              {others > 0 && ` · ${th("otherCurrencies", { count: others })}`}
            </>
          ) : (
            wait
          )
        }
        href={ordersPath(orders, { ...about, currency })}
      />
    </>
  );
}

/** Confirmed orders that wait to leave, and how many of them are late. */
export function ToShip({ orders }: { orders: Entity }): ReactNode {
  const reader = useReader();
  const company = useCompany();
  const inIt = inCompany(orders, company);
  const late = every(TO_SHIP, "required_on < today()", inIt);
  const all = useFigures(orders, { select: "count()", filter: every(TO_SHIP, inIt) });
  const behind = useFigures(orders, { select: "count()", filter: late });
  const countOf = (answer: typeof all) => Number(answer.data?.items[0]?.["count()"] ?? 0);
  const count = countOf(behind);
  return (
    <Figure
      label={th("toShip")}
      value={all.data ? formatInteger(countOf(all), reader) : "…"}
      tone={count > 0 ? "bad" : undefined}
      note={count > 0 ? th("lateOnes", { count }) : th("noneLate")}
      href={address(listPath(orders), { filter: every(TO_SHIP, inIt), order: "required_on" })}
    />
  );
}
