// Every page that the app has, found by the description of the records: each list, a record of it,
// the form for a new one, and the pages of the shell, in three themes, on desk and phone and at a
// zoom of 400 %. On each axe finds nothing, nothing is wider than the window, the console is
// silent. In the short form each third page is looked at once, in the themes and sizes by turns.
import { findings } from "./gallery.e2e.mjs";
import { startServer } from "./server.mjs";
import { ask, openAs } from "./session.mjs";

const isLong = Boolean(process.env.MEGALITH_TEST_ALL);

/** A desk of 1280 by 1024 at 400 %: WCAG 2.2, 1.4.10. */
const zoomed = { width: 320, height: 256 };

/** The short form looks at each third page. */
const EACH = 3;

const looks = [
  ["light", "desk"],
  ["dark", "phone"],
  ["contrast", "desk"],
  ["light", "phone"],
  ["dark", "desk"],
  ["contrast", "phone"],
].map(([theme, size]) => ({ theme, size }));

export async function setUp() {
  const server = await startServer({ demo: true });
  return { url: server.url, stop: server.stop };
}

/** The paths of all pages. */
async function pages(page) {
  const { entities } = await ask(page, "/platform/schema");
  const administration = [
    "people",
    "roles",
    "keys",
    "sessions",
    "changes",
    "work",
    "log",
    "health",
  ];
  const layouts = ["kind=board", "kind=calendar", "group=state"];
  const found = [
    "/",
    "/admin",
    ...administration.map((name) => `/admin/${name}`),
    ...layouts.map((layout) => `/operations/sales-orders?${layout}`),
    "/hr/employees?kind=tree",
    "/hr/employees?kind=chart",
    "/no/such/place/here",
  ];
  for (const { path, rights } of entities) {
    if (!path || !rights?.read) continue;
    const list = path.replace("/api/v1", "");
    found.push(list);
    if (rights.create) found.push(`${list}/new`);
    const { items } = await ask(page, `${list}?page_size=1`);
    if (items?.[0]) found.push(`${list}/${items[0].id}`);
  }
  return found;
}

async function visit(page, url, path) {
  await page.goto(url + path);
  await page.locator("main h1, main h2").first().waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
}

const tooWide = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export const tests = [
  {
    name: "every page: axe finds nothing, nothing is too wide, the console is silent",
    run: async (ground) => {
      const { check, url } = ground;
      let all = [];
      let looked = 0;
      const wrong = [];
      for (const [turn, { theme, size }] of looks.entries()) {
        const { page, context, faults } = await openAs(ground, { settings: { theme }, size });
        if (turn === 0) {
          await page.goto(url);
          all = await pages(page);
        }
        for (const [number, path] of all.entries()) {
          if (!isLong && (number % EACH > 0 || (number / EACH) % looks.length !== turn)) continue;
          await visit(page, url, path);
          const found = await findings(page);
          wrong.push(...found.map((one) => `${path} ${theme} ${size}: ${one}`));
          const wide = await tooWide(page);
          if (wide > 0) wrong.push(`${path} ${theme} ${size}: ${wide} pixels too wide`);
          looked += 1;
        }
        check(faults.length === 0, faults.join("\n"));
        await context.close();
      }
      console.log(`        pages: ${all.length}, looked at: ${looked}`);
      check(wrong.length === 0, wrong.join("\n"));
      check(all.length > 50, `${all.length} pages were found`);
      const expected = isLong ? all.length * looks.length : Math.ceil(all.length / EACH);
      check(looked === expected, `${looked} were looked at`);
    },
  },
  {
    name: "at a zoom of 400 % every page is read without scrolling sideways",
    run: async (ground) => {
      const { check, url } = ground;
      const { page, context, faults } = await openAs(ground, { size: zoomed });
      await page.goto(url);
      const all = await pages(page);
      const wrong = [];
      const narrow = isLong ? all : all.filter((_, number) => number % (2 * EACH) === 0);
      for (const path of narrow) {
        await visit(page, url, path);
        const wide = await tooWide(page);
        if (wide > 0) wrong.push(`${path}: ${wide} pixels too wide`);
      }
      console.log(`        pages: ${narrow.length}`);
      check(wrong.length === 0, wrong.join("\n"));
      check(faults.length === 0, faults.join("\n"));
      await context.close();
    },
  },
];
