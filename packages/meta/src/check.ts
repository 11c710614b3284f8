// Whether a value fits a field, in the codes and words of the server, so that a form says at once
// what the server would say after it was sent.

import { type Decimal, decimalProblemText, parseDecimal } from "./expr/decimal";
import { nearest } from "./expr/error";
import { isCurrency, moneyProblemText, parseMoney } from "./expr/money";
import { Mistake, parse } from "./expr/parsing";
import { Day, Duration, Instant, WallTime } from "./expr/time";
import { isI64, parseId } from "./expr/value";
import type { Field, Schema } from "./schema";

/** What is wrong with a value: a stable code, a text for people, and where inside the value. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly path: readonly (string | number)[];
}

const MAX_EMAIL = 254;
const MAX_PHONE = 40;
const MAX_URL = 2_048;
const MAX_LINKS = 1_000;
const MAX_ROWS = 10_000;
const MAX_EXPRESSION = 4_000;
const MAX_NAMES = 12;

const fault = (code: string, message: string, path: readonly (string | number)[] = []): Fault => ({
  code,
  message,
  path,
});

/** Whether the field is left empty. */
export function isEmpty(field: Field, value: unknown): boolean {
  if (value === null || value === undefined) return true;
  const isList = field.kind === "links" || field.kind === "lines";
  return isList && Array.isArray(value) && value.length === 0;
}

/** What is wrong with a value of a field; the lines of a record are checked one by one apart. */
export function checkValue(field: Field, value: unknown, schema: Schema): readonly Fault[] {
  if (isEmpty(field, value)) {
    return field.required && field.writable ? [fault("required", "must not be empty")] : [];
  }
  const found = checkKind(field, value, schema);
  return Array.isArray(found) ? found : found ? [found as Fault] : [];
}

function checkKind(field: Field, value: unknown, schema: Schema): Fault | readonly Fault[] | null {
  switch (field.kind) {
    case "text":
    case "long_text":
      return checkText(value, field.max);
    case "integer":
      return checkInteger(value, BigInt(field.min), BigInt(field.max));
    case "decimal":
    case "percent":
    case "price":
    case "quantity":
      return checkDecimal(value, field.scale);
    case "money":
      return checkMoney(value);
    case "boolean":
      return typeof value === "boolean" ? null : wrongType("true or false", value);
    case "date":
      return shaped(value, Day.parse, "invalid_date", 'a date such as "2026-07-04"');
    case "instant": {
      const read = (text: string) => {
        const instant = Instant.parse(text);
        return instant?.isStorable() ? instant : null;
      };
      return shaped(value, read, "invalid_instant", 'an instant such as "2026-07-04T09:30:00Z"');
    }
    case "wall_time": {
      const example = 'a wall time such as "2026-07-04T09:30:00[Europe/Berlin]"';
      return shaped(value, WallTime.parse, "invalid_wall_time", example);
    }
    case "duration": {
      const read = (text: string) => (/\d{10}/.test(text) ? null : Duration.parse(text));
      return shaped(value, read, "invalid_duration", 'a duration such as "PT2H30M"');
    }
    case "state":
    case "choice":
      return checkChoice(
        value,
        field.choices.map((choice) => choice.name),
      );
    case "link":
      return checkLink(value, field.target, schema);
    case "links":
      return checkLinks(value, field.target, schema);
    case "lines":
      return checkRows(value);
    case "colour":
      return matched(value, /^#[0-9A-Fa-f]{6}$/, "invalid_colour", 'a colour such as "#8a3ffc"');
    case "email":
      return checkText(value, MAX_EMAIL) ?? checkEmail(String(value));
    case "phone": {
      const example =
        'a telephone number such as "+49 30 1234-567": digits, blanks and + ( ) - . / x';
      const shape = /^(?=.*\d)[\d+()\-./ x]*$/;
      return checkText(value, MAX_PHONE) ?? matched(value, shape, "invalid_phone", example);
    }
    case "url": {
      const example = 'a web address such as "https://example.com/page"';
      const shape = /^https?:\/\/[^\s\p{Cc}<>"\\^`{|}/?#:][^\s\p{Cc}<>"\\^`{|}]*$/iu;
      return checkText(value, MAX_URL) ?? matched(value, shape, "invalid_url", example);
    }
    case "address":
      return checkAddress(value);
    case "expression":
      return checkText(value, MAX_EXPRESSION) ?? checkExpression(String(value));
    default:
      return null;
  }
}

function wrongType(expected: string, value: unknown): Fault {
  const found = Array.isArray(value) ? "a list" : value === null ? "null" : `a ${typeof value}`;
  return fault("wrong_type", `must be ${expected}, not ${found}`);
}

function checkText(value: unknown, max: number): Fault | null {
  if (typeof value !== "string") return wrongType("a text", value);
  if (value.includes("\0")) {
    return fault("nul_character", "must not contain the character U+0000");
  }
  const length = value.length > max ? [...value].length : 0;
  return length > max
    ? fault("too_long", `must have at most ${max} characters, not ${length}`)
    : null;
}

function shaped(
  value: unknown,
  read: (text: string) => unknown,
  code: string,
  expected: string,
): Fault | null {
  if (typeof value !== "string") return wrongType(expected, value);
  return read(value) ? null : fault(code, `must be ${expected}`);
}

function matched(value: unknown, shape: RegExp, code: string, expected: string): Fault | null {
  return shaped(value, (text) => shape.test(text), code, expected);
}

function checkInteger(value: unknown, min: bigint, max: bigint): Fault | null {
  const isWhole = typeof value === "bigint" || Number.isInteger(value);
  if (!isWhole && typeof value !== "number") return wrongType("a whole number", value);
  if (!isWhole) return fault("not_whole", "must be a whole number such as 12");
  const number = BigInt(value as number | bigint);
  if (isI64(number) && number >= min && number <= max) return null;
  return fault("out_of_range", `must be a whole number from ${min} to ${max}`);
}

const DECIMAL_CODES = { shape: "invalid_decimal", scale: "too_many_places", range: "out_of_range" };

function checkDecimal(value: unknown, scale: number): Fault | null {
  if (typeof value !== "string") return wrongType('a decimal such as "12.50"', value);
  const found: Decimal | keyof typeof DECIMAL_CODES = parseDecimal(value, scale);
  if (typeof found !== "string") return null;
  return fault(DECIMAL_CODES[found], decimalProblemText(found, scale));
}

function checkMoney(value: unknown): Fault | readonly Fault[] | null {
  if (typeof value !== "object") {
    return wrongType('money such as {"amount": "12.50", "currency": "EUR"}', value);
  }
  const { amount, currency } = value as { amount?: unknown; currency?: unknown };
  const missing = [
    ...(amount == null || amount === "" ? ["amount"] : []),
    ...(currency == null || currency === "" ? ["currency"] : []),
  ];
  if (missing.length > 0) return missing.map((name) => fault("required", "must be given", [name]));
  if (typeof currency !== "string" || !isCurrency(currency)) {
    const text = 'must be a currency code of ISO 4217 such as "EUR"';
    return fault("unknown_currency", text, ["currency"]);
  }
  const found = typeof amount === "string" ? parseMoney(amount, currency) : "shape";
  if (typeof found !== "string") return null;
  return fault(DECIMAL_CODES[found], moneyProblemText(found, currency), ["amount"]);
}

function checkChoice(value: unknown, names: readonly string[]): Fault | null {
  if (typeof value !== "string") return wrongType("a text", value);
  if (names.includes(value)) return null;
  const near = nearest(value, names);
  if (near !== null) {
    return fault("unknown_choice", `is not one of its choices; did you mean ${near}?`);
  }
  const more = names.length > MAX_NAMES ? ` and ${names.length - MAX_NAMES} more` : "";
  const shown = names.slice(0, MAX_NAMES).join(", ");
  return fault("unknown_choice", `must be one of ${shown}${more}`);
}

/** A link is an id, or the record that it was expanded to. */
function checkLink(value: unknown, target: string, schema: Schema): Fault | null {
  const id = typeof value === "object" ? (value as { id?: unknown }).id : value;
  if (typeof id !== "string") return wrongType("an id", value);
  const prefix = schema.entity(target)?.prefix;
  const noun = (target.split(".").at(-1) ?? target).replaceAll("_", " ");
  const article = /^[aeio]/.test(noun) ? "an" : "a";
  const what = `must be the id of ${article} ${noun}${prefix === undefined ? "" : ` (${prefix}_…)`}`;
  const found = parseId(id);
  if (!found) {
    return fault("invalid_id", `${what}; an id is a prefix, an underscore and 26 characters`);
  }
  if (prefix === undefined || found.prefix === prefix) return null;
  return fault("wrong_prefix", `${what}, and ${found.prefix}_… is another`);
}

function checkLinks(value: unknown, target: string, schema: Schema): readonly Fault[] {
  if (!Array.isArray(value)) return [wrongType("a list of ids", value)];
  if (value.length > MAX_LINKS) return [fault("too_many", `must hold at most ${MAX_LINKS} ids`)];
  const seen = new Set<unknown>();
  return value.flatMap((item, at) => {
    const found = checkLink(item, target, schema);
    if (found) return [{ ...found, path: [at] }];
    const id = typeof item === "object" ? (item as { id: unknown }).id : item;
    if (seen.has(id)) return [fault("duplicate_item", "is in the list already", [at])];
    seen.add(id);
    return [];
  });
}

function checkRows(value: unknown): Fault | null {
  if (!Array.isArray(value)) return wrongType("a list of lines", value);
  if (value.length <= MAX_ROWS) return null;
  return fault("too_many", `must have at most ${MAX_ROWS} lines, not ${value.length}`);
}

function checkEmail(text: string): Fault | null {
  const at = text.indexOf("@");
  const domain = text.slice(at + 1).split(".");
  const isLabel = (label: string) => /^(?!-)[\p{L}\p{N}\-\u0080-\u{10ffff}]+(?<!-)$/u.test(label);
  const fits = at > 0 && domain.every(isLabel) && !/[\s\p{Cc}<>()[\],;:\\"]/u.test(text);
  return fits
    ? null
    : fault("invalid_email", 'must be an e-mail address such as "ann@example.com"');
}

const PARTS = { street: 500, city: 200, region: 200, postal_code: 20, country: 2 } as const;

/** The parts of an address in their order, each with its most characters. */
export const ADDRESS_PARTS = Object.keys(PARTS) as readonly (keyof typeof PARTS)[];

function checkAddress(value: unknown): readonly Fault[] {
  if (typeof value !== "object" || Array.isArray(value)) {
    return [wrongType('an address such as {"city": "Lyon", "country": "FR"}', value)];
  }
  return ADDRESS_PARTS.flatMap((name) => {
    const part = (value as Readonly<Record<string, unknown>>)[name];
    if (part === null || part === undefined) return [];
    if (name === "country" && !(typeof part === "string" && /^[A-Z]{2}$/.test(part))) {
      const text = 'must be a two-letter country code of ISO 3166 such as "FR"';
      return [fault("unknown_country", text, [name])];
    }
    const found = checkText(part, PARTS[name]);
    return found ? [{ ...found, path: [name] }] : [];
  });
}

function checkExpression(text: string): Fault | null {
  try {
    parse(text);
    return null;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    return fault("invalid_expression", `must be an expression; ${error.message}`);
  }
}
