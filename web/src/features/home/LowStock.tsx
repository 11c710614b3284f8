// What runs out: items of which less is there than their reorder level says.

import { type Entity, formatDecimal, formatInteger } from "@megalith/meta";
import { Skeleton } from "@megalith/ui";
import { Figure } from "@megalith/ui/chart";
import type { ReactNode } from "react";
import { listPath } from "../../app/catalog";
import { useCompany } from "../../app/context";
import { useReader } from "../../app/reader";
import { address } from "../../app/server";
import { askedAt, useFigures } from "./asked";
import { inCompany } from "./asks";
import styles from "./Home.module.css";
import { every, quoted } from "./span";
import { th } from "./words";

const SHOWN = 6;
/** The most that one question answers, and that an address can name. */
const MOST = 100;

export interface Stock {
  readonly moves: Entity;
  readonly items: Entity;
}

/** Items that have ever moved, are still sold, and lie below their level. */
function useLow({ moves }: Stock) {
  const company = useCompany();
  return useFigures(moves, {
    select: "sum(quantity)",
    group_by: "item,item.name,item.reorder_level",
    filter: every("item.discontinued != true", inCompany(moves, company)),
    having: "sum(quantity) < item.reorder_level",
    order_by: "sum(quantity)",
    limit: MOST,
  });
}

const itemsPath = (items: Entity, ids: readonly string[]): string =>
  address(listPath(items), { filter: `id in [${ids.map(quoted).join(",")}]` });

export function LowStockFigure({ stock }: { stock: Stock }): ReactNode {
  const reader = useReader();
  const answer = useLow(stock);
  if (answer.isError) return null;
  const ids = (answer.data?.items ?? []).map((row) => String(row.item));
  const count = formatInteger(ids.length, reader);
  return (
    <Figure
      label={th("belowReorder")}
      value={answer.data ? (answer.data.cut ? th("orMore", { value: count }) : count) : "…"}
      tone={ids.length > 0 ? "warn" : undefined}
      note={th("ofMoved")}
      href={ids.length > 0 ? itemsPath(stock.items, ids) : listPath(stock.items)}
    />
  );
}

export function LowStock({ stock }: { stock: Stock }): ReactNode {
  const reader = useReader();
  const answer = useLow(stock);
  const rows = answer.data?.items ?? [];
  if (answer.isError || (answer.data && rows.length === 0)) return null;
  const all = rows.map((row) => String(row.item));
  return (
    <section className={styles.part} aria-labelledby="home-stock">
      <div className={styles.partHead}>
        <h2 id="home-stock">{th("belowReorder")}</h2>
        {rows.length > SHOWN && (
          <a className={styles.more} href={itemsPath(stock.items, all)}>
            {th("showAll", { count: rows.length })}
          </a>
        )}
      </div>
      {answer.isPending ? (
        <Skeleton lines={5} height={18} />
      ) : (
        <ul className={styles.list}>
          {rows.slice(0, SHOWN).map((row) => (
            <li key={String(row.item)}>
              <a className={styles.row} href={`${listPath(stock.items)}/${String(row.item)}`}>
                <bdi className={styles.rowText}>{String(row["item.name"] ?? row.item)}</bdi>
                <span className={styles.rowHint}>
                  {th("haveOf", {
                    have: formatDecimal(String(row["sum(quantity)"] ?? "0"), reader),
                    want: formatDecimal(String(row["item.reorder_level"] ?? "0"), reader),
                  })}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
      <p className={styles.source}>
        {th("ofMoved")} · {th("askedAt", { time: askedAt([answer], reader.locale) })}
      </p>
    </section>
  );
}
