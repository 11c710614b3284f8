// The check: finds every name in the environment, gives every term its type, and says all that is
// wrong at once.

import { checkCall } from "./call";
import { Decimal, parseDecimal } from "./decimal";
import type { Env, FieldRef } from "./env";
import { Mistake, nearest, type Span, spanTo } from "./error";
import { finish } from "./fold";
import {
  COMPARISONS,
  type Comparison,
  constant,
  type Kind,
  type Node,
  OPERATORS,
  type Operator,
} from "./ir";
import { literalValue } from "./literal";
import type { Term } from "./parser";
import { print, quote } from "./print";
import {
  BOOL,
  DATE,
  DURATION,
  decimal,
  hasEquality,
  INSTANT,
  INT,
  isNumber,
  isOrdered,
  joinTypes,
  jointScale,
  listOf,
  MONEY,
  NULL,
  sameType,
  TEXT,
  type Type,
  typeOfLiteral,
  typeText,
} from "./type";
import { type Id, isI64, List, parseId, type Value } from "./value";

/** A term with its meaning; null after a mistake, which is then recorded. */
export type Checked = Node | null;

/** The variable of an enclosing loop: a row with its fields, or a value. */
export interface Variable {
  readonly name: string;
  readonly element:
    | { readonly env: Env; readonly path: string }
    | { readonly env: null; readonly type: Type };
}

/** A new term in canonical form. */
export function made(kind: Kind, type: Type, span: Span): Node {
  return finish({ ...kind, type, span });
}

export class Checker {
  readonly env: Env;
  readonly loops: Variable[] = [];
  readonly mistakes: Mistake[] = [];
  private readonly choices = new Map<string, readonly string[]>();

  constructor(env: Env) {
    this.env = env;
  }

  fail(code: string, span: Span, message: string, suggestion: string | null = null): null {
    this.mistakes.push(new Mistake(code, span, message, suggestion));
    return null;
  }

  /** Says that a term has another type than the one wanted. */
  mismatch(node: Node, wanted: string): null {
    return this.fail(
      "type_mismatch",
      node.span,
      `expected ${wanted}, found ${typeText(node.type)}`,
    );
  }

  term(term: Term): Checked {
    const { span } = term;
    const literal = (value: Value) => constant(value, typeOfLiteral(value), span);
    switch (term.kind) {
      case "null":
        return literal(null);
      case "bool":
      case "int":
      case "decimal":
      case "text":
        return literal(term.value);
      case "list":
        return this.list(term.items, span);
      case "name":
      case "select":
        return this.path(term);
      case "call":
        return checkCall(this, term, span);
      case "not": {
        const inner = this.condition(term.inner);
        return inner && made({ kind: "not", inner }, BOOL, span);
      }
      case "negate": {
        const inner = this.term(term.inner);
        if (!inner) return null;
        const signed =
          isNumber(inner.type) || ["money", "duration", "null"].includes(inner.type.kind);
        if (!signed) return this.mismatch(inner, "a number, money or a duration");
        return made({ kind: "negate", inner }, inner.type, span);
      }
      case "and":
      case "or": {
        const items = all(term.items.map((item) => this.condition(item)));
        return items && made({ kind: term.kind, items }, BOOL, span);
      }
      case "binary":
        return this.binary(term.sign, term.left, term.right, span);
      case "if": {
        const condition = this.condition(term.items[0]);
        const [then, otherwise] = [this.term(term.items[1]), this.term(term.items[2])];
        if (!condition || !then || !otherwise) return null;
        const type = this.joined([then, otherwise]);
        return type && made({ kind: "if", items: [condition, then, otherwise] }, type, span);
      }
    }
  }

  /** All terms, each checked even if another is wrong. */
  terms(terms: readonly Term[]): Node[] | null {
    return all(terms.map((term) => this.term(term)));
  }

  /** A term that is true or false. */
  condition(term: Term): Checked {
    const node = this.term(term);
    if (!node || node.type.kind === "bool" || node.type.kind === "null") return node;
    return this.mismatch(node, "a condition");
  }

  /** The one type of several terms. */
  joined(nodes: readonly Node[]): Type | null {
    let type: Type = NULL;
    for (const node of nodes) {
      const joined = joinTypes(type, node.type);
      if (!joined) return this.mismatch(node, typeText(type));
      if (node.type.kind === "rows") return this.mismatch(node, "a value");
      type = joined;
    }
    return type;
  }

  private list(terms: readonly Term[], span: Span): Checked {
    const items = this.terms(terms);
    const type = items && this.joined(items);
    if (!items || !type) return null;
    return items.length === 0
      ? constant(new List([]), listOf(type), span)
      : made({ kind: "list", items }, listOf(type), span);
  }

  private path(term: Term): Checked {
    const words: { text: string; span: Span }[] = [];
    let base = term;
    while (base.kind === "select") {
      words.unshift(base.name);
      base = base.inner;
    }
    if (base.kind !== "name") {
      const message = "only records, links and rows have fields; is a `(` missing?";
      return this.fail("unknown_field", words[0]?.span ?? term.span, message);
    }
    words.unshift({ text: base.name, span: base.span });
    const names = words.map((word) => word.text);
    const written = names.join(".");
    const place = this.loops.findLastIndex((variable) => variable.name === names[0]);
    const variable = this.loops[place];
    if (!variable) {
      const field = this.env.field(names);
      if (field) return this.field(field, 0, written, written, term.span);
      return this.refuse(unknown(this.env, words, this.loops));
    }
    const { element } = variable;
    if (element.env === null) {
      if (words.length === 1) {
        const name = variable.name;
        return { kind: "item", scope: place + 1, name, type: element.type, span: term.span };
      }
      const message = `\`${names[0]}\` is ${typeText(element.type)} and has no fields`;
      return this.fail("unknown_field", words[1]?.span ?? term.span, message);
    }
    if (words.length === 1) {
      const message = `\`${names[0]}\` is a row: name a field of it, as in \`${names[0]}.name\``;
      return this.fail("incomplete", term.span, message);
    }
    const field = element.env.field(names.slice(1));
    if (!field) return this.refuse(unknown(element.env, words.slice(1), []));
    const path = `${element.path}.${names.slice(1).join(".")}`;
    return this.field(field, place + 1, written, path, term.span);
  }

  private refuse(mistake: Mistake): null {
    this.mistakes.push(mistake);
    return null;
  }

  private field(ref: FieldRef, scope: number, name: string, path: string, span: Span): Checked {
    if (ref.choices.length > 0 && !this.choices.has(path)) this.choices.set(path, ref.choices);
    const slot = { scope, index: ref.index, via: ref.via, name, path };
    const base = { slot, type: ref.type, span };
    return ref.origin === "record" ? { kind: "field", ...base } : { kind: "attribute", ...base };
  }

  private binary(sign: string, left: Term, right: Term, span: Span): Checked {
    const [a, b] = [this.term(left), this.term(right)];
    if (!a || !b) return null;
    if (COMPARISONS.includes(sign)) return this.comparison(sign as Comparison, a, b, span);
    if (OPERATORS.includes(sign)) return this.calculation(sign as Operator, a, b, span);
    return this.membership(a, b, right, span);
  }

  private comparison(op: Comparison, left: Node, right: Node, span: Span): Checked {
    const a = this.asId(left, right.type);
    const b = a && this.asId(right, a.type);
    if (!a || !b) return null;
    const isOrdering = op !== "==" && op !== "!=";
    if (!isOrdering && (!this.checkChoice(a, b) || !this.checkChoice(b, a))) return null;
    const joined = joinTypes(a.type, b.type);
    if (!joined) return this.incomparable(op, a, b);
    const isNull = a.type.kind === "null" || b.type.kind === "null";
    if (!isNull && !(isOrdering ? isOrdered(joined) : hasEquality(joined))) {
      return this.fail("type_mismatch", span, `\`${op}\` is not defined for ${typeText(joined)}`);
    }
    return made({ kind: "compare", op, a, b }, BOOL, span);
  }

  /** Points at the side that is a literal, and says how it is written for the other side. */
  private incomparable(sign: string, a: Node, b: Node): null {
    const [field, other] = a.kind === "const" ? [b, a] : [a, b];
    const kinds = [field.type.kind, other.type.kind];
    let hint = "";
    if (field.type.kind === "money" && isNumber(other.type)) {
      hint = ": compare with money('12.30', 'EUR'), or its amount(…)";
    } else if (isNumber(field.type) && other.type.kind === "money") {
      hint = ": take its amount(…)";
    } else if (kinds.includes("instant") && kinds.includes("date")) {
      hint = ": take the date(…) of the instant";
    } else if (field.type.kind === "bool" && ["int", "text"].includes(other.type.kind)) {
      hint = ": write true or false";
    }
    const text = other.kind === "const" && typeof other.value === "string" ? other.value : null;
    const suggestion = text === null ? null : literalOf(field.type, text);
    const message = `\`${sign}\` does not compare ${typeText(field.type)} with ${typeText(other.type)}${hint}`;
    return this.fail("type_mismatch", other.span, message, suggestion);
  }

  /** A text literal where an id is wanted becomes one. */
  asId(node: Node, wanted: Type): Checked {
    if (wanted.kind !== "id" || node.kind !== "const") return node;
    const parse = (value: Value): Id | null | undefined => {
      if (value === null) return null;
      const found = typeof value === "string" ? parseId(value) : null;
      return found?.prefix === wanted.prefix ? found.id : undefined;
    };
    const { value, type, span } = node;
    if (type.kind === "text") {
      const id = parse(value);
      if (id !== undefined) return constant(id, wanted, span);
    } else if (value instanceof List && type.kind === "list" && type.item.kind === "text") {
      const ids = value.items.map(parse);
      if (ids.every((id) => id !== undefined)) {
        return constant(new List(ids), listOf(wanted), span);
      }
    } else {
      return node;
    }
    const message = `an id of ${wanted.entity} is written '${wanted.prefix}_' and 26 characters`;
    return this.fail("invalid_literal", span, message);
  }

  /** Refuses to compare a choice with a text that it can never be. */
  private checkChoice(field: Node, literal: Node): boolean {
    const text = literal.kind === "const" ? literal.value : null;
    return typeof text !== "string" || this.checkChoiceText(field, text, literal.span);
  }

  private checkChoiceText(field: Node, text: string, span: Span): boolean {
    const choices = field.kind === "field" ? this.choices.get(field.slot.path) : undefined;
    if (field.kind !== "field" || !choices || choices.includes(text)) return true;
    const near = nearest(text, choices);
    const message = `${field.slot.name} is one of ${choices.join(", ")}`;
    this.fail("unknown_choice", span, message, near === null ? null : quote(near));
    return false;
  }

  private membership(left: Node, right: Node, written: Term, span: Span): Checked {
    const list = this.asId(right, left.type);
    if (!list) return null;
    if (list.type.kind !== "list") {
      if (list.type.kind === "null") return constant(false, BOOL, span);
      return this.mismatch(list, "a list");
    }
    const { item } = list.type;
    const needle = this.asId(left, item);
    if (!needle) return null;
    if (written.kind === "list") {
      for (const one of written.items) {
        if (one.kind === "text") this.checkChoiceText(needle, one.value, one.span);
      }
    }
    const joined = joinTypes(needle.type, item);
    if (!joined || !(joined.kind === "null" || hasEquality(joined))) {
      return this.mismatch(list, `a list of ${typeText(needle.type)}`);
    }
    return made({ kind: "in", a: needle, b: list }, BOOL, span);
  }

  private calculation(op: Operator, a: Node, b: Node, span: Span): Checked {
    const type = resultType(op, a.type, b.type);
    if (!type) return this.incalculable(op, a, b);
    return made({ kind: "calculate", op, a, b }, type, span);
  }

  private incalculable(op: Operator, a: Node, b: Node): null {
    const [x, y] = [a.type.kind, b.type.kind];
    let hint = "";
    if (x === "money" || y === "money") {
      hint = ": calculate with amount(…), then money(…, currency(…))";
    } else if (x === "date" && y === "duration") hint = ": add a number of days";
    else if (x === "instant" && y === "int") hint = ": add a duration, as in duration('PT12H')";
    else if (op === "+" && (x === "text" || y === "text")) hint = ": only text joins text";
    const types = `${typeText(a.type)} and ${typeText(b.type)}`;
    const message = `\`${op}\` is not defined for ${types}${hint}`;
    return this.fail("type_mismatch", spanTo(a.span, b.span), message);
  }

  /** The root of an expression whose value must fit `expected`. */
  expect(found: Node, expected: Type): Checked {
    const root = this.asId(found, expected);
    if (!root || fits(root.type, expected)) return root;
    if (expected.kind === "decimal" && expected.scale !== null && isNumber(root.type)) {
      const message = `expected ${typeText(expected)}: say how the result is rounded`;
      const suggestion = `round(${print(root)}, ${expected.scale})`;
      return this.fail("rounding", root.span, message, suggestion);
    }
    return this.mismatch(root, typeText(expected));
  }
}

/** Every element, or null if one is missing. */
function all(nodes: readonly Checked[]): Node[] | null {
  return nodes.every((node) => node !== null) ? [...nodes] : null;
}

function resultType(op: Operator, a: Type, b: Type): Type | null {
  const usable = (type: Type) => type.kind !== "bool" && type.kind !== "rows";
  if (a.kind === "null" && usable(b)) return b;
  if (b.kind === "null" && usable(a)) return a;
  const sum = op === "+" || op === "-";
  const pair = `${a.kind} ${b.kind}`;
  if (pair === "int int" && op !== "/") return INT;
  if (isNumber(a) && isNumber(b)) return decimal(sum ? jointScale(a, b) : null);
  if (op === "+" && pair === "text text") return TEXT;
  if (sum && pair === "money money") return MONEY;
  if (sum && pair === "date int") return DATE;
  if (op === "+" && pair === "int date") return DATE;
  if (op === "-" && pair === "date date") return INT;
  if (sum && pair === "instant duration") return INSTANT;
  if (op === "+" && pair === "duration instant") return INSTANT;
  if (op === "-" && pair === "instant instant") return DURATION;
  if (sum && pair === "duration duration") return DURATION;
  if (op === "*" && (pair === "duration int" || pair === "int duration")) return DURATION;
  return null;
}

function fits(found: Type, expected: Type): boolean {
  if (found.kind === "null") return true;
  if (found.kind === "list" && expected.kind === "list") return fits(found.item, expected.item);
  if (expected.kind === "decimal") {
    if (found.kind === "int") return true;
    if (found.kind !== "decimal") return false;
    return expected.scale === null || (found.scale !== null && found.scale <= expected.scale);
  }
  return sameType(found, expected);
}

/** How the text is written as a literal of that type. */
function literalOf(type: Type, text: string): string | null {
  switch (type.kind) {
    case "date":
    case "instant":
    case "duration":
      return typeof literalValue(type.kind, text) === "string"
        ? null
        : `${type.kind}(${quote(text)})`;
    case "int":
      return /^[+-]?\d+$/.test(text) && isI64(BigInt(text.replace("+", "")))
        ? String(BigInt(text.replace("+", "")))
        : null;
    case "decimal": {
      const value = parseDecimal(text, 9);
      return value instanceof Decimal ? value.toString() : null;
    }
    case "bool":
      return text === "true" || text === "false" ? text : null;
    default:
      return null;
  }
}

/** Says which word of a path is the first that is not known. */
function unknown(
  env: Env,
  words: readonly { text: string; span: Span }[],
  loops: readonly Variable[],
): Mistake {
  const path = words.map((word) => word.text);
  for (const [place, { text, span }] of words.entries()) {
    const before = path.slice(0, place);
    const names = env.names(before);
    if (names.includes(text)) continue;
    if (names.length === 0 && place > 0) {
      const message = env.closed?.(before) ?? `\`${before.join(".")}\` has no fields`;
      return new Mistake("unknown_field", span, message);
    }
    const variables = place === 0 ? loops.map((variable) => variable.name) : [];
    const message = `there is no field \`${path.slice(0, place + 1).join(".")}\``;
    return new Mistake("unknown_field", span, message, nearest(text, [...names, ...variables]));
  }
  const written = path.join(".");
  const next = env.names(path)[0];
  const span = spanTo(
    words[0]?.span ?? { start: 0, end: 0 },
    words.at(-1)?.span ?? { start: 0, end: 0 },
  );
  const message = `\`${written}\` is no value by itself: name one of its fields`;
  return new Mistake("incomplete", span, message, next === undefined ? null : `${written}.${next}`);
}
