// What a bare address shows: the view that it names, or the one that the person begins with.

import type { ViewParams } from "@megalith/meta";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import type { Entity } from "../../app/catalog";
import { useSettings } from "../../app/settings";
import { viewSearch, viewsQuery } from "./views";

const route = getRouteApi("/$service/$plural");

/** The view that an address leaves open to be looked up; null where it says all itself. */
function leftOpen(params: ViewParams, usual: string | undefined): string | null {
  const { view, open: _, ...said } = params;
  return Object.keys(said).length > 0 ? null : (view ?? usual ?? null);
}

/** Whether the address says what is shown; until then the view is looked up and put into it. */
export function useOpening(entity: Entity): boolean {
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const usual = useSettings().columns[entity.name]?.view;
  const wanted = leftOpen(params, usual);
  const views = useQuery({ ...viewsQuery(entity), enabled: wanted !== null });
  const saved = views.data?.find(({ id }) => id === wanted);
  useEffect(() => {
    if (!saved) return;
    void navigate({
      search: (now) => ({ ...viewSearch(saved), ...(now.open && { open: now.open }) }),
      replace: true,
    });
  }, [saved, navigate]);
  // One that is gone, or cannot be read, leaves the list as it is.
  return wanted === null || views.isError || (views.isSuccess && !saved);
}
