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

test.each(["home", "admin", "import"])(
  "the words of %s are in every language, and said",
  (part) => {
    const own = read("en", part);
    for (const language of ["de", "fr", "ar"]) {
      const words = read(language, part);
      expect([language, bases(words)]).toEqual([language, bases(own)]);
      for (const [key, text] of Object.entries(words)) {
        expect([key, text.trim() !== ""]).toEqual([key, true]);
        if (PLURAL.test(key)) continue;
        expect([key, braces(text)]).toEqual([key, braces(own[key] ?? "")]);
      }
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.length;
      const plurals = Object.keys(words).filter((key) => PLURAL.test(key)).length;
      const counted = Object.keys(own).filter((key) => key.endsWith("_other")).length;
      expect([language, plurals]).toEqual([language, counted * forms]);
    }
    const folder = part === "admin" ? "admin" : `features/${part}`;
    const pages = sources(`../../../web/src/${folder}`).join("\n");
    const said = (key: string) => {
      const dot = key.indexOf(".");
      // A word of a table is said by what stands before its dot.
      return pages.includes(`"${key}"`) || (dot > 0 && pages.includes(`\`${key.slice(0, dot)}.`));
    };
    expect(bases(own).filter((key) => !said(key))).toEqual([]);
  },
);

interface Described {
  description?: string;
  anyOf?: readonly Described[];
  items?: Described;
  properties?: Readonly<Record<string, Described>>;
}

/** Every sentence that the server says about its records, by the description of the API. */
function sentences(): Map<string, string> {
  const { components } = JSON.parse(readFileSync(here("../../../docs/openapi.json"), "utf8")) as {
    components: { schemas: Readonly<Record<string, Described>> };
  };
  const found = new Map<string, string>();
  const add = (name: string, one: Described) => {
    const text = one.description ?? one.anyOf?.find((way) => way.description)?.description;
    if (text) found.set(name, text);
  };
  const walk = (name: string, one: Described) => {
    add(name, one);
    for (const [field, inner] of Object.entries(one.properties ?? {})) {
      add(`${name}.${field}`, inner);
      if (inner.items?.properties) walk(`${name}.${field}.*`, inner.items);
    }
  };
  const entities = Object.entries(components.schemas);
  for (const [name, one] of entities.filter(([key]) => /^[a-z]+\.[a-z_]+$/.test(key))) {
    walk(name, one);
  }
  return found;
}

test.each(["de", "fr", "ar"])("%s has help for every entity and field", (language) => {
  const helps = read(language, "help");
  const known = Object.keys(helps);
  const said = sentences();
  // The API's description goes on to say how a value is written.
  const isKnown = (text: string) => known.some((key) => text === key || text.startsWith(`${key} `));
  const missing = [...said].filter(([, text]) => !isKnown(text));
  expect(missing).toEqual([]);
  expect(said.size).toBeGreaterThan(300);
  expect(Object.values(helps).filter((text) => text.trim() === "")).toEqual([]);
});

test.each(["de", "fr", "ar"])("%s has a name for every entity and field", (language) => {
  const words = read(language, "schema");
  const missing = [...sentences().keys()].filter((name) => {
    const [service, entity, ...field] = name.split(".");
    const key = `${service}.${entity}`;
    const own = field.at(-1);
    // A line is named by the field that it is in.
    if (own === "*") return false;
    if (!own) return !words[`entity.${key}.label`] || !words[`entity.${key}.plural`];
    return !words[`field.${own}`] && !words[`entity.${key}.field.${own}`];
  });
  expect(missing).toEqual([]);
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

test.each(["home", "admin", "grid", "import"])("the words of the part %s are whole", (part) => {
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
        summary: "What a customer ordered, from the offer to the delivered goods.",
        states: { names: [named("draft")], moves: [] },
        acts: [named("confirm"), named("enchant")],
        fields: [
          field("total", { help: "The document number." }),
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
    "Was ein Kunde bestellt hat, vom Angebot bis zur gelieferten Ware.",
  ]);
  expect(entity?.acts.map((act) => act.label)).toEqual(["Bestätigen", "enchant"]);
  expect(entity?.fields.map((one) => one.label)).toEqual(["Gesamt", "wand", "Zustand"]);
  expect(entity?.fields.map((one) => one.help).slice(0, 2)).toEqual(["Die Belegnummer.", "help"]);
  expect(entity?.states?.names[0]?.label).toBe("Entwurf");
});
