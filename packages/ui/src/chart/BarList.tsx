// Values of things with names, the largest first: a bar, a name, a number, and the way to it.

import type { ReactNode } from "react";
import styles from "./Chart.module.css";

export interface BarRow {
  key: string;
  label: string;
  value: number;
  /** The value as it is read. */
  text: string;
  /** What stands behind the number, such as how many orders. */
  hint?: string | undefined;
  href: string;
}

export function BarList({ label, rows }: { label: string; rows: readonly BarRow[] }): ReactNode {
  const most = Math.max(...rows.map((row) => row.value), 0) || 1;
  return (
    <ol className={styles.rows} aria-label={label}>
      {rows.map((row) => (
        <li key={row.key}>
          <a href={row.href}>
            <bdi className={styles.rowName}>{row.label}</bdi>
            <span className={styles.rowText}>
              {row.hint && <span className={styles.rowHint}>{row.hint}</span>}
              <bdi>{row.text}</bdi>
            </span>
            <span className={styles.rowWell} aria-hidden="true">
              <span style={{ inlineSize: `${Math.max(0, (row.value / most) * 100)}%` }} />
            </span>
          </a>
        </li>
      ))}
    </ol>
  );
}
