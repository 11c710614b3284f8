// Asking the server. A session that has ended is renewed, or the person is asked to sign in again,
// and then the request goes on: nothing on the page is lost. A server that is away or slow is known
// to all who want to say so.

/** What went wrong, as RFC 9457 says it; without a status nobody answered. */
export interface Problem {
  status?: number;
  code?: string;
  title?: string;
  detail?: string;
  request_id?: string;
  errors?: { pointer: string; code: string; message: string }[];
}

/** A request that was refused or not answered. */
export class ProblemError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title ?? "no answer");
    this.problem = problem;
  }
}

export const problemOf = (error: unknown): Problem =>
  error instanceof ProblemError ? error.problem : { status: 500, code: "app_fault" };

/** How the connection does. */
export type Line = "good" | "slow" | "away";

const SLOW_MS = 4_000;
const RETRY_MS = 3_000;

let line: Line = "good";
const lineListeners = new Set<() => void>();
function setLine(next: Line): void {
  if (next === line) return;
  line = next;
  for (const listener of lineListeners) listener();
  if (next === "away") watchForReturn();
}
export const lineStore = {
  get: (): Line => line,
  subscribe: (listener: () => void) => {
    lineListeners.add(listener);
    return () => lineListeners.delete(listener);
  },
};

let watching = false;
function watchForReturn(): void {
  if (watching) return;
  watching = true;
  const ask = async () => {
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (!answer.ok) throw new Error("not yet");
      watching = false;
      setLine("good");
    } catch {
      setTimeout(ask, RETRY_MS);
    }
  };
  setTimeout(ask, RETRY_MS);
}

/** Somebody must sign in before the request can go on; null while nobody must. */
let signIn: { promise: Promise<void>; resolve: () => void } | null = null;
const signInListeners = new Set<() => void>();
const tellSignIn = () => {
  for (const listener of signInListeners) listener();
};
export const signInStore = {
  get: (): boolean => signIn !== null,
  subscribe: (listener: () => void) => {
    signInListeners.add(listener);
    return () => signInListeners.delete(listener);
  },
  /** Lets what waited go on. */
  done: () => {
    signIn?.resolve();
    signIn = null;
    tellSignIn();
  },
};

function waitForSignIn(): Promise<void> {
  if (!signIn) {
    let resolve = () => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    signIn = { promise, resolve };
    tellSignIn();
  }
  return signIn.promise;
}

const SIGNED = "megalith.signed";
/** Whether this browser may hold a session: without one nothing is asked in vain. */
export const maySession = {
  get: (): boolean => {
    try {
      return localStorage.getItem(SIGNED) !== null;
    } catch {
      return true;
    }
  },
  set: (signed: boolean): void => {
    try {
      if (signed) localStorage.setItem(SIGNED, "1");
      else localStorage.removeItem(SIGNED);
    } catch {
      // A browser that keeps nothing asks each time.
    }
  },
};

let renewal: Promise<boolean> | null = null;
/** Renews the session by its cookie; one at a time, for the token is spent by its use. */
function renew(): Promise<boolean> {
  renewal ??= fetch("/api/v1/auth/refresh", { method: "POST" })
    .then((answer) => answer.ok)
    .catch(() => false)
    .finally(() => {
      renewal = null;
    });
  return renewal;
}

export interface Ask {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
  /** Answers 401 instead of asking the person to sign in. */
  quiet?: boolean;
}

async function send(path: string, { method = "GET", body, signal }: Ask): Promise<Response> {
  const slow = setTimeout(() => setLine("slow"), SLOW_MS);
  try {
    const answer = await fetch(path, {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
    setLine("good");
    return answer;
  } catch (error) {
    if (signal?.aborted) throw error;
    setLine("away");
    throw new ProblemError({ code: "no_answer" });
  } finally {
    clearTimeout(slow);
  }
}

/** Asks, and answers what the server says; 204 answers null. */
export async function ask<T>(path: string, options: Ask = {}): Promise<T> {
  let answer = await send(path, options);
  if (answer.status === 401 && !path.startsWith("/api/v1/auth/login")) {
    if (await renew()) answer = await send(path, options);
    while (answer.status === 401 && !options.quiet) {
      await waitForSignIn();
      answer = await send(path, options);
    }
  }
  if (answer.status === 204) return null as T;
  const said = await answer.json().catch(() => null);
  if (!answer.ok) throw new ProblemError({ ...said, status: answer.status });
  return said as T;
}

/** A path with its parameters; those without a value are left out. */
export function path(base: string, params: Record<string, string | number | boolean | undefined>) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${base}?${text}` : base;
}
