import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { SchemaDocument } from "@megalith/meta";
import { beforeEach, expect, test } from "vitest";
import {
  chooseLanguage,
  chooseLocale,
  directionOf,
  LANGUAGES,
  libraryWords,
  speak,
  spoken,
  t,
  translateSchema,
} from "./index";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const read = (language: string, name: string): Record<string, string> =>
  JSON.parse(readFileSync(here(`./catalogues/${language}/${name}.json`), "utf8"));
const PLURAL = /_(zero|one|two|few|many|other)$/;
const bases = (catalogue: object) =>
  [...new Set(Object.keys(catalogue).map((key) => key.replace(PLURAL, "")))].sort();
const braces = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
const english = read("en", "words");

beforeEach(() => speak("en"));

test.each(["de", "fr", "ar"])("%s has the words of English, none of them empty", (language) => {
  const words = read(language, "words");
  expect(bases(words)).toEqual(bases(english));
  expect(Object.entries(words).filter(([, text]) => text.trim() === "")).toEqual([]);
  expect(bases(read(language, "schema"))).toEqual(bases(read("de", "schema")));
  expect(Object.values(read(language, "schema")).filter((text) => text.trim() === "")).toEqual([]);
});

test.each(["en", "de", "fr", "ar"])(
  "in %s every plural has all forms of the language",
  (language) => {
    const words = read(language, "words");
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const counted = [
      ...new Set(
        Object.keys(words)
          .filter((key) => PLURAL.test(key))
          .map((key) => key.replace(PLURAL, "")),
      ),
    ];
    for (const key of counted) {
      const own = Object.keys(words).filter((one) => one.replace(PLURAL, "") === key);
      expect(own.sort()).toEqual(forms.map((form) => `${key}_${form}`).sort());
    }
    expect(counted.length).toBeGreaterThan(3);
  },
);

test.each(["home", "admin", "grid"])("the words of the part %s are whole", (part) => {
  const own = read("en", part);
  for (const language of ["en", "de", "fr", "ar"]) {
    const words = read(language, part);
    expect(bases(words)).toEqual(bases(own));
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const [key, text] of Object.entries(words)) {
      expect([key, text.trim()]).not.toEqual([key, ""]);
      if (PLURAL.test(key)) {
        const base = key.replace(PLURAL, "");
        const found = Object.keys(words).filter((one) => one.replace(PLURAL, "") === base);
        expect(found.sort()).toEqual(forms.map((form) => `${base}_${form}`).sort());
      } else expect([key, braces(text)]).toEqual([key, braces(own[key] ?? "")]);
    }
  }
});

test.each(["de", "fr", "ar"])("%s puts in the values that English does", (language) => {
  for (const [key, text] of Object.entries(read(language, "words"))) {
    if (PLURAL.test(key)) continue;
    expect([key, braces(text)]).toEqual([key, braces(english[key] ?? "")]);
  }
});

/** Every source file of the app and the library. */
function sources(folder: string): string[] {
  return readdirSync(here(folder), { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name),
    )
    .map((entry) => readFileSync(`${entry.parentPath}/${entry.name}`, "utf8"));
}

test("every word that the app says is in the catalogues, and every word there is said", () => {
  const app = ["../../../web/src", "../../ui/src", "../../meta/src"].flatMap(sources).join("\n");
  const known = bases(english);
  const said = [...app.matchAll(/\bt\(\s*"([\w.]+)"/g)].map((found) => found[1] ?? "");
  expect([...new Set(said)].filter((key) => !known.includes(key))).toEqual([]);
  expect(said.length).toBeGreaterThan(50);
  // A key may stand in a table, a library word by its last part, a reason by its code.
  const stands = (key: string) => {
    const word = key.split(".").at(-1) ?? key;
    return app.includes(`"${word}"`) || new RegExp(`\\b${word}\\b`).test(app);
  };
  expect(known.filter((key) => !stands(key))).toEqual([]);
});

test("plural forms follow the count of each language", async () => {
  expect([0, 1, 2].map((count) => t("records", { count }))).toEqual([
    "0 records",
    "1 record",
    "2 records",
  ]);
  await speak("de");
  expect([1, 5].map((count) => t("records", { count }))).toEqual(["1 Datensatz", "5 Datensätze"]);
  await speak("ar");
  expect([0, 1, 2, 3, 11, 100].map((count) => t("records", { count }))).toEqual([
    "لا سجلات",
    "سجل واحد",
    "سجلان",
    "3 سجلات",
    "11 سجلًا",
    "100 سجل",
  ]);
});

test("values are put in as they are, markup included, which stays text", () => {
  expect(t("by", { name: "<b>Ann</b>" })).toBe("by <b>Ann</b>");
});

test("the library's own words are nested as it wants them", async () => {
  await speak("fr");
  const words = libraryWords() as {
    close: string;
    create: string;
    errors: { network: { title: string } };
  };
  expect(words.close).toBe("Fermer");
  expect(words.create).toBe("Créer « {text} »");
  expect(words.errors.network.title).toBe("Le serveur ne répond pas");
});

test("a person gets the first language that we have, with their own locale for numbers", () => {
  expect(chooseLanguage(["nl", "de-CH", "en"])).toBe("de");
  expect(chooseLanguage(["xx"])).toBe("en");
  expect(chooseLocale("de", ["de-CH", "en"])).toBe("de-CH");
  expect(chooseLocale("de", ["en-GB"])).toBe("de");
  expect(LANGUAGES.map((language) => directionOf(language.tag))).toEqual([
    "ltr",
    "ltr",
    "ltr",
    "rtl",
  ]);
  expect(directionOf("ar-EG")).toBe("rtl");
});

test("entities, fields, states and acts speak the language, what has no word keeps the server's", async () => {
  const named = (name: string) => ({ name, label: name });
  const field = (name: string, more: object = {}) => ({
    name,
    label: name,
    help: "help",
    kind: "text",
    ...more,
  });
  const document = {
    services: [named("operations"), named("magic")],
    entities: [
      {
        name: "operations.sales_order",
        label: "Sales order",
        label_plural: "Sales orders",
        summary: "An order.",
        states: { names: [named("draft")], moves: [] },
        acts: [named("confirm"), named("enchant")],
        fields: [
          field("total"),
          field("wand"),
          field("state", { kind: "state", choices: [named("draft")] }),
        ],
      },
    ],
  } as unknown as SchemaDocument;
  expect(translateSchema(document)).toEqual(document);
  await speak("de");
  const [entity] = translateSchema(document).entities;
  expect(spoken()).toBe("de");
  expect([entity?.label, entity?.label_plural, entity?.summary]).toEqual([
    "Auftrag",
    "Aufträge",
    "An order.",
  ]);
  expect(entity?.acts.map((act) => act.label)).toEqual(["Bestätigen", "enchant"]);
  expect(entity?.fields.map((one) => one.label)).toEqual(["Gesamt", "wand", "Zustand"]);
  expect(entity?.states?.names[0]?.label).toBe("Entwurf");
});
