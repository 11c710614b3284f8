// A form from the schema: what it starts with, what is wrong with it, and what of it is sent.

import * as z from "zod/mini";
import { checkValue, isEmpty } from "./check";
import type { Context } from "./expr";
import type { ApiRecord, Entity, Field, Schema } from "./schema";

/** The values of a form by field; lines are lists of such. */
export type FormValues = Readonly<Record<string, unknown>>;

/** One mistake of a form, in the shape of a problem's `errors`. */
export interface FormError {
  /** A JSON pointer into the values: `/lines/0/quantity`. */
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}

function isInput(entity: Entity, field: Field): boolean {
  if (!field.system) return true;
  return field.name === "company" && entity.per_company;
}

const built = new WeakMap<Schema, Map<string, z.ZodMiniType<FormValues>>>();

/** The validation of an entity's values, lines included; it is built once for each schema. */
function validation(entity: Entity, schema: Schema): z.ZodMiniType<FormValues> {
  let known = built.get(schema);
  if (!known) {
    known = new Map();
    built.set(schema, known);
  }
  let found = known.get(entity.name);
  if (!found) {
    found = build(entity, schema);
    known.set(entity.name, found);
  }
  return found;
}

function build(entity: Entity, schema: Schema): z.ZodMiniType<FormValues> {
  const fields = entity.fields.filter((field) => isInput(entity, field));
  // A field that is not there is checked as one that is empty, so all are checked together.
  return z.looseObject({}).check((context) => {
    const values: FormValues = context.value;
    for (const field of fields) {
      const value = values[field.name];
      for (const { code, message, path } of checkValue(field, value, schema)) {
        const at = [field.name, ...path];
        context.issues.push({ code: "custom", input: value, message, path: at, params: { code } });
      }
      const lines = field.kind === "lines" ? schema.target(field) : null;
      for (const [at, line] of lines && Array.isArray(value) ? value.entries() : []) {
        const { error } = validation(lines as Entity, schema).safeParse(line);
        for (const { path, message, ...issue } of error?.issues ?? []) {
          const params = "params" in issue ? issue.params : { code: "wrong_type" };
          const place = [field.name, at, ...path];
          context.issues.push({ code: "custom", input: line, message, path: place, params });
        }
      }
    }
  });
}

/** Everything that is wrong with the values, in the order of the fields. */
export function validate(entity: Entity, schema: Schema, values: FormValues): readonly FormError[] {
  const { error } = validation(entity, schema).safeParse(values);
  return (error?.issues ?? []).map((issue) => ({
    pointer: pointerOf(issue.path),
    code: (issue as { params?: { code?: string } }).params?.code ?? issue.code ?? "invalid",
    message: issue.message,
  }));
}

/** A JSON pointer (RFC 6901) of a path. */
function pointerOf(path: readonly PropertyKey[]): string {
  const step = (part: PropertyKey) => String(part).replaceAll("~", "~0").replaceAll("/", "~1");
  return path.map((part) => `/${step(part)}`).join("");
}

/** What a new record starts with: the defaults that the client can know. */
export function initialValues(
  entity: Entity,
  context: Context,
  user: string | null,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of entity.fields) {
    const start = field.default;
    if (!start || !isInput(entity, field)) continue;
    if (start.kind === "value") values[field.name] = start.value;
    else if (start.kind === "today") values[field.name] = context.today.toString();
    else if (start.kind === "now") values[field.name] = context.now.toString();
    else if (user !== null) values[field.name] = user;
  }
  return values;
}

/** The values of a record as a form holds them. */
export function formValues(entity: Entity, record: ApiRecord): Record<string, unknown> {
  const inputs = entity.fields.filter((field) => isInput(entity, field));
  return Object.fromEntries(
    inputs.filter((field) => field.name in record).map((field) => [field.name, record[field.name]]),
  );
}

/** What of a form is sent for a change: the fields that differ, an expanded link as its id. */
export function changedFields(
  entity: Entity,
  before: FormValues,
  after: FormValues,
  schema: Schema,
): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const field of entity.fields.filter((one) => one.writable && isInput(entity, one))) {
    if (!(field.name in after)) continue;
    const value = toWire(field, after[field.name], schema);
    if (!sameValue(value, toWire(field, before[field.name], schema))) changed[field.name] = value;
  }
  return changed;
}

/** A value as the API takes it. */
export function toWire(field: Field, value: unknown, schema: Schema): unknown {
  if (isEmpty(field, value)) return field.kind === "links" || field.kind === "lines" ? [] : null;
  if (field.kind === "link") return idOf(value);
  if (field.kind === "links") return (value as readonly unknown[]).map(idOf);
  const lines = field.kind === "lines" ? schema.target(field) : null;
  if (!lines) return value;
  return (value as readonly FormValues[]).map((line) => {
    const own = lines.fields.filter(
      (one) => one.name in line && (one.name === "id" || (one.writable && isInput(lines, one))),
    );
    const cells = own.map((one) => [one.name, toWire(one, line[one.name], schema)]);
    return Object.fromEntries(cells.filter(([name, cell]) => name !== "id" || cell !== null));
  });
}

const idOf = (value: unknown) =>
  typeof value === "object" && value !== null ? (value as { id?: unknown }).id : value;

/** Whether two JSON values are the same, whatever the order of their members. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return (a ?? null) === (b ?? null);
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [x, y] = [a, b] as Readonly<Record<string, unknown>>[];
  const names = new Set([...Object.keys(x ?? {}), ...Object.keys(y ?? {})]);
  return [...names].every((name) => sameValue(x?.[name], y?.[name]));
}
