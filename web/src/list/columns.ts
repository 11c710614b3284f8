// Which columns a list shows: the title and the state, then links, dates and the sum, as far as
// anything stands in them; the menu of columns has the rest.

import type { Page } from "@megalith/api";
import type { ViewState } from "@megalith/meta";
import { useMemo, useSyncExternalStore } from "react";
import type { Entity, Field } from "../app/catalog";
import { prefer } from "../app/mine";
import { type Columns, useSettings } from "../app/settings";
import { useView } from "./state";
import { arrangementOf, columnsOfView, isArranged } from "./viewColumns";

/** The most columns that a list shows until somebody chooses others. */
const MOST = 8;
/** How many are asked for, so that empty ones can make room. */
const MOST_ASKED = 14;

export const usualColumns: Columns = { order: [], shown: [], hidden: [], widths: {} };

/** What no column shows: lines and long things, and what is written for programs. */
const never = new Set<Field["kind"]>(["id", "json", "lines", "custom", "texts", "links"]);
/** What is too long for a column unless somebody asks for it. */
const long = new Set<Field["kind"]>(["long_text", "address", "expression"]);
const first = new Set<Field["kind"]>(["link", "date", "instant", "choice"]);

const leads = (entity: Entity, field: Field) =>
  field.name === entity.title || field.kind === "state";

/** The fields that the menu of columns offers, the kernel's last; the title always stands first. */
export const columnFields = (entity: Entity): Field[] => {
  const fields = entity.fields.filter(
    (field) => field.name !== entity.title && field.name !== "version" && !never.has(field.kind),
  );
  const isOwn = (field: Field) => !field.system || field.kind === "state";
  return [...fields.filter(isOwn), ...fields.filter((field) => !isOwn(field))];
};

/** The fields of an entity, the more telling ones first. */
function ranked(entity: Entity): Field[] {
  const title = entity.fields.find((field) => field.name === entity.title);
  const own = columnFields(entity).filter((field) => !field.system || field.kind === "state");
  // Of several amounts the last is the sum of the others.
  const sum = own.filter((field) => field.kind === "money").at(-1);
  const rank = (field: Field) =>
    field.kind === "state" ? 0 : field === sum ? 1 : first.has(field.kind) ? 2 : 3;
  const rest = own
    .filter((field) => !long.has(field.kind) && (field.kind !== "money" || field === sum))
    .sort((a, b) => rank(a) - rank(b));
  return title ? [title, ...rest] : rest;
}

/** The fields that are asked for: those that may be shown, and those that somebody chose. */
export function askedFields(entity: Entity, chosen: readonly string[]): Field[] {
  const usual = ranked(entity).slice(0, MOST_ASKED);
  const others = columnFields(entity).filter(
    (field) => chosen.includes(field.name) && !usual.includes(field),
  );
  return [...usual, ...others];
}

/** The fields that are shown, in their order: `filled` says in which of them anything stands. */
export function shownFields(
  entity: Entity,
  asked: readonly Field[],
  filled: ReadonlySet<string> | null,
  { shown, hidden }: Columns,
): Field[] {
  const chosen = new Set(shown);
  const usual = asked
    .filter((field) => !chosen.has(field.name))
    .filter((field) => leads(entity, field) || filled === null || filled.has(field.name))
    .slice(0, Math.max(MOST - chosen.size, 1));
  const all = asked.filter(
    (field) =>
      field.name === entity.title ||
      (!hidden.includes(field.name) && (chosen.has(field.name) || usual.includes(field))),
  );
  return inPlace(entity, all);
}

/** The title first, then the state, then as they are declared. */
function inPlace(entity: Entity, fields: Field[]): Field[] {
  const declared = new Map(entity.fields.map((field, at) => [field, at]));
  const place = (field: Field) =>
    field.name === entity.title ? -2 : field.kind === "state" ? -1 : (declared.get(field) ?? 0);
  return fields.sort((a, b) => place(a) - place(b));
}

/** The fields that a view keeps, as far as there still are any; the title is always among them. */
const keptFields = (entity: Entity, asked: readonly Field[], { shown }: Columns): Field[] =>
  inPlace(
    entity,
    asked.filter((field) => field.name === entity.title || shown.includes(field.name)),
  );

const isEmpty = (value: unknown) =>
  value === null || value === undefined || value === "" || value === false;

/** In which fields anything stood, by entity, as far as it was seen since the page was opened. */
const seen = new Map<string, ReadonlySet<string>>();
const listeners = new Set<() => void>();
const follow = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/**
 * Notes in which fields of a page of records anything stands. What was seen stays, so that a search
 * does not make columns come and go.
 */
export function noteFilled(entity: Entity, asked: readonly Field[], page: Page): void {
  if (page.items.length === 0) return;
  const known = seen.get(entity.name);
  const found = asked
    .map((field) => field.name)
    .filter((name) => page.items.some((item) => !isEmpty(item[name])));
  if (known && found.every((name) => known.has(name))) return;
  seen.set(entity.name, new Set([...(known ?? []), ...found]));
  for (const listener of listeners) listener();
}

/**
 * The columns of a list, and how to arrange them otherwise: those of the view, in the address, where
 * it says which; else those of the person who looks at it.
 */
export function useListColumns(entity: Entity): ListColumns {
  const { view, change } = useView();
  const own = useSettings().columns[entity.name] ?? usualColumns;
  const kept = useMemo(() => arrangementOf(view.columns, view.pinned), [view.columns, view.pinned]);
  const arrangement = kept ?? own;
  const filled = useSyncExternalStore(follow, () => seen.get(entity.name) ?? null);
  const asked = useMemo(() => askedFields(entity, arrangement.shown), [entity, arrangement.shown]);
  const shown = useMemo(
    () => (kept ? keptFields(entity, asked, kept) : shownFields(entity, asked, filled, own)),
    [entity, asked, filled, own, kept],
  );
  const names = shown.map((field) => field.name);
  // What is arranged in a view is a change of the view.
  const isOfView = kept !== null || view.view !== null;
  const arrange = (next: Partial<Columns>) => {
    if (isOfView) change(columnsOfView({ ...arrangement, ...next }, names), true);
    else void prefer({ columns: { [entity.name]: { ...own, ...next } } });
  };
  const toggle = (name: string) => {
    const isShown = names.includes(name);
    if (isOfView) {
      const next = isShown ? names.filter((one) => one !== name) : [...names, name];
      return change(columnsOfView(arrangement, next), true);
    }
    const others = (list: string[]) => list.filter((one) => one !== name);
    arrange({
      shown: isShown ? others(arrangement.shown) : [...others(arrangement.shown), name],
      hidden: isShown ? [...others(arrangement.hidden), name] : others(arrangement.hidden),
    });
  };
  const reset = () =>
    isOfView
      ? change({ columns: [], pinned: null }, true)
      : arrange({ ...usualColumns, pinned: 1 });
  const ofView = kept || isArranged(own) ? columnsOfView(arrangement, names) : {};
  return { asked, shown, arrangement, arrange, toggle, reset, ofView };
}

interface ListColumns {
  /** The fields that records are asked for. */
  asked: Field[];
  /** The fields that are shown, in their order. */
  shown: Field[];
  arrangement: Columns;
  arrange: (next: Partial<Columns>) => void;
  /** Shows a column or hides it. */
  toggle: (name: string) => void;
  /** Goes back to the columns that the list thinks best. */
  reset: () => void;
  /** What a view keeps of them: nothing where nobody has arranged any. */
  ofView: Partial<Pick<ViewState, "columns" | "pinned">>;
}
