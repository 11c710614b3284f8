// The interpreter: every expression has a value for every record, and says why it is null where no
// operand was.

import * as calc from "./calculate";
import { type Cause, Failure } from "./calculate";
import type { Span } from "./error";
import { call, MAX_TEXT } from "./function";
import type { Node } from "./ir";
import { type Day, Instant } from "./time";
import { byteLength, JsonText, List, Rows, type Value } from "./value";

/** What an evaluation may cost: elements visited, plus one for each 64 bytes of text made. */
const BUDGET_STEPS = 100_000;

/** The values of a record. */
export interface Row {
  /** The record's own value at an index; null where there is none. */
  value(index: number): Value;
  /** The value at an index of a source beyond the record; undefined for a source unknown here. */
  beyond?(source: number, index: number): Value | undefined;
}

/** What an expression may ask besides the record. */
export interface Context {
  /** The answer of `now()`. */
  readonly now: Instant;
  /** The answer of `today()`. */
  readonly today: Day;
  /** The IANA zone in which instants become days. */
  readonly zone: string;
  /** The actor's values, in the order of the environment's actor fields. */
  readonly attributes: readonly Value[];
}

/** The context of an instant in a zone; `today` is the day there. */
export function contextAt(now: Instant, zone: string, attributes: readonly Value[] = []): Context {
  return { now, today: now.dayIn(zone), zone, attributes };
}

export const NO_CONTEXT: Context = contextAt(new Instant(0n), "UTC");

/** Why a calculation gave null, or an ordering false, though no operand was null. */
export interface Reason {
  readonly code: Cause;
  readonly span: Span;
}

/** A result and why it, or a part of it, is null. */
export interface Evaluated {
  readonly value: Value;
  readonly reasons: readonly Reason[];
}

/** The values of a plain list, in the order of the environment's indexes. */
export function rowOf(values: readonly Value[]): Row {
  return { value: (index) => values[index] ?? null };
}

/** The value for one record. */
export function evaluate(node: Node, row: Row, context: Context): Evaluated {
  const run = new Run(row, context);
  const value = run.value(node, null);
  return { value, reasons: run.reasons };
}

/** One element of an enclosing loop, and the loops around that. */
interface Frame {
  readonly outer: Frame | null;
  readonly scope: number;
  readonly row: readonly Value[] | null;
  readonly item: Value;
}

class Run {
  readonly reasons: Reason[] = [];
  private readonly row: Row;
  private readonly context: Context;
  private steps = BUDGET_STEPS;

  constructor(row: Row, context: Context) {
    this.row = row;
    this.context = context;
  }

  private record(code: Cause, node: Node): null {
    // A calculation inside a loop is named once.
    const known = this.reasons.some(
      (reason) =>
        reason.code === code &&
        reason.span.start === node.span.start &&
        reason.span.end === node.span.end,
    );
    if (!known) this.reasons.push({ code, span: node.span });
    return null;
  }

  /** Takes `steps` from the budget; false when it is used up. */
  private spend(steps: number, node: Node): boolean {
    if (steps <= this.steps) {
      this.steps -= steps;
      return true;
    }
    this.steps = 0;
    this.record("too_much_work", node);
    return false;
  }

  private known(result: Value | Failure, node: Node): Value {
    return result instanceof Failure ? this.record(result.cause, node) : result;
  }

  /** Whether the term is true; null counts as false. */
  private truth(node: Node, frame: Frame | null): boolean {
    switch (node.kind) {
      case "and":
        return node.items.every((item) => this.truth(item, frame));
      case "or":
        return node.items.some((item) => this.truth(item, frame));
      case "not":
        return !this.truth(node.inner, frame);
      case "has":
        return this.value(node.inner, frame) !== null;
      case "compare": {
        const [a, b] = [this.value(node.a, frame), this.value(node.b, frame)];
        const { holds, failure } = calc.compare(node.op, a, b);
        if (failure) this.record(failure.cause, node);
        return holds;
      }
      case "in": {
        const [needle, list] = [this.value(node.a, frame), this.value(node.b, frame)];
        return (
          list instanceof List && list.items.some((item) => calc.compare("==", needle, item).holds)
        );
      }
      default:
        return this.value(node, frame) === true;
    }
  }

  value(node: Node, frame: Frame | null): Value {
    switch (node.kind) {
      case "const":
        return node.value;
      case "field":
        return this.field(node, frame);
      case "attribute":
        return this.context.attributes[node.slot.index] ?? null;
      case "item":
        return element(frame, node.scope)?.item ?? null;
      case "now":
        return this.context.now;
      case "today":
        return this.context.today;
      case "calculate": {
        const [a, b] = [this.value(node.a, frame), this.value(node.b, frame)];
        if (!this.affordable(node.op, a, b, node)) return null;
        return this.known(calc.calculate(node.op, a, b, node.type), node);
      }
      case "negate":
        return this.known(calc.negate(this.value(node.inner, frame)), node);
      case "if": {
        const [condition, then, otherwise] = node.items;
        const taken = this.truth(condition, frame) ? then : otherwise;
        return this.fitted(this.value(taken, frame), node);
      }
      case "list":
        return new List(node.items.map((item) => this.owned(item, frame)));
      case "call":
        return this.call(node, frame);
      case "loop":
        return this.loop(node, frame);
      default:
        return this.truth(node, frame);
    }
  }

  private field(node: Node & { kind: "field" }, frame: Frame | null): Value {
    const { scope, index, via } = node.slot;
    if (via !== null) {
      const found = scope === 0 ? this.row.beyond?.(via, index) : undefined;
      return found === undefined ? this.record("wrong_type", node) : found;
    }
    return scope === 0 ? this.row.value(index) : (element(frame, scope)?.row?.[index] ?? null);
  }

  /** A value of its own, paid for. */
  private owned(node: Node, frame: Frame | null): Value {
    const value = this.value(node, frame);
    return this.spend(weight(value), node) ? value : null;
  }

  /** Joining texts costs their length, so that a loop cannot fill the memory. */
  private affordable(op: string, a: Value, b: Value, node: Node): boolean {
    if (op !== "+" || typeof a !== "string" || typeof b !== "string") return true;
    const bytes = byteLength(a) + byteLength(b);
    if (bytes > MAX_TEXT) {
      this.record("overflow", node);
      return false;
    }
    return this.spend(Math.floor(bytes / 64), node);
  }

  private call(node: Node & { kind: "call" }, frame: Frame | null): Value {
    if (node.function.name === "coalesce") {
      for (const item of node.items) {
        const value = this.value(item, frame);
        if (value !== null) return this.fitted(value, node);
      }
      return null;
    }
    const values = node.items.map((item) => this.value(item, frame));
    const { name } = node.function;
    if ((name === "lower" || name === "upper") && !this.spend(weight(values[0] ?? null), node)) {
      return null;
    }
    const result = call(node.function, values, node.type, this.context);
    return this.fitted(this.known(result, node), node);
  }

  /** The value, if it fits the digits of the term's type. */
  private fitted(value: Value, node: Node): Value {
    if (node.type.kind !== "decimal" || node.type.scale === null) return value;
    const number = calc.asDecimal(value);
    if (number instanceof Failure) return value;
    const fits = calc.fitting(number, node.type);
    return fits instanceof Failure ? this.record(fits.cause, node) : value;
  }

  private loop(node: Node & { kind: "loop" }, outer: Frame | null): Value {
    const over = this.value(node.over, outer);
    const { operation } = node;
    const isRows = over instanceof Rows;
    if (!isRows && !(over instanceof List)) {
      // Of nothing known there are no elements to test, and no list to give.
      return operation === "filter" || operation === "map" ? null : operation === "all";
    }
    const scope = (outer?.scope ?? 0) + 1;
    const kept: Value[] = [];
    const keptRows: (readonly Value[])[] = [];
    let hits = 0;
    const count = isRows ? over.rows.length : over.items.length;
    for (let at = 0; at < count; at += 1) {
      if (!this.spend(1, node)) return null;
      const row = isRows ? (over.rows[at] ?? []) : null;
      const item = isRows ? null : (over.items[at] ?? null);
      const frame: Frame = { outer, scope, row, item };
      if (operation === "map") {
        kept.push(this.owned(node.body, frame));
        continue;
      }
      const holds = this.truth(node.body, frame);
      hits += holds ? 1 : 0;
      if (operation === "exists" && holds) return true;
      if (operation === "all" && !holds) return false;
      if (operation === "filter" && holds) {
        const cost = row ? row.reduce<number>((sum, cell) => sum + weight(cell), 0) : weight(item);
        if (!this.spend(cost, node)) return null;
        if (row) keptRows.push(row);
        else kept.push(item);
      }
    }
    if (operation === "exists") return false;
    if (operation === "all") return true;
    if (operation === "exists_one") return hits === 1;
    return operation === "filter" && node.type.kind === "rows"
      ? new Rows(keptRows)
      : new List(kept);
  }
}

/** What a copy of the value costs, in steps. */
function weight(value: Value): number {
  if (typeof value === "string") return Math.floor(byteLength(value) / 64);
  if (value instanceof JsonText) return Math.floor(byteLength(value.text) / 64);
  if (value instanceof List)
    return value.items.reduce<number>((n, item) => n + 1 + weight(item), 0);
  if (value instanceof Rows) {
    return value.rows.flat().reduce<number>((n, cell) => n + 1 + weight(cell), 0);
  }
  return 0;
}

function element(frame: Frame | null, scope: number): Frame | null {
  let found = frame;
  while (found && found.scope !== scope) found = found.outer;
  return found;
}
