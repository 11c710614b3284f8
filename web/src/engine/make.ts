// Making a record from the field that is to link to it, without leaving the form.

import { type Entity, may } from "@megalith/meta";
import { createContext } from "react";

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
