// How a field is filled: the text of a mapping as the server proposes it, and the choices by which a
// person changes it. docs/import.md is the specification of what stands in a mapping.

import { ADDRESS_PARTS, type Entity, type Field, type Schema } from "@megalith/meta";

/** A column or an expression, or a table of the parts of a mapping's field. */
export type Spec = string | Readonly<Record<string, unknown>>;

/** By field, `address.city` for a part of one. */
export type Specs = Readonly<Record<string, Spec>>;

/** What was changed by hand; null leaves a field out. */
export type Changes = Readonly<Record<string, Spec | null>>;

/** The members of a field's table that name where it comes from. */
const ORIGINS = ["column", "expr", "key", "value"] as const;

/** Reads one value of a mapping: a text, a table of values in braces, or a bare word. */
function readValue(text: string): { value: unknown; rest: string } | null {
  const at = text.trimStart();
  if (at.startsWith('"""') || at.startsWith("'''")) return null;
  const basic = /^"(?:[^"\\]|\\.)*"/.exec(at)?.[0];
  if (basic !== undefined) {
    try {
      return { value: JSON.parse(basic), rest: at.slice(basic.length) };
    } catch {
      return null;
    }
  }
  const literal = /^'[^']*'/.exec(at)?.[0];
  if (literal !== undefined) {
    return { value: literal.slice(1, -1), rest: at.slice(literal.length) };
  }
  if (!at.startsWith("{")) {
    const word = /^[\w.+-]+/.exec(at)?.[0];
    if (word === undefined) return null;
    const value = word === "true" ? true : word === "false" ? false : Number(word);
    return { value, rest: at.slice(word.length) };
  }
  const table: Record<string, unknown> = {};
  let rest = at.slice(1).trimStart();
  while (!rest.startsWith("}")) {
    const name = /^([\w-]+)\s*=/.exec(rest);
    const found = name ? readValue(rest.slice(name[0].length)) : null;
    if (!name || !found) return null;
    table[name[1] as string] = found.value;
    rest = found.rest.trimStart().replace(/^,\s*/, "");
  }
  return { value: table, rest: rest.slice(1) };
}

/** The fields of the first table of a mapping, as far as they can be read. */
export function specsOf(mapping: string): Specs {
  const specs: Record<string, Spec> = {};
  let section = "";
  for (const line of mapping.split("\n")) {
    const head = /^\[+\s*([\w.-]+)\s*\]+\s*$/.exec(line);
    if (head) section = head[1] as string;
    const own = /^step\.fields(?:\.(\w+))?$/.exec(section);
    const name = /^([\w-]+)\s*=/.exec(line);
    if (!own || !name) continue;
    const found = readValue(line.slice(name[0].length));
    if (!found || (typeof found.value !== "string" && typeof found.value !== "object")) continue;
    specs[own[1] ? `${own[1]}.${name[1]}` : (name[1] as string)] = found.value as Spec;
  }
  return specs;
}

/** The column or expression of a field. */
export function originOf(spec: Spec | null | undefined): string {
  if (!spec) return "";
  if (typeof spec === "string") return spec;
  const name = ORIGINS.find((one) => typeof spec[one] === "string");
  return name ? String(spec[name]) : "";
}

/** One of the other members of a field's table, such as `format`. */
export function memberOf(spec: Spec | null | undefined, name: string): string {
  const value = spec && typeof spec === "object" ? spec[name] : undefined;
  return typeof value === "string" ? value : "";
}

/** What stands beside the column: how its cells are read. */
function members(spec: Spec | null | undefined): Record<string, unknown> {
  if (!spec || typeof spec === "string") return {};
  const others = Object.entries(spec).filter(([name]) => !ORIGINS.some((one) => one === name));
  return Object.fromEntries(others);
}

/** The same field from another column or expression. */
export function from(
  field: Field,
  before: Spec | null | undefined,
  origin: string,
  isColumn: boolean,
  currency: string,
): Spec | null {
  if (isColumn && origin === "") return null;
  const rest = members(before);
  if (field.kind === "link" || field.kind === "links") return { key: origin, ...rest };
  if (field.kind === "money" && rest.currency === undefined && currency) rest.currency = currency;
  if (Object.keys(rest).length === 0 && isColumn) return origin;
  return isColumn ? { column: origin, ...rest } : { expr: origin, ...rest };
}

/** The same field with its cells read in another way. */
export function read(
  field: Field,
  before: Spec,
  name: string,
  value: string,
  columns: readonly string[],
): Spec {
  const rest = members(before);
  if (value) rest[name] = value;
  else delete rest[name];
  const origin = originOf(before);
  if (field.kind === "link" || field.kind === "links") return { key: origin, ...rest };
  const isColumn = columns.includes(origin);
  if (Object.keys(rest).length === 0 && isColumn) return origin;
  return { [isColumn ? "column" : "expr"]: origin, ...rest };
}

/** Whether a field is filled by an expression rather than by a column. */
export function isExpression(spec: Spec | null | undefined, columns: readonly string[]): boolean {
  if (!spec) return false;
  if (typeof spec === "object" && typeof spec.expr === "string") return true;
  const origin = originOf(spec);
  return !columns.includes(origin);
}

/** Something that can be filled: a field, or a part of an address. */
export interface Target {
  readonly name: string;
  readonly label: string;
  readonly field: Field;
  readonly required: boolean;
}

/** What of an entity a file can fill, in the order of the schema. */
export function targetsOf(entity: Entity, part: (name: string) => string): Target[] {
  return entity.fields.flatMap((field): Target[] => {
    const isOpen = field.writable && !field.system && !field.computed;
    if (!isOpen || ["lines", "custom", "json", "state", "id"].includes(field.kind)) return [];
    if (field.kind !== "address") {
      return [
        { name: field.name, label: field.label, field, required: field.required && !field.default },
      ];
    }
    return ADDRESS_PARTS.map((one) => ({
      name: `${field.name}.${one}`,
      label: `${field.label}: ${part(one)}`,
      field,
      required: false,
    }));
  });
}

/** The fields of a linked entity by which a record is recognised. */
export function matchesOf(schema: Schema, field: Field): readonly Field[] {
  const target = schema.target(field);
  if (!target) return [];
  return target.fields.filter(
    (one) =>
      (one.kind === "text" || one.kind === "email") &&
      !one.system &&
      (one.unique || one.name === target.title || one.name === "code"),
  );
}

/** Columns that fill nothing, neither by themselves nor within an expression. */
export function unusedOf(columns: readonly string[], texts: readonly string[]): string[] {
  const words = new Set(
    texts
      .filter((text) => !columns.includes(text))
      .flatMap((text) => text.match(/[\p{L}\d_]+/gu) ?? []),
  );
  const asName = (column: string) => column.replace(/[^\p{L}\d_]/gu, "_");
  return columns.filter((column) => !texts.includes(column) && !words.has(asName(column)));
}
