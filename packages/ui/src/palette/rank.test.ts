import { expect, it } from "vitest";
import { rank, ranked } from "./rank";

const items = [
  { label: "Purchase orders" },
  { label: "Sales orders", keywords: "invoice" },
  { label: "Go to home" },
  { label: "Über uns" },
];
const names = (query: string) => ranked(items, query).map((item) => item.label);

it("without words everything stays in its order", () => {
  expect(names("  ")).toEqual(items.map((item) => item.label));
});

it("a beginning comes before a middle, and all words must occur", () => {
  expect(names("sal")).toEqual(["Sales orders"]);
  expect(names("ord sal")).toEqual(["Sales orders"]);
  expect(names("orders")).toEqual(["Sales orders", "Purchase orders"]);
  expect(names("sales x")).toEqual([]);
});

it("first letters, other words and letters without their marks are found", () => {
  expect(names("po")).toEqual(["Purchase orders"]);
  expect(names("invoice")).toEqual(["Sales orders"]);
  expect(names("uber")).toEqual(["Über uns"]);
});

it("a whole beginning fits better than the first letters", () => {
  expect(rank({ label: "So what" }, "so")).toBeGreaterThan(rank({ label: "Sales orders" }, "so"));
});
