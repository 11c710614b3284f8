// What is wrong with a form, by place: found here before sending, or said by the server.

import type { ApiProblem } from "@megalith/api";
import type { FormError } from "@megalith/meta";
import { inWords } from "../app/refusals";

/** A JSON pointer and what is wrong there. */
export interface Wrong {
  readonly pointer: string;
  readonly text: string;
}

const wrong = (error: FormError): Wrong => ({ pointer: error.pointer, text: inWords(error) });

export const wrongs = (errors: readonly FormError[]): readonly Wrong[] => errors.map(wrong);

/** What the server refuses, at its fields; what is at no field stands above the form. */
export function ofProblem(
  problem: ApiProblem,
  names: ReadonlySet<string>,
): { at: readonly Wrong[]; above: readonly string[] } {
  const known = (pointer: string) => names.has(pointer.split("/")[1] ?? "");
  const at = problem.errors.filter((one) => known(one.pointer));
  const others = problem.errors.filter((one) => !known(one.pointer)).map(inWords);
  const above = at.length === 0 || others.length > 0 ? [inWords(problem), ...others] : [];
  return { at: at.map(wrong), above: [...new Set(above)] };
}

/** The mistakes at a pointer or inside of it, each with the rest of its pointer. */
export function within(
  all: readonly Wrong[],
  pointer: string,
): readonly { at: string; text: string }[] {
  return all
    .filter((one) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`))
    .map((one) => ({ at: one.pointer.slice(pointer.length), text: one.text }));
}
