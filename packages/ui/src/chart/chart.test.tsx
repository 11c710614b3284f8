import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { BarChart, BarList, Figure } from "./index";
import { sparkPoints, ticks } from "./scale";

it.each([
  [0, [0, 1]],
  [Number.NaN, [0, 1]],
  [1, [0, 0.25, 0.5, 0.75, 1]],
  [41, [0, 20, 40, 60]],
  [97, [0, 25, 50, 75, 100]],
  [100, [0, 25, 50, 75, 100]],
  [1_234_567, [0, 500_000, 1_000_000, 1_500_000]],
])("an axis up to %s has the round steps %j", (most, expected) => {
  expect(ticks(most)).toEqual(expected);
});

it("what is counted has no halves", () => {
  expect([1, 3, 9].map((most) => ticks(most, true))).toEqual([
    [0, 1],
    [0, 1, 2, 3],
    [0, 5, 10],
  ]);
});

it("a line goes from edge to edge, its largest value at the top", () => {
  expect(sparkPoints([0, 5, 10], 100, 20)).toBe("0.0,20.0 50.0,10.0 100.0,0.0");
  expect(sparkPoints([0, 0], 10, 10)).toBe("0.0,10.0 10.0,10.0");
});

it("each bar says what it stands for, and leads to it", () => {
  const bar = (key: string, value: number) => ({
    key,
    label: key,
    title: `${key}: ${value} orders`,
    value,
    href: `/orders?month=${key}`,
  });
  render(<BarChart label="Orders" bars={[bar("Jan", 10), bar("Feb", 40)]} axis={String} />);
  const list = screen.getByRole("list", { name: "Orders" });
  expect(list.children).toHaveLength(2);
  const link = screen.getByRole("link", { name: "Feb: 40 orders" });
  expect(link.getAttribute("href")).toBe("/orders?month=Feb");
  const heights = [...list.querySelectorAll<HTMLElement>("a > span > span:first-child")].map(
    (one) => one.style.blockSize,
  );
  expect(heights).toEqual(["25%", "100%"]);
});

it("figures and rows are links that name themselves", () => {
  render(
    <>
      <Figure label="Late" value="3" note="of 11" href="/late" />
      <BarList
        label="Customers"
        rows={[
          { key: "a", label: "<b>Ann</b>", value: 2, text: "€2", hint: "1 order", href: "/a" },
        ]}
      />
    </>,
  );
  expect(screen.getByRole("link", { name: /Late.*3.*of 11/ }).getAttribute("href")).toBe("/late");
  expect(screen.getByRole("link", { name: /<b>Ann<\/b>.*1 order.*€2/ })).toBeTruthy();
});
