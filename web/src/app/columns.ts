// Which columns a list shows: the title and the state, then links, dates and the sum, as far as
// anything stands in them; the menu of columns has the rest.

import type { Page } from "@megalith/api";
import { useMemo } from "react";
import type { Entity, Field } from "./catalog";
import type { Columns } from "./settings";

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

/** The fields that the menu of columns offers, without the title, which always stands first. */
export const columnFields = (entity: Entity): Field[] =>
  entity.fields.filter(
    (field) => field.name !== entity.title && field.name !== "version" && !never.has(field.kind),
  );

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
  const declared = new Map(entity.fields.map((field, at) => [field, at]));
  const place = (field: Field) =>
    field.name === entity.title ? -2 : field.kind === "state" ? -1 : (declared.get(field) ?? 0);
  return all.sort((a, b) => place(a) - place(b));
}

const isEmpty = (value: unknown) =>
  value === null || value === undefined || value === "" || value === false;

/** In which fields anything stood, by entity, as far as it was seen since the page was opened. */
const seen = new Map<string, ReadonlySet<string>>();

/**
 * The fields in which anything stands on the first page of a list; null until one has come. What
 * was seen stays, so that a search does not make columns come and go.
 */
export function useFilled(
  entity: Entity,
  asked: readonly Field[],
  page: Page | undefined,
): ReadonlySet<string> | null {
  return useMemo(() => {
    const known = seen.get(entity.name);
    if (!page || page.items.length === 0) return known ?? null;
    const found = asked
      .map((field) => field.name)
      .filter((name) => page.items.some((item) => !isEmpty(item[name])));
    if (known && found.every((name) => known.has(name))) return known;
    const all = new Set([...(known ?? []), ...found]);
    seen.set(entity.name, all);
    return all;
  }, [entity.name, asked, page]);
}
