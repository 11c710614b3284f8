// Which layouts the records of an entity have, and by which of its fields each places them.

import type { ViewKind, ViewState } from "@megalith/meta";
import type { Entity, Field } from "../../app/catalog";

/** The fields that can be the columns of a board. */
const columnFieldsOf = (entity: Entity): Field[] =>
  entity.fields.filter((field) => field.kind === "state" || field.kind === "choice");

/** The fields that can place a record on a day, the entity's own first. */
const dayFieldsOf = (entity: Entity): Field[] => {
  const days = entity.fields.filter((field) => field.kind === "date" || field.kind === "instant");
  return [...days.filter((field) => !field.system), ...days.filter((field) => field.system)];
};

/** The link that makes a tree of the records; none where they are no tree. */
export const parentOf = (entity: Entity): Field | undefined =>
  entity.fields.find((field) => entity.parent !== null && field.name === entity.parent);

/** The layouts that an entity has. A calendar needs a day that people gave a record. */
export function kindsOf(entity: Entity): ViewKind[] {
  const kinds: ViewKind[] = ["list"];
  if (columnFieldsOf(entity).length > 0) kinds.push("board");
  if (dayFieldsOf(entity).some((field) => !field.system)) kinds.push("calendar");
  if (parentOf(entity)) kinds.push("tree", "chart");
  return kinds;
}

/** The layout that a view is shown in: a table where the entity does not have the one asked for. */
export const kindOf = (entity: Entity, view: ViewState): ViewKind =>
  kindsOf(entity).includes(view.kind) ? view.kind : "list";

/** The fields that a layout can place records by; none where there is nothing to choose. */
export function placesOf(entity: Entity, kind: ViewKind): Field[] {
  if (kind === "board") return columnFieldsOf(entity);
  if (kind === "calendar") return dayFieldsOf(entity);
  return [];
}

/** The field that a view places records by: the one that was chosen, else the first. */
export const placeOf = (entity: Entity, view: ViewState): Field | undefined => {
  const places = placesOf(entity, view.kind);
  return places.find((field) => field.name === view.by) ?? places[0];
};
