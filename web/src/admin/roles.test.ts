import type { ApiRecord } from "@megalith/api";
import type { Entity } from "@megalith/meta";
import { expect, it } from "vitest";
import { conditional, extentOf, knownRoles, texts, verbsOf } from "./roles";

const record = (values: object) => ({ id: "x_1", version: 1, ...values }) as ApiRecord;

it("roles are known from members, records and grants, each once, the usual ones first", () => {
  const found = knownRoles(
    [{ roles: ["sales", "night_shift"] }],
    [record({ name: "auditor" })],
    [record({ role: "night_shift" }), record({ role: "buyer" })],
  );
  expect(found.slice(0, 2)).toEqual(["administrator", "sales"]);
  expect(found.slice(-3)).toEqual(["auditor", "buyer", "night_shift"]);
});

it("a grant with a condition allows some records, to its own roles and verbs", () => {
  const grant = {
    effect: "allow",
    role: "auditor",
    subject: "*",
    verb: "read",
    condition: "country == 'DE'",
  };
  const find = (change: object, verb = "read") =>
    conditional([record({ ...grant, ...change })], ["auditor"], "operations.customer", verb);
  expect(find({})?.role).toBe("auditor");
  expect(find({ subject: "operations.customer", verb: "*" }, "delete")?.role).toBe("auditor");
  for (const change of [
    { effect: "deny" },
    { role: "sales" },
    { subject: "operations.item" },
    { verb: "update" },
    { condition: null },
  ]) {
    expect(find(change)).toBeUndefined();
  }
});

it("a list that is none is empty", () => {
  expect([texts(null), texts("a"), texts([1, "a"])]).toEqual([[], [], ["a"]]);
});

it("what only grows is neither changed nor deleted", () => {
  const acts = [{ name: "ship", label: "Ship" }];
  expect(verbsOf({ kind: "append_only", acts: [] } as unknown as Entity)).toEqual([
    "read",
    "create",
  ]);
  expect(verbsOf({ kind: "normal", acts } as unknown as Entity)).toEqual([
    "read",
    "create",
    "update",
    "delete",
    "ship",
  ]);
});

it.each([
  [{ allowed: false }, undefined, "none"],
  [{ allowed: true }, undefined, "all"],
  [{ allowed: true }, { condition: "country == 'DE'" }, "some"],
  [{ allowed: true, hidden: ["salary"] }, undefined, "some"],
] as const)("%j by %j covers %s", (answer, grant, expected) => {
  const whole = { by: null, hidden: [], readOnly: [], ...answer };
  expect(extentOf(whole, grant && record(grant))).toBe(expected);
});
