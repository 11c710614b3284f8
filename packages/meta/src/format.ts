// Values as people read them, by `Intl` alone: nothing is rounded that the value still says, and
// exact decimals never pass through a binary float.

import { Decimal } from "./expr/decimal";
import { currencyDigits, isCurrency, parseMoney } from "./expr/money";
import { Day, Duration, Instant, WallTime } from "./expr/time";
import { choiceLabel, type Field } from "./schema";

/** How the reader wants numbers and times. */
export interface Reader {
  /** A BCP 47 tag, `de-AT`. */
  readonly locale: string;
  /** The IANA zone in which instants are shown. */
  readonly zone: string;
}

type DecimalText = Intl.StringNumericLiteral;

const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

function numberFormat(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = numbers.get(key);
  if (!found) {
    found = new Intl.NumberFormat(locale, options);
    numbers.set(key, found);
  }
  return found;
}

function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let found = dates.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, { calendar: "gregory", ...options });
    dates.set(key, found);
  }
  return found;
}

/** A decimal text such as `1234.5` with the separators of the locale and at least `places`. */
export function formatDecimal(text: string, reader: Reader, places = 0): string {
  const value = Decimal.parse(text);
  if (!value) return text;
  const format = numberFormat(reader.locale, {
    minimumFractionDigits: Math.min(places, 20),
    maximumFractionDigits: Math.min(Math.max(places, value.scale), 20),
  });
  return format.format(value.toString() as DecimalText);
}

/** A whole number with the separators of the locale. */
export function formatInteger(value: number | bigint, reader: Reader): string {
  return numberFormat(reader.locale, { maximumFractionDigits: 0 }).format(value);
}

/** A ratio: `0.055` as "5.5 %". */
export function formatPercent(text: string, reader: Reader): string {
  const value = Decimal.parse(text);
  if (!value) return text;
  const format = numberFormat(reader.locale, {
    style: "percent",
    maximumFractionDigits: Math.max(0, value.scale - 2),
  });
  return format.format(value.toString() as DecimalText);
}

/** An amount with its currency and all of its digits: "1.234,50 €". */
export function formatMoney(
  amount: string,
  currency: string,
  reader: Reader,
  display: "symbol" | "code" = "symbol",
): string {
  const digits = currencyDigits(currency);
  const money = isCurrency(currency) ? parseMoney(amount, currency) : "shape";
  if (typeof money === "string") return `${amount} ${currency}`;
  const format = numberFormat(reader.locale, {
    style: "currency",
    currency,
    currencyDisplay: display,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const text = format.format(money.amountText() as DecimalText);
  // Among letters that run from right to left the sign of "US$" would go to its other side.
  return text.includes("\u200f") ? text.replace(/[A-Z]+\p{Sc}/u, "$&\u200e") : text;
}

/** How much, in its unit: "12 pcs". */
function formatQuantity(text: string, unit: string | null, reader: Reader): string {
  const number = formatDecimal(text, reader);
  return unit ? `${number}\u00a0${unit}` : number;
}

/** A day as the locale writes it; `long` names the month. */
export function formatDate(
  text: string,
  reader: Reader,
  style: "short" | "long" = "short",
): string {
  const day = Day.parse(text);
  if (!day) return text;
  const options: Intl.DateTimeFormatOptions =
    style === "long"
      ? { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" }
      : { year: "numeric", month: "2-digit", day: "2-digit", timeZone: "UTC" };
  return dateFormat(reader.locale, options).format(day.number * 86_400_000);
}

/** An instant in the reader's zone, to the minute or to the second. */
export function formatInstant(
  text: string,
  reader: Reader,
  precision: "minute" | "second" = "minute",
): string {
  const instant = Instant.parse(text);
  if (!instant) return text;
  const format = dateFormat(reader.locale, {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    ...(precision === "second" && { second: "2-digit" }),
    timeZone: reader.zone,
  });
  return format.format(instant.millis());
}

/** What a clock in a named zone shows, with the zone's name. */
export function formatWallTime(text: string, reader: Reader): string {
  const wall = WallTime.parse(text);
  const instant = wall && Instant.parse(`${wall.at.replace(/(\.\d{6})\d+$/, "$1")}Z`);
  if (!wall || !instant) return text;
  const shown = formatInstant(instant.toString(), { ...reader, zone: "UTC" });
  return `${shown} (${wall.zone.replace(/_/g, " ")})`;
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** How long ago or ahead: "3 hours ago", "yesterday". */
export function formatRelative(text: string, now: Instant, reader: Reader): string {
  const instant = Instant.parse(text);
  if (!instant) return text;
  const seconds = Number((instant.micros - now.micros) / 1_000_000n);
  const format = new Intl.RelativeTimeFormat(reader.locale, { numeric: "auto" });
  const [unit, size] = UNITS.find(([, least]) => Math.abs(seconds) >= least) ?? ["second", 1];
  return format.format(Math.trunc(seconds / size), unit);
}

/** A span in hours, minutes and seconds: "2 hr 30 min". */
export function formatDuration(text: string, reader: Reader): string {
  const span = Duration.parse(text);
  if (!span) return text;
  const size = span.micros < 0n ? -span.micros : span.micros;
  const parts: [string, bigint][] = [
    ["hour", size / 3_600_000_000n],
    ["minute", (size / 60_000_000n) % 60n],
    ["second", (size / 1_000_000n) % 60n],
  ];
  const shown = parts.filter(([, count]) => count !== 0n);
  const words = (shown.length > 0 ? shown : parts.slice(1, 2)).map(([unit, count]) =>
    numberFormat(reader.locale, { style: "unit", unit, unitDisplay: "short" }).format(count),
  );
  const list = new Intl.ListFormat(reader.locale, { style: "narrow", type: "unit" }).format(words);
  return span.micros < 0n ? `−${list}` : list;
}

/** A value of a field as it stands in a cell; an expanded link by its title. */
export function formatValue(
  field: Field,
  value: unknown,
  reader: Reader,
  record: Readonly<Record<string, unknown>> = {},
): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? value : "";
  switch (field.kind) {
    case "integer":
      return typeof value === "number" ? formatInteger(value, reader) : String(value);
    case "decimal":
      return formatDecimal(text, reader);
    case "price":
      return formatDecimal(text, reader, 2);
    case "percent":
      return formatPercent(text, reader);
    case "quantity":
      return formatQuantity(text, typeof record.unit === "string" ? record.unit : null, reader);
    case "money": {
      const { amount, currency } = value as { amount?: string; currency?: string };
      return formatMoney(amount ?? "", currency ?? "", reader);
    }
    case "date":
      return formatDate(text, reader);
    case "instant":
      return formatInstant(text, reader);
    case "wall_time":
      return formatWallTime(text, reader);
    case "duration":
      return formatDuration(text, reader);
    case "state":
    case "choice":
      return choiceLabel(field, text);
    case "address":
      return addressLines(value, reader).join(", ");
    case "links":
    case "lines":
      return Array.isArray(value) ? value.map(titleOf).filter(Boolean).join(", ") : "";
    case "link":
      return titleOf(value);
    default:
      return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}

/** The title of an expanded link, else its id. */
export function titleOf(value: unknown): string {
  if (typeof value === "string") return value;
  const { title, id } = (value ?? {}) as { title?: unknown; id?: unknown };
  return typeof title === "string" ? title : typeof id === "string" ? id : "";
}

/** The lines of a postal address, in the order in which it is written on a letter. */
export function addressLines(value: unknown, reader: Reader): readonly string[] {
  const part = (value ?? {}) as Readonly<Record<string, string | null | undefined>>;
  const town = [part.postal_code, part.city].filter(Boolean).join(" ");
  const country = part.country && formatCountry(part.country, reader);
  return [part.street, town, part.region, country].filter((line): line is string => !!line);
}

/** A country of ISO 3166 by its name: `DE` as "Germany". */
function formatCountry(code: string, reader: Reader): string {
  if (!/^[A-Z]{2}$/.test(code)) return code;
  return new Intl.DisplayNames(reader.locale, { type: "region" }).of(code) ?? code;
}
