// Fields that depend on others: whether they are seen, must be filled in or can be typed into, by
// the conditions of the schema. The server judges by the same when the record is saved.

import { isEmpty } from "./check";
import { type Context, compile, type Expr } from "./expr";
import type { FormError, FormValues } from "./form";
import { EntityEnv } from "./names";
import type { Entity, Field, Schema } from "./schema";

/** How a field stands in a form at present. */
interface FieldState {
  readonly visible: boolean;
  readonly required: boolean;
  readonly readOnly: boolean;
}

interface Compiled {
  readonly visible: Expr | null;
  readonly required: Expr | null;
  readonly readOnly: Expr | null;
}

const known = new WeakMap<Schema, Map<string, Conditions>>();

/** The conditions of an entity's fields; they are read once for each schema. */
export function conditionsOf(entity: Entity, schema: Schema): Conditions {
  const held = known.get(schema) ?? new Map<string, Conditions>();
  known.set(schema, held);
  const found = held.get(entity.name) ?? new Conditions(entity, schema);
  held.set(entity.name, found);
  return found;
}

export class Conditions {
  private readonly env: EntityEnv;
  private readonly entity: Entity;
  private readonly schema: Schema;
  private readonly fields = new Map<string, Compiled>();

  constructor(entity: Entity, schema: Schema) {
    this.env = new EntityEnv(entity, schema);
    this.entity = entity;
    this.schema = schema;
    // One that this client cannot read decides nothing here: the server still does.
    const read = (text: string | null | undefined) =>
      text ? compile(text, this.env, { kind: "bool" }).expr : null;
    for (const field of entity.fields) {
      const { visible_if, required_if, read_only_if } = field.conditions ?? {};
      const own = {
        visible: read(visible_if),
        required: read(required_if),
        readOnly: read(read_only_if),
      };
      if (own.visible || own.required || own.readOnly) this.fields.set(field.name, own);
    }
  }

  /** Whether any field depends on others. */
  get isAny(): boolean {
    return this.fields.size > 0;
  }

  /** How a field stands with some values; what a condition cannot know yet changes nothing. */
  of(field: Field, values: FormValues, context: Context): FieldState {
    const own = this.fields.get(field.name);
    const usual = { visible: true, required: field.required, readOnly: false };
    if (!own) return usual;
    const row = this.env.row(values);
    const says = (expr: Expr | null) => expr?.evaluate(row, context).value ?? null;
    const visible = says(own.visible) !== false;
    return {
      visible,
      required: visible && (usual.required || says(own.required) === true),
      readOnly: says(own.readOnly) === true,
    };
  }

  /**
   * Mistakes with the conditions heeded: what is not seen is not missed, and what must be filled in
   * now is.
   */
  heed(found: readonly FormError[], values: FormValues, context: Context): readonly FormError[] {
    return heed(this.entity, this.schema, found, values, context, "");
  }
}

function heed(
  entity: Entity,
  schema: Schema,
  found: readonly FormError[],
  values: FormValues,
  context: Context,
  at: string,
): readonly FormError[] {
  const conditions = conditionsOf(entity, schema);
  let heeded = found;
  for (const field of entity.fields) {
    const pointer = `${at}/${field.name}`;
    const lines = field.kind === "lines" ? schema.target(field) : null;
    const rows = values[field.name];
    if (lines && conditionsOf(lines, schema).isAny && Array.isArray(rows)) {
      rows.forEach((row, place) => {
        heeded = heed(lines, schema, heeded, row, context, `${pointer}/${place}`);
      });
    }
    if (!field.conditions) continue;
    const state = conditions.of(field, values, context);
    const isMissed = (one: FormError) => one.pointer === pointer && one.code === "required";
    const isHeld = heeded.some(isMissed);
    if (isHeld && !state.required) heeded = heeded.filter((one) => !isMissed(one));
    const value = values[field.name];
    if (!isHeld && state.required && !state.readOnly && (isEmpty(field, value) || value === "")) {
      heeded = [...heeded, { pointer, code: "required", message: "must not be empty" }];
    }
  }
  return heeded;
}
