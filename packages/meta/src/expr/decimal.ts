// Exact decimals, as `crates/types` and `crates/expr` calculate them: a result is exact, or rounded
// once where that was asked for, or does not exist. Nothing here is a binary float.

/** How a result that does not fit its places is rounded. */
export type Rounding = "half_up" | "half_even" | "up" | "down";

/** The roundings, in the order in which people are told of them. */
export const ROUNDINGS: readonly Rounding[] = ["half_up", "half_even", "up", "down"];

/** Digits of a decimal with a declared scale, and of money. */
export const SCALED_DIGITS = 18;
/** Digits that any decimal has at most. */
const MAX_DIGITS = 28;
const LIMIT = 10n ** 28n;
const SCALED_LIMIT = 10n ** 18n;
const I128 = 1n << 127n;

const power = (exponent: number) => 10n ** BigInt(exponent);
const abs = (value: bigint) => (value < 0n ? -value : value);
/** What fits 128 bits, as the server calculates; nothing else has a result there. */
const bounded = (value: bigint) => (value >= -I128 && value < I128 ? value : null);

/** `mantissa` / 10^`scale`, without trailing zeros. */
export class Decimal {
  readonly mantissa: bigint;
  readonly scale: number;

  private constructor(mantissa: bigint, scale: number) {
    this.mantissa = mantissa;
    this.scale = scale;
  }

  /** The number without trailing zeros after the point. */
  static of(mantissa: bigint, scale = 0): Decimal {
    let [m, s] = [mantissa, scale];
    while (s > 0 && m % 10n === 0n) {
      m /= 10n;
      s -= 1;
    }
    return new Decimal(m, m === 0n ? 0 : s);
  }

  /** Reads an optional sign, digits, and an optional point with digits; null for anything else. */
  static parse(text: string): Decimal | null {
    const found = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (!found) return null;
    const [, sign, whole = "", fraction = ""] = found;
    const mantissa = BigInt(whole + fraction);
    return Decimal.of(sign === "-" ? -mantissa : mantissa, fraction.length);
  }

  /** Plain digits with a point, never an exponent. */
  toString(): string {
    return write(this.mantissa, this.scale);
  }

  /** Digits with exactly so many places; the number has no more than these. */
  toFixed(places: number): string {
    return write(
      this.mantissa * power(Math.max(0, places - this.scale)),
      Math.max(places, this.scale),
    );
  }

  negated(): Decimal {
    return new Decimal(-this.mantissa, this.scale);
  }

  absolute(): Decimal {
    return new Decimal(abs(this.mantissa), this.scale);
  }

  isZero(): boolean {
    return this.mantissa === 0n;
  }

  /** The mantissa at `scale` places, if it fits 18 digits there without rounding. */
  rescale(scale: number): bigint | null {
    if (scale < this.scale) return null;
    const mantissa = this.mantissa * power(scale - this.scale);
    return abs(mantissa) < SCALED_LIMIT ? mantissa : null;
  }
}

function write(mantissa: bigint, scale: number): string {
  const digits = abs(mantissa)
    .toString()
    .padStart(scale + 1, "0");
  const at = digits.length - scale;
  const sign = mantissa < 0n ? "-" : "";
  return sign + (scale === 0 ? digits : `${digits.slice(0, at)}.${digits.slice(at)}`);
}

const ONE = Decimal.of(1n);

function exact(mantissa: bigint, scale: number): Decimal | null {
  const value = Decimal.of(mantissa, scale);
  return value.scale > MAX_DIGITS || abs(value.mantissa) >= LIMIT ? null : value;
}

/** Below zero, zero, above zero: how `a` stands to `b`. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = a.mantissa * power(scale - a.scale) - b.mantissa * power(scale - b.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The exact sum. */
export function add(a: Decimal, b: Decimal): Decimal | null {
  const scale = Math.max(a.scale, b.scale);
  const left = bounded(a.mantissa * power(scale - a.scale));
  const right = bounded(b.mantissa * power(scale - b.scale));
  const sum = left === null || right === null ? null : bounded(left + right);
  return sum === null ? null : exact(sum, scale);
}

/** The exact product. */
export function multiply(a: Decimal, b: Decimal): Decimal | null {
  return exact(a.mantissa * b.mantissa, a.scale + b.scale);
}

/** The exact remainder, with the sign of `a`; null when `b` is zero or it does not fit. */
export function remainder(a: Decimal, b: Decimal): Decimal | null {
  if (b.mantissa === 0n) return null;
  const scale = Math.max(a.scale, b.scale);
  const rest = (a.mantissa * power(scale - a.scale)) % (b.mantissa * power(scale - b.scale));
  return exact(rest, scale);
}

/** `a / b` rounded once to `places`; null when `b` is zero or the result does not fit. */
export function divide(a: Decimal, b: Decimal, places: number, rounding: Rounding): Decimal | null {
  if (b.mantissa === 0n) return null;
  const negative = a.mantissa < 0n !== b.mantissa < 0n;
  const more = places + b.scale - a.scale;
  const numerator = abs(a.mantissa) * power(Math.max(0, more));
  const denominator = abs(b.mantissa) * power(Math.max(0, -more));
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  const half = rest * 2n - denominator;
  const away = {
    half_up: half >= 0n,
    half_even: half > 0n || (half === 0n && quotient % 2n === 1n),
    up: rest !== 0n,
    down: false,
  }[rounding];
  const mantissa = quotient + (away ? 1n : 0n);
  return exact(negative ? -mantissa : mantissa, places);
}

/** The number rounded to `places`; null when it does not fit. */
export function round(value: Decimal, places: number, rounding: Rounding): Decimal | null {
  return divide(value, ONE, places, rounding);
}

/** Why a text is not a decimal of the kind asked for. */
export type DecimalProblem = "shape" | "scale" | "range";

/** Reads a decimal of at most `scale` places and 18 digits; nothing is rounded on the way in. */
export function parseDecimal(text: string, scale: number): Decimal | DecimalProblem {
  const found = /^[+-]?(\d+)(?:\.(\d+))?$/.exec(text);
  const [, whole = "", fraction = ""] = found ?? [];
  if (!found) return "shape";
  if (fraction.replace(/0+$/, "").length > scale) return "scale";
  if (whole.replace(/^0+/, "").length + scale > SCALED_DIGITS) return "range";
  return Decimal.parse(text) ?? "shape";
}

/** What is wrong, in the server's words. */
export function decimalProblemText(problem: DecimalProblem, scale: number): string {
  if (problem === "shape") return 'must be a decimal such as "12.50"';
  if (problem === "range") return `must fit ${SCALED_DIGITS} digits`;
  return scale === 0
    ? "must have no places after the point"
    : `must have at most ${scale} places after the point`;
}
