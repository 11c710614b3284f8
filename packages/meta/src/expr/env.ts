// What an expression may speak of: the fields of a record, of its children, and of the actor.

import type { Type } from "./type";

/** Where a field's value is found, and what it is. */
export interface FieldRef {
  readonly type: Type;
  /** Its place among the values of the record, of the actor, or of the source in `via`. */
  readonly index: number;
  /** Whose value it is: the record's, or that of who asks. */
  readonly origin: "record" | "actor";
  /** Which source beyond the record's own values it lies in: the record behind a link. */
  readonly via: number | null;
  /** The only texts it can hold (a choice, a state); empty if there is no such list. */
  readonly choices: readonly string[];
}

/** The names that an expression is checked against. */
export interface Env {
  /** The field at a path: `["total"]`, or `["customer", "country"]` behind a link. */
  field(path: readonly string[]): FieldRef | null;
  /** The names that may follow a path (empty for the first word), for suggestions. */
  names(path: readonly string[]): readonly string[];
  /** The fields of child rows whose type has this name. */
  rows(name: string): Env | null;
  /** Why nothing may follow a path, where more is to be said than that it has no fields. */
  closed?(path: readonly string[]): string | null;
}

/** An environment made of names, in the order in which they are added. */
export class Names implements Env {
  private readonly known: { name: string; field: FieldRef }[] = [];
  private readonly inner = new Map<string, Env>();

  private add(
    name: string,
    type: Type,
    origin: FieldRef["origin"],
    choices: readonly string[] = [],
  ): this {
    const index = this.known.filter(({ field }) => field.origin === origin).length;
    this.known.push({ name, field: { type, index, origin, via: null, choices } });
    return this;
  }

  /** With a field of the record. */
  withField(name: string, type: Type, choices: readonly string[] = []): this {
    return this.add(name, type, "record", choices);
  }

  /** With a field of the actor. */
  withAttribute(name: string, type: Type): this {
    return this.add(name, type, "actor");
  }

  /** With child rows that hold `fields`. */
  withRows(name: string, fields: Env): this {
    this.inner.set(name, fields);
    return this.add(name, { kind: "rows", name }, "record");
  }

  /** The fields and their names, in the order in which they were added. */
  fields(): readonly { name: string; field: FieldRef }[] {
    return this.known;
  }

  field(path: readonly string[]): FieldRef | null {
    const written = path.join(".");
    return this.known.find(({ name }) => name === written)?.field ?? null;
  }

  names(path: readonly string[]): readonly string[] {
    const found = new Set<string>();
    for (const { name } of this.known) {
      const words = name.split(".");
      const next = words[path.length];
      if (next !== undefined && path.every((word, at) => words[at] === word)) found.add(next);
    }
    return [...found];
  }

  rows(name: string): Env | null {
    const own = this.inner.get(name);
    if (own) return own;
    for (const env of this.inner.values()) {
      const found = env.rows(name);
      if (found) return found;
    }
    return null;
  }
}
