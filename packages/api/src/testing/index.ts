// A server for tests: answers in the order in which they are given, and remembers what was asked.

import { createApi } from "../client";

/** An answer: a status, a body or the text of one, headers; or no answer at all. */
export type Answer =
  | "unreachable"
  | { status?: number; body?: unknown; text?: string; headers?: Record<string, string> };

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
}

export function server(
  answer: (asked: Asked, count: number) => Answer | Promise<Answer>,
  signsInAgain = false,
) {
  const asked: Asked[] = [];
  const waits: number[] = [];
  let keys = 0;
  let ended = 0;
  const fetch = async (request: Request): Promise<Response> => {
    const text = await request.text();
    const { pathname, search } = new URL(request.url);
    const one = {
      method: request.method,
      path: decodeURIComponent(pathname + search.replaceAll("+", " ")),
      headers: request.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
    asked.push(one);
    request.signal.throwIfAborted();
    const found = await answer(one, asked.length);
    if (found === "unreachable") throw new TypeError("Failed to fetch");
    const status = found.status ?? 200;
    const type = status >= 400 ? "application/problem+json" : "application/json";
    const body = found.text ?? (found.body === undefined ? null : JSON.stringify(found.body));
    return new Response(body, { status, headers: { "content-type": type, ...found.headers } });
  };
  const wait = async (ms: number) => void waits.push(ms);
  const key = () => {
    keys += 1;
    return `key-${keys}`;
  };
  const signedOut = async () => {
    ended += 1;
    return signsInAgain;
  };
  const api = createApi({
    origin: "http://localhost:8080",
    outside: { fetch, wait, key, signedOut },
  });
  return { api, asked, waits, ended: () => ended };
}

/** A problem as the server writes it. */
export function problem(status: number, code: string, more: object = {}): Answer {
  const body = {
    type: "about:blank",
    title: code,
    status,
    code,
    detail: `${code}.`,
    errors: [],
    request_id: "req_1",
  };
  return { status, body: { ...body, ...more } };
}
