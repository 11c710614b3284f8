// What the app remembers about how somebody works: its looks, favourites, where they were. It is
// kept in this browser, for each organisation apart where it concerns records.

import type { DensityName, ThemeName } from "@megalith/tokens";
import { useSyncExternalStore } from "react";

export interface Place {
  path: string;
  label: string;
  hint?: string;
}

export interface Settings {
  theme: ThemeName | "system";
  density: DensityName;
  /** A BCP 47 tag; empty for the browser's. */
  locale: string;
  /** Whether single keys are shortcuts (WCAG 2.1.4). */
  shortcuts: boolean;
  collapsed: boolean;
  /** Parts of the sidebar that are folded. */
  folded: string[];
  checklist: "open" | "done";
  /** The company that lists are limited to, by organisation; none for all. */
  company: Record<string, string>;
  favourites: Record<string, Place[]>;
  recent: Record<string, Place[]>;
  columns: Record<string, { order: string[]; hidden: string[]; widths: Record<string, number> }>;
}

const KEY = "megalith.settings";
const MOST_RECENT = 12;

export const fresh: Settings = {
  theme: "system",
  density: "regular",
  locale: "",
  shortcuts: true,
  collapsed: false,
  folded: [],
  checklist: "open",
  company: {},
  favourites: {},
  recent: {},
  columns: {},
};

function read(): Settings {
  try {
    return { ...fresh, ...(JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>) };
  } catch {
    return fresh;
  }
}

let present = typeof localStorage === "undefined" ? fresh : read();
const listeners = new Set<() => void>();
const tell = () => {
  for (const listener of listeners) listener();
};
if (typeof window !== "undefined") {
  // Another tab may have changed them.
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    present = read();
    tell();
  });
}

export const settings = {
  get: () => present,
  set(change: Partial<Settings>) {
    present = { ...present, ...change };
    try {
      localStorage.setItem(KEY, JSON.stringify(present));
    } catch {
      // A browser that keeps nothing still shows the change.
    }
    tell();
  },
  subscribe(listener: () => void) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export const useSettings = (): Settings => useSyncExternalStore(settings.subscribe, settings.get);

/** The list with a place put first, once; the oldest go. */
export function visited(list: readonly Place[], place: Place): Place[] {
  return [place, ...list.filter((one) => one.path !== place.path)].slice(0, MOST_RECENT);
}

export function visit(org: string, place: Place): void {
  const list = present.recent[org] ?? [];
  if (list[0]?.path === place.path && list[0].label === place.label) return;
  settings.set({ recent: { ...present.recent, [org]: visited(list, place) } });
}

export function isFavourite(from: Settings, org: string, path: string): boolean {
  return (from.favourites[org] ?? []).some((one) => one.path === path);
}

/** Puts a place among the favourites, or takes it away; answers whether it is one now. */
export function toggleFavourite(org: string, place: Place): boolean {
  const list = present.favourites[org] ?? [];
  const had = list.some((one) => one.path === place.path);
  const next = had ? list.filter((one) => one.path !== place.path) : [...list, place];
  settings.set({ favourites: { ...present.favourites, [org]: next } });
  return !had;
}
