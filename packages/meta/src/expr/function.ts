// The functions, on values.

import * as calc from "./calculate";
import { Failure, OVERFLOW, UNKNOWN_CURRENCY, WRONG_TYPE } from "./calculate";
import { Decimal, divide, round } from "./decimal";
import type { Context } from "./eval";
import type { Called } from "./ir";
import { currencyDigits, isCurrency, Money } from "./money";
import { Day, Duration, Instant } from "./time";
import type { Type } from "./type";
import { byteLength, List, Rows, type Value } from "./value";

/** The longest text that an expression makes, in bytes. */
export const MAX_TEXT = 1 << 20;

const TEXT_TESTS: Partial<Record<Called["name"], (text: string, part: string) => boolean>> = {
  startsWith: (text, part) => text.startsWith(part),
  endsWith: (text, part) => text.endsWith(part),
  contains: (text, part) => text.includes(part),
};

/** A function's result of a type; `coalesce` is not among them. */
export function call(
  f: Called,
  items: readonly Value[],
  type: Type,
  context: Context,
): Value | Failure {
  const [first = null, second = null] = items;
  const test = TEXT_TESTS[f.name];
  if (test) return typeof first === "string" && typeof second === "string" && test(first, second);
  if (items.some((item) => item === null)) return null;
  switch (f.name) {
    case "min":
    case "max":
      return extreme(f.name === "min" ? "<=" : ">=", first instanceof List ? first.items : items);
    case "sum":
      return sum(first, type);
    case "div":
    case "round": {
      const a = calc.asDecimal(first);
      const b = f.name === "div" ? calc.asDecimal(second) : Decimal.of(1n);
      if (a instanceof Failure || b instanceof Failure) return WRONG_TYPE;
      if (b.isZero()) return calc.DIVISION_BY_ZERO;
      const quotient = divide(a, b, f.places ?? 0, f.rounding ?? "half_up");
      return quotient === null ? OVERFLOW : calc.fitting(quotient, type);
    }
    case "money": {
      if (typeof second !== "string") return WRONG_TYPE;
      if (!isCurrency(second)) return UNKNOWN_CURRENCY;
      const value = calc.asDecimal(first);
      if (value instanceof Failure) return value;
      const digits = currencyDigits(second);
      const minor = round(value, digits, f.rounding ?? "half_up")?.rescale(digits);
      return minor === null || minor === undefined ? OVERFLOW : new Money(minor, second);
    }
    default:
      return ofOne(f.name, first, context);
  }
}

/** The functions of one argument that is not null. */
function ofOne(name: Called["name"], value: Value, context: Context): Value | Failure {
  switch (name) {
    case "lower":
      return typeof value === "string" ? bounded(value.toLowerCase()) : WRONG_TYPE;
    case "upper":
      return typeof value === "string" ? bounded(value.toUpperCase()) : WRONG_TYPE;
    case "size":
      if (typeof value === "string") return BigInt([...value].length);
      if (value instanceof List) return BigInt(value.items.length);
      return value instanceof Rows ? BigInt(value.rows.length) : WRONG_TYPE;
    case "abs":
      return absolute(value);
    case "amount":
      return value instanceof Money ? value.amount() : WRONG_TYPE;
    case "currency":
      return value instanceof Money ? value.currency : WRONG_TYPE;
    case "year":
    case "month":
    case "day":
    case "date": {
      const day = value instanceof Instant ? value.dayIn(context.zone) : value;
      if (!(day instanceof Day)) return WRONG_TYPE;
      return name === "date" ? day : BigInt(day.parts()[name]);
    }
    default:
      return WRONG_TYPE;
  }
}

function absolute(value: Value): Value | Failure {
  if (typeof value === "bigint") return value < 0n ? calc.negate(value) : value;
  if (value instanceof Decimal) return value.absolute();
  if (value instanceof Money) return value.minor < 0n ? calc.negate(value) : value;
  if (value instanceof Duration) return value.micros < 0n ? calc.negate(value) : value;
  return WRONG_TYPE;
}

function bounded(text: string): string | Failure {
  return byteLength(text) <= MAX_TEXT ? text : OVERFLOW;
}

/** The smallest or largest value that is not null; null if there is none. */
function extreme(op: "<=" | ">=", values: readonly Value[]): Value | Failure {
  let best: Value = null;
  for (const value of values) {
    if (value === null) continue;
    const found: Value | Failure = best === null ? value : calc.pick(op, best, value);
    if (found instanceof Failure) return found;
    best = found;
  }
  return best;
}

/** The sum of the values that are not null: 0 for no numbers, null for no money and no spans. */
function sum(list: Value, type: Type): Value | Failure {
  if (!(list instanceof List)) return WRONG_TYPE;
  let total: Value = type.kind === "int" ? 0n : type.kind === "decimal" ? Decimal.of(0n) : null;
  for (const item of list.items) {
    if (item === null) continue;
    const next: Value | Failure = total === null ? item : calc.calculate("+", total, item, type);
    if (next instanceof Failure) return next;
    total = next;
  }
  return total;
}
