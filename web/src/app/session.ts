// Who is signed in, where, and going somewhere else.

import { queryOptions } from "@tanstack/react-query";
import { ask, maySession, ProblemError } from "./http";

export interface Org {
  id: string;
  slug: string;
  name: string;
}

export interface Me {
  user: { id: string; email: string; name: string; locale: string };
  org: Org | null;
  orgs: Org[];
  roles: string[];
  companies: string[] | null;
  kind: "user" | "api_key";
}

export type SignInAnswer =
  | { token_type: string; org: string }
  | { needs: "org" | "second_factor"; orgs: Org[]; login_token: string };

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => {
    if (!maySession.get()) throw new ProblemError({ status: 401, code: "unauthenticated" });
    return ask<Me>("/api/v1/auth/me", { quiet: true });
  },
  retry: false,
  staleTime: 60_000,
});

export async function login(body: Record<string, string>): Promise<SignInAnswer> {
  const answer = await ask<SignInAnswer>("/api/v1/auth/login", {
    method: "POST",
    body: { ...body, cookie: true },
  });
  if (!("needs" in answer)) maySession.set(true);
  return answer;
}

/** Ends the session; what was in memory goes with the page. */
export async function signOut(): Promise<void> {
  await ask("/api/v1/auth/logout", { method: "POST", quiet: true }).catch(() => null);
  maySession.set(false);
  location.assign("/");
}

/** The companies of the organisation that the person may see. */
export const companiesQuery = queryOptions({
  queryKey: ["companies"],
  queryFn: () =>
    ask<{ items: { id: string; name: string }[] }>(
      "/api/v1/platform/companies?page_size=100&fields=name&order_by=name",
    ).then(({ items }) => items),
  staleTime: 5 * 60_000,
  retry: false,
});

/** Another organisation: everything is read anew there. */
export async function switchOrg(org: Org): Promise<void> {
  await ask("/api/v1/auth/switch", { method: "POST", body: { org: org.slug } });
  location.assign("/");
}
