// Writes the types of the API from its description; with --check compares instead.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const source = new URL("../../docs/openapi.json", import.meta.url);
const target = fileURLToPath(new URL("../../packages/api/src/schema.d.ts", import.meta.url));
const head =
  "// Made from docs/openapi.json by `npm run gen:api`. Changes belong into the entities.\n\n";

const document = JSON.parse(readFileSync(source, "utf8"));
const made = head + astToString(await openapiTS(document, { alphabetize: false }));

if (process.argv.includes("--check")) {
  let held = "";
  try {
    held = readFileSync(target, "utf8");
  } catch {
    // A missing file differs.
  }
  if (held !== made) {
    const [old, now] = [held.split("\n"), made.split("\n")];
    const line = now.findIndex((text, at) => text !== old[at]) + 1;
    process.stderr.write(
      `packages/api/src/schema.d.ts:${line}: differs from docs/openapi.json: run npm run gen:api\n`,
    );
    process.exitCode = 1;
  }
} else {
  writeFileSync(target, made);
}
