// Where the state of a list lives: in the address, so that every view is a link.

import { type ViewState, viewFromParams, viewToParams } from "@megalith/meta";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";

const route = getRouteApi("/$service/$plural");

/** Changes something of what a list shows; `replace` leaves no step to go back to. */
export type ChangeView = (patch: Partial<ViewState>, replace?: boolean) => void;

/** What the list at this address shows, and how to change it. */
export function useView(): { view: ViewState; change: ChangeView } {
  const params = route.useSearch();
  const navigate = route.useNavigate();
  const view = useMemo(() => viewFromParams(params), [params]);
  const change = useCallback<ChangeView>(
    (patch, replace = false) =>
      void navigate({
        search: (now) => {
          const next = { ...viewFromParams(now), ...patch };
          // An address that says all itself goes on to do so.
          return { ...(now.kind && { kind: next.kind }), ...viewToParams(next) };
        },
        replace,
      }),
    [navigate],
  );
  return { view, change };
}

export const useAddress = () => route.useParams();
