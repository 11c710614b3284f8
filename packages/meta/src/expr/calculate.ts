// Comparisons and calculations on two values, as the tables in `docs/expressions.md` say.

import * as decimal from "./decimal";
import { Decimal } from "./decimal";
import type { Comparison, Operator } from "./ir";
import { Money } from "./money";
import { Day, Duration, FIRST_DAY, Instant, LAST_DAY, WallTime } from "./time";
import type { Type } from "./type";
import { compareTexts, Id, isI64, type Value } from "./value";

/** Why a result is null though no operand was; one of the reasons in `docs/expressions.md`. */
export type Cause =
  | "overflow"
  | "division_by_zero"
  | "currency_mismatch"
  | "unknown_currency"
  | "too_much_work"
  | "wrong_type";

/** A calculation that has no result. */
export class Failure {
  readonly cause: Cause;

  constructor(cause: Cause) {
    this.cause = cause;
  }
}

export const OVERFLOW = new Failure("overflow");
export const DIVISION_BY_ZERO = new Failure("division_by_zero");
export const CURRENCIES = new Failure("currency_mismatch");
export const UNKNOWN_CURRENCY = new Failure("unknown_currency");
export const WRONG_TYPE = new Failure("wrong_type");

/** Places of the result of `/`. */
const QUOTIENT_PLACES = 10;
const MAX_MINOR = 10n ** 18n;

const order = <T extends number | bigint>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);

/** How `a` stands to `b`, neither being null; a failure when they have no order. */
function standing(a: Value, b: Value): number | Failure {
  if (typeof a === "bigint" && typeof b === "bigint") return order(a, b);
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  const [x, y] = [asDecimal(a), asDecimal(b)];
  if (x instanceof Decimal && y instanceof Decimal) return decimal.compareDecimals(x, y);
  if (typeof a === "boolean" && typeof b === "boolean") return order(Number(a), Number(b));
  if (a instanceof Day && b instanceof Day) return order(a.number, b.number);
  if (a instanceof Instant && b instanceof Instant) return order(a.micros, b.micros);
  if (a instanceof Duration && b instanceof Duration) return order(a.micros, b.micros);
  if (a instanceof Id && b instanceof Id) return compareTexts(a.suffix, b.suffix);
  if (a instanceof Money && b instanceof Money) {
    return a.currency === b.currency ? order(a.minor, b.minor) : CURRENCIES;
  }
  if (a instanceof WallTime && b instanceof WallTime) {
    return compareTexts(a.at, b.at) || compareTexts(a.zone, b.zone);
  }
  return WRONG_TYPE;
}

/** Whether the comparison holds: always true or false, for null too. */
export function compare(
  op: Comparison,
  a: Value,
  b: Value,
): { holds: boolean; failure: Failure | null } {
  if (a === null || b === null) {
    const both = a === null && b === null;
    return { holds: op === (both ? "==" : "!="), failure: null };
  }
  const found = standing(a, b);
  if (typeof found !== "number") {
    const isOrdering = op !== "==" && op !== "!=";
    return { holds: op === "!=", failure: isOrdering ? found : null };
  }
  const holds = {
    "==": found === 0,
    "!=": found !== 0,
    "<": found < 0,
    "<=": found <= 0,
    ">": found > 0,
    ">=": found >= 0,
  }[op];
  return { holds, failure: null };
}

/** The result of a calculation whose type is `type`; null if an operand is. */
export function calculate(op: Operator, a: Value, b: Value, type: Type): Value | Failure {
  if (a === null || b === null) return null;
  if (typeof a === "bigint" && typeof b === "bigint" && op !== "/") return whole(op, a, b);
  const [x, y] = [asDecimal(a), asDecimal(b)];
  if (x instanceof Decimal && y instanceof Decimal) return decimals(op, x, y, type);
  if (typeof a === "string" && typeof b === "string" && op === "+") return a + b;
  if (a instanceof Money && b instanceof Money) {
    if (a.currency !== b.currency) return CURRENCIES;
    const minor = addOrSubtract(op, a.minor, b.minor);
    return minor instanceof Failure ? minor : money(minor, a.currency);
  }
  if (a instanceof Day && b instanceof Day && op === "-") return BigInt(a.number - b.number);
  if (a instanceof Day && typeof b === "bigint") return shifted(op, a, b);
  if (typeof a === "bigint" && b instanceof Day && op === "+") return shifted(op, b, a);
  if (a instanceof Instant && b instanceof Instant && op === "-") {
    return span(a.micros - b.micros);
  }
  if (a instanceof Instant && b instanceof Duration) return moved(op, a.micros, b.micros);
  if (a instanceof Duration && b instanceof Instant && op === "+") {
    return moved(op, a.micros, b.micros);
  }
  if (a instanceof Duration && b instanceof Duration) {
    const sum = addOrSubtract(op, a.micros, b.micros);
    return sum instanceof Failure ? sum : span(sum);
  }
  if (op === "*" && a instanceof Duration && typeof b === "bigint") return span(a.micros * b);
  if (op === "*" && typeof a === "bigint" && b instanceof Duration) return span(b.micros * a);
  return WRONG_TYPE;
}

/** The value below zero. */
export function negate(value: Value): Value | Failure {
  if (value === null) return null;
  if (typeof value === "bigint") return isI64(-value) ? -value : OVERFLOW;
  if (value instanceof Decimal) return value.negated();
  if (value instanceof Duration) return span(-value.micros);
  if (value instanceof Money) return money(-value.minor, value.currency);
  return WRONG_TYPE;
}

/** A number as a decimal. */
export function asDecimal(value: Value): Decimal | Failure {
  if (typeof value === "bigint") return Decimal.of(value);
  return value instanceof Decimal ? value : WRONG_TYPE;
}

/** The number, if it has the digits that its type allows. */
export function fitting(value: Decimal, type: Type): Decimal | Failure {
  const fits = type.kind !== "decimal" || type.scale === null || value.rescale(type.scale) !== null;
  return fits ? value : OVERFLOW;
}

function whole(op: Operator, a: bigint, b: bigint): bigint | Failure {
  if (op === "*") return isI64(a * b) ? a * b : OVERFLOW;
  if (op === "%") return b === 0n ? DIVISION_BY_ZERO : a % b;
  return addOrSubtract(op, a, b);
}

function addOrSubtract(op: Operator, a: bigint, b: bigint): bigint | Failure {
  if (op !== "+" && op !== "-") return WRONG_TYPE;
  const result = op === "+" ? a + b : a - b;
  return isI64(result) ? result : OVERFLOW;
}

function decimals(op: Operator, a: Decimal, b: Decimal, type: Type): Decimal | Failure {
  if ((op === "/" || op === "%") && b.isZero()) return DIVISION_BY_ZERO;
  const result = {
    "+": () => decimal.add(a, b),
    "-": () => decimal.add(a, b.negated()),
    "*": () => decimal.multiply(a, b),
    "/": () => decimal.divide(a, b, QUOTIENT_PLACES, "half_up"),
    "%": () => decimal.remainder(a, b),
  }[op]();
  return result === null ? OVERFLOW : fitting(result, type);
}

/** The amount, if it fits 18 digits. */
export function money(minor: bigint, currency: string): Money | Failure {
  return minor < MAX_MINOR && minor > -MAX_MINOR ? new Money(minor, currency) : OVERFLOW;
}

function moved(op: Operator, a: bigint, b: bigint): Instant | Failure {
  const micros = addOrSubtract(op, a, b);
  if (micros instanceof Failure) return micros;
  const value = new Instant(micros);
  return value.isStorable() ? value : OVERFLOW;
}

function span(micros: bigint): Duration | Failure {
  const value = new Duration(micros);
  return isI64(micros) && value.isStorable() ? value : OVERFLOW;
}

function shifted(op: Operator, day: Day, days: bigint): Day | Failure {
  const number = addOrSubtract(op, BigInt(day.number), days);
  if (number instanceof Failure) return number;
  const inside = number >= BigInt(FIRST_DAY) && number <= BigInt(LAST_DAY);
  return inside ? new Day(Number(number)) : OVERFLOW;
}

/** The smaller (`<=`) or the larger (`>=`) of two values. */
export function pick(op: "<=" | ">=", a: Value, b: Value): Value | Failure {
  const { holds, failure } = compare(op, a, b);
  return failure ?? (holds ? a : b);
}
