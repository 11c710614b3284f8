// Looks at a page as it stands: what axe finds, and whether it is wider than the window.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const shots = process.env.SHOTS;

/** Waits until nothing moves any more: what fades has no contrast to speak of. */
const settled = (page) =>
  page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        (one) =>
          one.playState !== "running" || one.effect?.getComputedTiming().endTime === Infinity,
      ),
  );

/** What axe finds, one line for each kind of fault. Menus and dialogs stand outside the landmarks. */
export async function findings(page) {
  await settled(page);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(
    (values) =>
      globalThis.axe.run(document, {
        runOnly: { type: "tag", values },
        resultTypes: ["violations"],
        rules: { region: { enabled: false } },
      }),
    tags,
  );
  return violations.map(
    ({ id, nodes }) =>
      `${id} (${nodes.length}): ${nodes[0].html.slice(0, 160)} ${nodes[0].any?.[0]?.message ?? ""}`,
  );
}

/** By how many pixels the page is wider than its window. */
export const tooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Writes a picture of the page where SHOTS names a folder for them. */
export async function shot(page, name, options = {}) {
  if (!shots) return;
  mkdirSync(shots, { recursive: true });
  await page.screenshot({ path: `${shots}/${name}.png`, ...options });
}

/** Checks that axe finds nothing and nothing is too wide, and takes the picture of that name. */
export async function clean({ check }, page, name, options) {
  const found = await findings(page);
  check(found.length === 0, `${name}:\n  ${found.join("\n  ")}`);
  const wide = await tooWide(page);
  check(wide <= 0, `${name} is ${wide} pixels wider than the window`);
  await shot(page, name, options);
}
