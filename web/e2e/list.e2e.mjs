// The list of any entity end to end, on the demo organisation: filter by chips and as an expression,
// saved views, groups and sums, order and columns, the far end of a long list, phone and right to
// left. SHOTS=folder writes pictures.
import { clean } from "./axe.mjs";
import { startServer } from "./server.mjs";
import { amounts, ask, openAs } from "./session.mjs";

const viewer = { email: "bo@example.org", password: "lichen on the lintel" };
const ORDERS = "/operations/sales-orders";

export async function setUp() {
  const server = await startServer({ demo: true });
  await server.command(
    ["user", "create", viewer.email, "--name", "Bo Viewer", "--org", "demo", "--roles", "viewer"],
    { MEGALITH_PASSWORD: viewer.password },
  );
  return server;
}

const open = (ground, path, options) => openAs(ground, { path, ...options });

const rows = (page) => page.locator("[role=row][aria-selected]");
const param = (page, name) => new URL(page.url()).searchParams.get(name);
const withFilter = (path, filter) => `${path}?filter=${encodeURIComponent(filter)}`;

export const tests = [
  {
    name: "a list shows at most eight columns, none of them empty or the kernel's",
    run: async (ground) => {
      const { page } = await open(ground, ORDERS);
      await page.getByRole("gridcell").first().waitFor();
      await page.getByRole("columnheader", { name: /Total/ }).waitFor();
      const heads = await page.getByRole("columnheader").allInnerTexts();
      const named = heads.map((text) => text.trim()).filter((text) => !/^(Select|$)/.test(text));
      ground.check(named.length > 4 && named.length <= 8, named.join(", "));
      ground.check(
        !named.some((name) => /^(Updated|Created|Version)/.test(name)),
        named.join(", "),
      );
    },
  },
  {
    name: "a filter is made by keys alone, and chips and expression say the same",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, ORDERS);
      await rows(page).first().waitFor();
      await page.keyboard.press("f");
      await page.getByRole("combobox", { name: "Field" }).waitFor();
      await page.keyboard.type("customer › country");
      await page.getByRole("option", { name: /^Customer › Country/ }).waitFor();
      await page.keyboard.press("Enter");
      await page.getByLabel("Comparison").selectOption("is");
      await page.getByLabel("Value").fill("DE");
      await page.keyboard.press("Enter");
      await page.waitForURL((url) => url.searchParams.get("filter") === "customer.country == 'DE'");
      await page
        .getByRole("button", { name: /^Change filter: Customer › Country is DE/ })
        .waitFor();
      await page.getByRole("button", { name: "Expression" }).click();
      const text = page.getByRole("textbox", { name: "Expression" });
      check((await text.inputValue()) === "customer.country == 'DE'", await text.inputValue());
      await text.fill("customer.country == 'DE' && state in ['draft', 'confirmed', 'shipped']");
      await text.press("Enter");
      await page
        .getByRole("button", { name: /^Change filter: State is Draft, Confirmed/ })
        .waitFor();
      await text.fill("custmer.country == 'DE'");
      await page.getByRole("button", { name: "Write customer" }).click();
      check((await text.inputValue()) === "customer.country == 'DE'", await text.inputValue());
      await text.fill("total > total");
      await text.press("Enter");
      await page.getByRole("button", { name: "Change filter: total > total" }).waitFor();
      await page.getByRole("button", { name: "Remove filter: total > total" }).click();
      await page.waitForURL((url) => !url.searchParams.has("filter"));
      await page.goBack();
      await page.getByRole("button", { name: "Change filter: total > total" }).waitFor();
    },
  },
  {
    name: "what the server refuses is marked where it stands, and can be mended there",
    run: async (ground) => {
      const { check } = ground;
      const expect = ["400 (Bad Request)"];
      const path = withFilter(ORDERS, "state == 'draft' && foo == 'x'");
      const { page } = await open(ground, path, { expect });
      await page.getByText("there is no field `foo`").first().waitFor();
      const mark = page.locator("mark").first();
      check((await mark.textContent()) === "foo", await mark.textContent());
      const text = page.getByRole("textbox", { name: "Expression" });
      await text.fill("state == 'draft'");
      await text.press("Enter");
      await rows(page).first().waitFor();
    },
  },
  {
    name: "a view is saved, changed, discarded, shared, begun with, deleted and taken back",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, withFilter(ORDERS, "state == 'draft'"));
      await rows(page).first().waitFor();
      await page.getByRole("button", { name: "New view" }).click();
      await page.getByLabel("Name of the view").fill("Drafts");
      await page.getByLabel("Share with everyone").check();
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      const views = page.getByRole("navigation", { name: "Views" });
      const tab = views.getByRole("link", { name: /Drafts/ });
      await tab.and(page.locator("[aria-current=page]")).waitFor();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Group" }).click();
      await page.getByRole("menuitemcheckbox", { name: "Customer", exact: true }).click();
      await page.keyboard.press("Escape");
      await views.getByRole("img", { name: "Changed, not saved" }).waitFor();
      await page.getByRole("button", { name: "Discard" }).click();
      await page.waitForURL((url) => !url.searchParams.has("group"));
      await page.getByRole("columnheader", { name: /^Number/ }).click();
      await page.waitForURL((url) => url.searchParams.get("order") !== null);
      await page.getByRole("button", { name: "Save changes" }).click();
      await views.getByRole("img", { name: "Changed, not saved" }).waitFor({ state: "detached" });

      const other = await open(ground, ORDERS, { who: viewer });
      const theirs = other.page.getByRole("navigation", { name: "Views" });
      await theirs.getByRole("link", { name: /Drafts/ }).click();
      await other.page.waitForURL((url) => url.searchParams.get("filter") === "state == 'draft'");
      check(param(other.page, "order") === "number", other.page.url());

      const menu = page.getByRole("button", { name: "View: Drafts" });
      await menu.click();
      await page.getByRole("menuitemcheckbox", { name: "Begin with this view" }).click();
      await page.goto(ground.url + ORDERS);
      await page.waitForURL((url) => url.searchParams.get("filter") === "state == 'draft'");
      await views.getByRole("link", { name: "All" }).click();
      await page.waitForURL((url) => !url.searchParams.has("filter"));
      await page.goto(`${ground.url}${ORDERS}?view=${"sv_01h455vb4pex5vsknk084sn02q"}`);
      await rows(page).first().waitFor();
      await tab.click();
      await menu.click();
      await page.getByRole("menuitem", { name: "Delete the view" }).click();
      await tab.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Undo" }).click();
      await tab.waitFor();
    },
  },
  {
    name: "a view keeps its columns, and what is arranged in it is not the person's own",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, ORDERS);
      await rows(page).first().waitFor();
      const heads = () => page.getByRole("columnheader").allInnerTexts();
      const toggle = async (name) => {
        await page.getByRole("button", { name: "Columns" }).click();
        await page.getByRole("menuitemcheckbox", { name, exact: true }).click();
        await page.keyboard.press("Escape");
        await page.locator("[role=menu]").waitFor({ state: "detached" });
      };
      const column = (name) => page.getByRole("columnheader", { name });
      await page.getByRole("button", { name: "New view" }).click();
      await page.getByLabel("Name of the view").fill("Freights");
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await page.waitForURL((url) => url.searchParams.has("view"));
      await page.getByRole("dialog").waitFor({ state: "detached" });
      check(param(page, "columns") === null, "columns that nobody arranged are kept");
      await toggle("Freight");
      await column("Freight").waitFor();
      await toggle("Customer");
      await column("Customer").waitFor({ state: "detached" });
      const views = page.getByRole("navigation", { name: "Views" });
      const changed = views.getByRole("img", { name: "Changed, not saved" });
      await changed.waitFor();
      const edge = column("Total").locator("[data-resize]");
      const at = await edge.boundingBox();
      await page.mouse.move(at.x + at.width / 2, at.y + at.height / 2);
      await page.mouse.down();
      await page.mouse.move(at.x - 30, at.y + 5, { steps: 6 });
      await page.mouse.up();
      await page.waitForURL((url) => /total:\d+/.test(url.searchParams.get("columns") ?? ""));
      await page.getByRole("button", { name: "Save changes" }).click();
      await changed.waitFor({ state: "detached" });
      const kept = await heads();

      await views.getByRole("link", { name: "All" }).click();
      await column("Customer").waitFor();
      check(await amounts(column("Freight"), 0), "the person's own columns were changed");
      await views.getByRole("link", { name: /Freights/ }).click();
      await column("Freight").waitFor();
      check(`${await heads()}` === `${kept}`, `${await heads()} and not ${kept}`);
      check(await amounts(column("Customer"), 0), "a column of the view came back");
      check(/total:\d+/.test(param(page, "columns")), page.url());
      await toggle("Freight");
      await changed.waitFor();
      await page.getByRole("button", { name: "Discard" }).click();
      await column("Freight").waitFor();
      await page.getByRole("button", { name: "View: Freights" }).click();
      await page.getByRole("menuitem", { name: "Delete the view" }).click();
      await column("Customer").waitFor();
    },
  },
  {
    name: "groups have their counts and sums and close; the totals show each currency",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, `${ORDERS}?group=state`);
      const heads = page.locator("[role=gridcell][aria-expanded]");
      await heads.first().waitFor();
      const first = await heads.first().innerText();
      check(/^Draft/.test(first) && /\d/.test(first), first);
      await heads.first().click();
      await page.locator("[role=gridcell][aria-expanded=false]").first().waitFor();
      const second = await rows(page).first().innerText();
      check(/Confirmed/.test(second), second);
      const totals = page.getByRole("button", { name: /\+\d+$/ }).last();
      await totals.click();
      const menu = page.getByRole("menu", { name: "Sums of Total" });
      await menu.getByRole("menuitem").nth(5).waitFor();
      const sums = await menu.getByRole("menuitem").allInnerTexts();
      check(new Set(sums).size === sums.length, "every currency has one sum");
      await page.keyboard.press("Escape");
      await page.goto(`${ground.url}${ORDERS}?group=month(ordered_on)`);
      await heads.first().waitFor();
      check(/20\d\d/.test(await heads.first().innerText()), await heads.first().innerText());
    },
  },
  {
    name: "what words find is grouped and counted as the list shows it",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, ORDERS);
      const one = (await ask(page, `${ORDERS}?page_size=1`)).items[0];
      const { name } = await ask(page, `/operations/customers/${one.customer}`);
      const words = encodeURIComponent(name);
      const found = await ask(page, `${ORDERS}?q=${words}&count=true&page_size=1`);
      await page.goto(`${ground.url}${ORDERS}?q=${words}&group=state`);
      const heads = page.locator("[role=gridcell][aria-expanded]");
      await heads.first().waitFor();
      const counts = (await heads.allInnerTexts()).map((text) => Number(/\d+/.exec(text)?.[0]));
      const sum = counts.reduce((all, count) => all + count, 0);
      check(sum === found.total_size && sum > 0, `${counts} are ${found.total_size}`);
    },
  },
  {
    name: "documents stand newest first, the far end is reached at once, several keys order",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, ORDERS);
      await rows(page).first().waitFor();
      const grid = page.getByRole("grid");
      const day = await page
        .getByRole("columnheader", { name: /^Ordered on/ })
        .getAttribute("aria-sort");
      check(day === "descending", day);
      const jumped = page.waitForRequest((one) => /[?&]skip=\d+/.test(one.url()));
      await grid.evaluate((box) => {
        box.scrollTop = box.scrollHeight;
      });
      await jumped;
      const total = Number(await grid.getAttribute("aria-rowcount"));
      await page.locator(`[role=row][aria-selected][aria-rowindex="${total}"]`).waitFor();
      const drawn = await page.locator("[role=grid] [role=row]").count();
      check(drawn <= 60, `${drawn} rows are drawn`);
      await grid.evaluate((box) => {
        box.scrollTop = 0;
      });
      await page.getByRole("columnheader", { name: /^State/ }).click();
      await page.getByRole("columnheader", { name: /^Total/ }).click({ modifiers: ["Shift"] });
      await page.waitForURL((url) => url.searchParams.get("order") === "state,total");
    },
  },
  {
    name: "desk and phone, light and dark, right to left: axe finds nothing",
    run: async (ground) => {
      const filter =
        "state == 'shipped' && (customer.country == 'DE' || total > money('100', 'EUR'))";
      let looked = 0;
      for (const [settings, size, path, open_] of [
        [{ theme: "light" }, "desk", `${withFilter(ORDERS, filter)}&group=state`, true],
        [{ theme: "dark" }, "desk", `${withFilter(ORDERS, filter)}&group=customer`, true],
        [{ locale: "ar" }, "desk", withFilter(ORDERS, filter), false],
        [{ theme: "light" }, "phone", `${withFilter(ORDERS, filter)}&group=state`, false],
      ]) {
        const { page, context } = await open(ground, path, { settings, size });
        await page.locator("main li, [role=row][aria-selected]").first().waitFor();
        if (open_) {
          await page.getByRole("button", { name: "Expression" }).click();
          await page.keyboard.press("Escape");
          await page.getByRole("button", { name: "Filter" }).first().click();
          await page.getByRole("combobox", { name: "Field" }).waitFor();
          await page.keyboard.press("Escape");
        }
        await page.waitForLoadState("networkidle");
        await clean(ground, page, `list-${Object.values(settings)[0]}-${size}`);
        looked += 1;
        await context.close();
      }
      ground.check(looked === 4, `${looked} pages were looked at`);
    },
  },
];
