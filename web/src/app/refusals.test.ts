import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { speak } from "@megalith/i18n";
import { beforeEach, expect, test } from "vitest";
import { inShort, inWords, WORDS } from "./refusals";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const catalogue = (language: string): Record<string, string> =>
  JSON.parse(
    readFileSync(`${root}/packages/i18n/src/catalogues/${language}/refusals.json`, "utf8"),
  );
const german = catalogue("de");

/** The calls that the server makes its problems with. */
const MAKES =
  /(?:^|\W)(?:(?:Field)?Problem::(?:new|conflict|malformed|unavailable)|Fault::new|Reason::new|Error::new|refuse|problem|unauthenticated)$/;

/** What stands before the bracket that a place in a source is inside of. */
function callAround(source: string, place: number): string {
  let closed = 0;
  for (let at = place - 1; at > place - 400 && at > 0; at -= 1) {
    const char = source[at] as string;
    if (")]}".includes(char)) closed += 1;
    else if ("([{".includes(char)) {
      if (closed === 0) return char === "(" ? source.slice(Math.max(0, at - 40), at) : "";
      closed -= 1;
    }
  }
  return "";
}

/** The codes of all problems, by the sources of the server. */
function codesOfServer(): Set<string> {
  const paths = ["crates", "services", "server/src"].flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".rs") && !/testkit|tests|examples|benches/.test(path))
      .map((path) => `${folder}/${path}`),
  );
  const sources = paths.map(
    (path) => readFileSync(`${root}/${path}`, "utf8").split(/#\[cfg\(test\)\]\s*mod/)[0] ?? "",
  );
  const constants = new Map(
    sources.flatMap((source) =>
      [...source.matchAll(/const ([A-Z_]+): &str = "([a-z_]+)"/g)].map(
        ([, name = "", code = ""]) => [name, code] as const,
      ),
    ),
  );
  // These are put together, or made by a function between.
  const found = new Set(["invalid_condition", "invalid_filter", "invalid_having", "unknown_table"]);
  for (const source of sources) {
    for (const { 1: code, 2: name, index } of source.matchAll(
      /"([a-z]+(?:_[a-z]+)*)"|\b([A-Z]+_[A-Z_]+)\b/g,
    )) {
      const meant = code ?? constants.get(name ?? "");
      if (meant && MAKES.test(callAround(source, index))) found.add(meant);
    }
    for (const [, code = ""] of source.matchAll(/\bparameter\(\s*[\w"]+,\s*"([a-z_]+)"/g)) {
      found.add(code);
    }
  }
  return found;
}

/** Codes that only a program meets: the app never sends what they refuse. */
const FOR_PROGRAMS = new Set([
  "api_key_cannot_switch",
  "broken_body",
  "duplicate_key",
  "headers_too_large",
  "key_revoked",
  "malformed_batch",
  "malformed_export",
  "malformed_json",
  "malformed_request",
  "method_not_allowed",
  "missing_host",
  "needs_service",
  "not_a_flag",
  "not_an_object",
  "not_expandable",
  "not_lines",
  "too_many_columns",
  "too_many_keys",
  "two_versions",
  "unknown_accumulator",
  "unknown_bucket",
  "unknown_column",
  "unknown_format",
  "unknown_measure",
  "unknown_parameter",
  "unknown_service",
]);

beforeEach(() => speak("en"));

test("every code that a person may meet has words in each language, and no words are left over", () => {
  const server = codesOfServer();
  expect(server.size).toBeGreaterThan(150);
  const told = (code: string) => code in WORDS || code in german || FOR_PROGRAMS.has(code);
  expect([...server].filter((code) => !told(code)).sort()).toEqual([]);
  expect([...FOR_PROGRAMS].filter((code) => !server.has(code))).toEqual([]);
  expect(Object.keys(german).filter((code) => !server.has(code) || code in WORDS)).toEqual([]);
  for (const language of ["fr", "ar"]) {
    expect(Object.keys(catalogue(language))).toEqual(Object.keys(german));
  }
  for (const language of ["de", "fr", "ar"]) {
    const texts = Object.values(catalogue(language));
    expect(texts.filter((text) => !/\S.*[.!؟]$/.test(text))).toEqual([]);
  }
});

test("a refusal speaks the person's language; English has the server's own text", async () => {
  const taken = { code: "already_exists", message: "is taken" };
  const odd = { code: "operations.never_heard_of", message: "must rest on Sundays" };
  expect([inWords(taken), inWords(odd)]).toEqual(["Is taken.", "Must rest on Sundays."]);
  expect(inWords({ code: "required", message: "x" })).toBe("This must be filled in.");
  await speak("de");
  expect(inWords(taken)).toBe("Das ist schon vergeben. Wählen Sie etwas anderes.");
  expect(inWords(odd)).toBe("Must rest on Sundays.");
  await speak("ar");
  expect(inWords({ code: "not_found", message: "" })).toMatch(/^هذا غير موجود/);
});

test("in one line it is the first field's fault where fields are at fault, else the problem", () => {
  const errors = [{ code: "negative", message: "must not be below 0" }];
  expect(inShort({ code: "invalid", message: "2 values are refused.", errors })).toBe(
    "Must not be below 0.",
  );
  expect(inShort({ code: "in_use", message: "Others use it.", errors })).toBe("Others use it.");
  expect(inShort({ code: "invalid", message: "Refused", errors: [] })).toBe("Refused.");
});
