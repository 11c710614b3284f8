// The expression language in the browser: filters, conditions and computed values, with the same
// answers as `crates/expr`. `docs/expressions.md` is the reference, and both run its vectors.

import { Checker } from "./check";
import type { Env } from "./env";
import { byteOffsets, type ExprError, Mistake } from "./error";
import { type Context, type Evaluated, evaluate, type Row } from "./eval";
import { type Node, type Slot, some } from "./ir";
import { MAX_LENGTH, parse, TooLong } from "./parser";
import { print } from "./print";
import { notInQueries } from "./sql";
import type { Type } from "./type";

export { FUNCTIONS } from "./call";
export {
  Decimal,
  type DecimalProblem,
  parseDecimal,
  ROUNDINGS,
  type Rounding,
  round,
} from "./decimal";
export { type Env, type FieldRef, Names } from "./env";
export { corrected, type ExprError, nearest, placeIn } from "./error";
export { type Context, contextAt, type Evaluated, type Reason, type Row, rowOf } from "./eval";
export type { Node, Slot } from "./ir";
export { CURRENCIES, currencyDigits, isCurrency, Money, parseMoney } from "./money";
export { MAX_LENGTH } from "./parser";
export { literal, quote } from "./print";
export { Day, Duration, Instant, isZone, WallTime } from "./time";
export * as types from "./type";
export { parseType, type Type, typeText } from "./type";
export {
  fromJson,
  Id,
  isI64,
  JsonText,
  List,
  parseId,
  Rows,
  type RowTypes,
  toJson,
  type Value,
} from "./value";

/** A checked expression. */
export class Expr {
  /** The text that it was read from. */
  readonly text: string;
  readonly root: Node;

  constructor(text: string, root: Node) {
    this.text = text;
    this.root = root;
  }

  /** What the expression gives, besides null. */
  get type(): Type {
    return this.root.type;
  }

  /** The value for one record, and why it or a part of it is null. */
  evaluate(row: Row, context: Context): Evaluated {
    return evaluate(this.root, row, context);
  }

  /** Whether the expression is true for one record; null counts as false. */
  holds(row: Row, context: Context): boolean {
    return this.evaluate(row, context).value === true;
  }

  /** The mistake that keeps the expression out of filters; null when it may stand there. */
  notInQueries(): ExprError | null {
    const mistake = notInQueries(this.root);
    return mistake && errorOf(this.text, mistake);
  }

  /** The fields that the expression reads, each once; a path leads from the record on. */
  fields(): readonly Slot[] {
    const found = new Map<string, Slot>();
    some(this.root, (node) => {
      if (node.kind === "field" && !found.has(node.slot.path)) found.set(node.slot.path, node.slot);
      return false;
    });
    return [...found.values()];
  }

  /** Whether the answer changes with the clock: `now()`, `today()`. */
  readsClock(): boolean {
    return some(this.root, (node) => node.kind === "now" || node.kind === "today");
  }

  /** The canonical text, which reads back as the same tree. */
  toString(): string {
    return print(this.root);
  }
}

function errorOf(text: string, mistake: Mistake): ExprError {
  const { code, message, span, suggestion } = mistake;
  const offset = byteOffsets(text);
  return { code, message, start: offset(span.start), end: offset(span.end), suggestion };
}

/** A compiled expression, or everything that is wrong with it in the order of the text. */
export type Compiled =
  | { readonly expr: Expr; readonly errors: null }
  | { readonly expr: null; readonly errors: readonly ExprError[] };

/** Reads a text and checks it against the names of an environment. */
export function compile(text: string, env: Env, expected: Type | null = null): Compiled {
  const checker = new Checker(env);
  try {
    const found = checker.term(parse(text));
    const root = found && expected ? checker.expect(found, expected) : found;
    if (root && checker.mistakes.length === 0) return { expr: new Expr(text, root), errors: null };
  } catch (error) {
    if (error instanceof TooLong) {
      const { message, bytes } = error;
      const tooLong = { code: "too_long", message, start: MAX_LENGTH, end: bytes };
      return { expr: null, errors: [{ ...tooLong, suggestion: null }] };
    }
    if (!(error instanceof Mistake)) throw error;
    return { expr: null, errors: [errorOf(text, error)] };
  }
  const errors = checker.mistakes.map((mistake) => errorOf(text, mistake));
  return { expr: null, errors: errors.sort((a, b) => a.start - b.start || a.end - b.end) };
}
