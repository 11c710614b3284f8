// The fields that a filter may name, also behind links.

import { fieldAt, MAX_HOPS, mannerOf } from "@megalith/meta";
import type { Entity, Schema } from "../../app/catalog";
import { t } from "../../app/words";

interface FieldOption {
  id: string;
  label: string;
  hint?: string;
}

/** What stands for a key in another system until its name is said. */
export const OTHER_SYSTEM = "external_ids";

function pathsOf(schema: Schema, entity: Entity, above: string, hops: number): string[] {
  return entity.fields.flatMap((field) => {
    const path = above ? `${above}.${field.name}` : field.name;
    const own = mannerOf(field) === "none" ? [] : [path];
    const target = field.kind === "link" && !field.system ? schema.target(field) : null;
    return hops > 0 && target ? [...own, ...pathsOf(schema, target, path, hops - 1)] : own;
  });
}

const known = new WeakMap<Entity, FieldOption[]>();

/** All fields: the record's own first, then those behind links. */
export function fieldOptions(schema: Schema, entity: Entity): FieldOption[] {
  const found = known.get(entity);
  if (found) return found;
  const depth = (path: string) => path.split(".").length;
  const all = pathsOf(schema, entity, "", MAX_HOPS)
    .sort((a, b) => depth(a) - depth(b))
    .map((path) => ({ id: path, label: fieldAt(schema, entity, path)?.label ?? path, hint: path }));
  const keys = entity.fields.some((field) => field.name === "external_ids")
    ? [{ id: OTHER_SYSTEM, label: t("otherSystem"), hint: "external_ids.…" }]
    : [];
  known.set(entity, [...all, ...keys]);
  return [...all, ...keys];
}

/** The options that some words find. */
export function matching(options: readonly FieldOption[], words: string): FieldOption[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return options
    .filter(({ id, label }) => {
      const text = `${label} ${id}`.toLowerCase();
      return wanted.every((word) => text.includes(word));
    })
    .slice(0, 60);
}
