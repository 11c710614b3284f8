// A month on a phone: the days on which there is something, one below the other.

import type { ReactNode } from "react";
import type { Row } from "../../../app/reader";
import { t } from "../../../app/words";
import styles from "./Calendar.module.css";
import { type DayProps, DayRecord } from "./DayCell";
import type { Day } from "./month";

export function Agenda({
  weeks,
  byDay,
  dayName,
  ...props
}: DayProps & {
  weeks: Day[][];
  byDay: ReadonlyMap<string, readonly Row[]>;
  dayName: (day: string) => string;
}): ReactNode {
  const days = weeks.flat().filter((one) => !one.isOutside && byDay.has(one.day));
  if (days.length === 0) return <p className={styles.empty}>{t("nothingThisMonth")}</p>;
  return (
    <div className={styles.agenda}>
      {days.map(({ day }) => (
        <section key={day}>
          <h3>{dayName(day)}</h3>
          <ul>
            {byDay.get(day)?.map((row) => (
              <li key={row.id}>
                <DayRecord {...props} row={row} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
