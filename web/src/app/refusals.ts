// What was refused, in the person's language: the server says it in English, with a code that stays
// the same. Where the code has words, these are said; else the server's own text stands.

import { refusal, spoken, t, type Word } from "@megalith/i18n";

/** A problem, or one of its fields: its stable code, and the server's own text. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** What is also found before anything is sent, and what the app says by itself. */
export const WORDS: Readonly<Record<string, Word>> = {
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
  invalid_json: "fault.invalid_json",
  unknown_currency: "fault.unknown_currency",
  unknown_country: "fault.unknown_country",
  wrong_type: "fault.wrong_type",
  unreadable: "fault.not_read",
  link_invalid: "link_invalid",
  fault: "fault.broken",
};

/** A refusal as a sentence. */
export function inWords({ code, message }: Refusal): string {
  const word = WORDS[code];
  return word ? t(word) : (refusal(code) ?? sentence(message));
}

/**
 * A problem in one line: what it says of the first field, where it names one. No field stands beside
 * it, so that in English the server's own text says more than that something is missing.
 */
export function inShort(problem: Refusal & { readonly errors: readonly Refusal[] }): string {
  const [first] = problem.errors;
  const one = problem.code === "invalid" && first ? first : problem;
  return spoken() === "en" && one.message ? sentence(one.message) : inWords(one);
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return text === "" || /[.!?…]$/.test(first) ? first : `${first}.`;
}
