import { ApiProblem } from "@megalith/api";
import { Schema, type SchemaDocument } from "@megalith/meta";
import { expect, test } from "vitest";
import { usesOf } from "./uses";

const schema = new Schema({
  services: [],
  entities: [
    {
      name: "trade.order",
      service: "trade",
      plural: "orders",
      path: "/o",
      kind: "normal",
      fields: [],
    },
  ],
} as unknown as SchemaDocument);

test("what stands in the way of a deletion leads to it; what cannot be seen is only said", () => {
  const said = (message: string) => ({ pointer: "/id", code: "in_use", message });
  const problem = new ApiProblem({
    detail: "Other records use this customer.",
    errors: [
      said("15 of trade.order use it as customer"),
      said("3 of trade.secret use it as customer"),
      said("other records that you cannot see use it; ask an administrator"),
    ],
  });
  const { uses, others } = usesOf(problem, schema, "cus_1");
  expect(uses.map((one) => [one.count, one.href])).toEqual([
    [15, "/trade/orders?filter=customer+%3D%3D+%27cus_1%27"],
  ]);
  expect(others.map((one) => one.message)).toEqual([
    "3 of trade.secret use it as customer",
    "other records that you cannot see use it; ask an administrator",
  ]);
});
