// What kinds of record there are, as far as who is signed in may know, in their language.

import { spoken, translateSchema } from "@megalith/i18n";
import { type Entity, type Field, Schema, type SchemaDocument } from "@megalith/meta";
import { queryOptions } from "@tanstack/react-query";
import { api } from "./server";

export type { Entity, Field, Schema };

const read = new WeakMap<SchemaDocument, Map<string, Schema>>();

/** The schema of a document in the language spoken now; the same one for the same two. */
function schemaOf(document: SchemaDocument): Schema {
  const language = spoken();
  const known = read.get(document) ?? new Map<string, Schema>();
  read.set(document, known);
  const schema = known.get(language) ?? new Schema(translateSchema(document));
  known.set(language, schema);
  return schema;
}

/** The browser keeps the document with its ETag, so that asking again costs little. */
export const catalogQuery = queryOptions({
  queryKey: ["catalog"],
  queryFn: ({ signal }) => api.records.read<SchemaDocument>("/api/v1/platform/schema", signal),
  select: schemaOf,
  staleTime: 60_000,
});

/** Where an entity's list is in the app. */
export const listPath = (entity: Entity) => `/${entity.service}/${entity.plural}`;

/** Services that are about the installation rather than about the work. */
const administrative = new Set(["auth", "users", "platform"]);
export const isAdministrative = (service: string) => administrative.has(service);

/** Whether an address is within administration: its pages, and the lists behind them. */
export const isAdminPath = (pathname: string): boolean =>
  /^\/admin(\/|$)/.test(pathname) || isAdministrative(pathname.split("/")[1] ?? "");

/** What the shell itself shows in places of its own. */
export const ownPlaces = new Set([
  "platform.preference",
  "platform.favourite",
  "platform.saved_view",
]);

/** What the sidebar shows: lists that may be read, the work first. */
export function sections(schema: Schema): { name: string; label: string; entities: Entity[] }[] {
  const readable = schema.services
    .map((service) => ({
      ...service,
      entities: schema
        .ofService(service.name)
        .filter((entity) => entity.rights?.read && !ownPlaces.has(entity.name)),
    }))
    .filter((service) => service.entities.length > 0);
  return [
    ...readable.filter((service) => !isAdministrative(service.name)),
    ...readable.filter((service) => isAdministrative(service.name)),
  ];
}
