// Runs the end-to-end tests, one file after another: each exports `tests`, a list of
// `{ name, run }`, and may export `setUp`, whose answer each of its tests is given and whose
// `stop` ends it. Prints a line for each test, and how many checks were made.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startBrowser } from "./browser.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((file) => file.endsWith(".e2e.mjs"))
  .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
  .sort();

let checks = 0;
let failed = 0;

/** Counts a check that held; fails the test otherwise. */
export function check(holds, says) {
  if (!holds) throw new Error(says);
  checks += 1;
}

const browser = await startBrowser();
try {
  for (const file of files) {
    const { tests, setUp } = await import(`./${file}`);
    const ground = (await setUp?.({ browser })) ?? {};
    for (const { name, run } of tests) {
      const began = performance.now();
      try {
        await run({ browser, check, ...ground });
        console.log(`ok      ${file}: ${name} (${Math.round(performance.now() - began)} ms)`);
      } catch (error) {
        failed += 1;
        console.log(`FAILED  ${file}: ${name}\n${error.stack ?? error}`);
      }
    }
    await ground.stop?.();
  }
} finally {
  await browser.close();
}
console.log(`checks: ${checks}`);
process.exitCode = failed > 0 || checks === 0 ? 1 : 0;
