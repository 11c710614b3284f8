import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import { merged } from "./cache";
import {
  ApiProvider,
  earlierValues,
  queryDefaults,
  useRecord,
  useRecords,
  useRemove,
  useUpdate,
} from "./hooks";
import type { ApiRecord } from "./records";
import { type Answer, type Asked, problem, server } from "./testing";

const PATH = "/api/v1/operations/customers";

/** Customers on a server: lists, reads, changes and deletes them. */
function shop(refuse: (asked: Asked) => Answer | null = () => null) {
  const rows = new Map<string, ApiRecord>(
    [1, 2, 3].map((n) => [`cus_${n}`, { id: `cus_${n}`, version: 1, name: `Customer ${n}` }]),
  );
  const found = server((asked) => {
    const refused = refuse(asked);
    if (refused) return refused;
    const [at = "", search = ""] = asked.path.split("?");
    const id = at.slice(PATH.length + 1);
    if (asked.method === "GET" && id === "") {
      const from = Number(new URLSearchParams(search).get("page_token") || 0);
      const items = [...rows.values()].slice(from, from + 2);
      return { body: { items, next_page_token: from + 2 < rows.size ? String(from + 2) : "" } };
    }
    const row = rows.get(id);
    if (!row) return problem(404, "not_found");
    if (asked.method === "DELETE") {
      rows.delete(id);
      return { status: 204 };
    }
    if (asked.method === "PATCH") {
      rows.set(id, { ...row, ...(asked.body as object), version: row.version + 1 });
    }
    return { body: rows.get(id) };
  });
  const client = new QueryClient({ defaultOptions: { queries: queryDefaults } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>
      <ApiProvider value={found.api}>{children}</ApiProvider>
    </QueryClientProvider>
  );
  return { ...found, wrapper, rows };
}

function useShop() {
  return {
    list: useRecords(PATH, {}),
    one: useRecord(PATH, "cus_1"),
    update: useUpdate(PATH),
    remove: useRemove(PATH),
  };
}

const names = (hook: { current: ReturnType<typeof useShop> }) =>
  hook.current.list.data?.pages.flatMap((page) => page.items.map((item) => item.name));

test("a list goes on page after page until there is no more", async () => {
  const { wrapper } = shop();
  const { result } = renderHook(useShop, { wrapper });
  await waitFor(() => expect(names(result)).toEqual(["Customer 1", "Customer 2"]));
  expect(result.current.list.hasNextPage).toBe(true);
  await act(() => result.current.list.fetchNextPage());
  await waitFor(() => expect(names(result)).toHaveLength(3));
  expect(result.current.list.hasNextPage).toBe(false);
});

test("a change shows at once everywhere, and undo writes the earlier value back", async () => {
  const { wrapper, rows, asked } = shop();
  const { result } = renderHook(useShop, { wrapper });
  await waitFor(() => expect(result.current.one.data && names(result)).toBeTruthy());
  const record = result.current.one.data as ApiRecord;
  const done = await act(() =>
    result.current.update.mutateAsync({ record, patch: { name: "Ann" } }),
  );
  expect(names(result)?.[0]).toBe("Ann");
  expect(result.current.one.data?.name).toBe("Ann");
  await act(async () => done.undo?.());
  expect(rows.get("cus_1")?.name).toBe("Customer 1");
  await waitFor(() => expect(names(result)?.[0]).toBe("Customer 1"));
  const patches = asked.filter((one) => one.method === "PATCH").map((one) => one.path);
  expect(patches).toEqual([`${PATH}/cus_1?base_version=1`, `${PATH}/cus_1?base_version=2`]);
});

test("a change that is refused is taken back on the screen", async () => {
  const { wrapper } = shop((asked) => (asked.method === "PATCH" ? problem(409, "conflict") : null));
  const { result } = renderHook(useShop, { wrapper });
  await waitFor(() => expect(result.current.one.data && names(result)).toBeTruthy());
  const record = result.current.one.data as ApiRecord;
  const error = await act(() =>
    result.current.update.mutateAsync({ record, patch: { name: "Ann" } }).catch((caught) => caught),
  );
  expect(error.isConflict).toBe(true);
  expect(result.current.one.data?.name).toBe("Customer 1");
  expect(names(result)?.[0]).toBe("Customer 1");
});

test("a deleted record leaves the list, and comes back when it may not go", async () => {
  const { wrapper } = shop((asked) =>
    asked.method === "DELETE" && asked.path.endsWith("cus_2") ? problem(409, "in_use") : null,
  );
  const { result } = renderHook(useShop, { wrapper });
  await waitFor(() => expect(names(result)).toHaveLength(2));
  const [first, second] = result.current.list.data?.pages[0]?.items ?? [];
  await act(() => result.current.remove.mutateAsync(first as ApiRecord));
  await waitFor(() => expect(names(result)).toEqual(["Customer 2", "Customer 3"]));
  await act(() => result.current.remove.mutateAsync(second as ApiRecord).catch(() => {}));
  await waitFor(() => expect(names(result)).toEqual(["Customer 2", "Customer 3"]));
});

test("an answer keeps what it does not name and the links that are shown expanded", () => {
  const shown = {
    id: "so_1",
    version: 3,
    customer: { id: "cus_1", title: "Ann" },
    owner: { id: "usr_1" },
    note: "x",
  };
  const answer = { id: "so_1", version: 4, customer: "cus_1", owner: "usr_2" };
  expect(merged(shown, answer)).toEqual({ ...shown, version: 4, owner: "usr_2" });
  expect(merged(shown, { ...answer, version: 2 })).toBe(shown);
});

test("what was not known before cannot be undone", () => {
  const record = {
    id: "so_1",
    version: 1,
    customer: { id: "cus_1", title: "Ann" },
    total: { amount: "1", currency: "EUR" },
  };
  expect(earlierValues(record, { customer: "cus_2", total: null })).toEqual({
    customer: "cus_1",
    total: record.total,
  });
  expect(earlierValues(record, { secret: 1 })).toBeNull();
});
