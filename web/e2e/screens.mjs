// The screens that pictures are taken of and that every theme and size is tried on: where each is,
// and when it is there.
import { ask } from "./session.mjs";

const settled = async (page) => {
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => document.fonts.ready);
};

/** The first record of a list, by its filter and order. */
async function first(page, path, query) {
  const { items } = await ask(page, `${path}?page_size=1&${query}`);
  if (!items?.[0]) throw new Error(`no record of ${path} for ${query}`);
  return `${path}/${items[0].id}`;
}

const orders = "/operations/sales-orders";

/** The orders since the new year before the newest one, by state. */
async function ordersOfLastYear(page) {
  const { items } = await ask(page, `${orders}?page_size=1&order_by=ordered_on desc`);
  const filter = `ordered_on >= date('${items[0].ordered_on.slice(0, 4)}-01-01')`;
  return `${orders}?group=state&filter=${encodeURIComponent(filter)}`;
}

/**
 * The fourteen key screens: a name, the path (or how to find it), and what to do there before it
 * is looked at. `signedOut` is looked at by nobody in particular.
 */
export const screens = [
  { name: "sign-in", path: "/", signedOut: true },
  { name: "home", path: "/" },
  { name: "list", path: "/operations/customers" },
  { name: "orders", find: ordersOfLastYear },
  { name: "board", path: `${orders}?kind=board` },
  { name: "calendar", path: `${orders}?kind=calendar` },
  { name: "org-chart", path: "/hr/employees?kind=chart" },
  { name: "record", find: (page) => first(page, orders, "order_by=total desc") },
  { name: "customer", find: (page) => first(page, "/operations/customers", "order_by=name") },
  { name: "new-order", path: `${orders}/new` },
  {
    name: "palette",
    path: "/operations/items",
    async act(page) {
      await page.keyboard.press("Control+k");
      const found = page.waitForResponse((answer) => answer.url().includes("/search?"));
      await page.getByPlaceholder("Search or act").fill("ch");
      await found;
    },
  },
  { name: "admin", path: "/admin" },
  { name: "people", path: "/admin/people" },
  { name: "log", path: "/admin/log" },
];

/** Goes to a screen and waits until it is whole. */
export async function show(page, url, { path, find, act }) {
  await page.goto(url + (path ?? "/"));
  await page.locator("h1").first().waitFor({ state: "attached" });
  if (find) {
    await page.goto(url + (await find(page)));
    await page.locator("h1").first().waitFor({ state: "attached" });
  }
  await settled(page);
  await act?.(page);
  await settled(page);
}
