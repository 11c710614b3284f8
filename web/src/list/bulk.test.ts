import type { Command, Results } from "@megalith/api";
import { expect, test } from "vitest";
import { chosenIds, filterOf, PART, runBulk } from "./bulk";

const asked = { filter: "country == 'FR'", q: "" };
const never = new AbortController().signal;
const all = async (parts: AsyncIterable<readonly string[]>) => {
  const found: (readonly string[])[] = [];
  for await (const part of parts) found.push(part);
  return found;
};
const pages = (count: number) => ({
  list: async (query: object, token: string) => {
    const from = Number(token || 0);
    const items = Array.from({ length: Math.min(PART, count - from) }, (_, at) => ({
      id: `c_${from + at}`,
      version: 1,
    }));
    expect(query).toMatchObject({ filter: asked.filter, order_by: "id", page_size: PART });
    return { items, next_page_token: from + PART < count ? String(from + PART) : "" };
  },
});

test("all that match are asked for page by page, without those that were taken out", async () => {
  const chosen = { all: true, keys: new Set(["c_0", "c_450"]) };
  const parts = await all(chosenIds(chosen, asked, pages(500), never));
  expect(parts.map((part) => part.length)).toEqual([PART - 1, PART, 99]);
  expect(parts.flat()).not.toContain("c_450");
});

test("single ones are taken in parts and nothing is asked", async () => {
  const keys = new Set(Array.from({ length: PART + 1 }, (_, at) => `c_${at}`));
  const parts = await all(chosenIds({ all: false, keys }, asked, pages(0), never));
  expect(parts.map((part) => part.length)).toEqual([PART, 1]);
});

async function* twoParts() {
  yield ["a", "b"];
  yield ["c"];
}
const act = (id: string): Command => ({ act: { id, act: "ship" } });
const answer = (commands: readonly Command[], set: string): Results =>
  ({
    change_set: set,
    results: commands.map((command) =>
      (command as { act: { id: string } }).act.id === "b"
        ? { status: 409, problem: { status: 409, code: "wrong_state", detail: "It is closed." } }
        : { status: 200, record: {} },
    ),
  }) as unknown as Results;

test("what is refused is kept with its reason, and the rest goes on", async () => {
  const seen: number[] = [];
  let sets = 0;
  const outcome = await runBulk(
    twoParts(),
    act,
    async (commands) => answer(commands, `cs_${++sets}`),
    never,
    (progress) => seen.push(progress.done),
  );
  expect(seen).toEqual([1, 2]);
  expect(outcome).toMatchObject({ done: 2, isStopped: false, broke: null });
  expect(outcome.changeSets).toEqual(["cs_1", "cs_2"]);
  expect(outcome.refused.map((one) => [one.id, one.problem.message])).toEqual([
    ["b", "It is closed."],
  ]);
});

test("stopping ends it between two parts, a break in the middle keeps what was done", async () => {
  const stop = new AbortController();
  const stopped = await runBulk(
    twoParts(),
    act,
    async (commands) => answer(commands, "cs_1"),
    stop.signal,
    () => stop.abort(),
  );
  expect(stopped).toMatchObject({ done: 1, isStopped: true, broke: null });
  const fault = new Error("away");
  let sent = 0;
  const broken = await runBulk(
    twoParts(),
    act,
    async (commands) => {
      if (++sent > 1) throw fault;
      return answer(commands, "cs_1");
    },
    never,
    () => {},
  );
  expect(broken).toMatchObject({ done: 1, isStopped: false, broke: fault, changeSets: ["cs_1"] });
});

test.each([
  [{ all: false, keys: new Set(["a", "b"]) }, "id in ['a', 'b']"],
  [{ all: true, keys: new Set<string>() }, "country == 'FR'"],
  [{ all: true, keys: new Set(["a"]) }, "(country == 'FR') && !(id in ['a'])"],
])("the filter of %o", (selection, filter) => {
  expect(filterOf(selection, asked)).toBe(filter);
});
