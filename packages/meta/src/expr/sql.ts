// Which expressions may stand in a filter: those that every database answers alike.

import { SCALED_DIGITS } from "./decimal";
import { Mistake } from "./error";
import { children, isIndependent, type Node, some } from "./ir";

/** The mistake that keeps an expression out of queries; null when it may stand there. */
export function notInQueries(root: Node): Mistake | null {
  const unready = ready(root);
  if (unready) return unready;
  // What a query finds may still be decided record by record, but with the record's own values.
  const beyond = (node: Node) =>
    some(node, (term) => term.kind === "field" && term.slot.via !== null);
  for (const term of root.kind === "and" ? root.items : [root]) {
    const inexact = beyond(term) ? inexactTruth(term) : null;
    if (inexact) {
      const message =
        "this works with the record's own fields only, not beside those behind a link";
      return new Mistake("not_in_queries", inexact.span, message);
    }
  }
  return null;
}

function ready(node: Node): Mistake | null {
  if (isIndependent(node)) return null;
  for (const child of children(node)) {
    const found = ready(child);
    if (found) return found;
  }
  const what = refused(node);
  if (what === null) return null;
  const message = `${what} works in computed fields and checks, not in queries`;
  return new Mistake("not_in_queries", node.span, message);
}

function refused(node: Node): string | null {
  if (node.type.kind === "decimal" && node.type.scale === null) {
    return "a decimal without a declared scale";
  }
  switch (node.kind) {
    case "field":
      return node.type.kind === "rows" ? "a look at rows" : null;
    case "calculate":
      if (node.op === "+" && node.type.kind === "text") return "joining texts";
      return node.op === "+" || node.op === "-" ? null : `\`${node.op}\``;
    case "call":
      return ["startsWith", "endsWith", "contains"].includes(node.function.name)
        ? null
        : `\`${node.function.name}\``;
    case "if":
      return node.type.kind === "bool" ? null : "`?:` between values that are not booleans";
    case "list":
      return "a list of fields";
    case "loop":
      return `\`${node.operation}\``;
    default:
      return null;
  }
}

function inexactTruth(node: Node): Node | null {
  if (isIndependent(node)) return null;
  const first = (nodes: readonly Node[], find: (node: Node) => Node | null) =>
    nodes.reduce<Node | null>((found, one) => found ?? find(one), null);
  switch (node.kind) {
    case "and":
    case "or":
    case "if":
      return first(node.items, inexactTruth);
    case "not":
      return inexactTruth(node.inner);
    case "has":
      return inexactValue(node.inner);
    case "compare":
    case "in":
      return inexactValue(node.a) ?? inexactValue(node.b);
    case "call":
      return first(node.items, inexactValue);
    case "field":
      return null;
    default:
      return node;
  }
}

function inexactValue(node: Node): Node | null {
  const { type } = node;
  const item = type.kind === "list" ? type.item : null;
  const fits =
    type.kind === "decimal"
      ? type.scale !== null && type.scale <= SCALED_DIGITS
      : !(item?.kind === "decimal" && item.scale === null);
  if (!fits) return node;
  if (node.kind === "field" || isIndependent(node)) return null;
  if (
    node.kind === "calculate" &&
    (node.op === "+" || node.op === "-") &&
    (type.kind === "int" || type.kind === "decimal")
  ) {
    return inexactValue(node.a) ?? inexactValue(node.b);
  }
  if (node.kind === "negate" && node.inner.type.kind === "decimal") {
    return inexactValue(node.inner);
  }
  return node;
}
