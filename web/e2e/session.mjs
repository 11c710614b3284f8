// Pages of somebody: not signed in, or signed in as whom a test names. What `openPage` collected of
// each is checked when the test is over, and the page closed.
import { openPage, sizes } from "./browser.mjs";

/** Who the demo organisation is shown to. */
export const demo = { email: "demo@megalith.example", password: "three years of trade" };

/**
 * Opens a page that is not signed in, with settings that this browser has already.
 *
 * @param ground what `setUp` gave: `browser`, and the `url` of the server.
 * @returns the page, its context, and the faults that were seen on it so far.
 */
export async function visit(
  { browser, opened },
  { settings = {}, size = "desk", expect = [], ...options } = {},
) {
  const one = await openPage(browser, {
    size: sizes[size] ?? size,
    hasTouch: size === "phone",
    isMobile: size === "phone",
    reducedMotion: "reduce",
    expect,
    ...options,
  });
  opened?.push(one);
  one.page.setDefaultTimeout(30_000);
  await one.page.addInitScript((chosen) => {
    if (!localStorage.getItem("megalith.settings")) {
      localStorage.setItem("megalith.settings", JSON.stringify({ locale: "en", ...chosen }));
    }
  }, settings);
  return one;
}

/** Opens a page of the app signed in as `who`, at a path. */
export async function openAs(ground, { who = demo, path = "/", ...options } = {}) {
  const { url } = ground;
  const one = await visit(ground, options);
  const { email, password, org } = who;
  const answer = await one.page.request.post(`${url}/api/v1/auth/login`, {
    data: { email, password, ...(org && { org }), cookie: true },
    headers: { origin: url },
  });
  if (!answer.ok()) throw new Error(`sign-in: ${answer.status()} ${await answer.text()}`);
  await one.page.goto(url + path);
  await one.page.locator("main h1").first().waitFor({ state: "attached" });
  return one;
}

/** Whether there come to be as many of something as a test says: a page may still be drawing. */
export async function amounts(locator, count) {
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await locator.count()) === count) return true;
    await locator.page().waitForTimeout(100);
  }
  return false;
}

/** What the API answers to the page's own session; the page must be on the server already. */
export const ask = (page, path, { method = "GET", body } = {}) =>
  page.evaluate(
    async ([path, method, body]) => {
      const answer = await fetch(`/api/v1${path}`, {
        method,
        headers: { "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      return answer.status === 204 ? null : answer.json();
    },
    [path, method, body],
  );

/** Waits until the page has this heading. */
export const heading = (page, name) => page.getByRole("heading", { level: 1, name }).waitFor();

/** Waits until the page has fetched a file whose address holds this text. */
export const fetched = (page, text) =>
  page.waitForFunction(
    (part) => performance.getEntriesByType("resource").some(({ name }) => name.includes(part)),
    text,
  );
