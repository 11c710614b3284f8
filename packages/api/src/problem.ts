// What went wrong, as the server says it (RFC 9457), with the field at fault.

import type { components } from "./schema";

/** One field at fault: a JSON pointer, `?name` for a parameter, `@name` for a header. */
export type FieldProblem = components["schemas"]["FieldProblem"];

interface Body {
  readonly status?: unknown;
  readonly code?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly errors?: unknown;
  readonly request_id?: unknown;
}

/** The code of an answer that is no answer of the server. */
const UNREADABLE = "unreadable";

/** A refusal or a failure of a request; `message` is for people and says what to do next. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  /** The HTTP status; 0 where no answer came. */
  readonly status: number;
  /** Stable, for programs; `unreachable` where no answer came. */
  readonly code: string;
  readonly title: string;
  readonly errors: readonly FieldProblem[];
  /** Names the request in the server's logs; empty where no answer came. */
  readonly requestId: string;
  /** Seconds after which a retry makes sense. */
  readonly retryAfter: number | null;
  /** Members that only some problems have, such as a conflict's values. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(body: Body & Readonly<Record<string, unknown>>, retryAfter: number | null = null) {
    super(text(body.detail) || text(body.title));
    const { status, code, title, detail: _, errors, request_id, type: __, ...more } = body;
    this.status = typeof status === "number" ? status : 0;
    this.code = text(code);
    this.title = text(title);
    this.errors = Array.isArray(errors) ? errors : [];
    this.requestId = text(request_id);
    this.retryAfter = retryAfter;
    this.more = more;
  }

  /** What is wrong with the field at a pointer, or inside it. */
  at(pointer: string): readonly FieldProblem[] {
    return this.errors.filter(
      (error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`),
    );
  }

  /** Whether somebody else changed the record in the meantime (409 or 412). */
  get isConflict(): boolean {
    return this.status === 409 || this.status === 412;
  }

  /** Whether the same request may work later. */
  get isPassing(): boolean {
    return [0, 429, 502, 503, 504].includes(this.status) || this.code === UNREADABLE;
  }
}

const text = (value: unknown) => (typeof value === "string" ? value : "");

/** No answer came: the server is away, or there is no network. */
export function unreachable(): ApiProblem {
  return new ApiProblem({
    status: 0,
    code: "unreachable",
    title: "Not reachable",
    detail: "The server does not answer. Your entries are still here; try again in a moment.",
  });
}

/** The problem in whatever was thrown: a fault of the app itself becomes one too. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  const detail = "Something in this page went wrong. Reload it; nothing that was saved is lost.";
  return new ApiProblem({ status: 0, code: "fault", title: "Fault", detail });
}

/** The problem in an answer that is no success; what is no problem becomes one. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const after = retryAfter(response);
  const requestId = response.headers.get("x-request-id") ?? "";
  const isProblem = (response.headers.get("content-type") ?? "").includes("problem+json");
  if (isProblem) {
    try {
      const body = (await response.json()) as Readonly<Record<string, unknown>>;
      return new ApiProblem({ request_id: requestId, ...body, status: response.status }, after);
    } catch {
      // Cut off on its way: told below.
    }
  }
  return unreadable(response);
}

/** An answer that is cut off, or that something in between has given: a proxy, a network's own page. */
export function unreadable(response: Response): ApiProblem {
  return new ApiProblem(
    {
      // A success that says nothing is none.
      status: response.ok ? 502 : response.status,
      code: UNREADABLE,
      title: response.statusText,
      detail: `The server answered ${response.status} in a way that cannot be read. Try again; a proxy in between may have answered.`,
      request_id: response.headers.get("x-request-id") ?? "",
    },
    retryAfter(response),
  );
}

/** Seconds to wait, of `Retry-After` in seconds or as a date; null where nothing is said. */
export function retryAfter(response: Response, now = Date.now()): number | null {
  const value = response.headers.get("retry-after");
  if (value === null) return null;
  if (/^\d+$/.test(value)) return Number(value);
  const at = Date.parse(value);
  // By the clock of who answers: that of the device may be wrong.
  const sent = Date.parse(response.headers.get("date") ?? "");
  const since = Number.isNaN(sent) ? now : sent;
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - since) / 1000));
}
