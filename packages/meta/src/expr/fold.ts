// Puts a term into its one canonical form: constants are evaluated, null literals resolved.

import { evaluate, NO_CONTEXT, rowOf } from "./eval";
import { children, constant, type Kind, type Node } from "./ir";
import { BOOL, NULL, typeOfLiteral } from "./type";

const isNull = (node: Node) => node.kind === "const" && node.value === null;
const TEXT_TESTS = ["startsWith", "endsWith", "contains"];

/** The canonical form of a term whose inner terms have theirs. */
export function finish(node: Node): Node {
  const { span } = node;
  let current = node;
  if (node.kind === "compare" && (isNull(node.a) || isNull(node.b))) {
    if (node.op !== "==" && node.op !== "!=") return constant(false, BOOL, span);
    const has = finish(made({ kind: "has", inner: isNull(node.a) ? node.b : node.a }, node));
    if (node.op === "!=") return has;
    current = made({ kind: "not", inner: has }, node);
  } else if (node.kind === "calculate" && (isNull(node.a) || isNull(node.b))) {
    return constant(null, NULL, span);
  } else if (node.kind === "negate" && isNull(node.inner)) {
    return constant(null, NULL, span);
  } else if (
    node.kind === "call" &&
    TEXT_TESTS.includes(node.function.name) &&
    node.items.some(isNull)
  ) {
    return constant(false, BOOL, span);
  }
  if (!isFoldable(current)) return current;
  const { value, reasons } = evaluate(current, rowOf([]), NO_CONTEXT);
  // A calculation without a result stays, so that its reason is told whenever it is evaluated.
  if (reasons.length > 0) return current;
  const { type } = current;
  const isIds = type.kind === "id" || (type.kind === "list" && type.item.kind === "id");
  return constant(value, value === null ? NULL : isIds ? type : typeOfLiteral(value), span);
}

function made(kind: Kind, node: Node): Node {
  return { ...kind, type: BOOL, span: node.span };
}

/** Whether the term's value is known now. */
function isFoldable(node: Node): boolean {
  switch (node.kind) {
    case "const":
    case "field":
    case "item":
    case "loop":
    case "attribute":
    case "now":
    case "today":
      return false;
    case "call": {
      const inZone = ["year", "month", "day", "date"].includes(node.function.name);
      if (inZone && node.items.some((item) => item.type.kind === "instant")) return false;
      return node.items.every((item) => item.kind === "const");
    }
    default:
      return children(node).every((child) => child.kind === "const");
  }
}
