// Imports over the API: what is asked, and the upload, whose progress only an older way tells.

import { ApiProblem, unreachable } from "@megalith/api";
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../app/server";
import type { Spec } from "./spec";

const PATH = "/api/v1/platform/imports";

export interface Import {
  readonly id: string;
  readonly version: number;
  readonly state: "uploaded" | "running" | "finished" | "failed" | "cancelled";
  readonly title: string;
  readonly filename: string | null;
  readonly bytes: number | null;
  readonly subject: string | null;
  readonly table_name: string | null;
  readonly dry_run: boolean;
  readonly cancelling: boolean;
  readonly change_set: string | null;
  readonly total: number | null;
  readonly read: number;
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly error: string | null;
  readonly begun_by: string | null;
  readonly started_at: string | null;
  readonly finished_at: string | null;
}

export interface Table {
  readonly name: string;
  readonly rows: number | null;
  readonly columns: readonly { readonly name: string; readonly samples: readonly string[] }[];
}

export interface Proposal {
  readonly mapping: string;
  readonly fields: readonly { readonly field: string; readonly from: string }[];
  readonly key: string | null;
}

/** What `:propose`, `:preview` and `:start` are asked. */
export interface Plan {
  readonly entity: string;
  readonly table?: string;
  readonly mapping?: string;
  readonly fields?: Readonly<Record<string, Spec | null>>;
  readonly key?: string;
  readonly dry_run?: boolean;
  readonly name?: string;
}

export interface Problem {
  readonly column: string | null;
  readonly pointer: string | null;
  readonly code: string;
  readonly message: string;
}

export interface Previewed {
  readonly row: number;
  readonly record: (Readonly<Record<string, unknown>> & { id: string; version: number }) | null;
  readonly would: "create" | "update" | "nothing" | "refuse";
  readonly problems: readonly Problem[];
}

export interface Refused extends Problem {
  readonly row: number;
  readonly problems: readonly Problem[];
  readonly values: Readonly<Record<string, string>>;
}

const EVERY_MS = 700;

export const importQuery = (id: string) =>
  queryOptions({
    queryKey: ["import", id],
    queryFn: ({ signal }) => api.records.read<Import>(`${PATH}/${id}`, signal),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? EVERY_MS : false),
    enabled: id !== "",
  });

export const tablesQuery = (id: string) =>
  queryOptions({
    queryKey: ["import", id, "tables"],
    queryFn: async ({ signal }) =>
      (await api.records.read<{ tables: readonly Table[] }>(`${PATH}/${id}:tables`, signal)).tables,
    staleTime: Number.POSITIVE_INFINITY,
    enabled: id !== "",
  });

export const proposalQuery = (id: string, plan: Plan) =>
  queryOptions({
    queryKey: ["import", id, "proposal", plan],
    queryFn: () => api.records.command<Proposal>(`${PATH}/${id}:propose`, plan),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });

export const previewQuery = (id: string, plan: Plan) =>
  queryOptions({
    queryKey: ["import", id, "preview", plan],
    queryFn: async () =>
      (await api.records.command<{ items: readonly Previewed[] }>(`${PATH}/${id}:preview`, plan))
        .items,
    retry: false,
  });

export const refusedPage = (id: string, size: number, token: string, signal: AbortSignal) =>
  api.records.read<{ items: readonly Refused[]; next_page_token: string }>(
    `${PATH}/${id}:refused?page_size=${size}${token && `&page_token=${encodeURIComponent(token)}`}`,
    signal,
  );

/** Where the browser fetches the refused rows as a file. */
export const refusedFile = (id: string) => `${PATH}/${id}:refused?format=csv`;

export const start = (id: string, plan: Plan) =>
  api.records.command<Import>(`${PATH}/${id}:start`, plan);

export const cancel = (id: string) =>
  api.records.command<unknown>(`${PATH}/${id}:cancel`, undefined);

/** Sends a file; `onSent` tells how much of it has gone, from 0 to 1. */
export async function upload(
  file: File,
  signal: AbortSignal,
  onSent: (part: number) => void,
): Promise<Import & { readonly tables: readonly Table[] }> {
  // A long file is not sent twice because the session had run out: this renews it.
  await api.session.me(signal);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener("abort", stop, { once: true });
    const end = () => signal.removeEventListener("abort", stop);
    request.open("POST", `${PATH}:upload?filename=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("accept", "application/json");
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onSent(total > 0 ? loaded / total : 0);
    request.onload = () => {
      end();
      if (request.status < 300) return resolve(request.response);
      const { status } = request;
      reject(new ApiProblem({ status, title: request.statusText, ...request.response }));
    };
    request.onerror = () => {
      end();
      reject(unreachable());
    };
    request.onabort = () => {
      end();
      reject(signal.reason);
    };
    request.send(file);
  });
}
