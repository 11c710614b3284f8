// The languages that the app speaks, and which of them a person gets.

/** A language: its tag, its own name for itself, and where its lines begin. */
export interface Language {
  readonly tag: "en" | "de" | "fr" | "ar";
  readonly name: string;
  readonly direction: "ltr" | "rtl";
}

export type LanguageTag = Language["tag"];

export const LANGUAGES: readonly Language[] = [
  { tag: "en", name: "English", direction: "ltr" },
  { tag: "de", name: "Deutsch", direction: "ltr" },
  { tag: "fr", name: "Français", direction: "ltr" },
  { tag: "ar", name: "العربية", direction: "rtl" },
];

const base = (tag: string) => tag.toLowerCase().split("-")[0] ?? "";

/** The first language that a person wants and we have; English where there is none. */
export function chooseLanguage(wanted: readonly string[]): LanguageTag {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => language.tag === base(tag));
    if (found) return found.tag;
  }
  return "en";
}

/**
 * The locale for numbers, dates and money: the person's own where it is of the language that the app
 * speaks to them (`de-CH` for German), else the language's.
 */
export function chooseLocale(language: LanguageTag, wanted: readonly string[]): string {
  const own = wanted.find((tag) => base(tag) === language && isLocale(tag));
  return own ?? language;
}

function isLocale(tag: string): boolean {
  try {
    return Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

export function directionOf(tag: string): "ltr" | "rtl" {
  return LANGUAGES.find((language) => language.tag === base(tag))?.direction ?? "ltr";
}

/** Tells the page its language and direction, for screen readers, hyphenation and layout. */
export function markDocument(document: Document, locale: string): void {
  document.documentElement.lang = locale;
  document.documentElement.dir = directionOf(locale);
}
