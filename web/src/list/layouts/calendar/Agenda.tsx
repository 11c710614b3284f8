// A month on a phone: the days on which there is something, one below the other.

import { type ReactNode, useEffect, useRef } from "react";
import type { Row } from "../../../app/reader";
import styles from "./Calendar.module.css";
import { type DayProps, DayRecord } from "./DayCell";
import type { Day } from "./month";

export function Agenda({
  weeks,
  byDay,
  dayName,
  today,
  ...props
}: DayProps & {
  weeks: Day[][];
  byDay: ReadonlyMap<string, readonly Row[]>;
  dayName: (day: string) => string;
  /** The day to begin at; null where a month was chosen. */
  today: string | null;
}): ReactNode {
  const days = weeks.flat().filter((one) => !one.isOutside && byDay.has(one.day));
  const list = useRef<HTMLDivElement>(null);
  // The days that are over are above; on the last one there may be nothing to come.
  const entry = today && (days.find(({ day }) => day >= today) ?? days.at(-1))?.day;
  useEffect(() => {
    list.current?.querySelector(`[data-day="${entry}"]`)?.scrollIntoView({ block: "start" });
  }, [entry]);
  return (
    <div ref={list} className={styles.agenda}>
      {days.map(({ day }) => (
        <section key={day} data-day={day}>
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
