// What can be done with what the page shows: each part of a page offers its own, and the palette
// lists them first, the part that came last before the others.

import { type ReactNode, useId, useLayoutEffect } from "react";

export interface Deed {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
  readonly keys?: string;
  /** Why it is not possible. */
  readonly reason?: string | undefined;
  readonly run: () => void;
}

interface Offer {
  /** What it is done with: a record's title, a list's name. */
  readonly of: string;
  readonly deeds: readonly Deed[];
}

const offers = new Map<string, Offer>();

/** Offers deeds as long as the component is there. */
export function useDeeds(of: string, deeds: readonly Deed[]): void {
  const id = useId();
  useLayoutEffect(() => {
    offers.set(id, { of, deeds });
  });
  useLayoutEffect(() => () => void offers.delete(id), [id]);
}

/** What is offered now, by what it is done with. */
export function deedsHere(): Offer[] {
  const here: Offer[] = [];
  for (const { of, deeds } of [...offers.values()].reverse()) {
    const same = here.findIndex((one) => one.of === of);
    if (same < 0) here.push({ of, deeds });
    else here[same] = { of, deeds: [...(here[same]?.deeds ?? []), ...deeds] };
  }
  return here;
}
