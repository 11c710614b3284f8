// Every page that the app has, found by the description of the records: each list, a record of it,
// the form for a new one, and the pages of the shell, in three themes, on desk and phone and at a
// zoom of 400 %. On each axe finds nothing, nothing is wider than the window, the console is
// silent. In the short form each third page is looked at once, in the themes and sizes by turns.
import { findings, tooWide } from "./axe.mjs";
import { administrator, startServer } from "./server.mjs";
import { ask, demo, openAs } from "./session.mjs";

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
].map(([theme, size]) => ({ settings: { theme }, size }));

export const setUp = () => startServer({ demo: true });

/** The paths of all pages that records have, and of the shell. */
async function pagesOfRecords(page) {
  const { entities } = await ask(page, "/platform/schema");
  const [order] = (await ask(page, "/operations/sales-orders?page_size=1")).items;
  const layouts = ["kind=board", "kind=calendar", "group=state"];
  const found = [
    "/",
    ...layouts.map((layout) => `/operations/sales-orders?${layout}`),
    `/operations/sales-orders?open=${order.id}`,
    "/operations/customers?q=zzzz",
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

/** The paths of all pages of the administration. */
async function pagesOfAdministration(page) {
  const [person] = (await ask(page, "/users/users?page_size=1")).items;
  const own = ["people", "roles", "keys", "sessions", "changes", "work", "log", "health"];
  return [
    "/admin",
    "/account",
    ...own.map((name) => `/admin/${name}`),
    `/admin/people/${person.id}?entity=operations.customer&verb=read`,
    "/admin/roles/sales",
  ];
}

/** Who looks at which pages. */
const groups = [
  { who: demo, find: pagesOfRecords },
  { who: administrator, find: pagesOfAdministration },
];

async function go(page, url, path) {
  await page.goto(url + path);
  await page.locator("main h1, main h2").first().waitFor({ state: "attached" });
  await page.waitForLoadState("networkidle");
}

/** Goes to the pages that `isChosen` of each look, and says what is wrong on any. */
async function look(ground, looks, isChosen, lookAt) {
  const wrong = [];
  let [there, looked] = [0, 0];
  for (const { who, find } of groups) {
    let all;
    for (const [turn, options] of looks.entries()) {
      const { page, context } = await openAs(ground, { who, ...options });
      all ??= await find(page);
      for (const [number, path] of all.entries()) {
        if (!isChosen(number, turn)) continue;
        await go(page, ground.url, path);
        const found = await lookAt(page);
        const wide = await tooWide(page);
        if (wide > 0) found.push(`${wide} pixels too wide`);
        const how = `${options.settings?.theme ?? ""} ${options.size.width ?? options.size}`;
        wrong.push(...found.map((one) => `${path} ${how}: ${one}`));
        looked += 1;
      }
      await context.close();
    }
    there += all.length;
  }
  console.log(`        pages: ${there}, looked at: ${looked}`);
  ground.check(wrong.length === 0, wrong.join("\n"));
  ground.check(there > 60, `${there} pages were found`);
  return { there, looked };
}

export const tests = [
  {
    name: "every page: axe finds nothing, nothing is too wide, the console is silent",
    run: async (ground) => {
      const isChosen = (number, turn) =>
        isLong || (number % EACH === 0 && (number / EACH) % looks.length === turn);
      const { there, looked } = await look(ground, looks, isChosen, findings);
      const least = isLong ? there * looks.length : there / EACH;
      ground.check(looked >= least, `${looked} were looked at`);
    },
  },
  {
    name: "at a zoom of 400 % every page is read without scrolling sideways",
    run: async (ground) => {
      const isChosen = (number) => isLong || number % (2 * EACH) === 0;
      await look(ground, [{ size: zoomed }], isChosen, () => []);
    },
  },
];
