// Making a record: what it starts with, what is sent of it; and from the field that is to link to it, without leaving the form.

import {
  type Entity,
  type FormValues,
  initialValues,
  may,
  type Schema,
  toWire,
} from "@megalith/meta";
import { createContext } from "react";
import type { Field } from "../app/catalog";
import { now } from "./clock";

/** Opens a small form for a new record of what was typed; gives the link once it is there. */
export type Make = (
  entity: Entity,
  text: string,
  onMade: (link: { id: string; title: string }) => void,
) => void;

/** Null where records cannot be made in place: in such a small form itself. */
export const MakeContext = createContext<Make | null>(null);

/** Whether a record can be made of a name that was typed. */
export function makes(entity: Entity): boolean {
  const title = entity.fields.find((field) => field.name === entity.title);
  const isTyped = title?.kind === "text" && title.writable && !title.computed;
  return entity.path !== null && isTyped && may(entity, "create").allowed;
}

/** What a form for a new record starts with: nothing in its inputs but their defaults. */
export function startOf(entity: Entity, inputs: readonly Field[]): Record<string, unknown> {
  const isList = ({ kind }: Field) => kind === "lines" || kind === "links";
  return {
    ...Object.fromEntries(inputs.map((field) => [field.name, isList(field) ? [] : null])),
    ...initialValues(entity, now(), null),
  };
}

/** What is sent of a form for a new record: the fields in which something was typed. */
export function bodyOf(
  inputs: readonly Field[],
  typed: FormValues,
  schema: Schema,
): Record<string, unknown> {
  const sent = inputs.flatMap((field) => {
    const value = toWire(field, typed[field.name], schema);
    const isNothing = value === null || (Array.isArray(value) && value.length === 0);
    return isNothing ? [] : [[field.name, value] as const];
  });
  return Object.fromEntries(sent);
}
