// Spans of time and conditions for the figures of the home page: days and months as the API writes
// them, `2026-03-01` and `2026-03`.

/** The day that a clock shows where the reader is. */
export function dayOf(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

export function addMonths(month: string, count: number): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const at = year * 12 + number - 1 + count;
  return `${String(Math.floor(at / 12)).padStart(4, "0")}-${String((at % 12) + 1).padStart(2, "0")}`;
}

/** The last months up to the one of a day, the oldest first. */
export function lastMonths(today: string, count: number): string[] {
  const month = today.slice(0, 7);
  return Array.from({ length: count }, (_, at) => addMonths(month, at + 1 - count));
}

export function nextDay(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1, date + 1)).toISOString().slice(0, 10);
}

/** A stretch of days: from the first until before the second. */
export interface Stretch {
  readonly from: string;
  readonly to: string;
}

/** One month; of the present one as far as it has come. */
export const ofMonth = (month: string): Stretch => ({
  from: `${month}-01`,
  to: `${addMonths(month, 1)}-01`,
});

/** As many days of the month before as have passed of this one; all of them where it is shorter. */
export function sameDaysBefore(today: string): Stretch {
  const before = ofMonth(addMonths(today.slice(0, 7), -1));
  const end = nextDay(`${before.from.slice(0, 7)}-${today.slice(8)}`);
  return { from: before.from, to: end < before.to ? end : before.to };
}

/** The condition that a date lies in a stretch. */
export const inStretch = (field: string, { from, to }: Stretch): string =>
  `${field} >= date('${from}') && ${field} < date('${to}')`;

/** Conditions that all hold; what is empty asks nothing. */
export const every = (...conditions: (string | false | undefined)[]): string =>
  conditions.filter(Boolean).join(" && ");

/** A text as a literal of an expression. */
export const quoted = (text: string): string =>
  `'${text.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
