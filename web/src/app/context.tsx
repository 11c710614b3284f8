// What pages tell the shell: where they are.

import { useQuery } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useLayoutEffect } from "react";
import { catalogQuery } from "./catalog";
import { type Place, useSettings } from "./settings";
import { type Company, companiesQuery, meQuery, type Org } from "./who";
import { t } from "./words";

export interface Here {
  items: { label: string; href?: string }[];
  /** What the star puts among the favourites. */
  place: Place | null;
}

export const HereContext = createContext<(here: Here) => void>(() => {});

/** Says where one is, in the header, the title of the window and to the star. */
export function Crumbs({
  items,
  place = null,
}: {
  items: Here["items"];
  place?: Place | null;
}): ReactNode {
  const tell = use(HereContext);
  const text = JSON.stringify([items, place]);
  useLayoutEffect(() => {
    const [now, at] = JSON.parse(text) as [Here["items"], Place | null];
    tell({ items: now, place: at });
    document.title = `${now.at(-1)?.label ?? ""} · ${t("app")}`;
  }, [text, tell]);
  return null;
}

export function useOrg(): Org | null {
  return useQuery(meQuery).data?.org ?? null;
}

/** The companies of the organisation, as far as the person may see any. */
export function useCompanies(): readonly Company[] {
  const { data: schema } = useQuery(catalogQuery);
  const enabled = schema?.entity("platform.company")?.rights?.read === true;
  return useQuery({ ...companiesQuery, enabled }).data ?? none;
}
const none: readonly Company[] = [];

/** The company that lists and figures are limited to; empty for all, and where it is gone. */
export function useCompany(): string {
  const { company } = useSettings();
  const known = useCompanies();
  return known.length === 0 || known.some(({ id }) => id === company) ? company : "";
}
