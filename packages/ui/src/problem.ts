// What a server's problem (RFC 9457) means to the person in front of it.

import type { ErrorKind, ErrorWords, Labels } from "./labels";

/** A problem as the server writes it; without a status the server was not reached. */
export interface ProblemLike {
  status?: number | undefined;
  code?: string | undefined;
  title?: string | undefined;
  detail?: string | undefined;
  request_id?: string | undefined;
}

export function kindOf(status: number | undefined): ErrorKind {
  if (status === undefined || status === 0) return "network";
  if (status === 401) return "unauthenticated";
  if (status === 403) return "forbidden";
  if (status === 404 || status === 410) return "missing";
  if (status === 409 || status === 412) return "conflict";
  if (status === 429 || status === 502 || status === 503 || status === 504) return "unavailable";
  if (status >= 400 && status < 500) return "invalid";
  return "unexpected";
}

/** The words for it: the server's own text where it says more than its kind does. */
export function problemWords(problem: ProblemLike, labels: Labels): ErrorWords {
  const kind = kindOf(problem.status);
  const words = labels.errors[kind];
  const own = problem.detail ?? problem.title;
  const speaks = kind === "invalid" || kind === "conflict" || kind === "forbidden";
  return speaks && own ? { title: words.title, text: own } : words;
}

/** Whether asking again may help. */
export function isPassing(problem: ProblemLike): boolean {
  const kind = kindOf(problem.status);
  return kind === "network" || kind === "unavailable" || kind === "unexpected";
}
