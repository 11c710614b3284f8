// Where somebody is in an import; all of it stands in the address.

import type { Entity, Schema } from "@megalith/meta";
import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Changes } from "./spec";

export const STEPS = ["file", "table", "map", "preview", "check", "run"] as const;
export type Step = (typeof STEPS)[number];

export interface Stand {
  readonly entity: string;
  readonly import: string;
  readonly table: string;
  readonly step: Step | "";
  /** The fields that were changed by hand, as JSON. */
  readonly fields: string;
  /** The key, where it was changed by hand. */
  readonly key: string;
}

export type Go = (change: Partial<Stand>, replace?: boolean) => void;

const route = getRouteApi("/import");

export function useStand(): { stand: Stand; go: Go } {
  const asked = route.useSearch();
  const navigate = route.useNavigate();
  const stand = useMemo((): Stand => {
    const step = STEPS.find((one) => one === asked.step) ?? "";
    const { entity = "", import: id = "", table = "", fields = "", key = "" } = asked;
    return { entity, import: id, table, step, fields, key };
  }, [asked]);
  const go = useCallback<Go>(
    (change, replace = false) =>
      void navigate({
        search: (now) => {
          const next = Object.entries({ ...now, ...change }).filter(([, value]) => value);
          return Object.fromEntries(next);
        },
        replace,
      }),
    [navigate],
  );
  return { stand, go };
}

/** What was changed by hand; nothing where the address holds something else. */
export function changesOf(text: string): Changes {
  try {
    const found: unknown = JSON.parse(text || "{}");
    const isTable = typeof found === "object" && found !== null && !Array.isArray(found);
    if (!isTable) return {};
    const sound = Object.entries(found).filter(
      ([, spec]) => spec === null || typeof spec === "string" || typeof spec === "object",
    );
    return Object.fromEntries(sound) as Changes;
  } catch {
    return {};
  }
}

/** The kinds of record that rows may become. */
export const importable = (schema: Schema): readonly Entity[] =>
  schema.entities.filter((entity) => entity.importable && entity.path !== null);
