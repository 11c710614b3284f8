// Records in React: endless lists, single records, and changes that show at once, are taken back
// when the server refuses them, and can be undone.

import {
  type InfiniteData,
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { type Before, change, drop, keys, merged, restore } from "./cache";
import type { Api } from "./client";
import { ApiProblem } from "./problem";
import type { ApiRecord, ListQuery, Page, ViewQuery, WriteOptions } from "./records";

const Context = createContext<Api | null>(null);

/** Gives the API to what is inside. */
export const ApiProvider = Context.Provider;

export function useApi(): Api {
  const api = useContext(Context);
  if (!api) throw new Error("useApi stands outside of ApiProvider");
  return api;
}

/** Whether a query tries again: the sender did so already where it makes sense. */
export const queryDefaults = {
  retry: false,
  refetchOnWindowFocus: true,
  staleTime: 5_000,
  throwOnError: false,
} as const;

/** A list without an end; `enabled` false asks nothing. */
export function useRecords(path: string, query: ListQuery, enabled = true) {
  const { records } = useApi();
  return useInfiniteQuery<Page, ApiProblem, InfiniteData<Page, string>, readonly unknown[], string>(
    {
      queryKey: keys.list(path, query),
      queryFn: ({ pageParam, signal }) => records.list(path, query, pageParam, signal),
      initialPageParam: "",
      getNextPageParam: (page) => (page.next_page_token === "" ? undefined : page.next_page_token),
      placeholderData: keepPreviousData,
      enabled,
    },
  );
}

/** One record; null for the id asks nothing. */
export function useRecord(path: string, id: string | null, query: ViewQuery = {}) {
  const { records } = useApi();
  return useQuery<ApiRecord, ApiProblem>({
    queryKey: keys.record(path, id ?? "", query),
    queryFn: ({ signal }) => records.get(path, id ?? "", query, signal),
    enabled: id !== null,
  });
}

/** Groups with sums and counts. */
export function useGroups(path: string, query: Parameters<Api["records"]["aggregate"]>[1]) {
  const { records } = useApi();
  return useQuery({
    queryKey: keys.groups(path, query),
    queryFn: ({ signal }) => records.aggregate(path, query, signal),
    placeholderData: keepPreviousData,
  });
}

/** What a change left behind: the record as it is now, and the way back. */
export interface Done {
  readonly record: ApiRecord | null;
  /** Takes the change back; null where there is no way. */
  readonly undo: (() => Promise<void>) | null;
}

interface Edit {
  readonly record: ApiRecord;
  readonly patch: Readonly<Record<string, unknown>>;
  readonly options?: WriteOptions;
}

/**
 * Changes fields of a record. It shows at once; others' changes of other fields are merged, of the
 * same field are a 409. `undo` writes the earlier values back, under the same merge.
 */
export function useUpdate(path: string) {
  const { records } = useApi();
  const client = useQueryClient();
  const settle = () => client.invalidateQueries({ queryKey: keys.of(path) });
  const write = async ({ record, patch, options }: Edit) => {
    const base = options ?? { baseVersion: record.version };
    const answer = await records.update(path, record.id, patch, base);
    change(client, path, record.id, (shown) => merged(shown, answer));
    return answer;
  };
  return useMutation<Done, ApiProblem, Edit, { before: Before }>({
    mutationFn: async (edit) => {
      const record = await write(edit);
      const earlier = earlierValues(edit.record, edit.patch);
      if (!earlier) return { record, undo: null };
      const undo = async () => {
        await write({ record, patch: earlier });
        await settle();
      };
      return { record, undo };
    },
    onMutate: async ({ record, patch }) => {
      await client.cancelQueries({ queryKey: keys.of(path) });
      return { before: change(client, path, record.id, (shown) => ({ ...shown, ...patch })) };
    },
    onError: (_error, _edit, context) => restore(client, context?.before ?? []),
    onSettled: settle,
  });
}

/** The values before a change as they are written back; null where one of them was not known. */
export function earlierValues(
  record: ApiRecord,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> | null {
  const names = Object.keys(patch);
  if (names.some((name) => !(name in record))) return null;
  return Object.fromEntries(names.map((name) => [name, wire(record[name])]));
}

/** An expanded link as its id. */
function wire(value: unknown): unknown {
  if (Array.isArray(value)) return value;
  const { id, amount } = (value ?? {}) as { id?: unknown; amount?: unknown };
  return typeof id === "string" && amount === undefined ? id : value;
}

/** Makes a record; `undo` deletes it again. */
export function useCreate(path: string) {
  const { records } = useApi();
  const client = useQueryClient();
  const settle = () => client.invalidateQueries({ queryKey: keys.of(path) });
  return useMutation<Done, ApiProblem, Readonly<Record<string, unknown>>>({
    mutationFn: async (values) => {
      const record = await records.create(path, values);
      const undo = async () => {
        await records.remove(path, record.id, { ifMatch: record.version });
        await settle();
      };
      return { record, undo };
    },
    onSettled: settle,
  });
}

/** Deletes a record, which goes from the lists at once. The screen has asked before. */
export function useRemove(path: string) {
  const { records } = useApi();
  const client = useQueryClient();
  return useMutation<void, ApiProblem, ApiRecord, { before: Before }>({
    mutationFn: (record) => records.remove(path, record.id, { ifMatch: record.version }),
    onMutate: async (record) => {
      await client.cancelQueries({ queryKey: keys.of(path) });
      return { before: drop(client, path, record.id) };
    },
    onError: (_error, _record, context) => restore(client, context?.before ?? []),
    onSettled: () => client.invalidateQueries({ queryKey: keys.of(path) }),
  });
}

/** Moves a record along its states. */
export function useAct(path: string) {
  const { records } = useApi();
  const client = useQueryClient();
  return useMutation<
    ApiRecord | null,
    ApiProblem,
    { record: ApiRecord; act: string; values?: Readonly<Record<string, unknown>> }
  >({
    mutationFn: ({ record, act, values }) =>
      records.act(path, record.id, act, values, { ifMatch: record.version }),
    onSuccess: (answer, { record }) => {
      if (answer) change(client, path, record.id, (shown) => merged(shown, answer));
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.of(path) }),
  });
}

/** The problem in whatever was thrown: a fault of the app itself becomes one too. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const detail = "Something in this page went wrong. Reload it; nothing that was saved is lost.";
  return new ApiProblem({ status: 0, code: "fault", title: "Fault", detail });
}
