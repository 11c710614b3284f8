// Home: what waits for me, what changed, a few honest figures. Everything opens the list behind it.

import type { Entity, Schema } from "@megalith/meta";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { catalogQuery, isAdministrative } from "../../app/catalog";
import { Crumbs, useCompanies, useCompany } from "../../app/context";
import { present } from "../../app/present";
import { useReader } from "../../app/reader";
import { meQuery } from "../../app/who";
import { t, type Word } from "../../app/words";
import { Changed, Recent } from "./Changed";
import { spanOf, useChoice } from "./choice";
import { ThisMonth, ToShip } from "./Figures";
import { FirstSteps } from "./FirstSteps";
import styles from "./Home.module.css";
import { LowStock, LowStockFigure, type Stock } from "./LowStock";
import { SalesByMonth } from "./SalesByMonth";
import { TopCustomers } from "./TopCustomers";
import { currenciesOf, monthsOf, ordersOf, stockOf } from "./trade";
import { useMonths } from "./useMonths";
import { Waiting } from "./Waiting";
import { th } from "./words";

function greeting(hour: number): Word {
  return hour < 12 ? "goodMorning" : hour < 18 ? "goodAfternoon" : "goodEvening";
}

export default function Home(): ReactNode {
  const { data: me } = useQuery(meQuery);
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const companies = useCompanies();
  const company = useCompany();
  const reader = useReader();
  const work = schema.entities.filter(
    (entity) => !isAdministrative(entity.service) && entity.path && entity.rights?.read,
  );
  const limit = companies.find(({ id }) => id === company);
  // Whoever has not said their name is known by their address.
  const first = me?.user.name.split(/[ @]/)[0] ?? "";
  const day = new Intl.DateTimeFormat(reader.locale, { dateStyle: "full" }).format(present());
  return (
    <div className={styles.page}>
      <Crumbs items={[{ label: t("home") }]} />
      <div className={styles.hello}>
        <h1>
          <bdi>{t(greeting(present().getHours()), { name: first })}</bdi>
        </h1>
        <p>
          {day}
          {limit && (
            <>
              {" · "}
              <bdi>{th("onlyCompany", { name: limit.name })}</bdi>
            </>
          )}
        </p>
      </div>
      <FirstSteps at="first" work={work} schema={schema} />
      <Trade schema={schema} base={(limit ?? companies[0])?.currency ?? ""}>
        <div className={styles.columns}>
          <Waiting schema={schema} />
          <Changed work={work} />
        </div>
      </Trade>
      <FirstSteps at="last" work={work} schema={schema} />
    </div>
  );
}

/** The figures of trade around what waits, for whoever may see orders or stock. */
function Trade({
  schema,
  base,
  children,
}: {
  schema: Schema;
  /** The currency that the books are kept in. */
  base: string;
  children: ReactNode;
}): ReactNode {
  const orders = ordersOf(schema);
  const stock = stockOf(schema);
  return orders ? (
    <Sales orders={orders} stock={stock} base={base}>
      {children}
    </Sales>
  ) : (
    <>
      {stock && (
        <div className={styles.figures}>
          <LowStockFigure stock={stock} />
        </div>
      )}
      {children}
      <div className={styles.columns}>
        {stock && <LowStock stock={stock} />}
        <Recent />
      </div>
    </>
  );
}

function Sales({
  orders,
  stock,
  base,
  children,
}: {
  orders: Entity;
  stock: Stock | null;
  base: string;
  children: ReactNode;
}): ReactNode {
  const [choice] = useChoice();
  const company = useCompany();
  const answer = useMonths(orders, spanOf(choice), company);
  const found = currenciesOf(monthsOf(answer.data?.items ?? []).values());
  const wanted = [choice.currency, base].find((one) => one && found.includes(one));
  const currency = wanted ?? found[0] ?? (choice.currency || base || "EUR");
  const currencies = found.includes(currency) ? found : [currency, ...found];
  // Of a trade that has not begun there is nothing to draw.
  const isIdle = answer.isSuccess && answer.data.items.length === 0;
  if (isIdle) {
    return (
      <>
        {children}
        <Recent />
      </>
    );
  }
  return (
    <>
      <div className={styles.figures}>
        <ThisMonth orders={orders} currency={currency} />
        <ToShip orders={orders} />
        {stock && <LowStockFigure stock={stock} />}
      </div>
      {children}
      <SalesByMonth orders={orders} currency={currency} currencies={currencies} />
      <div className={styles.columns}>
        <TopCustomers orders={orders} currency={currency} />
        <div className={styles.stack}>
          {stock && <LowStock stock={stock} />}
          <Recent />
        </div>
      </div>
    </>
  );
}
