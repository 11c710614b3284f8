import { expect, test } from "vitest";
import { compile, contextAt } from "./expr";
import { Instant } from "./expr/time";
import { EntityEnv } from "./names";
import { actsFor, may, mayWrite, nextAct } from "./rights";
import { need, SCHEMA } from "./testing";

const order = need(SCHEMA.entity("operations.sales_order"));
const record = (state: string) => ({ id: "so_1", version: 1, state });

test("an act is offered where its right and the record's state allow it, else with the reason", () => {
  expect(may(order, "confirm", record("draft")).allowed).toBe(true);
  expect(may(order, "confirm", record("shipped")).reason).toEqual({
    code: "wrong_state",
    state: "shipped",
    from: ["draft"],
  });
  expect(may(order, "ship", record("confirmed")).reason).toEqual({
    code: "no_right",
    verb: "ship",
  });
  expect(may(order, "approve", record("shipped")).allowed).toBe(true);
  const entry = need(SCHEMA.entity("operations.stock_entry"));
  expect(may(entry, "update").reason).toEqual({ code: "unchangeable" });
  expect(
    actsFor(order, record("shipped")).map((act) => [act.name, act.permission.allowed]),
  ).toEqual([
    ["confirm", false],
    ["cancel", false],
    ["approve", true],
  ]);
});

test("the next act is the allowed move ahead", () => {
  expect(nextAct(order, record("draft"))).toBe("confirm");
  expect(nextAct(order, record("confirmed"))).toBe("cancel");
  expect(nextAct(order, record("cancelled"))).toBeNull();
});

test("a field that is computed or kept by the kernel is not typed into", () => {
  expect(mayWrite(order, need(SCHEMA.field(order, "pieces")), null)).toBe(true);
  expect(mayWrite(order, need(SCHEMA.field(order, "total")), null)).toBe(false);
  expect(mayWrite(order, need(SCHEMA.field(order, "state")), null)).toBe(false);
});

test("the schema finds entities by name, by path and by an id's prefix", () => {
  expect(SCHEMA.at("operations", "sales-orders")).toBe(order);
  expect(SCHEMA.ofId("so_01h455vb4pex5vsknk084sn02q")).toBe(order);
  expect(SCHEMA.ofId("nonsense")).toBeNull();
  expect(SCHEMA.ofService("operations").map((entity) => entity.prefix)).toEqual([
    "cus",
    "so",
    "ste",
  ]);
});

test("an expression over an entity reads its records, its lines and what lies behind links", () => {
  const env = new EntityEnv(order, SCHEMA);
  const context = contextAt(need(Instant.parse("2026-07-04T12:00:00Z")), "UTC");
  const row = env.row({
    state: "draft",
    customer: { id: "cus_01h455vb4pex5vsknk084sn02q", title: "Ann", country: "FR" },
    ordered_on: "2026-07-01",
    lines: [{ quantity: "2.5" }, { quantity: null }],
  });
  const value = (text: string) => compile(text, env).expr?.evaluate(row, context).value;
  expect(value("state == 'draft' && ordered_on < today()")).toBe(true);
  expect(value("customer.country == 'FR' && customer == 'cus_01h455vb4pex5vsknk084sn02q'")).toBe(
    true,
  );
  expect(String(value("lines.map(l, l.quantity).sum()"))).toBe("2.5");
  expect(compile("custmer.name == 'x'", env).errors?.[0]?.suggestion).toBe("customer");
  expect(compile("state == 'drft'", env).errors?.[0]).toMatchObject({
    code: "unknown_choice",
    start: 9,
    end: 15,
    suggestion: "'draft'",
  });
});
