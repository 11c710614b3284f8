// What kinds of record there are, as far as who is signed in may know.

import { translateSchema } from "@megalith/i18n";
import { type Entity, type Field, Schema, type SchemaDocument } from "@megalith/meta";
import { queryOptions } from "@tanstack/react-query";
import { ask, ProblemError } from "./http";

export type { Entity, Field, Schema };

interface JsonSchema {
  type?: string | string[];
  anyOf?: JsonSchema[];
  enum?: string[];
  format?: string;
  pattern?: string;
  description?: string;
  readOnly?: boolean;
  maxLength?: number;
  properties?: Record<string, JsonSchema>;
}
interface OpenApi {
  paths: Record<string, Record<string, { parameters?: { name: string; schema?: JsonSchema }[] }>>;
  components: { schemas: Record<string, JsonSchema> };
}

const readable = (name: string) => {
  const text = name.replace(/[_-]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const system = new Set([
  "id",
  "version",
  "custom",
  "external_ids",
  "created_at",
  "created_by",
  "updated_at",
  "updated_by",
  "company",
]);

function kindOf(given: JsonSchema, name: string): object {
  const schema = given.anyOf?.[0] ?? given;
  const link = /^\^([a-z]+)_\[0-7\]/.exec(schema.pattern ?? "")?.[1];
  const types = [schema.type].flat();
  if (name === "id") return { kind: "id", prefix: link ?? "" };
  if (given.anyOf && link) return { kind: "link", target: link, on_delete: "restrict" };
  if (schema.enum) {
    const choices = schema.enum
      .filter((value) => value !== null)
      .map((value) => ({ name: value, label: readable(value) }));
    return { kind: name === "state" ? "state" : "choice", choices };
  }
  if (schema.format === "date-time") return { kind: "instant" };
  if (schema.format === "date") return { kind: "date" };
  if (schema.format === "email") return { kind: "email" };
  if (types.includes("boolean")) return { kind: "boolean" };
  if (types.includes("integer")) return { kind: "integer", min: "0", max: "0" };
  if (schema.format === "decimal") return { kind: "decimal", scale: 6 };
  if (types.includes("array")) return { kind: "lines", target: "" };
  if (types.includes("object")) {
    return { kind: schema.properties?.amount && schema.properties.currency ? "money" : "json" };
  }
  return (schema.maxLength ?? 0) > 1000
    ? { kind: "long_text", max: schema.maxLength }
    : { kind: "text", max: schema.maxLength ?? 1000 };
}

/** The schema as far as the description of the API says it: for servers without metadata. */
export function fromOpenApi(api: OpenApi): SchemaDocument {
  const entities: Entity[] = [];
  for (const [path, operations] of Object.entries(api.paths)) {
    const found = /^\/api\/v1\/([a-z]+)\/([a-z-]+)$/.exec(path);
    const list = operations.get;
    if (!found || !list || !operations.post) continue;
    const [, service = "", plural = ""] = found;
    const name = Object.keys(api.components.schemas).find((one) => {
      const [owner, kind = ""] = one.split(".");
      const forms = [`${kind}s`, `${kind}es`, `${kind.replace(/y$/, "ie")}s`, kind];
      return owner === service && forms.some((form) => form.replaceAll("_", "-") === plural);
    });
    const schema = name ? api.components.schemas[name] : undefined;
    if (!name || !schema) continue;
    const order = list.parameters?.find((one) => one.name === "order_by");
    const sortable = new Set(order?.schema?.pattern?.match(/[a-z_]+/g) ?? []);
    const title = /([a-z_]+) desc/.exec(
      String((order as { example?: string } | undefined)?.example ?? ""),
    )?.[1];
    // The names of `fields` stand in the order of the schema.
    const declared = list.parameters?.find((one) => one.name === "fields")?.schema?.pattern;
    const names: string[] = declared?.match(/[a-z][a-z0-9_]*/g) ?? [];
    const rank = (field: string) => names.indexOf(field) + (system.has(field) ? 1_000 : 0);
    const properties = Object.entries(schema.properties ?? {});
    properties.sort(([a], [b]) => rank(a) - rank(b));
    const fields = properties.map(([field, shape]) => ({
      ...kindOf(shape, field),
      name: field,
      label: readable(field),
      help: shape.description ?? "",
      required: false,
      unique: false,
      searchable: false,
      indexed: sortable.has(field),
      sortable: sortable.has(field),
      personal: false,
      computed: false,
      system: system.has(field),
      writable: !shape.readOnly,
      default: null,
    })) as unknown as Field[];
    const acts = Object.keys(api.paths)
      .map((other) => other.slice(path.length).match(/^\/\{id\}:([a-z_]+)$/)?.[1])
      .filter((act): act is string => act !== undefined && act !== "explain");
    const rights = Object.fromEntries(
      ["read", "create", "update", "delete", ...acts].map((verb) => [verb, true]),
    );
    entities.push({
      name,
      service,
      plural,
      path,
      prefix: "",
      kind: "normal",
      scope: "org",
      label: readable(name.split(".")[1] ?? name),
      label_plural: readable(plural),
      summary: schema.description ?? "",
      detail: "",
      title: title ?? "id",
      parent: null,
      per_company: false,
      number: null,
      states: null,
      acts: acts.map((act) => ({ name: act, label: readable(act) })),
      sums: [],
      fields,
      rights,
    });
  }
  const services = [...new Set(entities.map((entity) => entity.service))];
  return { services: services.map((name) => ({ name, label: readable(name) })), entities };
}

async function load(): Promise<Schema> {
  try {
    return new Schema(translateSchema(await ask<SchemaDocument>("/api/v1/platform/schema")));
  } catch (error) {
    if (!(error instanceof ProblemError) || error.problem.status !== 404) throw error;
    return new Schema(translateSchema(fromOpenApi(await ask<OpenApi>("/api/openapi.json"))));
  }
}

export const catalogQuery = queryOptions({
  queryKey: ["catalog"],
  queryFn: load,
  staleTime: 5 * 60_000,
});

/** Where an entity's list is in the app. */
export const listPath = (entity: Entity) => `/${entity.service}/${entity.plural}`;

/** Services that are about the installation rather than about the work. */
const administrative = new Set(["auth", "users", "platform"]);
export const isAdministrative = (service: string) => administrative.has(service);

/** What the sidebar shows: lists that may be read, the work first. */
export function sections(schema: Schema): { name: string; label: string; entities: Entity[] }[] {
  const readable = schema.services
    .map((service) => ({
      ...service,
      entities: schema.ofService(service.name).filter((entity) => entity.rights?.read ?? true),
    }))
    .filter((service) => service.entities.length > 0);
  return [
    ...readable.filter((service) => !isAdministrative(service.name)),
    ...readable.filter((service) => isAdministrative(service.name)),
  ];
}
