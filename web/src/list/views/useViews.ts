// What can be done with saved views; each act says what it did and can be taken back.

import { asProblem, keys } from "@megalith/api";
import type { ViewState } from "@megalith/meta";
import { toast } from "@megalith/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Entity } from "../../app/catalog";
import { prefer } from "../../app/mine";
import { inShort } from "../../app/refusals";
import { api } from "../../app/server";
import { useSettings } from "../../app/settings";
import { meQuery } from "../../app/who";
import { t } from "../../app/words";
import { useListColumns, usualColumns } from "../columns";
import {
  isChanged,
  keptParams,
  type SavedView,
  VIEWS,
  viewSearch,
  viewsQuery,
  viewValues,
} from "./views";

const route = getRouteApi("/$service/$plural");

export function useViews(entity: Entity, view: ViewState) {
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const me = useQuery(meQuery).data?.user.id;
  const arrangement = useSettings().columns[entity.name] ?? usualColumns;
  const columns = useListColumns(entity).ofView;
  const { data: views = [] } = useQuery(viewsQuery(entity));
  const current = views.find(({ id }) => id === view.view) ?? null;
  const settle = () => client.invalidateQueries({ queryKey: keys.of(VIEWS) });
  const go = (saved: SavedView) => void navigate({ search: viewSearch(saved) });
  const goAll = () => void navigate({ search: arrangement.view ? { kind: "list" } : {} });

  /** Does something, reads the views anew, and says what went wrong. */
  const run = async (act: () => Promise<unknown>): Promise<boolean> => {
    try {
      await act();
      await settle();
      return true;
    } catch (error) {
      toast({ text: inShort(asProblem(error)), tone: "bad" });
      return false;
    }
  };
  const update = (saved: SavedView, values: Record<string, unknown>) =>
    run(() => api.records.update(VIEWS, saved.id, values));
  const place = () => Math.max(0, ...views.map(({ position }) => position)) + 1;

  return {
    views,
    current,
    isMine: current !== null && current.owner === me,
    isChanged: current !== null && isChanged(view, current),
    usual: arrangement.view ?? null,
    go,
    goAll,
    /** Makes a view of what is shown, and goes to it. */
    make: (name: string, shared: boolean) =>
      run(async () => {
        const params = keptParams({ ...view, ...columns });
        const values = viewValues(entity, name, params, { shared, position: place() });
        const made = await api.records.create(VIEWS, values);
        await settle();
        await navigate({ search: (now) => ({ kind: "list", ...now, ...params, view: made.id }) });
      }),
    rename: (saved: SavedView, name: string, shared: boolean) => update(saved, { name, shared }),
    save: async (saved: SavedView) => {
      const before = saved.params;
      if (!(await update(saved, { settings: keptParams(view) }))) return;
      toast({
        text: t("viewSaved", { name: saved.name }),
        undo: () => void update(saved, { settings: before }),
      });
    },
    remove: async (saved: SavedView) => {
      if (!(await run(() => api.records.remove(VIEWS, saved.id)))) return;
      goAll();
      const { name, params, shared, position } = saved;
      toast({
        text: t("viewDeleted", { name }),
        undo: () =>
          void run(() =>
            api.records.create(VIEWS, viewValues(entity, name, params, { shared, position })),
          ),
      });
    },
    /** Moves a tab by a step among the person's own. */
    move: (saved: SavedView, step: number) =>
      run(async () => {
        const own = views.filter(({ owner }) => owner === me);
        const from = own.indexOf(saved);
        const order = own.filter((one) => one !== saved);
        order.splice(Math.max(0, from + step), 0, saved);
        for (const [at, one] of order.entries()) {
          if (one.position !== at) await api.records.update(VIEWS, one.id, { position: at });
        }
      }),
    /** Has the list begin with a view, or with all. */
    begin: (id: string | null) => {
      const { view: _, ...rest } = arrangement;
      const undo = prefer({ columns: { [entity.name]: id ? { ...rest, view: id } : rest } });
      toast({ text: t(id ? "viewBegins" : "viewBeginsAll"), undo });
    },
  };
}
