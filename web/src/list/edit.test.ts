import { openPart } from "@megalith/i18n";
import { type Entity, type Field, Schema, type SchemaDocument } from "@megalith/meta";
import { beforeAll, expect, test } from "vitest";
import type { Row } from "../app/reader";
import { earlierOf, Overlay, patchOf, refusalOf, refusedFields } from "./editSend";
import { currencyOf, editText, isEditable, readCell, whyNot } from "./editValues";
import { type Pasted, planOf, rowChanges, titlesIn } from "./paste";

beforeAll(() => openPart("grid"));

const field = (name: string, kind: string, more: object = {}): Field =>
  ({
    name,
    label: name.toUpperCase(),
    kind,
    help: "",
    required: false,
    system: false,
    writable: true,
    computed: false,
    default: null,
    ...more,
  }) as unknown as Field;
const choices = [
  { name: "goods", label: "Goods" },
  { name: "service", label: "Service" },
];
const fields = [
  field("name", "text", { max: 10, required: true }),
  field("kind", "choice", { choices }),
  field("price", "price", { scale: 4 }),
  field("stock", "quantity", { scale: 3 }),
  field("rate", "percent", { scale: 4 }),
  field("count", "integer", { min: "0", max: "100" }),
  field("due", "date"),
  field("net", "money"),
  field("live", "boolean"),
  field("mail", "email"),
  field("group", "link", { target: "shop.group", on_delete: "restrict" }),
  field("state", "state", { choices, writable: false }),
  field("total", "money", { computed: true, writable: false }),
  field("notes", "long_text", { max: 1000 }),
];
const entity = (name: string, own: Field[]) =>
  ({
    name,
    service: "shop",
    plural: `${name.split(".")[1]}s`,
    path: `/api/v1/${name}`,
    prefix: name.slice(5, 8),
    kind: "normal",
    label: name,
    label_plural: name,
    title: "name",
    states: null,
    acts: [],
    fields: own,
    rights: { read: true, create: true, update: true, delete: true },
  }) as unknown as Entity;
const schema = new Schema({
  services: [],
  entities: [entity("shop.item", fields), entity("shop.group", [fields[0] as Field])],
} as unknown as SchemaDocument);
const item = schema.entity("shop.item") as Entity;
const group = schema.entity("shop.group") as Entity;
const named = (name: string) => schema.field(item, name) as Field;
const given = { schema, reader: { locale: "de-DE", zone: "UTC" }, today: "2026-11-21" };
const row = {
  id: "ite_1",
  version: 3,
  name: "Tee",
  kind: "goods",
  price: "12.5",
  stock: "4",
  unit: "kg",
  rate: "0.055",
  due: null,
  net: { amount: "5.00", currency: "EUR" },
  live: true,
  mail: null,
  group: { id: "gro_1", title: "Warm" },
  state: "goods",
} as unknown as Row;

test.each([
  ["name", "Kaffee", "Kaffee"],
  ["kind", "service", "service"],
  ["kind", "Goods", "goods"],
  ["price", "1.234,5", "1234.5"],
  ["stock", "2,5 kg", "2.5"],
  ["rate", "5,5 %", "0.055"],
  ["count", "12", 12],
  ["due", "24.12.", "2026-12-24"],
  ["due", "+3", "2026-11-24"],
  ["net", "7,50", { amount: "7.50", currency: "EUR" }],
  ["net", "7 USD", { amount: "7.00", currency: "USD" }],
  ["live", "no", false],
  ["live", "TRUE", true],
  ["mail", "", null],
] as const)("in a cell of %s, %s means %o", (name, text, value) => {
  expect(readCell(named(name), text, row, given)).toEqual({ value });
});

test.each([
  ["name", "", "This must be filled in."],
  ["name", "Much too long a name", "This is too long."],
  ["price", "abc", "Write a number."],
  ["count", "101", "This number is too small or too large."],
  ["due", "31.02.2026", "Write a date"],
  ["kind", "goats", "goods"],
  ["mail", "nobody", "Write an e-mail address"],
  ["live", "perhaps", "This cannot be read."],
] as const)("in a cell of %s, %j is refused: %s", (name, text, says) => {
  const meant = readCell(named(name), text, row, given);
  expect("fault" in meant && meant.fault).toContain(says);
});

test.each(["price", "stock", "rate", "due", "net"])(
  "what the editor of %s shows is read as it was",
  (name) => {
    const text = editText(named(name), row, given.reader);
    expect(readCell(named(name), text, row, given)).toEqual({
      value: (row as Record<string, unknown>)[name],
    });
  },
);

test("an amount without a currency takes that of its record", () => {
  expect(currencyOf(named("net"), row)).toBe("EUR");
  expect(currencyOf(named("net"), { ...row, net: null, currency: "CHF" } as Row)).toBe("CHF");
  expect(currencyOf(named("net"), { id: "ite_2", version: 1 } as Row)).toBeNull();
});

test.each([
  ["name", true, undefined],
  ["state", false, "The state changes by what is done"],
  ["total", false, "This is calculated"],
  ["notes", false, "Open the record"],
] as const)("%s can be changed in place: %s", (name, can, why) => {
  expect(isEditable(item, named(name), row)).toBe(can);
  if (why) expect(whyNot(item, named(name), row)).toContain(why);
  else expect(whyNot(item, named(name), row)).toBeUndefined();
});

test("what is put over a row stands until the list itself is newer", () => {
  const overlay = new Overlay();
  overlay.put(row, { price: "9" });
  expect(overlay.show(row).price).toBe("9");
  expect(overlay.show(row)).toBe(overlay.show(row));
  const answer = { ...row, version: 4, price: "9.00", group: "gro_1", mail: null };
  overlay.settle(row, answer as unknown as Row, new Set(["stock"]));
  const shown = overlay.show(row);
  expect([shown.version, shown.price, shown.stock]).toEqual([4, "9.00", "4"]);
  expect(shown.group).toEqual({ id: "gro_1", title: "Warm" });
  const newer = { ...row, version: 5, price: "1" } as Row;
  expect(overlay.show(newer)).toBe(newer);
});

test("only what differs is sent, links by their ids, and the way back is known", () => {
  const values = { price: "12.5", group: { id: "gro_2", title: "Cold" }, mail: "a@b.cd" };
  const patch = patchOf({ row, values });
  expect(patch).toEqual({ group: "gro_2", mail: "a@b.cd" });
  expect(earlierOf(row, patch)).toEqual({ group: "gro_1", mail: null });
});

test("a refusal is said at its fields; one of no field at the first", () => {
  const at = (errors: object[]) => refusalOf({ status: 422, detail: "Refused.", errors });
  const one = { pointer: "/mail", code: "invalid_email", message: "must be an address" };
  expect([...refusedFields(at([one]), ["name", "mail"]).keys()]).toEqual(["mail"]);
  const other = { pointer: "/lines", code: "x", message: "needs lines" };
  expect([...refusedFields(at([other]), ["name"])]).toEqual([["name", "Refused. Needs lines."]]);
});

const rows = [row, { ...row, id: "ite_2", name: "Milch", price: "1" } as Row];
const pasted = (cells: string[][], names: string[], more: Partial<Pasted> = {}): Pasted => ({
  entity: item,
  area: { row: 0, rows: 1, columns: names.slice(0, 1), reach: names },
  cells,
  total: 2,
  rowsOf: (from, count) => Array.from({ length: count }, (_, at) => rows[from + at] ?? null),
  fieldsOf: (wanted) => wanted.map(named),
  given,
  ...more,
});

test("a paste says what changes, what cannot and why, and what is so already", () => {
  const plan = planOf(
    pasted(
      [
        ["12,50", "Goods", "x"],
        ["abc", "service", "y"],
        ["3", "goods", "z"],
      ],
      ["price", "kind"],
    ),
    schema,
    new Map(),
  );
  expect(plan.same).toBe(2);
  expect(plan.changes.map((one) => [one.row.id, one.field.name, one.before, one.after])).toEqual([
    ["ite_2", "kind", "Goods", "Service"],
  ]);
  expect(plan.faults.map((one) => [one.row?.id, one.text, one.reason.slice(0, 22)])).toEqual([
    ["ite_2", "abc", "Write a number."],
    [undefined, "3 · goods · z", "The list has no furthe"],
    [undefined, "", "1 column has no place:"],
  ]);
  expect(rowChanges(plan.changes)).toEqual([{ row: rows[1], values: { kind: "service" } }]);
});

test("links are asked for by what stands in their cells; what names none is refused", () => {
  const paste = pasted([["Cold"], ["Nowhere"]], ["group"]);
  expect([...titlesIn(paste, schema)]).toEqual([[group, ["Cold", "Nowhere"]]]);
  const found = new Map([[group, new Map([["Cold", { id: "gro_2", label: "Cold" }]])]]);
  const plan = planOf(paste, schema, found);
  expect(plan.changes.map((one) => one.value)).toEqual([{ id: "gro_2", title: "Cold" }]);
  expect(plan.faults[0]?.reason).toContain("Nowhere");
});

test("of ten thousand lines those are left out that are more than one commit takes", () => {
  const cells = Array.from({ length: 10_000 }, () => ["1"]);
  const many = Array.from({ length: 5_000 }, (_, at) => ({ ...row, id: `ite_${at}` }) as Row);
  const plan = planOf(
    pasted(cells, ["price"], { rowsOf: (from, count) => many.slice(from, from + count) }),
    schema,
    new Map(),
  );
  expect([plan.changes.length, plan.beyond]).toEqual([1_000, 9_000]);
});
