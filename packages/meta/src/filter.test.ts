import { expect, test } from "vitest";
import { compile } from "./expr";
import { type Filter, filterText, readFilter } from "./filter";
import { EntityEnv } from "./names";
import { Schema, type SchemaDocument } from "./schema";

const field = (name: string, kind: string, more: object = {}) => ({
  name,
  label: name,
  kind,
  ...more,
});
const document = {
  services: [],
  entities: [
    {
      name: "shop.order",
      prefix: "so",
      fields: [
        field("number", "text", { max: 20 }),
        field("total", "money"),
        field("pieces", "quantity", { scale: 3 }),
        field("ordered_on", "date"),
        field("created_at", "instant"),
        field("paid", "boolean"),
        field("state", "state", { choices: [{ name: "draft" }, { name: "sent" }] }),
        field("customer", "link", { target: "shop.customer" }),
        field("owner", "link", { target: "users.user" }),
        field("external_ids", "texts"),
      ],
    },
    {
      name: "shop.customer",
      prefix: "cus",
      fields: [field("name", "text", { max: 20 }), field("country", "text", { max: 2 })],
    },
    { name: "users.user", prefix: "usr", fields: [] },
  ],
} as unknown as SchemaDocument;
const schema = new Schema(document);
const order = schema.entity("shop.order");
if (!order) throw new Error("no order");
const fieldOf = (path: string) => {
  const [first = "", second] = path.split(".");
  const own = schema.field(order, first);
  const target = own && second !== undefined ? schema.target(own) : null;
  return second === undefined ? own : target && schema.field(target, second);
};

const said: readonly (readonly [string, Filter])[] = [
  ["state == 'draft'", [[{ field: "state", op: "is", values: ["draft"] }]]],
  ["state in ['draft', 'sent']", [[{ field: "state", op: "is", values: ["draft", "sent"] }]]],
  ["!(state in ['draft', 'sent'])", [[{ field: "state", op: "isNot", values: ["draft", "sent"] }]]],
  ["number.contains('O\\'N')", [[{ field: "number", op: "contains", values: ["O'N"] }]]],
  ["customer.country != 'DE'", [[{ field: "customer.country", op: "isNot", values: ["DE"] }]]],
  ["external_ids.shop == '1'", [[{ field: "external_ids.shop", op: "is", values: ["1"] }]]],
  ["owner == user.id", [[{ field: "owner", op: "is", values: ["user.id"] }]]],
  ["pieces >= -1.5", [[{ field: "pieces", op: "ge", values: ["-1.5"] }]]],
  [
    "total > money('12.30', 'EUR')",
    [[{ field: "total", op: "gt", values: [{ amount: "12.30", currency: "EUR" }] }]],
  ],
  [
    "ordered_on < date('2026-01-31')",
    [[{ field: "ordered_on", op: "lt", values: ["2026-01-31"] }]],
  ],
  ["ordered_on == null", [[{ field: "ordered_on", op: "empty", values: [] }]]],
  ["paid == false", [[{ field: "paid", op: "is", values: [false] }]]],
  [
    "ordered_on > today() - 30 && ordered_on <= today()",
    [[{ field: "ordered_on", op: "during", values: ["last30"] }]],
  ],
  [
    "(state == 'draft' || paid == true) && number != null",
    [
      [
        { field: "state", op: "is", values: ["draft"] },
        { field: "paid", op: "is", values: [true] },
      ],
      [{ field: "number", op: "filled", values: [] }],
    ],
  ],
  [
    "total + total > total && paid == true",
    [[{ raw: "total + total > total" }], [{ field: "paid", op: "is", values: [true] }]],
  ],
];

test.each(said)("%s is these chips, and they are it", (text, filter) => {
  expect(readFilter(text, fieldOf)).toEqual(filter);
  expect(filterText(filter, fieldOf)).toBe(text);
});

test("every span of time is an expression that a filter may be, and is read back", () => {
  const env = new EntityEnv(order, schema);
  let seen = 0;
  for (const [name, words] of [
    ["ordered_on", ["today", "thisMonth", "lastMonth", "last7", "next30", "past"]],
    ["created_at", ["last24h", "last30"]],
  ] as const) {
    for (const word of words) {
      const filter: Filter = [[{ field: name, op: "during", values: [word] }]];
      const text = filterText(filter, fieldOf);
      const { expr, errors } = compile(text, env);
      expect([word, errors]).toEqual([word, null]);
      expect(expr?.notInQueries()).toBeNull();
      expect(readFilter(text, fieldOf)).toEqual(filter);
      const beside: Filter = [[{ field: "paid", op: "is", values: [true] }, ...(filter[0] ?? [])]];
      expect(readFilter(filterText(beside, fieldOf), fieldOf)).toEqual(beside);
      seen += 1;
    }
  }
  expect(seen).toBe(8);
});

test.each([
  ["paid", [[{ field: "paid", op: "is", values: [true] }]]],
  ["!paid", [[{ field: "paid", op: "is", values: [false] }]]],
  [
    "state == 'draft' || (state == 'sent')",
    [
      [
        { field: "state", op: "is", values: ["draft"] },
        { field: "state", op: "is", values: ["sent"] },
      ],
    ],
  ],
])("%s is read though chips write it otherwise", (text, filter) =>
  expect(readFilter(text, fieldOf)).toEqual(filter),
);

test("a text that is no expression has no chips", () => {
  expect(readFilter("state ==", fieldOf)).toBeNull();
  expect(readFilter("  ", fieldOf)).toEqual([]);
});

test("a term that chips cannot say keeps its meaning beside others", () => {
  const filter: Filter = [[{ raw: "paid ? total == null : paid" }], [{ raw: "paid || !paid" }]];
  expect(filterText(filter, fieldOf)).toBe("(paid ? total == null : paid) && (paid || !paid)");
});

test("keys in other systems are texts to an expression", () => {
  const env = new EntityEnv(order, schema);
  expect(compile("external_ids.shop.startsWith('1')", env).errors).toBeNull();
});
