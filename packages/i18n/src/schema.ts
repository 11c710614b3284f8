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

function translateField(entity: Entity, field: Field): Field {
  const label = word(
    [`entity.${entity.name}.field.${field.name}`, `field.${field.name}`],
    field.label,
  );
  const help = word([`entity.${entity.name}.help.${field.name}`], field.help);
  if (!("choices" in field)) return { ...field, label, help };
  const choices = field.choices.map((choice) => ({
    ...choice,
    label: word(
      [`entity.${entity.name}.state.${choice.name}`, `state.${choice.name}`],
      choice.label,
    ),
  }));
  return { ...field, label, help, choices };
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
    summary: word([`${key}.summary`], entity.summary),
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
