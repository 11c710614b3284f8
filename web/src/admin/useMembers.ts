// Who is in the organisation, as its administrators see them.

import type { Access, Invitation, Person } from "@megalith/api";
import { useQuery } from "@tanstack/react-query";
import { api } from "../app/server";
import { meQuery } from "../app/who";
import { ADMINISTRATOR, knownRoles } from "./extent";
import { useAll } from "./kit";

export const PEOPLE = "/api/v1/auth/people";
export const INVITATIONS = "/api/v1/auth/invitations";
const ROLES = "/api/v1/users/roles";
const GRANTS = "/api/v1/users/grants";
export const ACCESS = "/api/v1/auth/access";
export const KEYS = "/api/v1/auth/api-keys";

export type { Invitation, Person };

/** The people of the organisation; nobody for who does not administer it. */
export function useMembers() {
  const may = useQuery(meQuery).data?.roles.includes(ADMINISTRATOR) === true;
  const query = useQuery({
    queryKey: ["records", PEOPLE],
    enabled: may,
    queryFn: async ({ signal }): Promise<readonly Person[]> => {
      const { items } = await api.records.read<{ items: Person[] }>(PEOPLE, signal);
      return items;
    },
  });
  return {
    may,
    members: query.data ?? none,
    query: { ...query, isPending: may && query.isPending },
  };
}
const none: readonly Person[] = [];

/** The invitations that nobody used yet. */
export function useInvitations(may: boolean) {
  return useQuery({
    queryKey: ["records", INVITATIONS],
    enabled: may,
    queryFn: async ({ signal }): Promise<readonly Invitation[]> => {
      const { items } = await api.records.read<{ items: Invitation[] }>(INVITATIONS, signal);
      return items;
    },
  });
}

/** Where people are signed in and the keys of programs: one person's, or all of the organisation. */
export function useAccess(user: string | undefined) {
  return useQuery({
    queryKey: ["records", ACCESS, user ?? ""],
    queryFn: ({ signal }): Promise<Access> => {
      const whose = user ? `?user=${encodeURIComponent(user)}` : "";
      return api.records.read<Access>(`${ACCESS}${whose}`, signal);
    },
  });
}

/** The roles that are known, and the grants. */
export function useRoles(members: readonly Person[]) {
  const roles = useAll(ROLES);
  const grants = useAll(GRANTS);
  const names = knownRoles(members, roles.data ?? [], grants.data ?? []);
  return { names, records: roles.data ?? [], grants: grants.data ?? [], query: roles };
}
