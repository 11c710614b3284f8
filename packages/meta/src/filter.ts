// A filter as chips and as an expression: the same thing said twice. What chips can say is read
// from the text and written back; what they cannot stays a piece of text among them.

import { Mistake } from "./expr/error";
import { parse, type Term } from "./expr/parser";
import { quote } from "./expr/print";
import type { Field } from "./schema";

export type Op =
  | "is"
  | "isNot"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "contains"
  | "starts"
  | "ends"
  | "empty"
  | "filled"
  | "during";

/** What a field is compared with: text, number, day, or amount; `user.id` is who asks. */
export type FilterValue = string | boolean | { readonly amount: string; readonly currency: string };

export interface Condition {
  /** `country`, `customer.country`, `external_ids.shop`. */
  readonly field: string;
  readonly op: Op;
  readonly values: readonly FilterValue[];
}

/** A term that is no chip's, as it was written. */
interface RawTerm {
  readonly raw: string;
}

export type Clause = Condition | RawTerm;
/** Clauses of which one must hold. */
export type Choice = readonly Clause[];
/** Choices that must all hold. */
export type Filter = readonly Choice[];

export const isRaw = (clause: Clause): clause is RawTerm => "raw" in clause;
/** Who asks, as the value of a link. */
export const ME = "user.id";

export type FieldOf = (path: string) => Field | null;

/** How a field is compared, as far as chips go. */
export type Manner =
  | "text"
  | "number"
  | "money"
  | "date"
  | "instant"
  | "choice"
  | "link"
  | "bool"
  | "none";

export function mannerOf(field: Field): Manner {
  switch (field.kind) {
    case "integer":
    case "decimal":
    case "percent":
    case "price":
    case "quantity":
      return "number";
    case "money":
    case "date":
    case "instant":
    case "link":
      return field.kind;
    case "boolean":
      return "bool";
    case "state":
    case "choice":
      return "choice";
    case "text":
    case "long_text":
    case "email":
    case "phone":
    case "url":
    case "colour":
      return "text";
    default:
      return "none";
  }
}

const FILLS: readonly Op[] = ["empty", "filled"];
const RANGES: readonly Op[] = ["ge", "gt", "le", "lt"];

/** What a field can be asked, the most usual first. */
export function opsOf(manner: Manner): readonly Op[] {
  switch (manner) {
    case "text":
      return ["contains", "is", "isNot", "starts", "ends", ...FILLS];
    case "number":
      return ["is", "isNot", ...RANGES, ...FILLS];
    case "money":
      return [...RANGES, "is", "isNot", ...FILLS];
    case "date":
      return ["during", "is", ...RANGES, ...FILLS];
    case "instant":
      return ["during", "ge", "lt", ...FILLS];
    case "choice":
    case "link":
      return ["is", "isNot", ...FILLS];
    case "bool":
      return ["is"];
    default:
      return [];
  }
}

/** How many values an operator takes. */
export const takes = (op: Op, manner: Manner): "none" | "one" | "many" =>
  FILLS.includes(op)
    ? "none"
    : (op === "is" || op === "isNot") &&
        (manner === "choice" || manner === "link" || manner === "text")
      ? "many"
      : "one";

const FIRST = "today() - day(today()) + 1";
const NEXT = "today() - day(today()) + 32 - day(today() - day(today()) + 32) + 1";
const BEFORE = "today() - day(today()) - day(today() - day(today())) + 1";

/** Spans of time that move with the day, `F` standing for the field. */
const DATES: Readonly<Record<string, readonly string[]>> = {
  today: ["F == today()"],
  yesterday: ["F == today() - 1"],
  last7: ["F > today() - 7", "F <= today()"],
  last30: ["F > today() - 30", "F <= today()"],
  last90: ["F > today() - 90", "F <= today()"],
  last365: ["F > today() - 365", "F <= today()"],
  thisMonth: [`F >= ${FIRST}`, `F < ${NEXT}`],
  lastMonth: [`F >= ${BEFORE}`, `F < ${FIRST}`],
  next7: ["F >= today()", "F < today() + 7"],
  next30: ["F >= today()", "F < today() + 30"],
  past: ["F < today()"],
  future: ["F > today()"],
};
const INSTANTS: Readonly<Record<string, readonly string[]>> = {
  last24h: ["F >= now() - duration('PT24H')"],
  last7: ["F >= now() - duration('P7D')"],
  last30: ["F >= now() - duration('P30D')"],
  last90: ["F >= now() - duration('P90D')"],
  last365: ["F >= now() - duration('P365D')"],
};
const spansOf = (manner: Manner) => (manner === "instant" ? INSTANTS : DATES);

/** The spans of time that a field can be asked for. */
export const spanWords = (manner: Manner): readonly string[] => Object.keys(spansOf(manner));

const COMPARED: Readonly<Record<string, Op>> = {
  "==": "is",
  "!=": "isNot",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
};
const SIGNS: Readonly<Partial<Record<Op, string>>> = Object.fromEntries(
  Object.entries(COMPARED).map(([sign, op]) => [op, sign]),
);
const TESTS: Readonly<Partial<Record<Op, string>>> = {
  contains: "contains",
  starts: "startsWith",
  ends: "endsWith",
};

/** A value as it is written in an expression for a field. */
function valueText(manner: Manner, value: FilterValue): string {
  if (typeof value === "boolean") return String(value);
  if (typeof value === "object") return `money(${quote(value.amount)}, ${quote(value.currency)})`;
  switch (manner) {
    case "number":
      return value;
    case "date":
      return `date(${quote(value)})`;
    case "instant":
      return `instant(${quote(value)})`;
    case "link":
      return value === ME ? ME : quote(value);
    default:
      return quote(value);
  }
}

function conditionText({ field, op, values }: Condition, manner: Manner): string {
  const [first] = values;
  if (op === "empty") return `${field} == null`;
  if (op === "filled") return `${field} != null`;
  if (first === undefined) return "";
  if (op === "during") {
    const terms = (spansOf(manner)[String(first)] ?? []).map((term) => term.replace("F", field));
    return terms.join(" && ");
  }
  const test = TESTS[op];
  if (test) return `${field}.${test}(${valueText("text", first)})`;
  if (values.length > 1) {
    const list = `${field} in [${values.map((value) => valueText(manner, value)).join(", ")}]`;
    return op === "isNot" ? `!(${list})` : list;
  }
  return `${field} ${SIGNS[op]} ${valueText(manner, first)}`;
}

const loose = new Set(["or", "if"]);
const kindOf = (text: string): Term["kind"] | null => {
  try {
    return parse(text).kind;
  } catch {
    return null;
  }
};

/** The expression that a filter is. */
export function filterText(filter: Filter, fieldOf: FieldOf): string {
  const said = filter
    .map((choice) =>
      choice
        .map((clause) => {
          if (isRaw(clause)) return clause.raw;
          return conditionText(clause, mannerAt(clause.field, fieldOf));
        })
        .filter(Boolean),
    )
    .filter((texts) => texts.length > 0);
  const alone = said.length === 1;
  return said
    .map((texts) => {
      const [only] = texts;
      if (texts.length === 1 && only !== undefined) {
        return !alone && loose.has(kindOf(only) ?? "") ? `(${only})` : only;
      }
      const parts = texts.map((text) =>
        ["and", "or", "if"].includes(kindOf(text) ?? "") ? `(${text})` : text,
      );
      return alone ? parts.join(" || ") : `(${parts.join(" || ")})`;
    })
    .join(" && ");
}

const mannerAt = (path: string, fieldOf: FieldOf): Manner => {
  if (/^external_ids\.[A-Za-z_]\w*$/.test(path)) return "text";
  const field = fieldOf(path);
  return field ? mannerOf(field) : "none";
};

/** The chips of an expression; null where it cannot be read at all. */
export function readFilter(text: string, fieldOf: FieldOf): Filter | null {
  if (text.trim() === "") return [];
  try {
    return new FilterReader(text, fieldOf).read(parse(text));
  } catch (error) {
    if (error instanceof Mistake || error instanceof Error) return null;
    throw error;
  }
}

class FilterReader {
  private readonly text: string;
  private readonly fieldOf: FieldOf;

  constructor(text: string, fieldOf: FieldOf) {
    this.text = text;
    this.fieldOf = fieldOf;
  }

  read(root: Term): Filter {
    const terms = this.flat(root, "and");
    const filter: Choice[] = [];
    for (let at = 0; at < terms.length; at += 1) {
      const [term, next] = [terms[at], terms[at + 1]];
      if (!term) break;
      const span = next && this.during([term, next]);
      if (span) {
        filter.push([span]);
        at += 1;
      } else {
        filter.push(this.flat(term, "or").map((one) => this.clause(one)));
      }
    }
    return filter;
  }

  private flat(term: Term, kind: "and" | "or"): readonly Term[] {
    return term.kind === kind ? term.items.flatMap((item) => this.flat(item, kind)) : [term];
  }

  private said(term: Term): string {
    return this.text.slice(term.span.start, term.span.end);
  }

  private clause(term: Term): Clause {
    const terms = this.flat(term, "and");
    return (
      this.during(terms) ??
      (terms.length === 1 ? this.condition(term) : null) ?? { raw: this.said(term) }
    );
  }

  /** A span of time that moves with the day. */
  private during(terms: readonly Term[]): Condition | null {
    const [first] = terms;
    const field = first?.kind === "binary" ? this.path(first.left) : null;
    if (!field) return null;
    const manner = mannerAt(field, this.fieldOf);
    if (manner !== "date" && manner !== "instant") return null;
    const bare = (text: string) => text.replace(/\s+/g, "");
    const said = terms.map((term) => bare(this.said(term))).join("&&");
    for (const [word, span] of Object.entries(spansOf(manner))) {
      const text = span.map((one) => bare(one.replace("F", field))).join("&&");
      if (text === said) return { field, op: "during", values: [word] };
    }
    return null;
  }

  private condition(term: Term): Condition | null {
    if (term.kind === "not") {
      const inner = this.condition(term.inner);
      if (inner?.op === "is" && inner.values.length > 1) return { ...inner, op: "isNot" };
      const [value] = inner?.values ?? [];
      return inner?.op === "is" && typeof value === "boolean"
        ? { ...inner, values: [!value] }
        : null;
    }
    const own = this.path(term);
    if (own && mannerAt(own, this.fieldOf) === "bool") {
      return { field: own, op: "is", values: [true] };
    }
    if (term.kind === "call" && term.receiver) {
      const field = this.path(term.receiver);
      const op = (Object.keys(TESTS) as Op[]).find((one) => TESTS[one] === term.name.text);
      const [value] = term.arguments;
      return field && op && value?.kind === "text" && mannerAt(field, this.fieldOf) === "text"
        ? { field, op, values: [value.value] }
        : null;
    }
    if (term.kind !== "binary") return null;
    const field = this.path(term.left);
    const manner = field ? mannerAt(field, this.fieldOf) : "none";
    if (!field || manner === "none") return null;
    if (term.sign === "in" && term.right.kind === "list") {
      const values = term.right.items.map((item) => this.value(item, manner));
      return values.every((value) => value !== null) && takes("is", manner) === "many"
        ? { field, op: "is", values: values as FilterValue[] }
        : null;
    }
    const op = COMPARED[term.sign];
    if (!op) return null;
    if (term.right.kind === "null" && (op === "is" || op === "isNot")) {
      return { field, op: op === "is" ? "empty" : "filled", values: [] };
    }
    const value = this.value(term.right, manner);
    if (value === null) return null;
    if (manner === "bool" && op === "isNot") return { field, op: "is", values: [value !== true] };
    return opsOf(manner).includes(op) ? { field, op, values: [value] } : null;
  }

  /** The path of names that a term is. */
  private path(term: Term): string | null {
    if (term.kind === "name") return term.name;
    if (term.kind !== "select") return null;
    const inner = this.path(term.inner);
    return inner && `${inner}.${term.name.text}`;
  }

  private value(term: Term, manner: Manner): FilterValue | null {
    switch (manner) {
      case "number":
        return /^-?\d+(\.\d+)?$/.test(this.said(term)) ? this.said(term) : null;
      case "bool":
        return term.kind === "bool" ? term.value : null;
      case "money": {
        if (term.kind !== "call" || term.receiver || term.name.text !== "money") return null;
        const [amount, currency, more] = term.arguments;
        return amount?.kind === "text" && currency?.kind === "text" && !more
          ? { amount: amount.value, currency: currency.value }
          : null;
      }
      case "date":
      case "instant": {
        const isCall = term.kind === "call" && !term.receiver && term.name.text === manner;
        const [text] = isCall ? term.arguments : [];
        return text?.kind === "text" ? text.value : null;
      }
      case "link":
        if (this.path(term) === ME) return ME;
        return term.kind === "text" ? term.value : null;
      default:
        return term.kind === "text" ? term.value : null;
    }
  }
}
