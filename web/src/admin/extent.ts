// Roles as far as they are known, and what rights come to.

import type { ApiRecord } from "@megalith/api";
import type { Entity } from "@megalith/meta";

/** Roles that the services know without a record; `administrator` may do everything. */
export const ADMINISTRATOR = "administrator";
const USUAL = [ADMINISTRATOR, "sales", "purchasing", "warehouse", "hr_manager", "viewer"];

/** Every role that somebody has, that is described, or of which a grant speaks; the usual first. */
export function knownRoles(
  members: readonly { readonly roles: readonly string[] }[],
  roles: readonly ApiRecord[],
  grants: readonly ApiRecord[],
): string[] {
  const others = [
    ...members.flatMap((one) => one.roles),
    ...roles.map((one) => String(one.name ?? "")),
    ...grants.map((one) => String(one.role ?? "")),
  ];
  return [...USUAL, ...[...new Set(others)].filter((name) => name && !USUAL.includes(name)).sort()];
}

export const VERBS = ["read", "create", "update", "delete"] as const;

/** The verbs that an entity has: an entity that only grows has fewer. */
export const verbsOf = (entity: Entity): string[] => [
  ...VERBS.filter(
    (verb) => !(entity.kind === "append_only" && (verb === "update" || verb === "delete")),
  ),
  ...entity.acts.map((act) => act.name),
];

/** What a question for a right was answered. */
export interface Answer {
  /** On which records. */
  readonly extent: "all" | "some" | "none";
  readonly by: string | null;
  /** The expression that decides on which records; null where it is none. */
  readonly condition: string | null;
  readonly hidden: readonly string[];
  readonly readOnly: readonly string[];
}

/** Whether it holds for every record and field, for some, or not at all. */
export function extentOf(answer: Answer): "all" | "some" | "none" {
  const isLimited = answer.hidden.length > 0 || answer.readOnly.length > 0;
  return answer.extent === "all" && isLimited ? "some" : answer.extent;
}
