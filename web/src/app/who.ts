// Who is signed in, where, and going somewhere else.

import { ApiProblem, type Me, type Org } from "@megalith/api";
import { queryOptions } from "@tanstack/react-query";
import { api, hasSession, signInStore } from "./server";

export type { Me, Org };

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    if (!hasSession()) throw new ApiProblem({ status: 401, code: "unauthenticated" });
    const me = await api.session.me(signal);
    signInStore.begin();
    return me;
  },
  // Whoever comes back to this tab may have become somebody else in another one.
  staleTime: 5_000,
});

/** Ends the session; what was in memory goes with the page. */
export async function signOut(): Promise<void> {
  signInStore.end();
  await api.session.logout().catch(() => null);
  location.assign("/");
}

/** What the shell and the figures need to know of a company. */
export interface Company {
  readonly id: string;
  readonly name: string;
  readonly currency: string;
}

/** The companies of the organisation that the person may see. */
export const companiesQuery = queryOptions({
  queryKey: ["companies"],
  queryFn: async ({ signal }): Promise<Company[]> => {
    const asked = { page_size: 100, fields: ["name", "currency"], order_by: "name" };
    const { items } = await api.records.list("/api/v1/platform/companies", asked, "", signal);
    return items.map(({ id, name, currency }) => ({
      id,
      name: String(name),
      currency: String(currency ?? ""),
    }));
  },
  staleTime: 5 * 60_000,
});

/** Another organisation: everything is read anew there. */
export async function switchOrg(org: Org): Promise<void> {
  await api.session.switchOrg(org.slug);
  location.assign("/");
}
