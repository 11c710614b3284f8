// The typed tree: what an expression means once its names are known.

import type { Rounding } from "./decimal";
import type { Span } from "./error";
import type { Type } from "./type";
import type { Value } from "./value";

/** Where a field's value is found. */
export interface Slot {
  /** 0 for the record, n for the row of the n-th enclosing loop, 1 being the outermost. */
  readonly scope: number;
  /** Its place among the values there, or among those of the source in `via`. */
  readonly index: number;
  /** The source beyond the record's own values: the record behind a link. */
  readonly via: number | null;
  /** As written: `customer.country`, or `l.amount` in a loop. */
  readonly name: string;
  /** Its path from the record on: `customer.country`, `lines.amount`. */
  readonly path: string;
}

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type Operator = "+" | "-" | "*" | "/" | "%";
export const COMPARISONS: readonly string[] = ["==", "!=", "<", "<=", ">", ">="];
export const OPERATORS: readonly string[] = ["+", "-", "*", "/", "%"];

export type LoopOperation = "exists" | "exists_one" | "all" | "filter" | "map";
export const LOOPS: readonly string[] = ["exists", "exists_one", "all", "filter", "map"];

/** A function by its name in the text; what it needs before it is evaluated is part of it. */
export interface Called {
  readonly name:
    | "startsWith"
    | "endsWith"
    | "contains"
    | "lower"
    | "upper"
    | "size"
    | "div"
    | "round"
    | "abs"
    | "min"
    | "max"
    | "sum"
    | "coalesce"
    | "year"
    | "month"
    | "day"
    | "date"
    | "amount"
    | "currency"
    | "money";
  readonly places?: number;
  readonly rounding?: Rounding;
}

export type Kind =
  | { readonly kind: "const"; readonly value: Value }
  /** A field of the record or of a row; an attribute is a field of the actor. */
  | { readonly kind: "field"; readonly slot: Slot }
  | { readonly kind: "attribute"; readonly slot: Slot }
  /** The element that an enclosing loop over a list stands at. */
  | { readonly kind: "item"; readonly scope: number; readonly name: string }
  | { readonly kind: "now" | "today" }
  | { readonly kind: "has" | "not" | "negate"; readonly inner: Node }
  | { readonly kind: "and" | "or" | "list"; readonly items: readonly Node[] }
  | { readonly kind: "compare"; readonly op: Comparison; readonly a: Node; readonly b: Node }
  | { readonly kind: "in"; readonly a: Node; readonly b: Node }
  | { readonly kind: "calculate"; readonly op: Operator; readonly a: Node; readonly b: Node }
  | { readonly kind: "if"; readonly items: readonly [Node, Node, Node] }
  | { readonly kind: "call"; readonly function: Called; readonly items: readonly Node[] }
  | {
      readonly kind: "loop";
      readonly operation: LoopOperation;
      readonly over: Node;
      readonly variable: string;
      readonly body: Node;
    };

/** A term, its type and its place in the text. */
export type Node = Kind & { readonly type: Type; readonly span: Span };

/** The terms directly inside, in the order of the text. */
export function children(node: Node): readonly Node[] {
  switch (node.kind) {
    case "has":
    case "not":
    case "negate":
      return [node.inner];
    case "and":
    case "or":
    case "list":
    case "if":
    case "call":
      return node.items;
    case "compare":
    case "in":
    case "calculate":
      return [node.a, node.b];
    case "loop":
      return [node.over, node.body];
    default:
      return [];
  }
}

/** Whether `test` holds for a term or for one inside it. */
export function some(node: Node, test: (node: Node) => boolean): boolean {
  return test(node) || children(node).some((child) => some(child, test));
}

/** Whether it gives the same for every record: no field and no loop variable is inside. */
export function isIndependent(node: Node): boolean {
  return !some(node, (term) => term.kind === "field" || term.kind === "item");
}

export function constant(value: Value, type: Type, span: Span): Node {
  return { kind: "const", value, type, span };
}
