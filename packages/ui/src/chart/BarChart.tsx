// Values over time as bars. Each bar is a link to what it stands for, so that keys and screen
// readers go from value to value as the eye does; beside it the same as a table.

import type { ReactNode } from "react";
import { classes } from "../classes";
import styles from "./Chart.module.css";
import { ticks } from "./scale";

export interface Bar {
  key: string;
  /** Under the bar; empty where the axis is too full. */
  label: string;
  /** Under the label of the first bar of a larger span, such as a year. */
  group?: string | undefined;
  /** What it says in full: "March 2026: 41 orders". */
  title: string;
  value: number;
  /** Another value to compare it with, drawn as a mark. */
  mark?: number | undefined;
  /** The span is not over yet. */
  open?: boolean | undefined;
  href: string;
}

export function BarChart({
  label,
  bars,
  axis,
  whole = false,
}: {
  /** What is shown, with its span: the name of the chart. */
  label: string;
  bars: readonly Bar[];
  /** How a value on the axis is written. */
  axis: (value: number) => string;
  /** Whether the values are counts. */
  whole?: boolean;
}): ReactNode {
  const most = Math.max(...bars.flatMap((bar) => [bar.value, bar.mark ?? 0]), 0);
  const marks = ticks(most, whole);
  const top = marks.at(-1) ?? 1;
  const height = (value: number) => `${Math.max(0, (value / top) * 100)}%`;
  return (
    <div className={styles.chart}>
      <div className={styles.axis} aria-hidden="true">
        {marks.map((value) => (
          <span key={value} style={{ insetBlockEnd: height(value) }}>
            <span>{axis(value)}</span>
          </span>
        ))}
      </div>
      <ol className={styles.bars} aria-label={label}>
        {bars.map((bar) => (
          <li key={bar.key}>
            <a href={bar.href} aria-label={bar.title} title={bar.title}>
              <span className={styles.well}>
                <span
                  className={classes(styles.bar, bar.open && styles.open)}
                  style={{ blockSize: height(bar.value) }}
                />
                {bar.mark !== undefined && (
                  <span className={styles.mark} style={{ insetBlockEnd: height(bar.mark) }} />
                )}
              </span>
            </a>
            <span className={styles.tick} aria-hidden="true">
              {bar.label}
              {bar.group && <b>{bar.group}</b>}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}
