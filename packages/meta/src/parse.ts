// What people type, as the API wants it: numbers with the separators of their locale, dates in its
// order or in words, amounts with a currency, spans. Nothing is guessed where two readings differ.

import { Decimal } from "./expr/decimal";
import { currencyDigits, isCurrency } from "./expr/money";
import { Day, Duration } from "./expr/time";
import type { Reader } from "./format";

/** The separators and digits of a locale. */
interface Signs {
  readonly decimal: string;
  readonly group: string;
  readonly digits: readonly string[];
}

const signs = new Map<string, Signs>();

function signsOf(locale: string): Signs {
  let found = signs.get(locale);
  if (!found) {
    const format = new Intl.NumberFormat(locale);
    const parts = format.formatToParts(1234567.5);
    const part = (type: string, other: string) =>
      parts.find((one) => one.type === type)?.value ?? other;
    const plain = new Intl.NumberFormat(locale, { useGrouping: false });
    const digits = Array.from({ length: 10 }, (_, digit) => plain.format(digit));
    found = { decimal: part("decimal", "."), group: part("group", ","), digits };
    signs.set(locale, found);
  }
  return found;
}

/** Digits of the locale and of Arabic as plain ones, and every minus as `-`. */
function plain(text: string, locale: string): string {
  const { digits } = signsOf(locale);
  return [...text.normalize("NFKC")]
    .map((char) => {
      const own = digits.indexOf(char);
      if (own >= 0) return String(own);
      const code = char.codePointAt(0) ?? 0;
      if (code >= 0x660 && code <= 0x669) return String(code - 0x660);
      if (code >= 0x6f0 && code <= 0x6f9) return String(code - 0x6f0);
      return /[\u2212\u2013\u2010]/.test(char) ? "-" : char;
    })
    .join("")
    .replace(/[\u200e\u200f\u061c]/g, "")
    .trim();
}

/**
 * Reads a number as it is typed in a locale: `1.234,5` in German is `1234.5`. Groups are right or
 * the text is refused; a single foreign point between digits is taken as the decimal point only
 * where it cannot be a group (`12.5` in German).
 */
export function parseNumber(text: string, reader: Reader): string | null {
  const { decimal, group } = signsOf(reader.locale);
  let rest = plain(text, reader.locale).replace(/[\s'’]/g, "");
  const own = plain(group, "en").replace(/[\s'’]/g, "");
  const accounting = /^\((.*)\)$/.exec(rest);
  if (accounting) rest = `-${accounting[1]}`;
  rest = rest
    .replace(/^(.+)-$/, "-$1")
    .replaceAll("٫", decimal)
    .replaceAll("٬", own);
  const sign = /^[+-]/.exec(rest)?.[0] ?? "";
  rest = rest.slice(sign.length);
  const [whole = "", fraction, ...more] = rest.split(decimal);
  if (more.length > 0) return null;
  const other = decimal === "." ? "," : ".";
  if (fraction === undefined && whole.split(other).length === 2 && !groups(whole, other)) {
    // It cannot be a group, so it is the point of another keyboard.
    return other === own || own === "" ? finish(sign, whole.replace(other, ".")) : null;
  }
  const joined = own !== "" && whole.includes(own) ? groups(whole, own) : whole;
  return joined === null
    ? null
    : finish(sign, fraction === undefined ? joined : `${joined || "0"}.${fraction}`);
}

/** The digits without their separators, if these stand where they must. */
function groups(whole: string, separator: string): string | null {
  const [first = "", ...rest] = whole.split(separator);
  // The last group has three digits; others three, or two as in India.
  const right =
    /^\d{1,3}$/.test(first) &&
    rest.every((part, at) => (at === rest.length - 1 ? /^\d{3}$/ : /^\d{2,3}$/).test(part));
  return right ? first + rest.join("") : null;
}

function finish(sign: string, text: string): string | null {
  const value = Decimal.parse((sign === "-" ? "-" : "") + text);
  return value ? value.toString() : null;
}

/** Reads a ratio: `5,5 %` and `5,5` are `0.055`. */
export function parsePercent(text: string, reader: Reader): string | null {
  const number = parseNumber(text.replace(/[%٪]/g, ""), reader);
  const value = number === null ? null : Decimal.parse(number);
  return value ? Decimal.of(value.mantissa, value.scale + 2).toString() : null;
}

/** Reads an amount, with a currency's code or sign before or after it, or in the one given. */
export function parseAmount(
  text: string,
  currency: string | null,
  reader: Reader,
): { amount: string; currency: string } | null {
  const found = plain(text, reader.locale);
  const code = /\b[A-Za-z]{3}\b/.exec(found)?.[0].toUpperCase();
  const symbol = /\p{Sc}/u.exec(found)?.[0];
  let own = currency;
  if (code !== undefined && isCurrency(code)) own = code;
  else if (symbol) own = currencyOf(symbol, currency);
  if (own === null) return null;
  const rest = found.replace(
    code !== undefined && isCurrency(code) ? /[A-Za-z]{3}/ : /\p{Sc}/u,
    "",
  );
  const amount = parseNumber(rest, reader);
  const value = amount === null ? null : Decimal.parse(amount);
  const digits = currencyDigits(own);
  if (!value || value.rescale(digits) === null) return null;
  return { amount: value.toFixed(digits), currency: own };
}

const SYMBOLS: Readonly<Record<string, readonly string[]>> = {
  "€": ["EUR"],
  "£": ["GBP", "EGP", "LBP", "SYP"],
  $: ["USD", "CAD", "AUD", "NZD", "MXN", "SGD", "HKD"],
  "¥": ["JPY", "CNY"],
  "₹": ["INR"],
  "₩": ["KRW"],
  "₺": ["TRY"],
  "₽": ["RUB"],
  "₴": ["UAH"],
  "₪": ["ILS"],
};

/** The currency of a sign; the one expected if the sign can mean it. */
function currencyOf(symbol: string, expected: string | null): string | null {
  const known = SYMBOLS[symbol] ?? [];
  return expected !== null && known.includes(expected) ? expected : (known[0] ?? null);
}

/** Words for days, as the catalogues give them. */
interface DayWords {
  readonly today: readonly string[];
  readonly tomorrow: readonly string[];
  readonly yesterday: readonly string[];
}

/** The words that `Intl` has for the days around today, in a locale and in English. */
function dayWords(locale: string): DayWords {
  const word = (days: number) =>
    [locale, "en"].map((tag) =>
      new Intl.RelativeTimeFormat(tag, { numeric: "auto" }).format(days, "day").toLowerCase(),
    );
  return { today: word(0), tomorrow: word(1), yesterday: word(-1) };
}

/** The order of day, month and year in a locale, and the months' names. */
function orderOf(locale: string): string {
  const format = new Intl.DateTimeFormat(locale, { calendar: "gregory", numberingSystem: "latn" });
  const types = format.formatToParts(0).map((part) => part.type);
  return types
    .map((type) => ({ day: "d", month: "m", year: "y" })[type as "day" | "month" | "year"] ?? "")
    .join("");
}

function monthOf(word: string, locale: string): number {
  const clean = (text: string) => text.toLowerCase().replace(/\.$/, "");
  for (const tag of [locale, "en"]) {
    for (const style of ["long", "short"] as const) {
      const format = new Intl.DateTimeFormat(tag, {
        month: style,
        timeZone: "UTC",
        calendar: "gregory",
      });
      for (let month = 0; month < 12; month += 1) {
        if (clean(format.format(Date.UTC(2024, month, 1))) === clean(word)) return month + 1;
      }
    }
  }
  return 0;
}

/**
 * Reads a day: `2026-12-31`, the locale's order with any separator (`31.12.26`, `12/31/2026`),
 * without a year (`31.12.`), with the month's name, in words (`tomorrow`), `+3` days from today.
 */
export function parseDay(text: string, today: string, reader: Reader): string | null {
  const now = Day.parse(today);
  const typed = plain(text, reader.locale).toLowerCase();
  if (!now || typed === "") return null;
  const words = dayWords(reader.locale);
  const shift = { yesterday: -1, today: 0, tomorrow: 1 } as const;
  for (const name of ["today", "tomorrow", "yesterday"] as const) {
    if (words[name].includes(typed)) return new Day(now.number + shift[name]).toString();
  }
  const days = /^([+-])(\d{1,4})$/.exec(typed);
  if (days) return new Day(now.number + Number(`${days[1]}${days[2]}`)).toString();
  const iso = Day.parse(typed);
  if (iso) return iso.toString();
  const year = now.parts().year;
  const named =
    /^(?:(\d{1,2})\.?\s+)?(?:de\s+)?([\p{L}.]+)(?:\s+(\d{1,2})(?:st|nd|rd|th)?)?(?:[\s,]+(\d{4}))?$/u.exec(
      typed.replace(/ de /g, " "),
    );
  if (named) {
    const month = monthOf(named[2] ?? "", reader.locale);
    const day = Number(named[1] ?? named[3]);
    const both = named[1] !== undefined && named[3] !== undefined;
    if (month === 0 || both) return null;
    return Day.of(named[4] ? Number(named[4]) : year, month, day)?.toString() ?? null;
  }
  const parts = typed.split(/[./\-\s]+/).filter((part) => part !== "");
  if (parts.some((part) => !/^\d{1,4}$/.test(part))) return null;
  const order =
    parts.length === 2 ? orderOf(reader.locale).replace("y", "") : orderOf(reader.locale);
  if (parts.length !== order.length) return null;
  const part = (sign: string) => parts[order.indexOf(sign)];
  const written = part("y");
  if (written !== undefined && written.length !== 2 && written.length !== 4) return null;
  const century = written?.length === 2 ? nearCentury(Number(written), year) : Number(written);
  const [d, m] = [Number(part("d")), Number(part("m"))];
  return Day.of(written === undefined ? year : century, m, d)?.toString() ?? null;
}

/** The year of two digits that lies nearest: at most 50 years back or 49 ahead. */
function nearCentury(digits: number, year: number): number {
  const found = year - (year % 100) + digits;
  if (found - year > 49) return found - 100;
  return year - found > 50 ? found + 100 : found;
}

/** Reads a span: `2:30`, `2h 30m`, `1,5 h`, `90 min`, ISO 8601. */
export function parseSpan(text: string, reader: Reader): string | null {
  const typed = plain(text, reader.locale);
  const iso = Duration.parse(typed.toUpperCase());
  if (iso) return iso.toString();
  const clock = /^(-?)(\d+):([0-5]\d)(?::([0-5]\d))?$/.exec(typed);
  if (clock) {
    const seconds = Number(clock[2]) * 3600 + Number(clock[3]) * 60 + Number(clock[4] ?? 0);
    return new Duration(BigInt(seconds) * 1_000_000n * (clock[1] ? -1n : 1n)).toString();
  }
  const micros = { d: 86_400n, h: 3_600n, m: 60n, s: 1n };
  const unit = /^(d|t|j|h|std?|m|s)/i;
  let total = 0n;
  const pieces = typed.match(/[-+]?[\d.,٫٬]+\s*\p{L}+\.?/gu) ?? [];
  if (pieces.length === 0 || pieces.join("").replace(/\s/g, "") !== typed.replace(/\s/g, "")) {
    return null;
  }
  for (const piece of pieces) {
    const [, number = "", word = ""] = /^([-+]?[\d.,٫٬]+)\s*(\p{L}+)/u.exec(piece) ?? [];
    const kind = unit.exec(word)?.[1]?.toLowerCase() ?? "";
    const value = Decimal.parse(parseNumber(number, reader) ?? "");
    const size = /^st/.test(kind)
      ? micros.h
      : /^[dtj]$/.test(kind)
        ? micros.d
        : micros[kind as "h"];
    if (!value || size === undefined) return null;
    const scaled = value.rescale(6);
    if (scaled === null) return null;
    total += scaled * size;
  }
  const span = new Duration(total);
  return span.isStorable() ? span.toString() : null;
}
