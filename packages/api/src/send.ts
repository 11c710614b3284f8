// Sends requests as a browser's session: with its cookie, with a key that makes a repeated write
// safe, again where the server says when, and after a new token where the old one has run out.

import { type ApiProblem, problemOf, retryAfter, unreachable, unreadable } from "./problem";

/** What sending depends on; tests put their own in. */
export interface Outside {
  readonly fetch: (request: Request) => Promise<Response>;
  /** Waits some milliseconds, or until the signal stops it. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
  /** A new key for a write. */
  readonly key: () => string;
  /**
   * Called when the session has ended and cannot be renewed. Answers whether somebody has signed in
   * again: then the request goes on, and nothing on the page is lost.
   */
  readonly signedOut: () => Promise<boolean>;
}

/** The most tries of one request, the first included. */
const TRIES = 3;
/** The longest wait that is not left to the person, in seconds. */
const LONGEST_WAIT = 10;
const REFRESH = "/api/v1/auth/refresh";

/** The browser's own means. */
export function browserOutside(signedOut: Outside["signedOut"]): Outside {
  return { fetch: (request) => globalThis.fetch(request), wait, key: newKey, signedOut };
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

/** 128 random bits; `crypto.randomUUID` exists on encrypted pages only. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function isWrite(request: Request): boolean {
  const { pathname } = new URL(request.url);
  const isRead = request.method === "GET" || request.method === "HEAD";
  return !isRead && !pathname.startsWith("/api/v1/auth/") && !pathname.endsWith(":export");
}

/** Whether something in between answered for a server that did not: it may be back in a moment. */
async function isStandIn(response: Response): Promise<boolean> {
  if (response.status !== 502 && response.status !== 504) return false;
  return (await problemOf(response.clone())).code === "unreadable";
}

/** What a success says; null where it says nothing. Throws where it is cut off or no JSON. */
async function parsed<T>(response: Response): Promise<T> {
  return (response.status === 204 ? null : JSON.parse(await response.text())) as T;
}

/** Sends requests and throws an `ApiProblem` for every answer that is no success. */
export class Sender {
  private readonly outside: Outside;
  private readonly origin: string;
  private renewal: Promise<boolean> | null = null;

  constructor(outside: Outside, origin: string) {
    this.outside = outside;
    this.origin = origin;
  }

  /** The answer: a success, or 304. */
  readonly send = (original: Request): Promise<Response> =>
    this.through(original, async (response) => response);

  /**
   * What the answer says. One that is cut off on its way, or that is no JSON because a proxy
   * answered instead, is asked for again as if none had come.
   */
  readonly json = <T>(original: Request): Promise<T> => this.through(original, parsed<T>);

  private async through<T>(original: Request, read: (response: Response) => Promise<T>) {
    const request = this.prepared(original);
    const isSafe = request.method === "GET" || request.headers.has("idempotency-key");
    let renewed = false;
    for (let tries = 1; ; tries += 1) {
      const response = await this.once(request.clone(), isSafe && tries < TRIES);
      let unread: ApiProblem | null = null;
      if (response?.ok || response?.status === 304) {
        try {
          return await read(response);
        } catch (error) {
          if (request.signal.aborted) throw error;
          unread = unreadable(response);
        }
      }
      if (response?.status === 401 && !renewed && this.mayRenew(request)) {
        renewed = true;
        if (await this.renew()) continue;
        if (await this.outside.signedOut()) continue;
        throw await problemOf(response);
      }
      const isLost = !response || unread !== null || (await isStandIn(response));
      const seconds = isLost ? 2 ** (tries - 1) / 2 : retryAfter(response);
      const again = isLost || response.status === 503;
      const bearable = seconds !== null && seconds <= LONGEST_WAIT;
      if (!isSafe || !again || !bearable || tries >= TRIES) {
        throw unread ?? (response ? await problemOf(response) : unreachable());
      }
      await this.outside.wait(seconds * 1000, request.signal);
    }
  }

  private prepared(original: Request): Request {
    const request = new Request(original, { credentials: "same-origin" });
    if (isWrite(request) && !request.headers.has("idempotency-key")) {
      request.headers.set("idempotency-key", this.outside.key());
    }
    return request;
  }

  /** One try; null where no answer came and another try may follow. */
  private async once(request: Request, mayFollow: boolean): Promise<Response | null> {
    try {
      return await this.outside.fetch(request);
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (mayFollow) return null;
      throw unreachable();
    }
  }

  private mayRenew(request: Request): boolean {
    const { pathname } = new URL(request.url);
    const signsIn = /^\/api\/v1\/auth\/(login|refresh|logout|setup|link:read|link:use)$/.test(
      pathname,
    );
    return !signsIn && !request.headers.has("authorization");
  }

  /** Asks for a new token, once for all requests that wait for one. */
  private renew(): Promise<boolean> {
    this.renewal ??= this.refresh().finally(() => {
      this.renewal = null;
    });
    return this.renewal;
  }

  private async refresh(): Promise<boolean> {
    const request = new Request(new URL(REFRESH, this.origin), {
      method: "POST",
      credentials: "same-origin",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    const response = await this.once(request, false);
    if (response === null) throw unreachable();
    if (response.status >= 500 || response.status === 429) throw await problemOf(response);
    return response.ok;
  }
}
