// Who is signed in, where, and going somewhere else.

import { queryOptions } from "@tanstack/react-query";
import { ask } from "./http";

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
  queryFn: () => ask<Me>("/api/v1/auth/me", { quiet: true }),
  retry: false,
  staleTime: 60_000,
});

export const login = (body: Record<string, string>) =>
  ask<SignInAnswer>("/api/v1/auth/login", { method: "POST", body: { ...body, cookie: true } });

/** Ends the session; what was in memory goes with the page. */
export async function signOut(): Promise<void> {
  await ask("/api/v1/auth/logout", { method: "POST", quiet: true }).catch(() => null);
  location.assign("/");
}

/** Another organisation: everything is read anew there. */
export async function switchOrg(org: Org): Promise<void> {
  await ask("/api/v1/auth/switch", { method: "POST", body: { org: org.slug } });
  location.assign("/");
}
