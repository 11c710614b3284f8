// What the server would make of what is typed: asked a moment after the last key, by the same
// command with `dry_run`. Late answers are dropped, and nothing that is typed is touched.

import { useEffect, useRef } from "react";
import type { Draft, Values } from "./draft";
import { type ApiRecord, asProblem } from "./server";

const WAIT_MS = 250;

/** Sends what is typed without effect; null where nothing of it is worth asking for. */
export type Foresee = (values: Values, signal: AbortSignal) => Promise<ApiRecord> | null;

export function useForesight(draft: Draft, foresee: Foresee | null): void {
  const ask = useRef(foresee);
  ask.current = foresee;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asking: AbortController | undefined;
    let last = draft.changes;
    let isOff = false;
    const look = async () => {
      const stop = new AbortController();
      asking = stop;
      const moment = draft.moment();
      let record: unknown = null;
      try {
        record = await ask.current?.(draft.all(), stop.signal);
      } catch (error) {
        const problem = asProblem(error);
        record = problem.more.draft;
        // Nothing is foreseen by a server that does not know how.
        if (problem.status === 400 && !record) isOff = true;
      }
      if (!stop.signal.aborted && record) draft.foresee(record as Values, moment);
    };
    const changed = () => {
      if (draft.changes === last || isOff || !ask.current) return;
      last = draft.changes;
      asking?.abort();
      clearTimeout(timer);
      timer = setTimeout(() => void look(), WAIT_MS);
    };
    const stop = draft.onAny(changed);
    return () => {
      stop();
      clearTimeout(timer);
      asking?.abort();
    };
  }, [draft]);
}
