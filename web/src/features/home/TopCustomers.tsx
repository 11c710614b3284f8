// The customers who bought most in one currency, over the span that is chosen for the chart.

import { type Entity, formatMoney } from "@megalith/meta";
import { Skeleton } from "@megalith/ui";
import { BarList } from "@megalith/ui/chart";
import type { ReactNode } from "react";
import { useCompany } from "../../app/context";
import { present } from "../../app/present";
import { useReader } from "../../app/reader";
import { askedAt, useFigures } from "./asked";
import { spanOf, useChoice } from "./choice";
import styles from "./Home.module.css";
import { dayOf, lastMonths, nextDay } from "./span";
import { ordersFilter, ordersPath } from "./trade";
import { th } from "./words";

const SHOWN = 7;

export function TopCustomers({
  orders,
  currency,
}: {
  orders: Entity;
  currency: string;
}): ReactNode {
  const [choice] = useChoice();
  const reader = useReader();
  const company = useCompany();
  const today = dayOf(present());
  const span = spanOf(choice);
  const [oldest = ""] = lastMonths(today, span);
  const about = { stretch: { from: `${oldest}-01`, to: nextDay(today) }, company, currency };
  const answer = useFigures(orders, {
    select: "sum(net),count()",
    group_by: "customer,customer.name",
    filter: ordersFilter(orders, about),
    order_by: "sum(net) desc",
    limit: SHOWN,
  });
  const rows = (answer.data?.items ?? []).flatMap((row) => {
    const { amount = "0" } = (row["sum(net)"] ?? {}) as { amount?: string };
    const customer = String(row.customer ?? "");
    return customer === ""
      ? []
      : [
          {
            key: customer,
            label: String(row["customer.name"] ?? customer),
            value: Number(amount),
            text: formatMoney(amount, currency, reader),
            hint: th("ordersCount", { count: Number(row["count()"] ?? 0) }),
            href: ordersPath(orders, { ...about, customer }),
          },
        ];
  });
  if (answer.isError) return null;
  return (
    <section className={styles.part} aria-labelledby="home-customers">
      <h2 id="home-customers">{th("topCustomers", { currency })}</h2>
      {answer.isPending ? (
        <Skeleton lines={6} height={20} />
      ) : rows.length === 0 ? (
        <p className={styles.quiet}>{th("noOrders")}</p>
      ) : (
        <BarList label={th("topCustomers", { currency })} rows={rows} />
      )}
      <p className={styles.source}>
        {th("spanMonths", { count: span })} · {th("counts")} ·{" "}
        {th("askedAt", { time: askedAt([answer], reader.locale) })}
      </p>
    </section>
  );
}
