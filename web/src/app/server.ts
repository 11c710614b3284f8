// The way to the server: the API, whether it answers, and signing in again in the middle of work,
// after which what was asked goes on and nothing on the page is lost.

import { asProblem, createApi } from "@megalith/api";
import type { ProblemLike } from "@megalith/ui";
import { hearDate } from "./present";
import { inWords } from "./refusals";

/** How the connection does: an answer is waited for, it takes longer than usual, there is none. */
export type Line = "good" | "waiting" | "slow" | "away";

const WAITING_MS = 1_000;
const SLOW_MS = 4_000;
const RETRY_MS = 3_000;

/** A value that others follow. */
function store<T>(first: T) {
  let now = first;
  const listeners = new Set<() => void>();
  return {
    get: () => now,
    set(next: T) {
      if (next === now) return;
      now = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

const line = store<Line>("good");
export const lineStore = { get: line.get, subscribe: line.subscribe };

let watching = false;
function watchForReturn(): void {
  if (watching) return;
  watching = true;
  const ask = async () => {
    try {
      const answer = await fetch("/healthz", { cache: "no-store" });
      if (!answer.ok) throw new Error("not yet");
      watching = false;
      line.set("good");
    } catch {
      setTimeout(ask, RETRY_MS);
    }
  };
  setTimeout(ask, RETRY_MS);
}

/** Requests that have waited for an answer long enough to be noticed, and how long. */
const late = new Map<Request, "waiting" | "slow">();

function tellLate(): void {
  if (line.get() === "away") return;
  const states = [...late.values()];
  line.set(states.includes("slow") ? "slow" : states.length > 0 ? "waiting" : "good");
}

/** A fetch that tells how the connection does. */
async function watched(request: Request): Promise<Response> {
  const becomes = (state: "waiting" | "slow") => () => {
    late.set(request, state);
    tellLate();
  };
  const timers = [setTimeout(becomes("waiting"), WAITING_MS), setTimeout(becomes("slow"), SLOW_MS)];
  const sent = Date.now();
  try {
    const answer = await fetch(request);
    hearDate(answer.headers.get("date"), sent, Date.now());
    if (line.get() === "away") line.set("good");
    return answer;
  } catch (error) {
    if (!request.signal.aborted) {
      line.set("away");
      watchForReturn();
    }
    throw error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    late.delete(request);
    tellLate();
  }
}

/** Whether somebody works here already: only they are asked to sign in again on their page. */
let atWork = false;
const asked = store(false);
let again: { promise: Promise<boolean>; done: (signedIn: boolean) => void } | null = null;

export const signInStore = {
  get: asked.get,
  subscribe: asked.subscribe,
  /** Somebody has signed in: what waited goes on. */
  done() {
    again?.done(true);
    again = null;
    asked.set(false);
  },
  /** From now on the page is kept when the session ends. */
  begin() {
    atWork = true;
  },
  /** The session is ended on purpose. */
  end() {
    atWork = false;
  },
};

async function signedOut(): Promise<boolean> {
  if (!atWork) return false;
  if (!again) {
    let done: (signedIn: boolean) => void = () => {};
    const promise = new Promise<boolean>((resolve) => {
      done = resolve;
    });
    again = { promise, done };
    asked.set(true);
  }
  return again.promise;
}

const origin = typeof location === "undefined" ? "http://localhost" : location.origin;

/** The API of the server that the page is from. */
export const api = createApi({ origin, signedOut, outside: { fetch: watched } });

/** Whether this browser holds a session: the server says so beside the cookie that is hidden. */
export const hasSession = () =>
  document.cookie.split(/; */).some((one) => /^(__Host-)?megalith-signed=1$/.test(one));

/** What went wrong, as the parts of the screen tell it. */
export function problemOf(
  error: unknown,
): ProblemLike & { errors: readonly { pointer: string; code: string; message: string }[] } {
  const problem = asProblem(error);
  const { status, code, title, requestId, errors } = problem;
  return {
    // A fault of the page itself is nobody's silence.
    status: code === "fault" ? 500 : status,
    code,
    title,
    detail: inWords(problem) || undefined,
    request_id: requestId,
    errors: errors.map((one) => ({ ...one, message: inWords(one) })),
  };
}

/** An address with its parameters; those without a value are left out. */
export function address(base: string, params: Record<string, string | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value) query.set(name, value);
  const text = query.toString();
  return text ? `${base}?${text}` : base;
}
