// Lines of a record as they are read: a compact table, which scrolls sideways by itself.

import { formatMoney, type Schema } from "@megalith/meta";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Field } from "../app/catalog";
import { isAmount, type Row, useReader } from "../app/reader";
import { t } from "../app/words";
import styles from "./Record.module.css";
import { titlesQuery } from "./server";
import type { totalsOf } from "./shape";
import { Value } from "./Value";

type Sum = ReturnType<typeof totalsOf>[number];
type Titles = Readonly<Record<string, string>>;

/** The titles of what lines link to by one field. */
export function useLinkTitles(
  link: Field | undefined,
  rows: readonly Row[],
  schema: Schema,
): Titles {
  const ids = link ? rows.map((row) => row[link.name]).filter((id) => typeof id === "string") : [];
  const target = link ? schema.target(link) : null;
  const { data = {} } = useQuery(titlesQuery(target, [...new Set(ids)].sort()));
  return data;
}

export function LinesTable({
  label,
  columns,
  rows,
  schema,
  titles,
  beside,
  sums,
}: {
  label: string;
  columns: readonly Field[];
  rows: readonly Row[];
  schema: Schema;
  titles: Titles;
  /** What stands with a value in its cell. */
  beside?: (column: Field, row: Row) => ReactNode;
  /** The sums of columns by their names, which make a last row. */
  sums?: ReadonlyMap<string, readonly Sum[]>;
}): ReactNode {
  const reader = useReader();
  const side = (column: Field) => (isAmount(column) ? styles.end : undefined);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
    <section className={styles.scroll} aria-label={label} tabIndex={0}>
      <table className={styles.lines}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" className={side(column)}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {columns.map((column) => (
                <td key={column.name} className={side(column)}>
                  <Value field={column} {...{ row, reader, schema, titles }} />
                  {beside?.(column, row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {sums && [...sums.values()].some((some) => some.length > 0) && (
          <tfoot>
            <tr>
              <th scope="row">{t("ui.total")}</th>
              {columns.slice(1).map((column) => (
                <td key={column.name} className={side(column)}>
                  {sums.get(column.name)?.map(({ amount, currency }) => (
                    <span className={styles.block} key={currency}>
                      {formatMoney(amount, currency, reader)}
                    </span>
                  ))}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  );
}
