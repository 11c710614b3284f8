// What is wrong with a form, by place: found here before sending, or said by the server.

import type { ApiProblem } from "@megalith/api";
import type { FormError } from "@megalith/meta";
import { t, type Word } from "../app/words";

/** A JSON pointer and what is wrong there. */
export interface Wrong {
  readonly pointer: string;
  readonly text: string;
}

const WORDS: Readonly<Record<string, Word>> = {
  required: "missing",
  too_long: "fault.too_long",
  invalid_decimal: "fault.invalid_decimal",
  too_many_places: "fault.too_many_places",
  not_whole: "fault.not_whole",
  out_of_range: "fault.out_of_range",
  invalid_date: "fault.invalid_date",
  invalid_instant: "fault.invalid_instant",
  invalid_duration: "fault.invalid_duration",
  invalid_email: "fault.invalid_email",
  invalid_phone: "fault.invalid_phone",
  invalid_url: "fault.invalid_url",
  invalid_colour: "fault.invalid_colour",
  unknown_currency: "fault.unknown_currency",
  unknown_country: "fault.unknown_country",
  wrong_type: "fault.wrong_type",
};

/** A mistake in the person's words; the server's own where it says more. */
const wrong = ({ pointer, code, message }: FormError): Wrong => ({
  pointer,
  text: WORDS[code] ? t(WORDS[code]) : sentence(message),
});

const sentence = (text: string) => {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
};

export const wrongs = (errors: readonly FormError[]): readonly Wrong[] => errors.map(wrong);

/** What the server refuses, at its fields; what is at no field stands above the form. */
export function ofProblem(
  problem: ApiProblem,
  names: ReadonlySet<string>,
): { at: readonly Wrong[]; above: readonly string[] } {
  const known = (pointer: string) => names.has(pointer.split("/")[1] ?? "");
  const at = problem.errors.filter((one) => known(one.pointer));
  const others = problem.errors.filter((one) => !known(one.pointer)).map((one) => one.message);
  const above = at.length === 0 || others.length > 0 ? [problem.message, ...others] : [];
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
