import { expect, test } from "vitest";
import { queryText } from "./records";
import { server } from "./testing";

const PATH = "/api/v1/operations/sales-orders";

test("a list is asked for by filter, order, fields and page", async () => {
  const page = { items: [], next_page_token: "" };
  const { api, asked } = server(() => ({ body: page }));
  const query = {
    filter: "total > money('1', 'EUR') && x == 'a+b'",
    order_by: "number desc",
    fields: ["number", "total"],
    expand: ["customer"],
    count: true,
    page_size: 100,
  };
  expect(await api.records.list(PATH, query, "t1")).toEqual(page);
  expect(asked[0]?.path).toBe(
    `${PATH}?filter=total > money('1', 'EUR') && x == 'a+b'&order_by=number desc&fields=number,total&expand=customer&count=true&page_size=100&page_token=t1`,
  );
  expect(queryText({ a: "", b: null, c: undefined, d: [], e: false })).toBe("");
});

test("every page of a list is walked by its token", async () => {
  const { api, asked } = server((_, count) => ({
    body: {
      items: [{ id: `so_${count}`, version: 1 }],
      next_page_token: count < 3 ? `t${count}` : "",
    },
  }));
  const ids: string[] = [];
  for await (const record of api.records.all(PATH)) ids.push(record.id);
  expect(ids).toEqual(["so_1", "so_2", "so_3"]);
  expect(asked.map((one) => one.path)).toEqual([
    PATH,
    `${PATH}?page_token=t1`,
    `${PATH}?page_token=t2`,
  ]);
});

test("a change is a merge patch that names the version it is based on", async () => {
  const { api, asked } = server(() => ({ body: { id: "so_1", version: 8 } }));
  await api.records.update(PATH, "so_1", { note: null }, { baseVersion: 7 });
  await api.records.update(PATH, "so_1", { note: "x" }, { ifMatch: 8, idempotencyKey: "mine" });
  const [first, second] = asked;
  expect([first?.method, first?.path, first?.body]).toEqual([
    "PATCH",
    `${PATH}/so_1?base_version=7`,
    { note: null },
  ]);
  expect(first?.headers.get("content-type")).toBe("application/merge-patch+json");
  expect(second?.headers.get("if-match")).toBe('"8"');
  expect(second?.headers.get("idempotency-key")).toBe("mine");
});

test("acts, deletions, batches, groups, exports and searches have the paths of the API", async () => {
  const { api, asked } = server((one) =>
    one.method === "DELETE" ? { status: 204 } : { body: {} },
  );
  await api.records.act(PATH, "so_1", "confirm", undefined, { ifMatch: 1 });
  await api.records.remove(PATH, "so/1");
  await api.records.batch(PATH, [{ delete: { id: "so_1" } }], true);
  await api.records.aggregate(PATH, {
    select: "sum(total), count()",
    group_by: "month(ordered_on)",
  });
  await api.records.explain(PATH, "so_1", "confirm");
  await api.records.export(PATH, { format: "csv" });
  await api.records.search("vins");
  expect(asked.map((one) => `${one.method} ${one.path}`)).toEqual([
    `POST ${PATH}/so_1:confirm`,
    `DELETE ${PATH}/so/1`,
    `POST ${PATH}:batch`,
    `GET ${PATH}:aggregate?select=sum(total), count()&group_by=month(ordered_on)`,
    `GET ${PATH}/so_1:explain?verb=confirm`,
    `POST ${PATH}:export`,
    "GET /api/v1/search?q=vins&limit=20",
  ]);
  expect(asked[5]?.headers.has("idempotency-key")).toBe(false);
});

test("the typed client goes the same way", async () => {
  const { api, asked } = server(() => ({ body: { items: [], next_page_token: "" } }));
  const { data } = await api.typed.GET("/api/v1/operations/customers", {
    params: { query: { filter: "name == 'Ann'" } },
  });
  expect(data?.items).toEqual([]);
  expect(asked[0]?.path).toBe("/api/v1/operations/customers?filter=name == 'Ann'");
});
