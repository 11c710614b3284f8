// The names that an expression about an entity may use, from its schema: the same that the server
// checks a filter against.

import type { Env, FieldRef } from "./expr/env";
import type { Row } from "./expr/eval";
import type { Type } from "./expr/type";
import * as types from "./expr/type";
import { fromJson, type RowTypes, type Value } from "./expr/value";
import type { Entity, Field, Schema } from "./schema";

/** The type of a field's values in expressions. */
export function typeOfField(field: Field, entity: Entity, schema: Schema): Type {
  switch (field.kind) {
    case "id":
      return types.idOf(entity.name, field.prefix);
    case "integer":
      return types.INT;
    case "decimal":
    case "percent":
    case "price":
    case "quantity":
      return types.decimal(field.scale);
    case "boolean":
      return types.BOOL;
    case "date":
    case "instant":
    case "wall_time":
    case "duration":
    case "money":
      return { kind: field.kind };
    case "link":
      return idOfTarget(field.target, schema);
    case "links":
      return types.listOf(idOfTarget(field.target, schema));
    case "lines":
      return { kind: "rows", name: field.target };
    case "json":
    case "texts":
    case "custom":
    case "address":
      return { kind: "json" };
    default:
      return types.TEXT;
  }
}

function idOfTarget(target: string, schema: Schema): Type {
  return types.idOf(target, schema.entity(target)?.prefix ?? "");
}

/** The most links that a path follows, as on the server. */
const MAX_HOPS = 2;

/** The names of an entity's fields, of the fields behind its links, and of who asks. */
export class EntityEnv implements Env {
  readonly entity: Entity;
  readonly schema: Schema;
  /** The paths of links that were asked for; a source's number is its place here. */
  private readonly sources: string[] = [];

  constructor(entity: Entity, schema: Schema) {
    this.entity = entity;
    this.schema = schema;
  }

  /** The entity that a path of links leads to. */
  private behind(links: readonly string[]): Entity | null {
    let at: Entity | null = this.entity;
    for (const name of links.length > MAX_HOPS ? [""] : links) {
      const link: Field | null = at && this.schema.field(at, name);
      at = link?.kind === "link" ? this.schema.target(link) : null;
    }
    return at;
  }

  field(path: readonly string[]): FieldRef | null {
    if (path.length === 2 && path[0] === "user" && path[1] === "id") {
      const type = types.idOf("users.user", "usr");
      return { type, index: 0, origin: "actor", via: null, choices: [] };
    }
    if (path.length === 2 && path[0] === "external_ids") {
      const keys = this.schema.field(this.entity, "external_ids");
      if (!keys) return null;
      const index = this.entity.fields.indexOf(keys);
      return { type: types.TEXT, index, origin: "record", via: null, choices: [] };
    }
    const links = path.slice(0, -1);
    const owner = this.behind(links);
    const field = owner && this.schema.field(owner, path.at(-1) ?? "");
    if (!field || (links.length > 0 && field.kind === "lines")) return null;
    return {
      type: typeOfField(field, owner, this.schema),
      index: owner.fields.indexOf(field),
      origin: "record",
      via: links.length === 0 ? null : this.source(links.join(".")),
      choices: "choices" in field ? field.choices.map((choice) => choice.name) : [],
    };
  }

  private source(path: string): number {
    const known = this.sources.indexOf(path);
    return known >= 0 ? known : this.sources.push(path) - 1;
  }

  names(path: readonly string[]): readonly string[] {
    if (path.length === 1 && path[0] === "user") return ["id"];
    const names = this.behind(path)?.fields.map((field) => field.name) ?? [];
    return path.length === 0 ? [...names, "user"] : names;
  }

  rows(name: string): Env | null {
    const lines = this.schema.entity(name);
    return lines ? new EntityEnv(lines, this.schema) : null;
  }

  /** The values of a record as the API answers it, for the evaluator; links may be expanded. */
  row(record: Readonly<Record<string, unknown>>): Row {
    const rowTypes: RowTypes = (name) => {
      const lines = this.schema.entity(name);
      const typed = (field: Field, of: Entity) => ({
        name: field.name,
        type: typeOfField(field, of, this.schema),
      });
      return lines?.fields.map((field) => typed(field, lines)) ?? null;
    };
    const read = (of: Entity, values: Readonly<Record<string, unknown>>, index: number): Value => {
      const field = of.fields[index];
      if (!field) return null;
      return fromJson(values[field.name], typeOfField(field, of, this.schema), rowTypes);
    };
    return {
      value: (index) => read(this.entity, record, index),
      beyond: (source, index) => {
        const links = (this.sources[source] ?? "").split(".");
        const target = this.behind(links);
        let values: unknown = record;
        for (const link of links) {
          values = (values as Readonly<Record<string, unknown>>)[link];
          if (values === null) return null;
          // Only an expanded link holds more than an id.
          if (typeof values !== "object") return undefined;
        }
        return target ? read(target, values as Record<string, unknown>, index) : undefined;
      },
    };
  }
}
