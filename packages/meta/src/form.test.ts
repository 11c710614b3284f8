import { expect, test } from "vitest";
import { contextAt } from "./expr";
import { Instant } from "./expr/time";
import { changedFields, initialValues, toWire, validate } from "./form";
import { need, SCHEMA } from "./testing";

const order = need(SCHEMA.entity("operations.sales_order"));
const customer = need(SCHEMA.entity("operations.customer"));
const now = contextAt(need(Instant.parse("2026-07-04T22:30:00Z")), "Europe/Berlin");
const CUSTOMER = "cus_01h455vb4pex5vsknk084sn02q";

test("a form says what the server would say, at the same places", () => {
  const found = validate(order, SCHEMA, {
    customer: "so_01h455vb4pex5vsknk084sn02q",
    ordered_on: "31.01.2026",
    priority: "hihg",
    pieces: -1,
    discount: "0.1234567",
    carriers: [CUSTOMER, CUSTOMER],
    lines: [
      { item: "ring", quantity: "1" },
      { item: null, quantity: "1e3" },
    ],
  });
  expect(found.map(({ pointer, code, message }) => [pointer, code, message])).toEqual([
    ["/customer", "wrong_prefix", "must be the id of a customer (cus_…), and so_… is another"],
    ["/ordered_on", "invalid_date", 'must be a date such as "2026-07-04"'],
    ["/priority", "unknown_choice", "is not one of its choices; did you mean high?"],
    ["/pieces", "out_of_range", "must be a whole number from 0 to 9223372036854775807"],
    ["/discount", "too_many_places", "must have at most 6 places after the point"],
    ["/carriers/1", "duplicate_item", "is in the list already"],
    ["/lines/1/item", "required", "must not be empty"],
    ["/lines/1/quantity", "invalid_decimal", 'must be a decimal such as "12.50"'],
  ]);
});

test("what is required and absent is named; what is fine is not", () => {
  expect(validate(order, SCHEMA, {}).map((one) => [one.pointer, one.code])).toEqual([
    ["/customer", "required"],
    ["/ordered_on", "required"],
  ]);
  const fine = { customer: { id: CUSTOMER, title: "Ann" }, ordered_on: "2026-01-31", lines: [] };
  expect(validate(order, SCHEMA, fine)).toEqual([]);
});

test.each([
  ["name", "x".repeat(21), "too_long"],
  ["name", "🗿".repeat(20), null],
  ["name", "a\0b", "nul_character"],
  ["email", "ann@example.com", null],
  ["email", "ann@-example.com", "invalid_email"],
  ["email", "ann.example.com", "invalid_email"],
  ["email", "ännchen@bücher.example", null],
  ["website", "https://example.com/page?x=1#y", null],
  ["website", "javascript:alert(1)", "invalid_url"],
  ["website", "https://:80", "invalid_url"],
  ["phone", "+49 30 1234-567", null],
  ["phone", "call me", "invalid_phone"],
  ["colour", "#8a3ffc", null],
  ["colour", "red", "invalid_colour"],
  ["rule", "total > 100 && state == 'draft'", null],
  ["rule", "total >", "invalid_expression"],
  ["address", { city: "Lyon", country: "FR" }, null],
  ["address", { city: "Lyon", country: "France" }, "unknown_country"],
  ["credit", { amount: "12.50", currency: "EUR" }, null],
  ["credit", { amount: "12.505", currency: "EUR" }, "too_many_places"],
  ["credit", { amount: "12", currency: "XXX" }, "unknown_currency"],
  ["credit", { amount: "", currency: "EUR" }, "required"],
])("%s %j is answered with %s", (name, value, code) => {
  const found = validate(customer, SCHEMA, { name: "Ann", [name]: value });
  expect(found[0]?.code ?? null).toBe(code);
});

test("a new record starts with its defaults", () => {
  expect(initialValues(order, now, null)).toEqual({ ordered_on: "2026-07-05", priority: "normal" });
});

test("only what changed is sent, links as their ids", () => {
  const before = {
    customer: { id: CUSTOMER, title: "Ann" },
    pieces: 1,
    urgent: null,
    carriers: [],
  };
  const after = { customer: CUSTOMER, pieces: 2, urgent: undefined, carriers: null };
  expect(changedFields(order, before, after, SCHEMA)).toEqual({ pieces: 2 });
  const lines = need(SCHEMA.field(order, "lines"));
  expect(
    toWire(lines, [{ id: null, item: "ring", quantity: "1", amount: { amount: "1" } }], SCHEMA),
  ).toEqual([{ item: "ring", quantity: "1" }]);
});
