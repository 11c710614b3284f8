// One number that matters: what it is, how much, and what it is measured against. It opens what it
// counts.

import type { ReactNode } from "react";
import { classes } from "../classes";
import styles from "./Chart.module.css";

export function Figure({
  label,
  value,
  note,
  href,
  tone,
  children,
}: {
  label: string;
  value: string;
  /** The period, the currency, what it is compared with. */
  note: ReactNode;
  href: string;
  /** Colours the number where it asks for something; the note says what. */
  tone?: "warn" | "bad" | undefined;
  /** A line of how it went. */
  children?: ReactNode;
}): ReactNode {
  return (
    <a className={styles.figure} href={href}>
      <span className={styles.figureLabel}>{label}</span>
      <span className={styles.figureLine}>
        <bdi className={classes(styles.figureValue, tone && styles[tone])}>{value}</bdi>
        {children}
      </span>
      <span className={styles.figureNote}>{note}</span>
    </a>
  );
}
