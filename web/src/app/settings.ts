// How somebody works: looks, favourites, columns, where they were. This is the copy of this browser,
// for the first paint and for when the server is away; `mine.ts` keeps the server's the same.

import type { DensityName, ThemeName } from "@megalith/tokens";
import { useSyncExternalStore } from "react";

export interface Place {
  path: string;
  label: string;
  hint?: string;
}

/** A favourite; without an id the server does not have it yet, and `key` makes sending it safe. */
export interface Favourite {
  path: string;
  label: string;
  id?: string;
  key?: string;
}

/** How the columns of a list stand; what is in neither list is shown as the list thinks best. */
export interface Columns {
  order: string[];
  shown: string[];
  hidden: string[];
  widths: Record<string, number>;
  /** How many columns stay in sight, where that is not the first alone. */
  pinned?: number;
  /** The saved view that the list begins with; none for all records. */
  view?: string;
}

/** What goes with the person to every browser. */
export interface Preferences {
  theme: ThemeName | "system";
  density: DensityName;
  /** A BCP 47 tag; empty for the browser's. */
  locale: string;
  /** Whether single keys are shortcuts (WCAG 2.1.4). */
  shortcuts: boolean;
  /** Parts of the sidebar that are folded. */
  folded: string[];
  /** Whether the sidebar is narrow. */
  collapsed: boolean;
  /** The company that lists and figures are limited to; empty for all. */
  company: string;
  checklist: "open" | "done";
  /** By the name of the entity. */
  columns: Record<string, Columns>;
}

/** What of the preferences the server does not have yet. */
export type Pending = Partial<Preferences>;

export interface Settings extends Preferences {
  /** Whose copy it is, an organisation and a user; empty before somebody has signed in here. */
  owner: string;
  pending: Pending;
  favourites: Favourite[];
  /** The ids of favourites that the server does not know to be gone. */
  gone: string[];
  recent: Record<string, Place[]>;
}

const KEY = "megalith.settings";
const MOST_RECENT = 12;

export const usual: Preferences = {
  theme: "system",
  density: "regular",
  locale: "",
  shortcuts: true,
  folded: [],
  collapsed: false,
  company: "",
  checklist: "open",
  columns: {},
};

export const fresh: Settings = {
  ...usual,
  owner: "",
  pending: {},
  favourites: [],
  gone: [],
  recent: {},
};

function read(): Settings {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Settings>;
    const known = Object.entries(kept).filter(
      ([name, value]) => name in fresh && typeof value === typeof fresh[name as keyof Settings],
    );
    const found = { ...fresh, ...(Object.fromEntries(known) as Partial<Settings>) };
    return Array.isArray(found.favourites) ? found : { ...found, favourites: [] };
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

export const isFavourite = (from: Settings, path: string): boolean =>
  from.favourites.some((one) => one.path === path);
