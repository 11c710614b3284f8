// The words of entities, fields, states and acts: what the server calls them, in the person's
// language where we have words for it. `docs/metadata.md` names the keys.

import type { Entity, Field, Named, SchemaDocument } from "@megalith/meta";
import { catalogues } from "./words";

/** The translation of the first key that has one. */
function word(keys: readonly string[], other: string): string {
  const language = catalogues.resolvedLanguage ?? "en";
  for (const key of keys) {
    const found: unknown = catalogues.getResource(language, "schema", key);
    if (typeof found === "string") return found;
  }
  return other;
}

/**
 * What the server says about an entity or a field, in the person's language. The key is the
 * server's own sentence: where that has changed, its new words are shown and not an old meaning.
 */
function help(text: string): string {
  const found: unknown = catalogues.getResource(catalogues.resolvedLanguage ?? "en", "help", text);
  return typeof found === "string" ? found : text;
}

function translateField(entity: Entity, field: Field): Field {
  const label = word(
    [`entity.${entity.name}.field.${field.name}`, `field.${field.name}`],
    field.label,
  );
  const said = { label, help: help(field.help) };
  if (!("choices" in field)) return { ...field, ...said };
  const choices = field.choices.map((choice) => ({
    ...choice,
    label: word(
      [`entity.${entity.name}.state.${choice.name}`, `state.${choice.name}`],
      choice.label,
    ),
  }));
  return { ...field, ...said, choices };
}

function translateEntity(entity: Entity): Entity {
  const key = `entity.${entity.name}`;
  const named = (kind: "state" | "act", all: readonly Named[]) =>
    all.map((one) => ({
      ...one,
      label: word([`${key}.${kind}.${one.name}`, `${kind}.${one.name}`], one.label),
    }));
  return {
    ...entity,
    label: word([`${key}.label`], entity.label),
    label_plural: word([`${key}.plural`], entity.label_plural),
    summary: help(entity.summary),
    states: entity.states && { ...entity.states, names: named("state", entity.states.names) },
    acts: named("act", entity.acts),
    fields: entity.fields.map((field) => translateField(entity, field)),
  };
}

/** The description of the records with its words in the language spoken now. */
export function translateSchema(document: SchemaDocument): SchemaDocument {
  return {
    services: document.services.map((service) => ({
      ...service,
      label: word([`service.${service.name}`], service.label),
    })),
    entities: document.entities.map(translateEntity),
  };
}
