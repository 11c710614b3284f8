// Whether the screen is as narrow as a phone's.

import { useSyncExternalStore } from "react";

const narrow = () => globalThis.matchMedia?.("(max-width: 719px)");

const watch = (run: () => void) => {
  const query = narrow();
  query?.addEventListener("change", run);
  return () => query?.removeEventListener("change", run);
};

export const usePhone = (): boolean =>
  useSyncExternalStore(watch, () => narrow()?.matches ?? false);
