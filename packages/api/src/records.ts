// Records of any entity, by the path of its collection: what screens made from the schema use. A
// screen of one entity's own uses the typed client.

import type { components } from "./schema";
import type { Sender } from "./send";

/** A record as the API answers it: absent means unknown to who asks, null means empty. */
export type ApiRecord = { readonly id: string; readonly version: number } & {
  readonly [field: string]: unknown;
};

/** A page of a list. */
export interface Page<T = ApiRecord> {
  readonly items: readonly T[];
  /** The token of the page after; empty on the last. */
  readonly next_page_token: string;
  /** How many there are, where it was asked for. */
  readonly total_size?: number;
}

/** What a list is asked for. */
export interface ListQuery {
  readonly filter?: string;
  readonly q?: string;
  readonly order_by?: string;
  readonly page_size?: number;
  /** Records to pass over before the page. */
  readonly skip?: number;
  readonly fields?: readonly string[];
  readonly expand?: readonly string[];
  readonly count?: boolean;
  readonly known_at?: string;
}

/** What one record is asked for. */
export type ViewQuery = Pick<ListQuery, "fields" | "expand" | "known_at">;

/** How a write treats what others changed meanwhile. */
export interface WriteOptions {
  /** Refuse (412) unless the record still has this version. */
  readonly ifMatch?: number;
  /** Merge by field with what has changed since this version; the same field is a 409. */
  readonly baseVersion?: number;
  /** Makes a repetition answer what the first request did; one is made where none is given. */
  readonly idempotencyKey?: string;
  /** Checks and calculates everything, and writes nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export type Groups = components["schemas"]["Groups"];
export type Results = components["schemas"]["Results"];
export type Explained = components["schemas"]["Explained"];
export type Hits = components["schemas"]["Hits"];

/** One command of a batch. */
export type Command =
  | { readonly create: Readonly<Record<string, unknown>> }
  | { readonly update: Readonly<Record<string, unknown>> }
  | { readonly delete: Readonly<Record<string, unknown>> }
  | { readonly act: Readonly<Record<string, unknown>> };

type Query = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined | null>
>;

/** The query of an address; what is empty is left out. */
export function queryText(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "" || value === false) continue;
    const isList = typeof value === "object";
    if (isList && value.length === 0) continue;
    search.set(name, isList ? value.join(",") : String(value));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

/** Reads and writes records. */
export class Records {
  private readonly sender: Sender;
  private readonly origin: string;

  constructor(sender: Sender, origin: string) {
    this.sender = sender;
    this.origin = origin;
  }

  private request(
    method: string,
    path: string,
    body?: unknown,
    options: WriteOptions = {},
  ): Request {
    const headers: Record<string, string> = { accept: "application/json" };
    if (body !== undefined) {
      headers["content-type"] =
        method === "PATCH" ? "application/merge-patch+json" : "application/json";
    }
    if (options.ifMatch !== undefined) headers["if-match"] = `"${options.ifMatch}"`;
    if (options.idempotencyKey) headers["idempotency-key"] = options.idempotencyKey;
    return new Request(new URL(path, this.origin), {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(options.signal && { signal: options.signal }),
    });
  }

  private json<T>(...asked: Parameters<Records["request"]>): Promise<T> {
    return this.sender.json<T>(this.request(...asked));
  }

  /** A page; an empty token asks for the first. */
  list(path: string, query: ListQuery = {}, token = "", signal?: AbortSignal): Promise<Page> {
    const asked = { ...query, page_token: token } as Query;
    return this.json<Page>("GET", path + queryText(asked), undefined, given({ signal }));
  }

  /** Every record of a list, page after page. */
  async *all(path: string, query: ListQuery = {}, signal?: AbortSignal): AsyncGenerator<ApiRecord> {
    let token = "";
    do {
      const page = await this.list(path, query, token, signal);
      yield* page.items;
      token = page.next_page_token;
    } while (token !== "");
  }

  get(path: string, id: string, query: ViewQuery = {}, signal?: AbortSignal): Promise<ApiRecord> {
    const at = place(path, id) + queryText(query as Query);
    return this.json<ApiRecord>("GET", at, undefined, given({ signal }));
  }

  create(
    path: string,
    values: Readonly<Record<string, unknown>>,
    options: WriteOptions = {},
  ): Promise<ApiRecord> {
    return this.json<ApiRecord>("POST", path + tried(options), values, options);
  }

  /** Changes the fields that are named; null empties one. */
  update(
    path: string,
    id: string,
    patch: Readonly<Record<string, unknown>>,
    options: WriteOptions = {},
  ): Promise<ApiRecord> {
    const base = queryText({ base_version: options.baseVersion, dry_run: options.dryRun });
    return this.json<ApiRecord>("PATCH", place(path, id) + base, patch, options);
  }

  async remove(path: string, id: string, options: WriteOptions = {}): Promise<void> {
    await this.sender.send(this.request("DELETE", place(path, id), undefined, options));
  }

  /** Moves a record along its states; null where the act took the record away. */
  act(
    path: string,
    id: string,
    name: string,
    values?: Readonly<Record<string, unknown>>,
    options: WriteOptions = {},
  ): Promise<ApiRecord | null> {
    const at = `${place(path, id)}:${name}${tried(options)}`;
    return this.json<ApiRecord | null>("POST", at, values, options);
  }

  /** Several commands, all or none where `atomic`; a result for each. */
  batch(
    path: string,
    commands: readonly Command[],
    atomic: boolean,
    options: WriteOptions = {},
  ): Promise<Results> {
    return this.json<Results>("POST", `${path}:batch`, { atomic, commands }, options);
  }

  /** Groups of records with sums and counts, under the rights of the list. */
  aggregate(
    path: string,
    query: {
      readonly filter?: string;
      readonly q?: string;
      readonly group_by?: string;
      readonly select: string;
      readonly having?: string;
      readonly order_by?: string;
      readonly limit?: number;
    },
    signal?: AbortSignal,
  ): Promise<Groups> {
    const at = `${path}:aggregate${queryText(query)}`;
    return this.json<Groups>("GET", at, undefined, given({ signal }));
  }

  /** Which rule decides whether the actor may use a verb, on one record or on some. */
  explain(path: string, id: string | null, verb: string, signal?: AbortSignal): Promise<Explained> {
    const at = `${id === null ? path : place(path, id)}:explain${queryText({ verb })}`;
    return this.json<Explained>("GET", at, undefined, given({ signal }));
  }

  /** The records that a list would show as a file, which comes as it is made. */
  export(
    path: string,
    asked: {
      readonly format: string;
      readonly filter?: string;
      readonly q?: string;
      readonly fields?: string[];
    },
    signal?: AbortSignal,
  ): Promise<Response> {
    return this.sender.send(this.request("POST", `${path}:export`, asked, given({ signal })));
  }

  /** Finds records of every entity by words. */
  search(q: string, limit = 20, signal?: AbortSignal): Promise<Hits> {
    const at = `/api/v1/search${queryText({ q, limit })}`;
    return this.json<Hits>("GET", at, undefined, given({ signal }));
  }

  /** Any other answer in JSON. */
  read<T>(path: string, signal?: AbortSignal): Promise<T> {
    return this.json<T>("GET", path, undefined, given({ signal }));
  }

  /** Takes away something that is no record. */
  async discard(path: string, options: WriteOptions = {}): Promise<void> {
    await this.sender.send(this.request("DELETE", path, undefined, options));
  }

  /** Any other command. */
  command<T>(path: string, body: unknown, options: WriteOptions = {}): Promise<T> {
    return this.json<T>("POST", path, body, options);
  }
}

const tried = (options: WriteOptions) => queryText({ dry_run: options.dryRun });

const place = (path: string, id: string) => `${path}/${encodeURIComponent(id)}`;

/** The options without those that are undefined. */
function given(options: { signal: AbortSignal | undefined }): WriteOptions {
  return options.signal ? { signal: options.signal } : {};
}
