// The shell end to end, as the binary serves it, on the demo organisation: set-up, sign-in, rights,
// keys, palette, list, record, favourites, preferences, a session that ends in the middle, a server
// that is away, a wrong address. SHOTS=folder writes pictures.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { shot } from "./axe.mjs";
import { administrator, startServer } from "./server.mjs";
import { amounts, ask, demo, fetched, openAs, visit } from "./session.mjs";

const viewer = { email: "bo@example.org", password: "lichen on the lintel" };

/** The server with the demo organisation, a viewer there, and a second one for its administrator. */
export async function setUp() {
  const server = await startServer({ demo: true });
  await server.command(
    ["user", "create", viewer.email, "--name", "Bo Viewer", "--org", "demo", "--roles", "viewer"],
    { MEGALITH_PASSWORD: viewer.password },
  );
  await server.command(["org", "create", "circle", "--name", "Circle"]);
  return server;
}

async function signIn(page, url, { email, password }) {
  await page.goto(url);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

const home = (page) => page.getByRole("heading", { level: 1, name: /Good/ }).waitFor();

export const tests = [
  {
    name: "what the first load weighs stays within its budget",
    run: async ({ check }) => {
      const budget = fileURLToPath(new URL("../scripts/budget.mjs", import.meta.url));
      const weighed = spawnSync(process.execPath, [budget], { encoding: "utf8" });
      check(weighed.status === 0, `${weighed.stdout}${weighed.stderr}`);
      console.log(`        ${weighed.stdout.split("\n")[0]}`);
    },
  },
  {
    name: "the link of a fresh installation makes the first administrator, once",
    run: async (ground) => {
      const server = await startServer({ bare: true });
      try {
        const { check } = ground;
        const { page, context } = await visit(ground, {
          expect: ["422", "409", "401", "403"],
        });
        const link = /http:\S+\/setup#\S+/.exec(server.output())?.[0] ?? "";
        await page.goto(link.replace("localhost", "127.0.0.1"));
        const go = page.getByRole("button", { name: "Create administrator and organisation" });
        await go.click();
        check(!page.url().includes("mgs_"), "the token left the address");
        check(
          (await page.getByRole("textbox", { name: "E-mail" }).getAttribute("aria-invalid")) ===
            "true",
          "what is missing is said",
        );
        await page.getByLabel("Your name").fill("Ada Stone");
        await page.getByLabel("E-mail").fill("ada@example.org");
        await page.getByLabel("Password").fill("short");
        await page.getByLabel("Name", { exact: true }).fill("Ring of Brodgar");
        await page.getByLabel("Country").fill("GB");
        await page.getByLabel("Currency").fill("GBP");
        await shot(page, "setup");
        await go.click();
        await page.getByLabel("Password").and(page.locator("[aria-invalid=true]")).waitFor();
        await page.getByLabel("Password").fill("granite under heather");
        await go.click();
        await home(page);
        await page.getByRole("button", { name: /Ring of Brodgar/ }).waitFor();
        await shot(page, "first");
        await page.goto(link.replace("localhost", "127.0.0.1"));
        await page.getByLabel("Your name").fill("Eve");
        await page.getByLabel("E-mail").fill("eve@example.org");
        await page.getByLabel("Password").fill("granite under heather");
        await page.getByLabel("Name", { exact: true }).fill("Mine");
        await go.click();
        await page.getByRole("alert").first().waitFor();
        await context.close();
      } finally {
        await server.stop();
      }
    },
  },
  {
    name: "a wrong password is refused in words, and the form stays",
    run: async (ground) => {
      const { page } = await visit(ground, { expect: ["401 (Unauthorized)"] });
      await signIn(page, ground.url, { ...demo, password: "not this one" });
      await page
        .getByRole("alert")
        .filter({ hasText: /password/i })
        .waitFor();
      const kept = await page.getByLabel("E-mail").inputValue();
      ground.check(kept === demo.email, `the form kept ${kept}`);
    },
  },
  {
    name: "who is in several organisations chooses one, and goes to another",
    run: async (ground) => {
      const { page } = await visit(ground);
      await signIn(page, ground.url, administrator);
      await page.getByRole("button", { name: "Circle circle" }).click();
      await home(page);
      const org = page.getByRole("button", { name: /^Organisation: Circle/ });
      await org.click();
      await page
        .getByRole("menuitemradio", { name: "stones" })
        .or(page.getByRole("menuitemcheckbox", { name: "stones" }))
        .or(page.getByRole("menuitem", { name: "stones" }))
        .first()
        .click();
      await page.getByRole("button", { name: /^Organisation: stones/ }).waitFor();
    },
  },
  {
    name: "a viewer sees the lists that a viewer may read, and no others",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { who: viewer });
      const side = page.getByRole("navigation").first();
      await side.getByRole("link", { name: "Customers" }).waitFor();
      const schema = await page.evaluate(() =>
        fetch("/api/v1/platform/schema").then((answer) => answer.json()),
      );
      const readable = schema.entities.filter((one) => one.path && one.rights?.read);
      const own = ["platform.preference", "platform.favourite", "platform.saved_view"];
      const behind = ["auth", "users", "platform"];
      for (const { service, label_plural: label } of readable) {
        const count = await side.getByRole("link", { name: label, exact: true }).count();
        const expected = behind.includes(service) ? 0 : 1;
        check(count === expected, `${label} stands ${count} times`);
      }
      await side.getByRole("link", { name: "Administration" }).click();
      await page.getByRole("heading", { level: 1, name: "Administration" }).waitFor();
      for (const { name, service, label_plural: label } of readable) {
        if (!behind.includes(service) || own.includes(name)) continue;
        const link = page.getByRole("main").getByRole("link", { name: label, exact: true });
        check((await link.count()) > 0, `${label} is not in administration`);
      }
      for (const label of ["Grants", "Sessions", "Credentials"]) {
        check(await amounts(side.getByRole("link", { name: label }), 0), `${label} is shown`);
      }
      await page.goto(`${ground.url}/users/grants`);
      await page
        .getByRole("heading", { level: 1 })
        .filter({ hasText: /not|nothing/i })
        .waitFor();
    },
  },
  {
    name: "theme, columns and favourites go with the person to another browser, and back",
    run: async (ground) => {
      const { check, url } = ground;
      const theme = (page) => page.evaluate(() => document.documentElement.dataset.theme);
      const first = await openAs(ground, { who: viewer });
      const saved = (part) =>
        first.page.waitForResponse(
          (answer) =>
            answer.url().includes(part) && answer.request().method() !== "GET" && answer.ok(),
        );
      await first.page.goto(`${url}/operations/customers`);
      await first.page.getByRole("grid").waitFor();
      const starred = saved("/favourites");
      await first.page.getByRole("button", { name: "Add to favourites" }).click();
      await starred;
      await first.page.getByRole("button", { name: "Columns" }).click();
      const arranged = saved("/preferences");
      await first.page.getByRole("menuitemcheckbox", { name: "Created at" }).click();
      await arranged;
      await first.page.keyboard.press("Escape");
      await first.page.getByRole("columnheader", { name: /Created at/ }).waitFor();
      await first.page.keyboard.press("Control+k");
      await first.page.getByPlaceholder("Search or act").waitFor();
      await first.page.keyboard.type("theme: dark");
      await first.page.getByRole("option", { name: "Theme: Dark" }).waitFor();
      const darkened = saved("/preferences");
      await first.page.keyboard.press("Enter");
      await darkened;
      const second = await openAs(ground, { who: viewer });
      await second.page.waitForFunction(() => document.documentElement.dataset.theme === "dark");
      await second.page.getByRole("list", { name: "Favourites" }).getByText("Customers").click();
      await second.page.getByRole("columnheader", { name: /Created at/ }).waitFor();
      await second.page.reload();
      await second.page.getByRole("grid").waitFor();
      check((await theme(second.page)) === "dark", "the theme survives a reload");
      const lightened = second.page.waitForResponse(
        (answer) => answer.url().includes("/preferences/") && answer.ok(),
      );
      await second.page.keyboard.press("Control+k");
      await second.page.getByPlaceholder("Search or act").waitFor();
      await second.page.keyboard.type("theme: light");
      await second.page.getByRole("option", { name: "Theme: Light" }).waitFor();
      await second.page.keyboard.press("Enter");
      await lightened;
      await first.page.reload();
      await first.page.waitForFunction(() => document.documentElement.dataset.theme === "light");
    },
  },
  {
    name: "two tabs agree; a choice made while the server is away waits and is sent",
    run: async (ground) => {
      const expect = ["ERR_INTERNET_DISCONNECTED"];
      const { page, context } = await openAs(ground, { who: viewer, expect });
      const other = await context.newPage();
      await other.goto(ground.url);
      await home(other);
      // What the palette needs is loaded while nothing else happens, in the tab that is seen.
      await page.bringToFront();
      await fetched(page, "Palette");
      await context.setOffline(true);
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Search or act").waitFor();
      await page.keyboard.type("density: comp");
      await page.getByRole("option", { name: "Density: Compact" }).waitFor();
      await page.keyboard.press("Enter");
      for (const one of [page, other]) {
        await one.waitForFunction(() => document.documentElement.dataset.density === "compact");
      }
      const sent = page.waitForResponse(
        (answer) =>
          answer.url().includes("/preferences/") &&
          answer.request().method() === "PATCH" &&
          answer.ok(),
      );
      await context.setOffline(false);
      await sent;
    },
  },
  {
    name: "by keys alone: to a list, into a record, to the palette, to a found record, to the help",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Search or act").waitFor();
      await page.keyboard.type("sales ord");
      await page.getByRole("option", { name: /^Sales orders/, selected: true }).waitFor();
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
    },
  },
  {
    name: "the palette acts on what is shown: a record, a list, what is selected in it",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await openAs(ground);
      const filter = "filter=state%20%3D%3D%20'draft'";
      const { items } = await ask(page, `/operations/sales-orders?page_size=1&${filter}`);
      const path = `/operations/sales-orders/${items[0].id}`;
      await page.goto(url + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.keyboard.press("Control+k");
      await page
        .getByRole("option")
        .first()
        .filter({ hasText: /^Confirm/ })
        .waitFor();
      await page.keyboard.type("ship");
      const ship = page.getByRole("option", { name: /^Ship/, disabled: true });
      await ship.waitFor();
      check(/only from: Confirmed/.test(await ship.innerText()), await ship.innerText());
      await page.getByPlaceholder("Search or act").fill("confirm");
      await page.getByRole("option", { name: /^Confirm/, selected: true }).waitFor();
      await page.keyboard.press("Enter");
      await page
        .getByText(/is confirmed|Confirm: /)
        .first()
        .waitFor();
      check((await ask(page, path)).state === "confirmed", "the order is confirmed");

      await page.goto(`${url}/operations/sales-orders`);
      await page.locator("[role=row][aria-selected]").first().waitFor();
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Search or act").fill("board");
      await page.getByRole("option", { name: /^Show as: Board/, selected: true }).waitFor();
      await page.keyboard.press("Enter");
      await page.waitForURL(/kind=board/);
    },
  },
  {
    name: "a part of the page that does not come is said, and comes the next time; a page comes by itself",
    run: async (ground) => {
      const path = "/operations/customers";
      const { page, context } = await openAs(ground, { path, expect: ["Failed to load"] });
      const parts = /assets\/(Palette|Home)-/;
      await context.route(parts, (route) => route.abort());
      await page.reload();
      await page.getByRole("grid").waitFor();
      await page.keyboard.press("Control+k");
      await page.getByText("This did not come: the server does not answer.").waitFor();
      await page.getByRole("navigation").getByRole("link", { name: "Home" }).click();
      await page.waitForURL(`${ground.url}/`);
      await context.unroute(parts);
      await home(page);
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Search or act").waitFor();
    },
  },
  {
    name: "a favourite is put in the sidebar, and the notice takes it back",
    run: async (ground) => {
      const { page } = await openAs(ground);
      await page.goto(`${ground.url}/operations/suppliers`);
      await page.getByRole("button", { name: "Add to favourites" }).click();
      const list = page.getByRole("list", { name: "Favourites" });
      await list.getByRole("link", { name: "Suppliers" }).waitFor();
      await page.getByRole("button", { name: "Undo" }).click();
      await list.waitFor({ state: "detached" });
    },
  },
  {
    name: "a session that ends in the middle is asked for, and the page goes on",
    run: async (ground) => {
      // The browser itself notes each refused answer.
      const expect = ["401 (Unauthorized)", "422 (Unprocessable"];
      const { page, context } = await openAs(ground, { expect });
      await page.goto(`${ground.url}/operations/customers`);
      await page.getByRole("grid").waitFor();
      // What else asks would open the dialog while one types.
      await page.waitForLoadState("networkidle");
      await context.clearCookies();
      await page.getByRole("searchbox").fill("chevreuil");
      const dialog = page.getByRole("dialog", { name: "Sign in again" });
      await dialog.getByLabel("Password").fill("three years of trade");
      await dialog.getByRole("button", { name: "Sign in" }).click();
      await dialog.waitFor({ state: "hidden" });
      await page.getByText(/^1 records?$/).waitFor();
      const kept = await page.getByRole("searchbox").inputValue();
      ground.check(kept === "chevreuil", `the page kept ${kept}`);
    },
  },
  {
    name: "a server that is away is said so, and asked again until it is back",
    run: async (ground) => {
      const { page, context } = await openAs(ground, { expect: ["Failed to load"] });
      await page.goto(`${ground.url}/operations/customers`);
      await page.getByRole("grid").waitFor();
      await context.setOffline(true);
      await page.getByRole("searchbox").fill("tea");
      const says = page.getByText(/The server does not answer\. What/);
      await says.waitFor();
      await context.setOffline(false);
      await says.waitFor({ state: "detached" });
      ground.check(true, "");
    },
  },
];
