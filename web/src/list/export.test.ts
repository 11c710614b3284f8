import { expect, test } from "vitest";
import { MOST_IN_FILTER } from "./bulk";
import { Broken, type Come, ordersOf, RowCounter, receive, sizeText } from "./export";

const asked = { filter: "active", q: "" };
const bytes = (text: string) => new TextEncoder().encode(text);
const many = new Set(Array.from({ length: MOST_IN_FILTER * 2 + 1 }, (_, at) => `c_${at}`));
const never = new AbortController().signal;

/** An answer that comes in pieces, and perhaps breaks off. */
const coming = (pieces: readonly string[], breaks = false) =>
  new Response(
    new ReadableStream({
      start(stream) {
        for (const piece of pieces) stream.enqueue(bytes(piece));
        if (breaks) stream.error(new Error("cut"));
        else stream.close();
      },
    }),
  );
const textOf = async (parts: readonly Uint8Array<ArrayBuffer>[]) => new Blob([...parts]).text();

test("rows are counted as they come: line ends in quotes are none", () => {
  const csv = new RowCounter("csv");
  for (const piece of ["na", 'me,notes\r\nA,"two\nli', 'nes ""so"""\r\nB,', "\r\nC,last"]) {
    csv.take(bytes(piece));
  }
  expect(csv.rows()).toBe(3);
  const lines = new RowCounter("jsonl");
  lines.take(bytes('{"a":1}\n{"a":"\\""}\n'));
  expect(lines.rows()).toBe(2);
  const book = new RowCounter("xlsx");
  book.take(bytes("PK\n\n"));
  expect(book.rows()).toBeNull();
});

test("a selection that one filter cannot name is asked for in parts, but no workbook", () => {
  const chosen = { all: false, keys: many };
  expect(ordersOf("csv", ["name"], chosen, asked)?.length).toBe(3);
  expect(ordersOf("xlsx", [], chosen, asked)).toBeNull();
  expect(ordersOf("xlsx", [], { all: true, keys: new Set() }, asked)).toEqual([
    { format: "xlsx", filter: "active", q: "", fields: [] },
  ]);
});

test("words narrow what is all, not what was chosen one by one", () => {
  const found = { ...asked, q: "chai" };
  const q = (all: boolean) => ordersOf("csv", [], { all, keys: new Set() }, found)?.[0]?.q;
  expect([q(true), q(false)]).toEqual(["chai", ""]);
});

test("parts become one file with one head, counted as it comes", async () => {
  const orders = ordersOf("csv", ["name"], { all: false, keys: many }, asked) ?? [];
  const seen: Come[] = [];
  let at = 0;
  const parts = await receive(
    orders,
    async () => coming(["name\r", `\nrow ${++at}\r\n`]),
    never,
    (come) => seen.push(come),
  );
  expect(await textOf(parts)).toBe("name\r\nrow 1\r\nrow 2\r\nrow 3\r\n");
  expect(seen.at(-1)).toEqual({ bytes: 27, rows: 3 });
});

test("a file that breaks off says so and keeps what came", async () => {
  const order = [{ format: "jsonl" as const, filter: "", q: "", fields: [] }];
  const broken = receive(
    order,
    async () => coming([], true),
    never,
    () => {},
  );
  await expect(broken).rejects.toBeInstanceOf(Broken);
});

test("sizes are written as people say them", () => {
  expect(sizeText(999, "en")).toBe("999 bytes");
  expect(sizeText(34_100, "en")).toBe("34.1 kB");
  expect(sizeText(2_500_000, "de")).toBe("2,5 MB");
});
