// Reads files of vectors: what every evaluator of the language must answer.

import { readFileSync } from "node:fs";
import { byteOffsets } from "./error";
import {
  type Context,
  compile,
  contextAt,
  fromJson,
  Id,
  Instant,
  List,
  Names,
  parseType,
  Rows,
  type RowTypes,
  rowOf,
  type Type,
  toJson,
  type Value,
} from "./index";

interface FieldOf {
  readonly name: string;
  readonly type: string;
  readonly choices?: readonly string[];
}

type Cells = Readonly<Record<string, unknown>>;

interface Case {
  readonly expr: string;
  readonly row?: Cells;
  readonly expected?: string;
  readonly type?: string;
  readonly value?: unknown;
  /** Codes; in files with places, code, start and end. */
  readonly reasons?: readonly (string | readonly [string, number, number])[];
  readonly canonical?: string;
  readonly sql?: boolean;
  readonly error?: string;
  readonly at?: readonly [number, number];
  readonly suggestion?: string;
  /** Every mistake: code, start, end, suggestion. */
  readonly errors?: readonly (readonly [string, number, number, string | null])[];
}

interface File {
  readonly context: { now: string; zone: string; attributes: Cells };
  readonly attributes: readonly FieldOf[];
  readonly lines: readonly FieldOf[];
  readonly fields: readonly FieldOf[];
  readonly row: Cells;
  readonly cases: readonly Case[];
}

function typeOf(text: string): Type {
  const type = parseType(text);
  if (!type) throw new Error(`no type ${text}`);
  return type;
}

/** Whole numbers beyond 53 bits are read as they are written. */
function parseExact(text: string): unknown {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d{16,}/g, (found) =>
    found.startsWith('"') ? found : `"int ${found}"`,
  );
  return JSON.parse(marked, (_, value) =>
    typeof value === "string" && /^int -?\d+$/.test(value) ? BigInt(value.slice(4)) : value,
  );
}

/** A file of vectors, ready to be asked. */
export class Vectors {
  readonly names: Names;
  readonly cases: readonly Case[];
  private readonly file: File;
  private readonly rowTypes: RowTypes;
  private readonly context: Context;

  constructor(path: string) {
    const file = parseExact(readFileSync(path, "utf8")) as File;
    this.file = file;
    this.cases = file.cases;
    const lines = file.lines.reduce(
      (names, f) => names.withField(f.name, typeOf(f.type)),
      new Names(),
    );
    this.names = new Names();
    for (const field of file.attributes) this.names.withAttribute(field.name, typeOf(field.type));
    for (const field of file.fields) {
      const type = typeOf(field.type);
      if (type.kind === "rows") this.names.withRows(field.name, lines);
      else this.names.withField(field.name, type, field.choices ?? []);
    }
    const own = lines.fields().map(({ name, field }) => ({ name, type: field.type }));
    this.rowTypes = () => own;
    const { now, zone, attributes } = file.context;
    const values = file.attributes.map((f) => fromJson(attributes[f.name], typeOf(f.type)));
    this.context = contextAt(Instant.parse(now) ?? new Instant(0n), zone, values);
  }

  /** What the evaluator answers, in the shape of the case. */
  answer(one: Case): Omit<Case, "expr" | "row" | "expected"> {
    const expected = one.expected === undefined ? null : typeOf(one.expected);
    const { expr, errors } = compile(one.expr, this.names, expected);
    if (errors) {
      const all = errors.map((e) => [e.code, e.start, e.end, e.suggestion] as const);
      if (one.errors) return { errors: all };
      const first = errors[0];
      return {
        ...(first && { error: first.code, at: [first.start, first.end] as const }),
        ...(first?.suggestion != null && { suggestion: first.suggestion }),
      };
    }
    const row = { ...this.file.row, ...one.row };
    const values = this.names
      .fields()
      .filter(({ field }) => field.origin === "record")
      .map(({ name, field }) => fromJson(row[name], field.type, this.rowTypes));
    // Files with places name the reasons of every case, also where there is none.
    const withPlaces = one.reasons !== undefined && typeof one.reasons[0] !== "string";
    const bytes = byteOffsets(one.expr);
    const { value, reasons } = expr.evaluate(rowOf(values), this.context);
    return {
      type: write(expr.type),
      value: this.plain(value, expr.type),
      ...(withPlaces && {
        reasons: reasons.map((r) => [r.code, bytes(r.span.start), bytes(r.span.end)]),
      }),
      ...(!withPlaces && reasons.length > 0 && { reasons: reasons.map((reason) => reason.code) }),
      ...(one.canonical !== undefined && { canonical: expr.toString() }),
      ...(one.sql !== undefined && { sql: expr.notInQueries() === null }),
    };
  }

  /** What is said beside the case. */
  wanted(one: Case): Omit<Case, "expr" | "row" | "expected"> {
    const { expr: _, row: __, expected: ___, ...rest } = one;
    if (rest.type === undefined) return rest;
    const type = typeOf(rest.type);
    return { ...rest, value: this.plain(fromJson(rest.value, type, this.rowTypes), type) };
  }

  private plain(value: Value, type: Type): unknown {
    if (value instanceof Rows) return value.rows.map((row) => row.map((c) => this.plain(c, type)));
    if (value instanceof List) return value.items.map((item) => this.plain(item, type));
    if (value instanceof Id) return value.suffix;
    const json = toJson(value);
    return typeof json === "bigint" || typeof json === "number" ? String(json) : json;
  }
}

function write(type: Type): string {
  switch (type.kind) {
    case "decimal":
      return type.scale === null ? "decimal" : `decimal(${type.scale})`;
    case "list":
      return `list(${write(type.item)})`;
    case "id":
      return `id(${type.entity},${type.prefix})`;
    case "rows":
      return `rows(${type.name})`;
    default:
      return type.kind;
  }
}
