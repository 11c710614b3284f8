// Cuts the text of an expression into tokens, each with its place.

import { Mistake, type Span } from "./error";

/** What a token is; texts are already unescaped, of names and numbers the span holds the text. */
export type Token =
  | { readonly kind: "number" | "name" | "end" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "sign"; readonly sign: string };

/** Longest first, so that `<=` is not read as `<`. */
const SIGNS = "|| && == != <= >= < > + - * / % ! ? : ( ) [ ] , .".split(" ");

/** Signs of other languages, and what to write here. */
const FOREIGN: readonly (readonly [string, string])[] = [
  ["<>", "!="],
  ["===", "=="],
  ["!==", "!="],
  ["=", "=="],
  ["&", "&&"],
  ["|", "||"],
];

const ESCAPES: Readonly<Record<string, string>> = {
  a: "\u0007",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  "?": "?",
  '"': '"',
  "'": "'",
  "`": "`",
};

export class Lexer {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  private match(pattern: RegExp, from = this.at): string {
    pattern.lastIndex = from;
    return pattern.exec(this.text)?.[0] ?? "";
  }

  /** The next token and its place. */
  next(): { token: Token; span: Span } {
    this.at += this.match(/(?:[ \t\n\f\r]|\/\/[^\n]*)*/y).length;
    const start = this.at;
    const token = this.read();
    return { token, span: { start, end: this.at } };
  }

  private read(): Token {
    if (this.at >= this.text.length) return { kind: "end" };
    const opening = this.match(/[rR]?['"]/y);
    if (opening) return this.literalText(opening.length === 2);
    if (this.match(/\.?[0-9]/y)) return this.number();
    const name = this.match(/[A-Za-z_][A-Za-z0-9_]*/y);
    if (name) {
      this.at += name.length;
      return { kind: "name" };
    }
    return this.sign();
  }

  private sign(): Token {
    const rest = this.text.slice(this.at, this.at + 3);
    const sign = SIGNS.find((known) => rest.startsWith(known));
    const foreign = FOREIGN.find(([wrong]) => rest.startsWith(wrong));
    if (foreign && (sign === undefined || sign.length < foreign[0].length)) {
      const [wrong, right] = foreign;
      const span = { start: this.at, end: this.at + wrong.length };
      throw new Mistake("syntax", span, `\`${wrong}\` is written \`${right}\` here`, right);
    }
    if (sign !== undefined) {
      this.at += sign.length;
      return { kind: "sign", sign };
    }
    const found = String.fromCodePoint(this.text.codePointAt(this.at) ?? 0);
    const span = { start: this.at, end: this.at + found.length };
    if ("‘’“”„`".includes(found)) {
      const message = "texts stand between straight quotes, as in 'this'";
      throw new Mistake("syntax", span, message, "'");
    }
    throw new Mistake("syntax", span, `'${found}' means nothing here`);
  }

  /** Digits with at most one point between them; no exponent, no hexadecimal, no suffix. */
  private number(): Token {
    const start = this.at;
    const whole = this.match(/[0-9]*/y);
    let end = start + whole.length;
    if (this.text[end] === ".") {
      const fraction = this.match(/[0-9]*/y, end + 1);
      // `1.size()` is a call on a number, `1.` is nothing.
      if (fraction === "" && !this.match(/[A-Za-z]/y, end + 1)) {
        const span = { start, end: end + 1 };
        throw new Mistake("number", span, "digits must follow the point", whole);
      }
      if (fraction) end += 1 + fraction.length;
    }
    this.at = end;
    if (whole === "") {
      const text = `0${this.text.slice(start, end)}`;
      throw new Mistake("number", { start, end }, "a number begins with a digit", text);
    }
    const tail = this.match(/[A-Za-z0-9_]*/y);
    if (tail) {
      const message =
        "numbers are written with digits and a point only: no exponent, hexadecimal form, suffix or unit";
      throw new Mistake("number", { start, end: end + tail.length }, message);
    }
    return { kind: "number" };
  }

  private literalText(raw: boolean): Token {
    const start = this.at;
    this.at += raw ? 1 : 0;
    const quote = this.text[this.at] ?? "";
    this.at += 1;
    let text = "";
    for (;;) {
      const char = this.text[this.at];
      if (char === quote) {
        this.at += 1;
        return { kind: "text", text };
      }
      if (char === "\\" && !raw) {
        text += this.escape();
      } else if (char === "\0") {
        throw this.zero(this.at + 1);
      } else if (char === undefined || char === "\n") {
        const closed = this.text.slice(start, this.at) + quote;
        const span = { start, end: this.at };
        throw new Mistake("syntax", span, "the text has no closing quote", closed);
      } else {
        text += char;
        this.at += 1;
      }
    }
  }

  private zero(end: number): Mistake {
    const span = { start: this.at, end };
    return new Mistake("text", span, "the character U+0000 is refused in texts");
  }

  /** One escape sequence of CEL, from its backslash on. */
  private escape(): string {
    const start = this.at;
    const code = this.text.codePointAt(start + 1);
    const kind = code === undefined ? "" : String.fromCodePoint(code);
    const form = { x: [2, 2, 16], X: [2, 2, 16], u: [2, 4, 16], U: [2, 8, 16] }[kind];
    const [skip = 0, digits = 0, radix = 0] = form ?? (/^[0-3]$/.test(kind) ? [1, 3, 8] : []);
    if (digits === 0) {
      const plain = ESCAPES[kind];
      if (plain !== undefined) {
        this.at += 2;
        return plain;
      }
      const span = { start, end: start + 1 + kind.length };
      throw new Mistake("text", span, "no such escape; a backslash is written \\\\");
    }
    const found = this.text.slice(start + skip, start + skip + digits);
    const whole = found.length === digits && /^[0-9a-fA-F]*$/.test(found);
    const end = start + skip + (whole ? digits : 0);
    const value =
      whole && (radix === 16 || /^[0-7]*$/.test(found)) ? Number.parseInt(found, radix) : -1;
    const isChar = value >= 0 && value <= 0x10ffff && !(value >= 0xd800 && value <= 0xdfff);
    if (!isChar) {
      const message = `\\${kind} takes ${digits} digits of one character`;
      throw new Mistake("text", { start, end }, message);
    }
    if (value === 0) throw this.zero(end);
    this.at = end;
    return String.fromCodePoint(value);
  }
}
