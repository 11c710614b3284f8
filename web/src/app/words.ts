// What the shell says, in the language of the person.

import { spoken } from "@megalith/i18n";

export { t, type Word } from "@megalith/i18n";

/** The name of a kind of record as it stands within a sentence: German keeps its capitals. */
export function within(label: string): string {
  const isName = spoken() === "de" || /^\p{Lu}{2}/u.test(label);
  return isName ? label : label.charAt(0).toLowerCase() + label.slice(1);
}
