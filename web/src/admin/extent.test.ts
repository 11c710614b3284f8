import type { ApiRecord } from "@megalith/api";
import type { Entity } from "@megalith/meta";
import { expect, it } from "vitest";
import { extentOf, knownRoles, verbsOf } from "./extent";

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
  [{ extent: "none" }, "none"],
  [{ extent: "all" }, "all"],
  [{ extent: "some", condition: "country == 'DE'" }, "some"],
  [{ extent: "all", hidden: ["salary"] }, "some"],
  [{ extent: "none", hidden: ["salary"] }, "none"],
] as const)("%j covers %s", (answer, expected) => {
  const whole = { by: null, condition: null, hidden: [], readOnly: [], ...answer };
  expect(extentOf(whole)).toBe(expected);
});
