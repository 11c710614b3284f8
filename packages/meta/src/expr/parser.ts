// Reads the text of an expression: precedence climbing, with a limit on length and on depth.

import { Decimal } from "./decimal";
import { Mistake, type Span, spanTo } from "./error";
import { Lexer, type Token } from "./lexer";
import { byteLength, isI64 } from "./value";

/** The longest text of an expression, in bytes. */
export const MAX_LENGTH = 8 * 1024;
/** How deep terms may stand inside each other; a chain of `&&` or of `||` counts as one. */
const MAX_DEPTH = 64;

/** A name with its place. */
export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** What a term is, before anything is known of its fields. */
type TermKind =
  | { readonly kind: "null" }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "int"; readonly value: bigint }
  | { readonly kind: "decimal"; readonly value: Decimal }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "list"; readonly items: readonly Term[] }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "select"; readonly inner: Term; readonly name: Word }
  | {
      readonly kind: "call";
      readonly receiver: Term | null;
      readonly name: Word;
      readonly arguments: readonly Term[];
    }
  | { readonly kind: "not" | "negate"; readonly inner: Term }
  | { readonly kind: "and" | "or"; readonly items: readonly Term[] }
  | { readonly kind: "binary"; readonly sign: string; readonly left: Term; readonly right: Term }
  | { readonly kind: "if"; readonly items: readonly [Term, Term, Term] };

/** A term and its place in the text, without parentheses around it. */
export type Term = TermKind & { readonly span: Span; readonly height: number };

const COMPARE = 1;
const ADD = 2;
const MULTIPLY = 3;

/** How tightly a two-sided sign binds, below `&&`. */
const STRENGTH: Readonly<Record<string, number>> = {
  "==": COMPARE,
  "!=": COMPARE,
  "<": COMPARE,
  "<=": COMPARE,
  ">": COMPARE,
  ">=": COMPARE,
  in: COMPARE,
  "+": ADD,
  "-": ADD,
  "*": MULTIPLY,
  "/": MULTIPLY,
  "%": MULTIPLY,
};

const WORDS: Readonly<Record<string, string>> = {
  and: "&&",
  or: "||",
  not: "!",
  is: "==",
  like: ".contains",
};

/** Reads a text as one expression; throws the first {@link Mistake}. */
export function parse(text: string): Term {
  const bytes = byteLength(text);
  if (bytes > MAX_LENGTH) {
    // The place is told in bytes already; nothing of the text is read.
    throw new TooLong(bytes);
  }
  return new Parser(text).whole();
}

/** A text that is longer than an expression may be. */
export class TooLong extends Error {
  readonly bytes: number;

  constructor(bytes: number) {
    super(`an expression has at most ${MAX_LENGTH} bytes`);
    this.bytes = bytes;
  }
}

function inside(term: TermKind): readonly Term[] {
  switch (term.kind) {
    case "list":
    case "and":
    case "or":
    case "if":
      return term.items;
    case "select":
    case "not":
    case "negate":
      return [term.inner];
    case "call":
      return term.receiver ? [term.receiver, ...term.arguments] : term.arguments;
    case "binary":
      return [term.left, term.right];
    default:
      return [];
  }
}

class Parser {
  private readonly text: string;
  private readonly lexer: Lexer;
  private token: Token;
  private span: Span;
  /** Where the token before ended. */
  private end = 0;
  private depth = 0;

  constructor(text: string) {
    this.text = text;
    this.lexer = new Lexer(text);
    ({ token: this.token, span: this.span } = this.lexer.next());
  }

  whole(): Term {
    if (this.token.kind === "end") {
      const span = { start: 0, end: this.text.length };
      throw new Mistake("syntax", span, "the expression is empty");
    }
    const root = this.expression();
    if (this.kind() !== "end") throw this.unexpected("an operator or the end");
    return root;
  }

  private kind(): Token["kind"] {
    return this.token.kind;
  }

  private advance(): Token {
    const before = this.token;
    this.end = this.span.end;
    ({ token: this.token, span: this.span } = this.lexer.next());
    return before;
  }

  private word(): string {
    return this.text.slice(this.span.start, this.span.end);
  }

  private stands(sign: string): boolean {
    return this.token.kind === "sign" && this.token.sign === sign;
  }

  private take(sign: string): boolean {
    const found = this.stands(sign);
    if (found) this.advance();
    return found;
  }

  private expect(sign: string): void {
    if (!this.take(sign)) throw this.unexpected(`\`${sign}\``);
  }

  /** Says what should stand here instead of the token that does. */
  private unexpected(expected: string): Mistake {
    const found = this.word();
    if (this.token.kind === "end") {
      const message = `the expression ends where ${expected} should follow`;
      return new Mistake("syntax", this.span, message);
    }
    const sign = this.token.kind === "name" ? WORDS[found.toLowerCase()] : undefined;
    if (sign !== undefined) {
      const message = `\`${found}\` is written \`${sign}\` here`;
      return new Mistake("syntax", this.span, message, sign);
    }
    return new Mistake("syntax", this.span, `expected ${expected}, found \`${found}\``);
  }

  private tooDeep(span: Span): Mistake {
    const message = `terms stand inside each other at most ${MAX_DEPTH} deep`;
    return new Mistake("too_deep", span, message);
  }

  private term(kind: TermKind, span: Span): Term {
    const inner = inside(kind).reduce((highest, term) => Math.max(highest, term.height), 0);
    if (inner >= MAX_DEPTH) throw this.tooDeep(span);
    return { ...kind, span, height: inner + 1 };
  }

  /** Runs `read` one level deeper, so that the reader's own stack is bounded too. */
  private deeper(read: () => Term): Term {
    if (this.depth >= MAX_DEPTH) throw this.tooDeep(this.span);
    this.depth += 1;
    const term = read();
    this.depth -= 1;
    return term;
  }

  private expression(): Term {
    const condition = this.chain("||", "or", () =>
      this.chain("&&", "and", () => this.binary(COMPARE)),
    );
    if (!this.take("?")) return condition;
    const then = this.deeper(() => this.expression());
    this.expect(":");
    const otherwise = this.deeper(() => this.expression());
    const span = spanTo(condition.span, otherwise.span);
    return this.term({ kind: "if", items: [condition, then, otherwise] }, span);
  }

  private chain(sign: string, kind: "and" | "or", operand: () => Term): Term {
    const first = operand();
    if (!this.stands(sign)) return first;
    let span = first.span;
    const items = [first];
    while (this.take(sign)) {
      const term = operand();
      span = spanTo(span, term.span);
      items.push(term);
    }
    return this.term({ kind, items }, span);
  }

  private sign(): string {
    if (this.token.kind === "sign") return this.token.sign;
    return this.token.kind === "name" && this.word() === "in" ? "in" : "";
  }

  private binary(weakest: number): Term {
    let left = this.unary();
    for (;;) {
      const sign = this.sign();
      const strength = STRENGTH[sign] ?? 0;
      if (strength === 0 || strength < weakest) return left;
      const chains =
        strength === COMPARE &&
        left.kind === "binary" &&
        STRENGTH[left.sign] === COMPARE &&
        left.span.end === this.end;
      if (chains) {
        const message = "comparisons do not chain: write `a < b && b < c`";
        throw new Mistake("syntax", this.span, message);
      }
      this.advance();
      const right = this.binary(strength + 1);
      left = this.term({ kind: "binary", sign, left, right }, spanTo(left.span, right.span));
    }
  }

  private unary(): Term {
    const start = this.span;
    if (this.take("!")) {
      const inner = this.deeper(() => this.unary());
      return this.term({ kind: "not", inner }, spanTo(start, inner.span));
    }
    if (this.take("-")) {
      if (this.token.kind === "number") return this.members(this.number(start));
      const inner = this.deeper(() => this.unary());
      return this.term({ kind: "negate", inner }, spanTo(start, inner.span));
    }
    return this.members(this.primary());
  }

  /** A number whose text begins at `start`, where its minus stands if it has one. */
  private number(start: Span): Term {
    const [digits, span] = [this.word(), spanTo(start, this.span)];
    const negative = start.start !== this.span.start;
    this.advance();
    if (!digits.includes(".")) {
      const value = negative ? -BigInt(digits) : BigInt(digits);
      if (!isI64(value)) throw new Mistake("number", span, "a whole number fits 64 bits");
      return this.term({ kind: "int", value }, span);
    }
    const kept = digits.replace(/0+$/, "").replace(/^0+/, "").replace(/\.$/, "");
    const value = Decimal.parse(digits);
    if (value === null || kept.replace(".", "").length > 28) {
      throw new Mistake("number", span, "a decimal has at most 28 digits");
    }
    return this.term({ kind: "decimal", value: negative ? value.negated() : value }, span);
  }

  private primary(): Term {
    const span = this.span;
    const token = this.token;
    if (token.kind === "number") return this.number(span);
    if (token.kind === "text") {
      this.advance();
      return this.term({ kind: "text", value: token.text }, span);
    }
    if (this.take("(")) {
      const inner = this.deeper(() => this.expression());
      this.expect(")");
      return inner;
    }
    if (this.take("[")) {
      const items = this.items("]");
      return this.term({ kind: "list", items }, { start: span.start, end: this.end });
    }
    if (token.kind !== "name") throw this.unexpected("a value");
    const word = this.word();
    if (word === "in") throw this.unexpected("a value");
    if (word === "not" || word === "NOT") {
      throw new Mistake("syntax", span, "`not` is written `!` here", "!");
    }
    this.advance();
    if (word === "null") return this.term({ kind: "null" }, span);
    if (word === "true" || word === "false") {
      return this.term({ kind: "bool", value: word === "true" }, span);
    }
    return this.callOr({ text: word, span }, null);
  }

  /** A call if a parenthesis follows the name, else a field. */
  private callOr(name: Word, receiver: Term | null): Term {
    const start = receiver?.span ?? name.span;
    if (this.take("(")) {
      const items = this.items(")");
      const span = { start: start.start, end: this.end };
      return this.term({ kind: "call", receiver, name, arguments: items }, span);
    }
    const span = spanTo(start, name.span);
    return receiver
      ? this.term({ kind: "select", inner: receiver, name }, span)
      : this.term({ kind: "name", name: name.text }, span);
  }

  private members(first: Term): Term {
    let term = first;
    while (this.take(".")) {
      if (this.token.kind !== "name") throw this.unexpected("a field or a function");
      const name = { text: this.word(), span: this.span };
      this.advance();
      term = this.callOr(name, term);
    }
    if (this.stands("[")) {
      const message = "lists and rows have no index here: use exists, all, filter or map";
      throw new Mistake("syntax", this.span, message);
    }
    return term;
  }

  /** Terms between commas, up to and with `close`. */
  private items(close: string): Term[] {
    const items: Term[] = [];
    while (!this.take(close)) {
      items.push(this.deeper(() => this.expression()));
      if (!this.take(",")) {
        this.expect(close);
        break;
      }
    }
    return items;
  }
}
