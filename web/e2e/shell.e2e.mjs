// The shell end to end, on a server with the demo organisation: sign-in, keys, palette, list,
// record, favourites, a session that ends in the middle, a server that is away, a wrong address.
// SHOTS=folder writes pictures.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { preview } from "vite";
import { openPage, sizes } from "./browser.mjs";
import { findings } from "./gallery.e2e.mjs";
import { startServer } from "./server.mjs";

const shots = process.env.SHOTS;

/** The built app in front of a server of its own; the page comes from the build. */
export async function setUp() {
  const server = await startServer({ demo: true });
  const root = fileURLToPath(new URL("..", import.meta.url));
  const proxied = { target: server.url, changeOrigin: false };
  const app = await preview({
    configFile: `${root}/vite.config.ts`,
    root,
    logLevel: "error",
    preview: { port: 0, host: "127.0.0.1", proxy: { "/api": proxied, "/healthz": proxied } },
  });
  if (shots) mkdirSync(shots, { recursive: true });
  return {
    url: `http://127.0.0.1:${app.httpServer.address().port}`,
    async stop() {
      await app.close();
      await server.stop();
    },
  };
}

async function signIn(page, url) {
  await page.goto(url);
  await page.getByLabel("E-mail").fill("demo@megalith.example");
  await page.getByLabel("Password").fill("three years of trade");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: /Good/ }).waitFor();
}

/** Opens the app signed in, with single settings. */
async function open({ browser, url }, { settings = {}, size = "desk", expect = [] } = {}) {
  const opened = await openPage(browser, {
    size: sizes[size],
    hasTouch: size === "phone",
    isMobile: size === "phone",
    reducedMotion: "reduce",
    expect,
  });
  opened.page.setDefaultTimeout(15_000);
  await opened.page.addInitScript((chosen) => {
    if (!localStorage.getItem("megalith.settings")) {
      localStorage.setItem("megalith.settings", JSON.stringify({ locale: "en", ...chosen }));
    }
  }, settings);
  await signIn(opened.page, url);
  return opened;
}

export const tests = [
  {
    name: "every page of the shell: three themes, phone and desk, axe finds nothing",
    run: async (ground) => {
      let looked = 0;
      for (const [theme, size] of [
        ["light", "desk"],
        ["dark", "desk"],
        ["contrast", "desk"],
        ["light", "phone"],
      ]) {
        const { page, context, faults } = await open(ground, { settings: { theme }, size });
        for (const [name, path] of [
          ["home", "/"],
          ["orders", "/operations/sales-orders"],
          ["customers", "/operations/customers?q=vin"],
          ["nothing", "/operations/customers?q=zzzz"],
          ["admin", "/admin"],
          ["wrong", "/no/such/place/here"],
        ]) {
          await page.goto(ground.url + path);
          await page.locator("main h1").first().waitFor({ state: "attached" });
          await page.waitForTimeout(600);
          const found = await findings(page);
          ground.check(found.length === 0, `${name} ${theme} ${size}:\n  ${found.join("\n  ")}`);
          if (shots) await page.screenshot({ path: `${shots}/app-${name}-${theme}-${size}.png` });
          looked += 1;
        }
        ground.check(faults.length === 0, faults.join("\n"));
        await context.close();
      }
      console.log(`        pages checked: ${looked}`);
      ground.check(looked === 24, `${looked} pages were looked at`);
    },
  },
  {
    name: "by keys alone: to a list, into a record, to the palette, to a found record, to the help",
    run: async (ground) => {
      const { check } = ground;
      const { page, context, faults } = await open(ground);
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Search or act").waitFor();
      await page.keyboard.type("sales ord");
      await page.getByRole("option", { name: /Sales orders/ }).waitFor();
      await page.keyboard.press("Enter");
      await page.getByRole("grid", { name: "Sales orders" }).waitFor();
      check(page.url().endsWith("/operations/sales-orders"), page.url());
      await page.keyboard.press("/");
      await page.keyboard.type("kettle");
      await page.waitForURL(/q=kettle/);
      await page.keyboard.press("Escape");
      await page.waitForURL((url) => !url.search.includes("q="));
      await page.keyboard.press("Control+k");
      await page.keyboard.type("chevreuil");
      await page.getByRole("option", { name: /Vins et alcools Chevreuil/ }).waitFor();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: /Chevreuil/ }).waitFor();
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.keyboard.press("g");
      await page.keyboard.press("h");
      await page.getByRole("heading", { level: 1, name: /Good/ }).waitFor();
      const recent = page.getByRole("main").getByRole("link", { name: /Chevreuil/ });
      check((await recent.count()) > 0, "what was visited is on the home page");
      check(faults.length === 0, faults.join("\n"));
      await context.close();
    },
  },
  {
    name: "a favourite is put in the sidebar, and the notice takes it back",
    run: async (ground) => {
      const { page, context, faults } = await open(ground);
      await page.goto(`${ground.url}/operations/suppliers`);
      await page.getByRole("button", { name: "Add to favourites" }).click();
      const list = page.getByRole("list", { name: "Favourites" });
      await list.getByRole("link", { name: "Suppliers" }).waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await list.waitFor({ state: "detached" });
      ground.check(faults.length === 0, faults.join("\n"));
      await context.close();
    },
  },
  {
    name: "a session that ends in the middle is asked for, and the page goes on",
    run: async (ground) => {
      const expect = ["401", "422"];
      const { page, context, faults } = await open(ground, { expect });
      await page.goto(`${ground.url}/operations/customers`);
      await page.getByRole("grid").waitFor();
      await context.clearCookies();
      await page.getByRole("searchbox").fill("chevreuil");
      const dialog = page.getByRole("dialog", { name: "Sign in again" });
      await dialog.getByLabel("Password").fill("three years of trade");
      await dialog.getByRole("button", { name: "Sign in" }).click();
      await dialog.waitFor({ state: "hidden" });
      await page.getByText(/^1 records?$/).waitFor();
      const kept = await page.getByRole("searchbox").inputValue();
      ground.check(kept === "chevreuil", `the page kept ${kept}`);
      ground.check(faults.length === 0, faults.join("\n"));
      await context.close();
    },
  },
  {
    name: "a server that is away is said so, and asked again until it is back",
    run: async (ground) => {
      const { page, context } = await open(ground, { expect: ["Failed to load"] });
      await page.goto(`${ground.url}/operations/customers`);
      await page.getByRole("grid").waitFor();
      await context.setOffline(true);
      await page.getByRole("searchbox").fill("tea");
      const says = page.getByText(/The server does not answer\. What/);
      await says.waitFor();
      await context.setOffline(false);
      await says.waitFor({ state: "detached" });
      ground.check(true, "");
      await context.close();
    },
  },
];
