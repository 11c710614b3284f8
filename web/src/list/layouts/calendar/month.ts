// Months as calendars draw them: whole weeks, beginning on the day on which weeks begin there.
// Days are texts such as 2026-07-04; they have no zone.

/** A day of a month's picture. */
export interface Day {
  readonly day: string;
  readonly isOutside: boolean;
}

const text = (date: Date) => date.toISOString().slice(0, 10);
const at = (day: string) => new Date(`${day}T00:00:00Z`);

/** The day some days later. */
export function addDays(day: string, by: number): string {
  const date = at(day);
  date.setUTCDate(date.getUTCDate() + by);
  return text(date);
}

/** The same day some months later, or the last one of a shorter month. */
export function addMonths(day: string, by: number): string {
  const date = at(day);
  const wanted = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + by);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(wanted, last));
  return text(date);
}

/** The month of a day as the locale writes it: "November 2026". */
export const monthName = (day: string, locale: string): string =>
  new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(
    at(day),
  );

/** On which day weeks begin in a locale: 1 is Monday, 7 Sunday (as CLDR has it; Monday if unknown). */
export function firstDayOf(locale: string): number {
  try {
    const known = new Intl.Locale(locale) as Intl.Locale & {
      getWeekInfo?: () => { firstDay: number };
      weekInfo?: { firstDay: number };
    };
    return (known.getWeekInfo?.() ?? known.weekInfo)?.firstDay ?? 1;
  } catch {
    return 1;
  }
}

/** The weeks that show a month, given any of its days. */
export function weeksOf(day: string, firstDay: number): Day[][] {
  const month = day.slice(0, 7);
  const first = at(`${month}-01`);
  const before = (first.getUTCDay() - (firstDay % 7) + 7) % 7;
  let next = addDays(`${month}-01`, -before);
  const weeks: Day[][] = [];
  do {
    const week: Day[] = [];
    for (let n = 0; n < 7; n += 1) {
      week.push({ day: next, isOutside: next.slice(0, 7) !== month });
      next = addDays(next, 1);
    }
    weeks.push(week);
  } while (next.slice(0, 7) === month);
  return weeks;
}

/** The day on which an instant falls for a reader. */
export function dayIn(instant: string, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return parts.format(new Date(instant));
}

/** The instant at which a day begins for a reader, in UTC. */
export function beginning(day: string, zone: string): string {
  const wanted = at(day).getTime();
  // What the clocks show there, read as if it were UTC, tells how far they are from it.
  const shown = (time: number) => {
    const format = new Intl.DateTimeFormat("en-CA", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    const part = Object.fromEntries(
      format.formatToParts(new Date(time)).map(({ type, value }) => [type, Number(value)]),
    ) as Record<string, number>;
    const { year = 0, month = 1, day: date = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, date, hour, minute, second);
  };
  let time = wanted;
  // Twice: the first guess may lie on the other side of a change of the clocks.
  for (let n = 0; n < 2; n += 1) time += wanted - shown(time);
  return new Date(time).toISOString().replace(".000Z", "Z");
}
