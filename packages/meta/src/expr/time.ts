// The three kinds of time, and a span: a day, an instant in microseconds, what a clock in a named
// zone shows, and an exact duration. They never convert by themselves. What is read here is what
// `crates/types` reads.

/** A calendar day, as the number of days since 1970-01-01. */
export class Day {
  readonly number: number;

  constructor(number: number) {
    this.number = number;
  }

  /** The day of the calendar, if there is such a one in the years 0 to 9999. */
  static of(year: number, month: number, day: number): Day | null {
    if (year < 0 || year > 9999 || month < 1 || month > 12) return null;
    if (day < 1 || day > daysIn(year, month)) return null;
    return new Day(dayNumber(year, month, day));
  }

  /** Reads `2026-01-31`; null for any other text, and for the year 0. */
  static parse(text: string): Day | null {
    const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
    if (!found || found[1] === "0000") return null;
    return Day.of(Number(found[1]), Number(found[2]), Number(found[3]));
  }

  parts(): { year: number; month: number; day: number } {
    return civil(this.number);
  }

  toString(): string {
    const { year, month, day } = civil(this.number);
    return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  }
}

const pad = (value: number | bigint, width: number) => value.toString().padStart(width, "0");

function daysIn(year: number, month: number): number {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (leap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function dayNumber(year: number, month: number, day: number): number {
  // The civil calendar from March on, in eras of 400 years.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  return (
    era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468
  );
}

function civil(number: number): { year: number; month: number; day: number } {
  const shifted = number + 719_468;
  const era = Math.floor(shifted / 146_097);
  const day = shifted - era * 146_097;
  const ofEra = Math.floor(
    (day - Math.floor(day / 1_460) + Math.floor(day / 36_524) - Math.floor(day / 146_096)) / 365,
  );
  const ofYear = day - (365 * ofEra + Math.floor(ofEra / 4) - Math.floor(ofEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: ofEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** The first and the last day that can be stored: 0001-01-01 and 9999-12-31. */
export const FIRST_DAY = -719_162;
export const LAST_DAY = 2_932_896;

const MICROS_PER_DAY = 86_400_000_000n;
/** 0001-01-01 to 9999-12-30T22:00: what both databases and every zone can show. */
const FIRST_INSTANT = -62_135_596_800_000_000n;
const LAST_INSTANT = 253_402_207_199_999_999n;
/** 20,000 years in hours, the longest span that can be written down. */
const MAX_DURATION = 175_307_615n * 3_600_000_000n;

/** A point in time, in microseconds since 1970. */
export class Instant {
  readonly micros: bigint;

  constructor(micros: bigint) {
    this.micros = micros;
  }

  /** The instant that a clock of JavaScript counts in milliseconds. */
  static ofMillis(millis: number): Instant {
    return new Instant(BigInt(Math.round(millis)) * 1000n);
  }

  /** Milliseconds since 1970, rounded down. */
  millis(): number {
    return Number((this.micros - (((this.micros % 1000n) + 1000n) % 1000n)) / 1000n);
  }

  /** Whether it lies in the years that can be stored. */
  isStorable(): boolean {
    return this.micros >= FIRST_INSTANT && this.micros <= LAST_INSTANT;
  }

  /** Reads RFC 3339 with an offset or `Z`; digits beyond microseconds are refused. */
  static parse(text: string): Instant | null {
    const found =
      /^(\d{4}|\+\d{6})(-?)(\d\d)\2(\d\d)[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?|(\d\d)(?:(\d\d)(?:[.,](\d{1,9}))?)?)?(?:([Zz])|([+-])(\d\d):(\d\d))$/.exec(
        text,
      );
    if (!found) return null;
    const field = (...at: number[]) => at.map((n) => found[n]).find((part) => part !== undefined);
    const day = Day.of(Number(found[1]), Number(found[3]), Number(found[4]));
    const [hour, minute] = [Number(found[5]), Number(field(6, 9) ?? 0)];
    // A leap second is read as the second before it.
    const written = Number(field(7, 10) ?? 0);
    const second = written === 60 ? 59 : written;
    const nanos = BigInt((field(8, 11) ?? "").padEnd(9, "0"));
    const [offsetHour, offsetMinute] = [Number(found[14] ?? 0), Number(found[15] ?? 0)];
    if (!day || hour > 23 || minute > 59 || second > 59 || nanos % 1000n !== 0n) return null;
    if (offsetHour > 25 || offsetMinute > 59) return null;
    const offset = (offsetHour * 60 + offsetMinute) * (found[13] === "-" ? -60 : 60);
    const seconds = day.number * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    return new Instant(BigInt(seconds) * 1_000_000n + nanos / 1000n);
  }

  /** The day that it falls on in an IANA zone; in UTC when the zone is not known. */
  dayIn(zone: string): Day {
    // Making a format takes a browser some ten milliseconds; days in UTC need none.
    const format = zone === "UTC" ? null : formatOf(zone);
    if (!format) return new Day(Number(floorDivide(this.micros, MICROS_PER_DAY)));
    const parts = new Map(format.formatToParts(this.millis()).map((p) => [p.type, p.value]));
    const written = Number(parts.get("year"));
    const year = parts.get("era")?.startsWith("B") ? 1 - written : written;
    return new Day(dayNumber(year, Number(parts.get("month")), Number(parts.get("day"))));
  }

  /** RFC 3339 in UTC with six digits of the second. */
  toString(): string {
    const day = floorDivide(this.micros, MICROS_PER_DAY);
    const rest = this.micros - day * MICROS_PER_DAY;
    const part = (unit: bigint, wrap: bigint) => (rest / unit) % wrap;
    const [h, m, s] = [part(3_600_000_000n, 24n), part(60_000_000n, 60n), part(1_000_000n, 60n)];
    const clock = `${pad(h, 2)}:${pad(m, 2)}:${pad(s, 2)}.${pad(rest % 1_000_000n, 6)}`;
    return `${new Day(Number(day))}T${clock}Z`;
  }
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

const formats = new Map<string, Intl.DateTimeFormat | null>();

function formatOf(zone: string): Intl.DateTimeFormat | null {
  let found = formats.get(zone);
  if (found === undefined) {
    try {
      found = new Intl.DateTimeFormat("en-u-ca-gregory-nu-latn", {
        timeZone: zone,
        era: "short",
        year: "numeric",
        month: "numeric",
        day: "numeric",
      });
    } catch {
      found = null;
    }
    formats.set(zone, found);
  }
  return found;
}

/** Whether the runtime knows an IANA time zone of that name. */
export function isZone(zone: string): boolean {
  return formatOf(zone) !== null;
}

/** A span of exact time in microseconds. */
export class Duration {
  readonly micros: bigint;

  constructor(micros: bigint) {
    this.micros = micros;
  }

  /** Whether it can be written down. */
  isStorable(): boolean {
    return this.micros <= MAX_DURATION && this.micros >= -MAX_DURATION;
  }

  /** Reads `P1DT2H30M`: days of 24 hours, hours, minutes, seconds; a month has no exact length. */
  static parse(text: string): Duration | null {
    const found =
      /^([+-]?)P(?:(0+)Y)?(?:(0+)M)?(?:(0+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)(?:[.,](\d{1,9}))?H)?(?:(\d+)(?:[.,](\d{1,9}))?M)?(?:(\d+)(?:[.,](\d{1,9}))?S)?)?$/i.exec(
        text,
      );
    if (!found?.[0].includes("P") || found.slice(2).every((part) => part === undefined))
      return null;
    const [, , , , , days, h, hf, m, mf, s, sf] = found;
    // A fraction stands in the last and smallest unit only.
    if ((hf && (m || s)) || (mf && s)) return null;
    const [day, hour] = [BigInt(days ?? 0), BigInt(h ?? 0)];
    const [minute, second] = [BigInt(m ?? 0), BigInt(s ?? 0)];
    if (day > 7_304_484n || hour > 175_307_616n || hour + day * 24n > 175_307_616n) return null;
    if (minute > 10_518_456_960n || second > 631_107_417_600n) return null;
    const nanosOf = (digits: string | undefined, seconds: bigint) =>
      BigInt((digits ?? "").padEnd(9, "0")) * seconds;
    const fraction = nanosOf(hf, 3_600n) + nanosOf(mf, 60n) + nanosOf(sf, 1n);
    const whole = (day * 24n + hour) * 3_600n + minute * 60n + second;
    const nanos = whole * 1_000_000_000n + fraction;
    if (nanos % 1000n !== 0n) return null;
    return new Duration((found[1] === "-" ? -nanos : nanos) / 1000n);
  }

  /** ISO 8601 in hours, minutes and seconds: `PT2H30M`. */
  toString(): string {
    const size = this.micros < 0n ? -this.micros : this.micros;
    const [h, m] = [size / 3_600_000_000n, (size / 60_000_000n) % 60n];
    const [s, fraction] = [(size / 1_000_000n) % 60n, size % 1_000_000n];
    const digits = fraction === 0n ? "" : `.${pad(fraction, 6).replace(/0+$/, "")}`;
    const seconds = s === 0n && fraction === 0n && size !== 0n ? "" : `${s}${digits}S`;
    const text = `PT${h === 0n ? "" : `${h}H`}${m === 0n ? "" : `${m}M`}${seconds}`;
    return this.micros < 0n ? `-${text}` : text;
  }
}

/** What a clock in a named zone shows: `2026-07-04T09:30:00` in `Europe/Berlin`. */
export class WallTime {
  readonly at: string;
  readonly zone: string;

  constructor(at: string, zone: string) {
    this.at = at;
    this.zone = zone;
  }

  /** Reads `2026-07-04T09:30:00[Europe/Berlin]`; null for any other text or an unknown zone. */
  static parse(text: string): WallTime | null {
    const found =
      /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\[([^\]]+)\]$/.exec(text);
    if (!found) return null;
    const [, date = "", hour = "", minute = "", second = "00", fraction = "", zone = ""] = found;
    if (!Day.parse(date) || hour > "23" || minute > "59" || second > "59" || !isZone(zone)) {
      return null;
    }
    const digits = fraction.replace(/0+$/, "");
    return new WallTime(`${date}T${hour}:${minute}:${second}${digits && `.${digits}`}`, zone);
  }

  toString(): string {
    return `${this.at}[${this.zone}]`;
  }
}
