// The words of the app in the person's language. English is always there; another language is
// fetched when it is chosen, and English stands where a word is missing.

import { createInstance, type i18n } from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
// The server makes its labels of names: only what that gets wrong has words here.
import englishSchema from "./catalogues/en/schema.json";
import english from "./catalogues/en/words.json";
import type { LanguageTag } from "./languages";

type Plural<K> = K extends `${infer B}_${"zero" | "one" | "two" | "few" | "many" | "other"}`
  ? B
  : K;

/** A key of the catalogues; a word with plural forms by its bare key. */
export type Word = Plural<keyof typeof english>;

/** What stands in braces in a word; `count` also chooses the plural form. */
export type Values = Readonly<Record<string, string | number>>;

/** Says a word. */
export type Say = (key: Word, values?: Values) => string;

type Catalogue = Readonly<Record<string, string>>;

/** What a language other than English says: `refusals` by the codes of the server's problems. */
interface Language {
  words: Catalogue;
  schema: Catalogue;
  help: Catalogue;
  refusals: Catalogue;
}

const CATALOGUES: Readonly<Record<Exclude<LanguageTag, "en">, () => Promise<Language>>> = {
  de: () =>
    together(
      import("./catalogues/de/words.json"),
      import("./catalogues/de/schema.json"),
      import("./catalogues/de/help.json"),
      import("./catalogues/de/refusals.json"),
    ),
  fr: () =>
    together(
      import("./catalogues/fr/words.json"),
      import("./catalogues/fr/schema.json"),
      import("./catalogues/fr/help.json"),
      import("./catalogues/fr/refusals.json"),
    ),
  ar: () =>
    together(
      import("./catalogues/ar/words.json"),
      import("./catalogues/ar/schema.json"),
      import("./catalogues/ar/help.json"),
      import("./catalogues/ar/refusals.json"),
    ),
};

type Loading = Promise<{ default: Catalogue }>;

async function together(
  words: Loading,
  schema: Loading,
  help: Loading,
  refusals: Loading,
): Promise<Language> {
  const [one, two, three, four] = await Promise.all([words, schema, help, refusals]);
  return { words: one.default, schema: two.default, help: three.default, refusals: four.default };
}

/** Words that load with the pages that say them. */
const PARTS = {
  home: {
    en: () => import("./catalogues/en/home.json"),
    de: () => import("./catalogues/de/home.json"),
    fr: () => import("./catalogues/fr/home.json"),
    ar: () => import("./catalogues/ar/home.json"),
  },
  admin: {
    en: () => import("./catalogues/en/admin.json"),
    de: () => import("./catalogues/de/admin.json"),
    fr: () => import("./catalogues/fr/admin.json"),
    ar: () => import("./catalogues/ar/admin.json"),
  },
  grid: {
    en: () => import("./catalogues/en/grid.json"),
    de: () => import("./catalogues/de/grid.json"),
    fr: () => import("./catalogues/fr/grid.json"),
    ar: () => import("./catalogues/ar/grid.json"),
  },
  import: {
    en: () => import("./catalogues/en/import.json"),
    de: () => import("./catalogues/de/import.json"),
    fr: () => import("./catalogues/fr/import.json"),
    ar: () => import("./catalogues/ar/import.json"),
  },
} satisfies Readonly<
  Record<string, Readonly<Record<LanguageTag, () => Promise<{ default: Catalogue }>>>>
>;

export type Part = keyof typeof PARTS;

/** A key of a part's words. */
export type PartWord<P extends Part> = Plural<
  keyof Awaited<ReturnType<(typeof PARTS)[P]["en"]>>["default"] & string
>;

/** The parts whose pages were opened. */
const opened = new Set<Part>();

async function loadPart(part: Part, tag: LanguageTag): Promise<void> {
  if (catalogues.hasResourceBundle(tag, part)) return;
  const { default: words } = await PARTS[part][tag]();
  catalogues.addResourceBundle(tag, part, words);
}

/** Loads the words of a part; English stands where a language cannot be fetched. */
export async function openPart(part: Part): Promise<void> {
  opened.add(part);
  await loadPart(part, spoken()).catch(() => loadPart(part, "en"));
}

/** Says the words of a part that is open, in the language spoken now. */
export function sayOf<P extends Part>(part: P): (key: PartWord<P>, values?: Values) => string {
  return (key, values = {}) => String(catalogues.t(key as string, { ...shown(values), ns: part }));
}

/** The catalogues that are loaded; `speak` chooses the language. */
export const catalogues: i18n = createInstance();

void catalogues.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  initAsync: false,
  resources: { en: { words: english, schema: englishSchema } },
  ns: ["words", "schema", "help"],
  defaultNS: "words",
  partialBundledLanguages: true,
  keySeparator: false,
  nsSeparator: ":",
  // React writes text as text, so nothing is escaped here.
  interpolation: { prefix: "{", suffix: "}", escapeValue: false },
  react: { useSuspense: false },
});

/** Loads a language and speaks it from now on. */
export async function speak(tag: LanguageTag): Promise<void> {
  if (tag !== "en" && !catalogues.hasResourceBundle(tag, "words")) {
    const { words, schema, help, refusals } = await CATALOGUES[tag]();
    catalogues.addResourceBundle(tag, "words", words);
    catalogues.addResourceBundle(tag, "schema", schema);
    catalogues.addResourceBundle(tag, "help", help);
    catalogues.addResourceBundle(tag, "refusals", refusals);
  }
  await Promise.all([...opened].map((part) => loadPart(part, tag)));
  await catalogues.changeLanguage(tag);
}

/**
 * What a code of the server's problems says in the language spoken now; undefined in English, which
 * the server speaks by itself and with more than a code tells, and where a code has no words.
 */
export function refusal(code: string): string | undefined {
  const words: unknown = catalogues.getResource(spoken(), "refusals", code);
  return typeof words === "string" ? words : undefined;
}

/** The language spoken now. */
export function spoken(): LanguageTag {
  return (catalogues.resolvedLanguage ?? "en") as LanguageTag;
}

/** A number that a plural form is chosen by is also shown with the language's own separators. */
function shown(values: Values): Record<string, string | number> {
  const { count } = values;
  if (typeof count !== "number") return { ...values };
  return { ...values, count, number: new Intl.NumberFormat(spoken()).format(count) };
}

/** A word in the language spoken now. A component uses `useWords`, which follows changes. */
export const t: Say = (key, values = {}) => String(catalogues.t(key as string, shown(values)));

/** The words for a component, which is drawn anew when the language changes. */
export function useWords(): Say {
  useTranslation("words", { i18n: catalogues });
  return t;
}

/** What components of the library say by themselves: the words below `ui.`, as nested objects. */
export function libraryWords(): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const key of Object.keys(english).filter((one) => one.startsWith("ui."))) {
    const path = key.split(".").slice(1);
    let at = nested;
    for (const step of path.slice(0, -1)) {
      at[step] ??= {};
      at = at[step] as Record<string, unknown>;
    }
    // The library puts values in by itself.
    at[path.at(-1) ?? ""] = catalogues.t(key, { skipInterpolation: true });
  }
  return nested;
}
