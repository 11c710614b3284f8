// Pages that are signed in: a person signs in once, and every further page of that person has the
// cookies of that sign-in.
import { openPage, sizes } from "./browser.mjs";

/** Who the demo organisation is shown to. */
export const demo = { email: "demo@megalith.example", password: "three years of trade" };

const signedIn = new Map();

/** Signs in by the page itself; where the person has several organisations, into `org`. */
async function signIn(page, url, { email, password, org }) {
  await page.goto(url);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  if (org) await page.getByRole("button", { name: org }).click();
  await page.getByRole("heading", { level: 1, name: /Good/ }).waitFor();
}

/**
 * Opens a page signed in as `who`, with settings that this browser has already.
 *
 * @param ground what `setUp` gave: `browser`, and the `url` of the server.
 * @returns the page, its context, and the faults that were seen on it so far.
 */
export async function openAs(
  { browser, url },
  { who = demo, settings = {}, size = "desk", expect = [], ...options } = {},
) {
  const key = `${url} ${who.email} ${who.org ?? ""}`;
  const opened = await openPage(browser, {
    size: sizes[size] ?? size,
    hasTouch: size === "phone",
    isMobile: size === "phone",
    reducedMotion: "reduce",
    expect,
    storageState: signedIn.get(key),
    ...options,
  });
  const { page, context } = opened;
  page.setDefaultTimeout(15_000);
  await page.addInitScript((chosen) => {
    if (!localStorage.getItem("megalith.settings")) {
      localStorage.setItem("megalith.settings", JSON.stringify({ locale: "en", ...chosen }));
    }
  }, settings);
  if (!signedIn.has(key)) {
    await signIn(page, url, who);
    const { cookies } = await context.storageState();
    signedIn.set(key, { cookies, origins: [] });
  }
  return opened;
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
