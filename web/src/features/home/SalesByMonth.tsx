// Orders per month as bars or as a table; how many, or how much in one currency. Each month opens
// its orders.

import { type Entity, formatInteger, formatMoney } from "@megalith/meta";
import { BareFields, IconButton, Select, Skeleton } from "@megalith/ui";
import { type Bar, BarChart } from "@megalith/ui/chart";
import { ChartColumn, Table2 } from "lucide-react";
import type { ReactNode } from "react";
import { useCompany } from "../../app/context";
import { present } from "../../app/present";
import { useReader } from "../../app/reader";
import { askedAt } from "./asked";
import { SPANS, spanOf, useChoice } from "./choice";
import styles from "./Home.module.css";
import { addMonths, dayOf, lastMonths, ofMonth } from "./span";
import { type About, monthsOf, nothing, ordersPath, type Sums } from "./trade";
import { useMonths } from "./useMonths";
import { th } from "./words";

/** Above this many bars only some are labelled. */
const MANY = 14;

export function SalesByMonth({
  orders,
  currency,
  currencies,
}: {
  orders: Entity;
  currency: string;
  currencies: readonly string[];
}): ReactNode {
  const [choice, choose] = useChoice();
  const reader = useReader();
  const company = useCompany();
  const today = dayOf(present());
  const span = spanOf(choice);
  const isNet = choice.measure === "net";
  const isTable = choice.as === "table";
  const answer = useMonths(orders, span, company);
  const months = monthsOf(answer.data?.items ?? []);
  const names = lastMonths(today, span);
  const short = new Intl.DateTimeFormat(reader.locale, { month: "short", timeZone: "UTC" });
  const long = new Intl.DateTimeFormat(reader.locale, {
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  });
  const dateOf = (month: string) => new Date(`${month}-15T00:00:00Z`);
  const sizeOf = (sums: Sums) => (isNet ? Number(sums.by.get(currency)?.amount ?? 0) : sums.orders);
  const textOf = (sums: Sums) =>
    isNet
      ? formatMoney(sums.by.get(currency)?.amount ?? "0", currency, reader)
      : th("ordersCount", { count: sums.orders });
  const cellOf = (sums: Sums) => (isNet ? textOf(sums) : formatInteger(sums.orders, reader));
  const about = (month: string): About => ({
    stretch: ofMonth(month),
    company,
    currency: isNet ? currency : undefined,
  });
  const rows = names.map((month, at) => {
    const now = months.get(month) ?? nothing;
    const then = months.get(addMonths(month, -12)) ?? nothing;
    const isOpen = at === names.length - 1;
    const said = th("monthTitle", {
      month: long.format(dateOf(month)),
      value: textOf(now),
      before: textOf(then),
    });
    return { month, now, then, isOpen, title: isOpen ? `${said} (${th("notOver")})` : said };
  });
  const bars = rows.map(
    ({ month, now, then, isOpen, title }, at): Bar => ({
      key: month,
      label: names.length > MANY && at % 3 !== 0 ? "\u00a0" : short.format(dateOf(month)),
      group:
        month.endsWith("-01") || (at === 0 && month < `${month.slice(0, 4)}-10`)
          ? month.slice(0, 4)
          : undefined,
      title,
      value: sizeOf(now),
      mark: sizeOf(then),
      open: isOpen,
      href: ordersPath(orders, about(month)),
    }),
  );
  const axis = new Intl.NumberFormat(reader.locale, {
    notation: "compact",
    maximumFractionDigits: 1,
  });
  const heading = isNet ? th("netPerMonth", { currency }) : th("ordersPerMonth");
  return (
    <section className={styles.part} aria-labelledby="home-months">
      <div className={styles.partHead}>
        <h2 id="home-months">{heading}</h2>
        <BareFields>
          <div className={styles.choices}>
            <Select
              label={th("measure")}
              value={isNet ? "net" : "orders"}
              onChange={(measure) => choose({ measure: measure === "net" ? "net" : undefined })}
              options={[
                { value: "orders", label: th("ordersMeasure") },
                { value: "net", label: th("netMeasure") },
              ]}
            />
            <Select
              label={th("currencyChoice")}
              value={currency}
              onChange={(next) => choose({ currency: next })}
              options={currencies.map((one) => ({ value: one, label: one }))}
            />
            <Select
              label={th("span")}
              value={String(span)}
              onChange={(next) => choose({ months: next })}
              options={SPANS.map((one) => ({
                value: String(one),
                label: th("spanMonths", { count: one }),
              }))}
            />
            <IconButton
              label={th(isTable ? "asChart" : "asTable")}
              onClick={() => choose({ as: isTable ? undefined : "table" })}
            >
              {isTable ? <ChartColumn /> : <Table2 />}
            </IconButton>
          </div>
        </BareFields>
      </div>
      {answer.isPending ? (
        <Skeleton lines={5} height={28} />
      ) : isTable ? (
        <div className={styles.scroll}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{th("month")}</th>
                <th scope="col">{isNet ? th("netMeasure") : th("ordersMeasure")}</th>
                <th scope="col">{th("yearBefore")}</th>
              </tr>
            </thead>
            <tbody>
              {[...rows].reverse().map(({ month, now, then, isOpen }) => (
                <tr key={month}>
                  <th scope="row">
                    <a href={ordersPath(orders, about(month))}>{long.format(dateOf(month))}</a>
                    {isOpen && <span className={styles.rowSoft}> · {th("notOver")}</span>}
                  </th>
                  <td>{cellOf(now)}</td>
                  <td>{cellOf(then)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <BarChart
          label={heading}
          bars={bars}
          whole={!isNet}
          axis={(value) => (isNet ? axis.format(value) : formatInteger(value, reader))}
        />
      )}
      <p className={styles.source}>
        {!isTable && (
          <>
            <span className={styles.keyMark} aria-hidden="true" /> {th("yearBefore")} ·{" "}
            <span className={styles.keyOpen} aria-hidden="true" /> {th("notOver")} ·{" "}
          </>
        )}
        {th("counts")} · {th("askedAt", { time: askedAt([answer], reader.locale) })}
      </p>
    </section>
  );
}
