// Fields by their paths: `country`, and `customer.country` behind a link.

import type { Entity, Field, Schema } from "./schema";

/** The most links that a path follows, as on the server. */
export const MAX_HOPS = 2;

interface FieldAt {
  readonly field: Field;
  /** The entity that the field is of. */
  readonly entity: Entity;
  /** What people read: "Customer › Country". */
  readonly label: string;
}

/** The field at a path; null where there is none for who asks. */
export function fieldAt(schema: Schema, entity: Entity, path: string): FieldAt | null {
  const names = path.split(".");
  const links = names.slice(0, -1);
  if (links.length > MAX_HOPS) return null;
  let at = entity;
  const labels: string[] = [];
  for (const name of links) {
    const link = schema.field(at, name);
    const target = link?.kind === "link" ? schema.target(link) : null;
    if (!link || !target) return null;
    labels.push(link.label);
    at = target;
  }
  const field = schema.field(at, names.at(-1) ?? "");
  return field && { field, entity: at, label: [...labels, field.label].join(" › ") };
}
