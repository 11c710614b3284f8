// Saved views of an entity: the person's own and those that others share.

import { type ApiRecord, keys } from "@megalith/api";
import { knownParams, type ViewParams, type ViewState, viewToParams } from "@megalith/meta";
import { queryOptions } from "@tanstack/react-query";
import type { Entity } from "../../app/catalog";
import { api } from "../../app/server";

export const VIEWS = "/api/v1/platform/saved-views";
const MOST = 200;

export interface SavedView {
  id: string;
  version: number;
  name: string;
  owner: string;
  shared: boolean;
  position: number;
  /** What it shows, as it stands in an address. */
  params: ViewParams;
}

/** The parameters that a view keeps: not which view it is, nor which record is open. */
export function keptParams(state: ViewState): ViewParams {
  const { view: _, open: __, ...kept } = viewToParams({ ...state, view: null, open: null });
  return kept;
}

const same = (a: ViewParams, b: ViewParams) => {
  const text = (params: ViewParams) =>
    JSON.stringify(
      Object.entries(params)
        .filter(([name, value]) => value && !(name === "kind" && value === "list"))
        .sort(),
    );
  return text(a) === text(b);
};

/** Whether a list shows something else than its saved view does. */
export const isChanged = (state: ViewState, saved: SavedView): boolean =>
  !same(keptParams(state), saved.params);

function savedViewOf(record: ApiRecord): SavedView {
  const { view: _, open: __, ...params } = knownParams((record.settings ?? {}) as ViewParams);
  const owner = record.owner as string | { id: string } | null;
  return {
    id: record.id,
    version: record.version,
    name: String(record.name ?? ""),
    owner: typeof owner === "string" ? owner : (owner?.id ?? ""),
    shared: record.shared === true,
    position: Number(record.position ?? 0),
    params,
  };
}

export const viewsQuery = (entity: Entity) =>
  queryOptions({
    queryKey: [...keys.of(VIEWS), "of", entity.name],
    queryFn: async ({ signal }) => {
      const page = await api.records.list(
        VIEWS,
        {
          filter: `subject == '${entity.name}'`,
          order_by: "position, created_at",
          fields: ["name", "owner", "shared", "position", "settings", "version"],
          page_size: MOST,
        },
        "",
        signal,
      );
      return page.items.map(savedViewOf);
    },
    staleTime: 60_000,
  });

/** The address of a view, whole: who may not read the view sees the same records. */
export const viewSearch = (saved: SavedView): Record<string, string> => ({
  kind: "list",
  ...saved.params,
  view: saved.id,
});

/** The values of a record of a view. */
export const viewValues = (
  entity: Entity,
  name: string,
  params: ViewParams,
  more: { shared?: boolean; position?: number } = {},
) => ({ subject: entity.name, name, settings: params, ...more });
