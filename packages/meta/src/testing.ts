// A small schema for tests, in the shape that the server writes.

import { type Field, Schema, type SchemaDocument } from "./schema";

const field = (name: string, own: object): Field =>
  ({
    name,
    label: name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " "),
    help: "",
    required: false,
    unique: false,
    searchable: false,
    indexed: false,
    sortable: true,
    personal: false,
    computed: false,
    system: false,
    writable: true,
    default: null,
    ...own,
  }) as Field;

const named = (...names: string[]) => names.map((name) => ({ name, label: name.toUpperCase() }));

const entity = (name: string, own: object) => {
  const [service = "", noun = ""] = name.split(".");
  return {
    name,
    service,
    plural: `${noun.replaceAll("_", "-")}s`,
    path: `/api/v1/${service}/${noun.replaceAll("_", "-")}s`,
    kind: "normal" as const,
    scope: "org" as const,
    label: noun,
    label_plural: `${noun}s`,
    summary: "",
    detail: "",
    parent: null,
    per_company: false,
    number: null,
    states: null,
    acts: [],
    sums: [],
    rights: { read: true, create: true, update: true, delete: true },
    ...own,
  };
};

const id = (prefix: string) => field("id", { kind: "id", prefix, system: true, writable: false });

const document = {
  services: [{ name: "operations", label: "Operations" }],
  entities: [
    entity("operations.customer", {
      prefix: "cus",
      title: "name",
      fields: [
        id("cus"),
        field("name", { kind: "text", max: 20, required: true, searchable: true, indexed: true }),
        field("country", { kind: "text", max: 2 }),
        field("email", { kind: "email" }),
        field("website", { kind: "url" }),
        field("phone", { kind: "phone" }),
        field("address", { kind: "address", sortable: false }),
        field("colour", { kind: "colour" }),
        field("rule", { kind: "expression" }),
        field("credit", { kind: "money" }),
      ],
    }),
    entity("operations.sales_order", {
      prefix: "so",
      title: "number",
      per_company: true,
      number: { pattern: "SO-{seq:5}", at: "create" },
      states: {
        names: named("draft", "confirmed", "shipped", "cancelled"),
        moves: [
          { from: "draft", act: "confirm", to: "confirmed" },
          { from: "confirmed", act: "ship", to: "shipped" },
          { from: "draft", act: "cancel", to: "cancelled" },
          { from: "confirmed", act: "cancel", to: "cancelled" },
        ],
      },
      acts: named("confirm", "ship", "cancel", "approve"),
      rights: {
        read: true,
        create: true,
        update: true,
        delete: false,
        confirm: true,
        ship: false,
        cancel: true,
        approve: true,
      },
      fields: [
        id("so"),
        field("version", {
          kind: "integer",
          min: "1",
          max: "9223372036854775807",
          system: true,
          writable: false,
        }),
        field("state", {
          kind: "state",
          choices: named("draft", "confirmed", "shipped", "cancelled"),
          system: true,
          writable: false,
        }),
        field("company", {
          kind: "link",
          target: "platform.company",
          on_delete: "restrict",
          system: true,
        }),
        field("number", { kind: "text", max: 60, system: true, writable: false }),
        field("customer", {
          kind: "link",
          target: "operations.customer",
          on_delete: "restrict",
          required: true,
        }),
        field("ordered_on", { kind: "date", required: true, default: { kind: "today" } }),
        field("ships_at", { kind: "instant" }),
        field("takes", { kind: "duration" }),
        field("priority", {
          kind: "choice",
          choices: named("low", "normal", "high"),
          default: { kind: "value", value: "normal" },
        }),
        field("pieces", { kind: "integer", min: "0", max: "9223372036854775807" }),
        field("discount", { kind: "percent", scale: 6 }),
        field("urgent", { kind: "boolean" }),
        field("carriers", { kind: "links", target: "operations.customer", sortable: false }),
        field("lines", { kind: "lines", target: "operations.sales_order_line", sortable: false }),
        field("total", { kind: "money", computed: true, writable: false }),
      ],
    }),
    entity("operations.sales_order_line", {
      prefix: "sol",
      kind: "child",
      path: null,
      title: "item",
      rights: undefined,
      fields: [
        id("sol"),
        field("item", { kind: "text", max: 40, required: true }),
        field("quantity", { kind: "quantity", scale: 6, required: true }),
        field("price", { kind: "price", scale: 8 }),
        field("amount", { kind: "money", computed: true, writable: false }),
      ],
    }),
    entity("operations.stock_entry", {
      prefix: "ste",
      kind: "append_only",
      title: "id",
      fields: [id("ste")],
    }),
  ],
} as unknown as SchemaDocument;

/** Customers, sales orders with lines, and entries that never change. */
export const SCHEMA = new Schema(document);

/** Something that must be there; a test without it has failed. */
export function need<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error("is missing");
  return value;
}

/** Numbers that look random and are the same each time (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
