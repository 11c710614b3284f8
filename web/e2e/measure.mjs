// Measures the list of a large data folder in Chromium, and prints what docs/performance.md holds:
// requests, bytes and time to the first row with a cold cache; script for each step of scrolling,
// the longest task, and how many elements rows are, while the list is scrolled by the wheel, dragged
// by its scrollbar to the end, and sorted.
//
//   node e2e/measure.mjs http://127.0.0.1:8080 /operations/customers EMAIL PASSWORD [ORG]
import { openPage, startBrowser } from "./browser.mjs";
import { openAs } from "./session.mjs";

const [origin, path = "/operations/customers", email, password, org] = process.argv.slice(2);
if (!origin || !email || !password) {
  console.error("usage: node e2e/measure.mjs ORIGIN PATH EMAIL PASSWORD [ORG]");
  process.exit(2);
}
const STEPS = 120;
/** How often the list is loaded with a cold cache. */
const LOADS = 9;
const round = (value) => Math.round(value * 10) / 10;
const results = [];
const add = (what, value, reach) => results.push([what, value, reach]);

const browser = await startBrowser();
const { page, context, faults } = await openAs(
  { browser, url: origin },
  { who: { email, password, org } },
);

// Cold: another context with the session's cookies and nothing else, while no other page does anything.
await page.goto("about:blank");
const colds = [];
for (let load = 0; load < LOADS; load++) {
  const cold = await openPage(browser);
  await cold.context.addCookies(await context.cookies());
  const wire = await cold.context.newCDPSession(cold.page);
  await wire.send("Network.enable");
  let [requests, bytes] = [0, 0];
  wire.on("Network.requestWillBeSent", () => {
    requests += 1;
  });
  wire.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  const began = Date.now();
  await cold.page.goto(origin + path, { waitUntil: "commit" });
  await cold.page.locator("[role=row][aria-selected]").first().waitFor();
  const first = { ms: Date.now() - began, requests, bytes };
  await cold.page.waitForLoadState("networkidle");
  colds.push({ ...first, all: { requests, bytes } });
  await cold.context.close();
}
const cold = colds.sort((one, other) => one.ms - other.ms)[(LOADS - 1) / 2];
add("cold cache, until the first row: requests", cold.requests, "<= 20");
add("cold cache, until the first row: kB", Math.round(cold.bytes / 1000), "<= 450");
add(`cold cache: ms to the first row, the median of ${LOADS}`, cold.ms, "<= 800");
add("with what is loaded ahead while nothing else happens: requests", cold.all.requests, "");
add("with what is loaded ahead: kB", Math.round(cold.all.bytes / 1000), "");

await page.goto(origin + path);
const rows = page.locator("[role=row][aria-selected]");
await rows.first().waitFor();
await page.waitForLoadState("networkidle");
const session = await context.newCDPSession(page);
await session.send("Performance.enable");
const spent = async () => {
  const { metrics } = await session.send("Performance.getMetrics");
  const of = (name) => metrics.find((one) => one.name === name)?.value ?? 0;
  return { script: of("ScriptDuration") * 1000, task: of("TaskDuration") * 1000 };
};
await page.evaluate(() => {
  window.longest = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      window.longest = Math.max(window.longest, entry.duration);
  }).observe({ type: "longtask" });
});
const longest = () =>
  page.evaluate(() => {
    const found = window.longest;
    window.longest = 0;
    return Math.round(found);
  });
const elements = () => page.locator("[role=grid] [role=row]").count();
const frame = () =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
const settled = async () => {
  await page.waitForFunction(() => !document.querySelector("[role=row][aria-busy]"));
  await page.waitForLoadState("networkidle");
};

const box = await page.getByRole("grid").boundingBox();
await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
let most = 0;
async function scroll(what, step) {
  await longest();
  const before = await spent();
  for (let at = 0; at < STEPS; at++) {
    await step(at);
    await frame();
    if (at % 20 === 0) most = Math.max(most, await elements());
  }
  const after = await spent();
  add(`${what}: script ms for each step`, round((after.script - before.script) / STEPS), "<= 8");
  await settled();
  add(`${what}: longest task in ms`, await longest(), "<= 50");
}

await scroll("wheel of 900 pixels", () => page.mouse.wheel(0, 900));
const seat = (share) =>
  page.getByRole("grid").evaluate((grid, part) => {
    grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * part;
  }, share);
await scroll("scrollbar from the first to the last", (at) => seat((at + 1) / STEPS));
const total = Number(await page.getByRole("grid").getAttribute("aria-rowcount")) - 1;
const last = await page.evaluate(() =>
  Math.max(
    ...[...document.querySelectorAll("[role=row][aria-selected]")].map((row) =>
      Number(row.getAttribute("aria-rowindex")),
    ),
  ),
);
add("the last row that was reached", `${last - 1} of ${total}`, "all");
await seat(0.5);
await settled();
await scroll("wheel in the middle", () => page.mouse.wheel(0, -300));
add("elements that are rows, at most", most, "<= 60");

await seat(0);
await settled();
const heads = await page
  .locator("[role=columnheader][data-col] > span:first-child")
  .allTextContents();
for (const name of heads) {
  const head = page.getByRole("columnheader", { name }).first();
  // What nothing stands in has lost its column meanwhile.
  if ((await head.count()) === 0) continue;
  await longest();
  const at = Date.now();
  const answer = page
    .waitForResponse((one) => one.url().includes("order_by="), { timeout: 8_000 })
    .catch(() => null);
  await head.click({ position: { x: 14, y: 12 } });
  const answered = await answer;
  if (!answered) continue;
  await settled();
  const note = await page.getByRole("note").count();
  add(
    `sorted by ${name}${note ? " (the first 1,000, which it says)" : ""}: ms to its rows`,
    Date.now() - at,
    "",
  );
  add(`sorted by ${name}: longest task in ms`, await longest(), "<= 50");
}
await browser.close();

const width = Math.max(...results.map(([what]) => what.length));
for (const [what, value, reach] of results) {
  console.log(`${what.padEnd(width)}  ${String(value).padStart(12)}  ${reach}`);
}
if (faults.length > 0) console.log(faults.join("\n"));
