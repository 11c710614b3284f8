// The pages of administration, and which of them somebody has any use for.

import type { Schema } from "@megalith/meta";
import {
  Activity,
  Building2,
  History,
  KeyRound,
  type LucideIcon,
  Monitor,
  ScrollText,
  Shield,
  Timer,
  Users,
} from "lucide-react";
import { ta } from "./words";

interface AdminPlace {
  readonly path: string;
  readonly label: string;
  readonly hint: string;
  readonly icon: LucideIcon;
  /** Lists of records that belong under it. */
  readonly also: readonly string[];
}

export function adminPlaces(schema: Schema, isAdministrator: boolean): AdminPlace[] {
  const sees = (name: string) => schema.entity(name)?.rights?.read === true;
  const all: (AdminPlace & { shown: boolean })[] = [
    {
      path: "/admin/people",
      label: ta("people"),
      hint: ta("peopleHint"),
      icon: Users,
      also: ["/users/users", "/users/memberships"],
      shown: isAdministrator,
    },
    {
      path: "/admin/roles",
      label: ta("roles"),
      hint: ta("rolesHint"),
      icon: Shield,
      also: ["/users/roles", "/users/grants"],
      shown: isAdministrator,
    },
    {
      path: "/admin/keys",
      label: ta("keys"),
      hint: ta("keysHint"),
      icon: KeyRound,
      also: ["/auth/api-keys"],
      shown: isAdministrator,
    },
    {
      path: "/admin/sessions",
      label: ta("sessions"),
      hint: ta("sessionsHint"),
      icon: Monitor,
      also: ["/auth/sessions", "/auth/credentials"],
      shown: isAdministrator,
    },
    {
      path: "/platform/companies",
      label: ta("companies"),
      hint: ta("companiesHint"),
      icon: Building2,
      also: ["/platform/orgs"],
      shown: sees("platform.company"),
    },
    {
      path: "/admin/changes",
      label: ta("changes"),
      hint: ta("changesHint"),
      icon: History,
      also: ["/platform/change-sets"],
      shown: sees("platform.change_set"),
    },
    {
      path: "/admin/work",
      label: ta("work"),
      hint: ta("workHint"),
      icon: Timer,
      also: ["/platform/jobs", "/platform/imports"],
      shown: sees("platform.job") || sees("platform.import"),
    },
    {
      path: "/admin/log",
      label: ta("log"),
      hint: ta("logHint"),
      icon: ScrollText,
      also: [],
      shown: isAdministrator,
    },
    {
      path: "/admin/health",
      label: ta("health"),
      hint: ta("healthHint"),
      icon: Activity,
      also: [],
      shown: isAdministrator,
    },
  ];
  return all.filter((place) => place.shown);
}

/** The place that an address belongs to. */
export const placeOf = (places: readonly AdminPlace[], pathname: string): AdminPlace | undefined =>
  places.find((place) =>
    [place.path, ...place.also].some(
      (path) => pathname === path || pathname.startsWith(`${path}/`),
    ),
  );
