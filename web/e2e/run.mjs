// Runs the end-to-end tests: each file exports `tests`, a list of `{ name, run }`, and may export
// `setUp`, whose answer each of its tests is given and whose `stop` ends it. As many files run at
// once as there are processors, each in a process of its own with its own server and browser.
// Prints a line for each test, and how many checks were made. A file in which a test failed is run
// once more when all others are over, from its beginning on a new server: what fails twice fails;
// what does not is told as unsteady, for somebody to mend.
//
//   node e2e/run.mjs [NAME…]    the files whose name holds a NAME
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { shot } from "./axe.mjs";
import { startBrowser } from "./browser.mjs";
import { prepareDemo } from "./server.mjs";

// Nobody waits any more for what is run here: servers and browsers end too, each at its own exit.
const startedBy = process.ppid;
setInterval(() => process.ppid === startedBy || process.exit(1), 1000).unref();

const ONE_FILE = "--file=";
const self = fileURLToPath(import.meta.url);

/** Runs one file; answers how many checks held, and how many tests failed. */
async function runFile(file) {
  let checks = 0;
  let failed = 0;
  const check = (holds, says) => {
    if (!holds) throw new Error(says);
    checks += 1;
  };
  const browser = await startBrowser();
  try {
    const { tests, setUp } = await import(`./${file}`);
    const ground = (await setUp?.({ browser })) ?? {};
    for (const { name, run } of tests) {
      const began = performance.now();
      const opened = [];
      try {
        await run({ ...ground, browser, check, opened });
        const faults = opened.flatMap((one) => one.faults);
        check(faults.length === 0, faults.join("\n"));
        console.log(`ok      ${file}: ${name} (${Math.round(performance.now() - began)} ms)`);
      } catch (error) {
        failed += 1;
        const at = opened.map(({ page }) => `    at ${page.url()}`).join("\n");
        console.log(`FAILED  ${file}: ${name}\n${error.stack ?? error}\n${at}`);
        for (const { page } of opened) await shot(page, `failed-${file}-${failed}`).catch(() => {});
      }
      await Promise.all(opened.map(({ context }) => context.close()));
    }
    await ground.stop?.();
  } finally {
    await browser.close();
  }
  return { checks, failed };
}

/** Runs one file in a process of its own and prints what it says, at once when it is over. */
const inProcess = (file) =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [self, ONE_FILE + file], {
      stdio: ["ignore", "pipe", "inherit", "ipc"],
    });
    let output = "";
    let told = { checks: 0, failed: 1 };
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.on("message", (message) => {
      told = message;
    });
    child.on("close", (code) => {
      process.stdout.write(output);
      if (code !== 0 && told.failed === 0) console.log(`FAILED  ${file}: ended with ${code}`);
      resolve({ ...told, failed: told.failed + Number(code !== 0 && told.failed === 0) });
    });
  });

/** What takes longest begins first, so that none is left alone at the end. */
const LONGEST = ["pages", "gallery", "faults", "shell", "record"];
function rank(file) {
  const at = LONGEST.indexOf(file.split(".")[0]);
  return at < 0 ? LONGEST.length : at;
}

async function runAll(wanted) {
  const files = readdirSync(fileURLToPath(new URL(".", import.meta.url)))
    .filter((file) => file.endsWith(".e2e.mjs"))
    .filter((file) => wanted.length === 0 || wanted.some((name) => file.includes(name)))
    .sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
  const sum = { checks: 0, failed: 0 };
  const again = [];
  const worker = async () => {
    for (let file = files.shift(); file; file = files.shift()) {
      const { checks, failed } = await inProcess(file);
      if (failed > 0) again.push(file);
      else sum.checks += checks;
    }
  };
  const remove = await prepareDemo();
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  for (const file of again) {
    console.log(`again   ${file}`);
    const { checks, failed } = await inProcess(file);
    sum.checks += checks;
    sum.failed += failed;
    if (failed === 0) console.log(`progress: unsteady: ${file} failed and then passed`);
  }
  remove();
  return sum;
}

const [first, ...rest] = process.argv.slice(2);
if (first?.startsWith(ONE_FILE)) {
  process.send(await runFile(first.slice(ONE_FILE.length)));
  process.disconnect();
} else {
  const { checks, failed } = await runAll(first ? [first, ...rest] : []);
  console.log(`checks: ${checks}`);
  process.exitCode = failed > 0 || checks === 0 ? 1 : 0;
}
