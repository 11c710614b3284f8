// What was refused, in the person's language: the server says it in English, with a code that stays
// the same. Where the code has words, these are said; else the server's own text stands.

import { refusal, t, type Word } from "@megalith/i18n";

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
  fault: "fault.broken",
};

/** A refusal as a sentence. */
export function inWords({ code, message }: Refusal): string {
  const word = WORDS[code];
  return word ? t(word) : (refusal(code) ?? sentence(message));
}

/** A problem in one line: what it says of the first field, where it names one. */
export function inShort(problem: Refusal & { readonly errors: readonly Refusal[] }): string {
  const [first] = problem.errors;
  return inWords(problem.code === "invalid" && first ? first : problem);
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return text === "" || /[.!?…]$/.test(first) ? first : `${first}.`;
}
