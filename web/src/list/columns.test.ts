import { expect, it } from "vitest";
import type { Entity, Field } from "../app/catalog";
import { askedFields, columnFields, shownFields, usualColumns } from "./columns";

const field = (name: string, kind: string, more: object = {}) =>
  ({ name, kind, label: name, system: false, ...more }) as Field;
const entity = {
  name: "operations.sales_order",
  title: "number",
  fields: [
    field("id", "id", { system: true }),
    field("version", "integer", { system: true }),
    field("state", "state", { system: true }),
    field("updated_at", "instant", { system: true }),
    field("number", "text", { system: true }),
    field("reference", "text"),
    field("customer", "link"),
    field("ordered_on", "date"),
    field("shipped_on", "date"),
    field("carrier", "link"),
    field("employee", "link"),
    field("price_list", "link"),
    field("address", "address"),
    field("net", "money"),
    field("total", "money"),
    field("lines", "lines"),
    field("notes", "long_text"),
  ],
} as unknown as Entity;
const names = (fields: readonly Field[]) => fields.map((one) => one.name);
const shown = (filled: string[] | null, columns = usualColumns) => {
  const asked = askedFields(entity, columns.shown);
  return names(shownFields(entity, asked, filled ? new Set(filled) : null, columns));
};
const all = names(entity.fields);

it("a list shows title, state, links, dates and the sum first, eight at most, none of the kernel's", () => {
  expect(shown(all)).toEqual([
    "number",
    "state",
    "customer",
    "ordered_on",
    "shipped_on",
    "carrier",
    "employee",
    "total",
  ]);
});

it("a column in which nothing stands makes room for the next", () => {
  const filled = all.filter((name) => name !== "carrier" && name !== "shipped_on");
  expect(shown(filled)).toEqual([
    "number",
    "state",
    "reference",
    "customer",
    "ordered_on",
    "employee",
    "price_list",
    "total",
  ]);
  expect(shown([])).toEqual(["number", "state"]);
});

it("what somebody chose is shown though it is empty, and what they hid is not", () => {
  const columns = { ...usualColumns, shown: ["notes", "updated_at"], hidden: ["customer"] };
  const found = shown(
    all.filter((name) => name !== "notes"),
    columns,
  );
  expect(found).toContain("notes");
  expect(found).toContain("updated_at");
  expect(found).not.toContain("customer");
});

it("the menu offers everything that a column can show", () => {
  const offered = names(columnFields(entity));
  expect(offered).toContain("updated_at");
  for (const one of ["id", "version", "lines", "number"]) expect(offered).not.toContain(one);
});
