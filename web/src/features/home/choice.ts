// What of the figures is shown: in the address, so that it is a link.

import { getRouteApi } from "@tanstack/react-router";

export interface Choice {
  /** How many months back; the usual span where it is absent. */
  readonly months?: string | undefined;
  readonly measure?: "net" | undefined;
  readonly currency?: string | undefined;
  readonly as?: "table" | undefined;
}

export const SPANS = [6, 12, 24, 36] as const;
const USUAL_SPAN = 12;

/** Reads an address; what cannot be meant is left out. */
export function choiceOf(search: Record<string, unknown>): Choice {
  const months = SPANS.map(String).find((span) => span === String(search.months));
  const currency = /^[A-Z]{3}$/.test(String(search.currency)) ? String(search.currency) : undefined;
  return {
    ...(months && months !== String(USUAL_SPAN) && { months }),
    ...(search.measure === "net" && { measure: "net" as const }),
    ...(currency && { currency }),
    ...(search.as === "table" && { as: "table" as const }),
  };
}

export const spanOf = ({ months }: Choice): number => (months ? Number(months) : USUAL_SPAN);

const route = getRouteApi("/");

export function useChoice(): [Choice, (change: Choice) => void] {
  const choice = choiceOf(route.useSearch());
  const navigate = route.useNavigate();
  const choose = (change: Choice) =>
    void navigate({
      search: (now: Choice) => choiceOf({ ...now, ...change }),
      replace: true,
      resetScroll: false,
    });
  return [choice, choose];
}
