// Starts Chromium, and watches every page for what must never happen: an error in the console, an
// unhandled rejection, a request to another host.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts the browser that `MEGALITH_CHROMIUM` names, or the machine's own. */
export async function startBrowser() {
  const executablePath = process.env.MEGALITH_CHROMIUM ?? known.find((path) => existsSync(path));
  if (!executablePath)
    throw new Error("no Chromium is installed: set MEGALITH_CHROMIUM to its path");
  return chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Sizes of windows that the app is tested in. */
export const sizes = {
  desk: { width: 1440, height: 900 },
  phone: { width: 390, height: 844 },
};

/**
 * Opens a page in a context of its own and collects its faults; `expect` names texts of console
 * errors that the test brings about itself, such as a refused request.
 */
export async function openPage(browser, { size = sizes.desk, expect = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: size, ...options });
  const page = await context.newPage();
  const faults = [];
  const note = (fault) => {
    if (!expect.some((text) => fault.includes(text))) faults.push(fault);
  };
  page.on("pageerror", (error) => note(`unhandled: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      note(`${message.type()}: ${message.text()}`);
    }
  });
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && hostname !== "127.0.0.1" && hostname !== "localhost") {
      note(`a request to ${hostname}`);
    }
  });
  return { page, context, faults };
}
