// Where somebody was in a list, for when they come back to it: by the step of the browser's history,
// so that a list that is opened anew begins at its beginning.

import type { Standing } from "@megalith/ui/grid";
import { useLocation } from "@tanstack/react-router";
import { useCallback } from "react";
import { type Entity, listPath } from "../app/catalog";

/** The most steps that are remembered. */
const MOST = 50;

const known = new Map<string, Standing>();

export function useStanding(entity: Entity): {
  begin: Standing | undefined;
  onStand: (at: Standing) => void;
} {
  // The address may be that of the next page already, while this list is still there.
  const step = useLocation({
    select: ({ pathname, state }) =>
      pathname === listPath(entity) ? (state.__TSR_key ?? null) : null,
  });
  const onStand = useCallback(
    (at: Standing) => {
      if (step === null) return;
      known.delete(step);
      known.set(step, at);
      const [oldest] = known.keys();
      if (known.size > MOST && oldest !== undefined) known.delete(oldest);
    },
    [step],
  );
  return { begin: step === null ? undefined : known.get(step), onStand };
}
