// Who is in the organisation: memberships with their users, as far as one may see them.

import type { ApiRecord } from "@megalith/api";
import type { Schema } from "@megalith/meta";
import { useQuery } from "@tanstack/react-query";
import { useOrg } from "../app/context";
import { api } from "../app/server";
import { useAll } from "./kit";
import { knownRoles, texts } from "./roles";

export const USERS = "/api/v1/users/users";
export const MEMBERSHIPS = "/api/v1/users/memberships";
export const ROLES = "/api/v1/users/roles";
export const GRANTS = "/api/v1/users/grants";
export const SESSIONS = "/api/v1/auth/sessions";
export const KEYS = "/api/v1/auth/api-keys";
const AT_ONCE = 100;

export interface Member {
  readonly membership: ApiRecord;
  readonly user: ApiRecord | undefined;
  readonly name: string;
  readonly roles: readonly string[];
}

export const inList = (field: string, values: readonly string[]): string =>
  `${field} in [${values.map((value) => `'${value}'`).join(",")}]`;

/** The members of the organisation; nothing for who may not see accounts. */
export function useMembers(schema: Schema) {
  const org = useOrg();
  const may =
    schema.entity("users.membership")?.rights?.read === true &&
    schema.entity("users.user")?.rights?.read === true;
  const places = useAll(MEMBERSHIPS, { filter: `org == '${org?.id}'` }, may && org !== null);
  const ids = places.data?.map((one) => String(one.user)) ?? [];
  const users = useQuery({
    queryKey: ["records", USERS, "members", ids],
    enabled: ids.length > 0,
    queryFn: async ({ signal }) => {
      const found: ApiRecord[] = [];
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        const filter = inList("id", ids.slice(at, at + AT_ONCE));
        const page = await api.records.list(USERS, { filter, page_size: AT_ONCE }, "", signal);
        found.push(...page.items);
      }
      return found;
    },
  });
  const byId = new Map(users.data?.map((user) => [user.id, user]));
  const members = (places.data ?? [])
    .map((membership): Member => {
      const user = byId.get(String(membership.user));
      const name = String(user?.name ?? membership.user);
      return { membership, user, name, roles: texts(membership.roles) };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
  const isPending = may && (places.isPending || (ids.length > 0 && users.isPending));
  return {
    may,
    members,
    query: {
      isPending,
      isError: places.isError || users.isError,
      error: places.error ?? users.error,
      refetch: places.refetch,
    },
  };
}

/** The roles that are known, and the grants. */
export function useRoles(members: readonly Member[]) {
  const roles = useAll(ROLES);
  const grants = useAll(GRANTS);
  const names = knownRoles(
    members.map((one) => one.membership),
    roles.data ?? [],
    grants.data ?? [],
  );
  return { names, records: roles.data ?? [], grants: grants.data ?? [], query: roles };
}
