// The check of calls: functions, constructors of literals, and loops.

import { type Checked, type Checker, made, type Variable } from "./check";
import { ROUNDINGS, type Rounding, SCALED_DIGITS } from "./decimal";
import { nearest, type Span } from "./error";
import { type Called, constant, LOOPS, type LoopOperation, type Node } from "./ir";
import { literalValue } from "./literal";
import { isCurrency, moneyProblemText, parseMoney } from "./money";
import type { Term, Word } from "./parser";
import { print } from "./print";
import {
  BOOL,
  DATE,
  decimal,
  INSTANT,
  INT,
  isNumber,
  isOrdered,
  listOf,
  MONEY,
  NULL,
  TEXT,
  type Type,
  typeOfLiteral,
  typeText,
} from "./type";

/** Everything that can be called, for suggestions and for completion. */
export const FUNCTIONS: readonly string[] =
  "abs all amount coalesce contains currency date day decimal div duration endsWith exists exists_one filter has instant lower map max min money month now round size startsWith sum today upper year".split(
    " ",
  );

type Call = Term & { kind: "call" };

export function checkCall(checker: Checker, term: Call, span: Span): Checked {
  const { receiver, name } = term;
  if (LOOPS.includes(name.text)) {
    return checkLoop(checker, name.text as LoopOperation, receiver, term.arguments, span);
  }
  // `x.f(y)` is `f(x, y)`.
  const first = receiver && checker.term(receiver);
  const rest = checker.terms(term.arguments);
  if ((receiver && !first) || !rest) return null;
  return checkFunction(checker, name, first ? [first, ...rest] : rest, span);
}

function checkFunction(checker: Checker, name: Word, nodes: Node[], span: Span): Checked {
  const [first, second] = nodes;
  const call = (f: Called, items: readonly Node[], type: Type) =>
    made({ kind: "call", function: f, items }, type, span);
  const arity = (least: number, most: number) =>
    checkArity(checker, name, nodes, least, most, span);
  const allOf = (items: readonly Node[], is: (type: Type) => boolean, wanted: string) =>
    checkTypes(checker, items, is, wanted);
  const oneOf =
    (...kinds: Type["kind"][]) =>
    (type: Type) =>
      kinds.includes(type.kind);
  const text = name.text;
  switch (text) {
    case "now":
      return arity(0, 0) ? made({ kind: "now" }, INSTANT, span) : null;
    case "today":
      return arity(0, 0) ? made({ kind: "today" }, DATE, span) : null;
    case "has":
      return arity(1, 1) && first ? made({ kind: "has", inner: first }, BOOL, span) : null;
    case "startsWith":
    case "endsWith":
    case "contains":
      if (!arity(2, 2) || !first || !second) return null;
      if (text === "contains" && first.type.kind === "list") {
        const message = "whether a list holds a value is asked with `in`";
        const suggestion = `${print(second)} in ${print(first)}`;
        return checker.fail("type_mismatch", span, message, suggestion);
      }
      return allOf(nodes, oneOf("text"), "text") ? call({ name: text }, nodes, BOOL) : null;
    case "lower":
    case "upper":
      if (!arity(1, 1) || !allOf(nodes, oneOf("text"), "text")) return null;
      return call({ name: text }, nodes, TEXT);
    case "size":
      if (!arity(1, 1)) return null;
      if (!allOf(nodes, oneOf("text", "list", "rows"), "text, a list or rows")) return null;
      return call({ name: text }, nodes, INT);
    case "div":
    case "round": {
      const own = text === "div" ? 2 : 1;
      if (!arity(own + 1, own + 2)) return null;
      const ending = placesAndRounding(checker, nodes.slice(own));
      if (!ending || !allOf(nodes.slice(0, own), isNumber, "a number")) return null;
      return call({ name: text, ...ending }, nodes.slice(0, own), decimal(ending.places));
    }
    case "abs": {
      const signed = (type: Type) => isNumber(type) || oneOf("money", "duration")(type);
      if (!arity(1, 1) || !allOf(nodes, signed, "a number, money or a duration")) return null;
      return call({ name: text }, nodes, first?.type ?? NULL);
    }
    case "min":
    case "max":
      return arity(1, 16) ? checkExtreme(checker, text, nodes, span) : null;
    case "sum":
      return arity(1, 1) && first ? checkSum(checker, first, span) : null;
    case "coalesce": {
      const type = arity(1, 16) ? checker.joined(nodes) : null;
      return type && call({ name: text }, nodes, type);
    }
    case "year":
    case "month":
    case "day":
      if (!arity(1, 1) || !allOf(nodes, oneOf("date", "instant"), "a date or an instant"))
        return null;
      return call({ name: text }, nodes, INT);
    case "amount":
    case "currency":
      if (!arity(1, 1) || !allOf(nodes, oneOf("money"), "money")) return null;
      // The digits follow the currency, so no scale of the amount is known here.
      return call({ name: text }, nodes, text === "amount" ? decimal(null) : TEXT);
    case "date":
    case "instant":
    case "duration":
    case "decimal":
      if (text === "date" && nodes.length === 1 && first?.type.kind === "instant") {
        return call({ name: text }, nodes, DATE);
      }
      return arity(1, 1) && first ? checkConstructor(checker, text, first, span) : null;
    case "money":
      return arity(2, 3) ? checkMoney(checker, nodes, span) : null;
    default: {
      const near = nearest(text, FUNCTIONS);
      return checker.fail("unknown_function", name.span, `there is no function \`${text}\``, near);
    }
  }
}

function checkArity(
  checker: Checker,
  name: Word,
  nodes: readonly Node[],
  least: number,
  most: number,
  span: Span,
): boolean {
  if (nodes.length >= least && nodes.length <= most) return true;
  const many = least === most ? `${least}` : `${least} to ${most}`;
  const plural = most === 1 ? "" : "s";
  const message = `\`${name.text}\` takes ${many} argument${plural}, found ${nodes.length}`;
  checker.fail("arguments", span, message);
  return false;
}

/** Whether every argument is of a wanted type or null. */
function checkTypes(
  checker: Checker,
  nodes: readonly Node[],
  is: (type: Type) => boolean,
  wanted: string,
): boolean {
  const wrong = nodes.filter((node) => node.type.kind !== "null" && !is(node.type));
  for (const node of wrong) checker.mismatch(node, wanted);
  return wrong.length === 0;
}

/** The last arguments of `div` and `round`, which must be known when the expression is read. */
function placesAndRounding(
  checker: Checker,
  nodes: readonly Node[],
): { places: number; rounding: Rounding } | null {
  const [first, second] = nodes;
  const value = first?.kind === "const" ? first.value : null;
  if (!first || typeof value !== "bigint" || value < 0n || value > BigInt(SCALED_DIGITS)) {
    const message = `the places are a literal from 0 to ${SCALED_DIGITS}`;
    return checker.fail("literal", first?.span ?? { start: 0, end: 0 }, message);
  }
  const found = rounding(checker, second);
  return found && { places: Number(value), rounding: found };
}

function rounding(checker: Checker, node: Node | undefined): Rounding | null {
  if (!node) return "half_up";
  const name = node.kind === "const" && typeof node.value === "string" ? node.value : null;
  const found = ROUNDINGS.find((known) => known === name);
  if (found) return found;
  const near = nearest(name ?? "", ROUNDINGS);
  const message = "the rounding is one of 'half_up', 'half_even', 'up', 'down'";
  return checker.fail("literal", node.span, message, near === null ? null : `'${near}'`);
}

/** `min` and `max`: of one list, or of the arguments. */
function checkExtreme(
  checker: Checker,
  name: "min" | "max",
  nodes: readonly Node[],
  span: Span,
): Checked {
  const [only] = nodes;
  let type: Type | null;
  if (nodes.length === 1 && only) {
    if (only.type.kind === "list") type = only.type.item;
    else if (only.type.kind === "null") type = NULL;
    else return checker.mismatch(only, "a list, or two arguments");
  } else {
    type = checker.joined(nodes);
  }
  if (!type) return null;
  if (type.kind !== "null" && !isOrdered(type)) {
    return checker.fail("type_mismatch", span, `\`${name}\` is not defined for ${typeText(type)}`);
  }
  return made({ kind: "call", function: { name }, items: nodes }, type, span);
}

function checkSum(checker: Checker, list: Node, span: Span): Checked {
  if (list.type.kind !== "list") {
    return checker.mismatch(list, "a list, as in lines.map(l, l.amount).sum()");
  }
  const { item } = list.type;
  if (!isNumber(item) && !["money", "duration", "null"].includes(item.kind)) {
    return checker.mismatch(list, "a list of numbers, money or durations");
  }
  return made({ kind: "call", function: { name: "sum" }, items: [list] }, item, span);
}

function checkConstructor(
  checker: Checker,
  name: "date" | "instant" | "duration" | "decimal",
  node: Node,
  span: Span,
): Checked {
  if (node.kind !== "const" || typeof node.value !== "string") {
    return checker.fail("literal", node.span, `\`${name}\` takes a text literal`);
  }
  const value = literalValue(name, node.value);
  if (typeof value === "string") {
    return checker.fail("invalid_literal", node.span, `a ${name} ${value}`);
  }
  return constant(value, typeOfLiteral(value), span);
}

/** `money('12.30', 'EUR')` is a literal; `money(number, currency, rounding)` is calculated. */
function checkMoney(checker: Checker, nodes: readonly Node[], span: Span): Checked {
  const [first, second, third] = nodes;
  if (!first || !second) return null;
  const text = (node: Node) =>
    node.kind === "const" && typeof node.value === "string" ? node.value : null;
  const [amount, code] = [text(first), text(second)];
  if (code !== null && !isCurrency(code)) {
    const message = "a currency is a code of ISO 4217 such as 'EUR'";
    const upper = code.toUpperCase();
    const suggestion = isCurrency(upper) ? `'${upper}'` : null;
    return checker.fail("invalid_literal", second.span, message, suggestion);
  }
  if (amount !== null && nodes.length === 2) {
    if (code === null) {
      const message = "an amount in quotes needs its currency in quotes";
      return checker.fail("literal", second.span, message);
    }
    const money = parseMoney(amount, code);
    if (typeof money !== "string") return constant(money, MONEY, span);
    const message = `an amount ${moneyProblemText(money, code)}`;
    return checker.fail("invalid_literal", first.span, message);
  }
  const found = rounding(checker, third);
  if (!found || !checkTypes(checker, [first], isNumber, "a number")) return null;
  if (!checkTypes(checker, [second], (type) => type.kind === "text", "a currency's code"))
    return null;
  const f: Called = { name: "money", rounding: found };
  return made({ kind: "call", function: f, items: [first, second] }, MONEY, span);
}

function checkLoop(
  checker: Checker,
  operation: LoopOperation,
  receiver: Term | null,
  items: readonly Term[],
  span: Span,
): Checked {
  const [first, second] = items;
  if (!receiver || !first || !second || items.length !== 2) {
    const message = `write lines.${operation}(l, …): rows or a list, a variable, a term`;
    return checker.fail("arguments", span, message);
  }
  const over = checker.term(receiver);
  if (!over) return null;
  if (first.kind !== "name") {
    return checker.fail("arguments", first.span, "the first argument names the variable");
  }
  const variable = first.name;
  let element: Variable["element"];
  if (over.type.kind === "list") {
    element = { env: null, type: over.type.item };
  } else if (over.type.kind === "rows") {
    const env = checker.env.rows(over.type.name);
    if (!env) return checker.mismatch(over, "rows whose fields are known");
    element = { env, path: rowsPath(over) };
  } else {
    return checker.mismatch(over, "rows or a list");
  }
  checker.loops.push({ name: variable, element });
  const body = operation === "map" ? checker.term(second) : checker.condition(second);
  checker.loops.pop();
  if (!body) return null;
  let type: Type = BOOL;
  if (operation === "filter") type = over.type;
  if (operation === "map") {
    if (body.type.kind === "rows") return checker.mismatch(body, "a value");
    type = listOf(body.type);
  }
  return made({ kind: "loop", operation, over, variable, body }, type, span);
}

/** The path from the record to the rows that a term selects from. */
function rowsPath(node: Node): string {
  if (node.kind === "field") return node.slot.path;
  return node.kind === "loop" ? rowsPath(node.over) : "";
}
