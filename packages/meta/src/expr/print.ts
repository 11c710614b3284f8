// Writes an expression in its one canonical form, which reads back as the same tree.

import { Decimal } from "./decimal";
import type { Node } from "./ir";
import { Money } from "./money";
import { Day, Duration, Instant, WallTime } from "./time";
import { NULL, type Type } from "./type";
import { Id, JsonText, List, type Value } from "./value";

const [IF, OR, AND, COMPARE, ADD, MULTIPLY, UNARY, PRIMARY] = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const METHODS = ["startsWith", "endsWith", "contains", "sum"];

function strength(node: Node): number {
  switch (node.kind) {
    case "if":
      return IF;
    case "or":
      return OR;
    case "and":
      return AND;
    case "compare":
    case "in":
      return COMPARE;
    case "calculate":
      return node.op === "+" || node.op === "-" ? ADD : MULTIPLY;
    case "not":
    case "negate":
      return UNARY;
    default:
      return PRIMARY;
  }
}

/** The term, in parentheses if it binds less than `least`. */
function within(node: Node, least: number): string {
  return strength(node) < least ? `(${print(node)})` : print(node);
}

/** The canonical text of a term; an id is written with the prefix of its type. */
export function print(node: Node): string {
  switch (node.kind) {
    case "const":
      return literal(node.value, node.type);
    case "field":
    case "attribute":
      return node.slot.name;
    case "item":
      return node.name;
    case "now":
    case "today":
      return `${node.kind}()`;
    case "has":
      return `has(${print(node.inner)})`;
    case "not":
      return `!${within(node.inner, UNARY)}`;
    case "negate":
      return `-${within(node.inner, UNARY)}`;
    case "and":
      return node.items.map((item) => within(item, COMPARE)).join(" && ");
    case "or":
      return node.items.map((item) => within(item, AND)).join(" || ");
    case "compare":
      return `${within(node.a, ADD)} ${node.op} ${within(node.b, ADD)}`;
    case "in":
      return `${within(node.a, ADD)} in ${within(node.b, ADD)}`;
    case "calculate": {
      const own = strength(node);
      return `${within(node.a, own)} ${node.op} ${within(node.b, own + 1)}`;
    }
    case "if": {
      const [condition, then, otherwise] = node.items;
      return `${within(condition, OR)} ? ${within(then, OR)} : ${within(otherwise, IF)}`;
    }
    case "list":
      return `[${node.items.map(print).join(", ")}]`;
    case "call":
      return printCall(node);
    case "loop":
      return `${within(node.over, PRIMARY)}.${node.operation}(${node.variable}, ${print(node.body)})`;
  }
}

function printCall(node: Node & { kind: "call" }): string {
  const { name, places, rounding } = node.function;
  const [receiver, ...rest] = node.items;
  const isMethod = METHODS.includes(name) && receiver !== undefined;
  const items = (isMethod ? rest : node.items).map(print);
  if (places !== undefined) items.push(String(places));
  if (rounding !== undefined) items.push(`'${rounding}'`);
  const lead = isMethod ? `${within(receiver, PRIMARY)}.` : "";
  return `${lead}${name}(${items.join(", ")})`;
}

/** A value as it is written in an expression; `type` gives an id its prefix. */
export function literal(value: Value, type: Type): string {
  if (value === null) return "null";
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object") return String(value);
  if (value instanceof Decimal) return `${value}${value.scale === 0 ? ".0" : ""}`;
  if (value instanceof Day) return `date('${value}')`;
  if (value instanceof Instant) return `instant('${value}')`;
  if (value instanceof Duration) return `duration('${value}')`;
  if (value instanceof Money) return `money('${value.amountText()}', '${value.currency}')`;
  if (value instanceof Id) {
    return type.kind === "id" ? `'${type.prefix}_${value.suffix}'` : `'${value.suffix}'`;
  }
  if (value instanceof List) {
    const item = type.kind === "list" ? type.item : NULL;
    return `[${value.items.map((one) => literal(one, item)).join(", ")}]`;
  }
  if (value instanceof JsonText) return quote(value.text);
  if (value instanceof WallTime) return quote(value.toString());
  return "null";
}

/** The literal of a text: single quotes, with `'`, `\` and control characters escaped. */
export function quote(text: string): string {
  const escaped = (char: string) => {
    if (char === "'" || char === "\\") return `\\${char}`;
    const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[char];
    return known ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  };
  return `'${text.replace(/['\\\p{Cc}]/gu, escaped)}'`;
}
