import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compile } from "./index";
import { Vectors } from "./testing";

const path = (name: string) =>
  fileURLToPath(new URL(`../../../../crates/expr/${name}`, import.meta.url));

test.each([
  ["vectors.json", 700],
  ["pairs.json", 2_000],
])("every expression in %s gives what the server gives", (file, least) => {
  const vectors = new Vectors(path(file));
  const wrong = vectors.cases
    .map((one) => ({ one, found: vectors.answer(one), wanted: vectors.wanted(one) }))
    .filter(
      ({ found, wanted }) => JSON.stringify(sorted(found)) !== JSON.stringify(sorted(wanted)),
    );
  expect(wrong.map(({ one, found }) => ({ one, found }))).toEqual([]);
  expect(vectors.cases.length).toBeGreaterThanOrEqual(least);
});

test("the canonical text of every vector reads back as the same text", () => {
  const vectors = new Vectors(path("vectors.json"));
  for (const { expr } of vectors.cases) {
    const text = compile(expr, vectors.names).expr?.toString();
    if (text === undefined) continue;
    expect(compile(text, vectors.names).expr?.toString()).toBe(text);
  }
});

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
