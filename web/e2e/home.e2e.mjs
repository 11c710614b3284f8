// The home page end to end, on the demo organisation: what waits, what changed, figures that open
// the lists behind them, the first steps; three themes, phone and desk, right to left. SHOTS=folder
// writes pictures.
import { clean } from "./axe.mjs";
import { administrator, startServer } from "./server.mjs";
import { amounts, openAs } from "./session.mjs";

const keeper = { email: "kim@example.org", password: "lichen on the lintel" };

/** The server with the demo, a person of the warehouse there, and an organisation without records. */
export async function setUp() {
  const server = await startServer({ demo: true });
  await server.command(
    [
      "user",
      "create",
      keeper.email,
      "--name",
      "Kim Keeper",
      "--org",
      "demo",
      "--roles",
      "warehouse",
    ],
    { MEGALITH_PASSWORD: keeper.password },
  );
  return server;
}

/** The records that a list says it has. */
async function counted(page) {
  const status = page.locator("main [role=status]", { hasText: /^[\d,]+ records?$/ }).first();
  await status.waitFor();
  return Number((await status.innerText()).replace(/\D/g, ""));
}

/** Opens a link of the page and answers how many records the list behind it has. */
async function behind(page, link) {
  await link.click();
  await page.waitForURL(/filter=/);
  const count = await counted(page);
  await page.goBack();
  await page.locator("main h1").waitFor();
  return count;
}

const numberIn = (text) => Number(/[\d,]+/.exec(text)?.[0].replace(/,/g, ""));

export const tests = [
  {
    name: "every figure and every bar opens as many records as it says",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      const main = page.getByRole("main");
      const bars = main.getByRole("list", { name: "Orders per month" });
      await bars.getByRole("link").nth(11).waitFor();
      check(await amounts(bars.getByRole("link"), 12), "a bar for each month");
      const title = await bars.getByRole("link").nth(4).getAttribute("aria-label");
      const says = numberIn(/: ([\d,]+ orders?)/.exec(title)?.[1] ?? "");
      check(says > 0, title);
      const found = await behind(page, bars.getByRole("link").nth(4));
      check(found === says, `${title}, and the list has ${found}`);
      for (const name of [/^Orders this month/, /^Waiting to ship/, /^Stock below/]) {
        const link = main.getByRole("link", { name }).first();
        await page.waitForFunction(
          (one) => !one?.textContent?.includes("…"),
          await link.elementHandle(),
        );
        const value = numberIn(await link.locator("bdi").first().innerText());
        const list = await behind(page, link);
        check(list === value, `${name}: ${value}, and the list has ${list}`);
      }
      const [customer] = await main
        .getByRole("list", { name: /^Top customers/ })
        .getByRole("link")
        .all();
      const orders = numberIn(/[\d,]+ orders?/.exec(await customer.innerText())?.[0] ?? "");
      check((await behind(page, customer)) === orders, "the orders of a customer");
    },
  },
  {
    name: "what is shown stands in the address: the measure, the currency, the span, the table",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      const chart = page.getByRole("main").getByRole("list", { name: "Orders per month" });
      await chart.getByRole("link").first().waitFor();
      await page.getByLabel("Span").selectOption("24");
      await page.getByLabel("What is shown").selectOption("net");
      await page.getByLabel("Currency").selectOption("EUR");
      await page.waitForURL(/currency=EUR/);
      await page.getByRole("button", { name: "Show as a table" }).click();
      await page.waitForURL(/as=table/);
      await page.reload();
      await page.getByRole("heading", { name: "Net sales per month, EUR" }).waitFor();
      const rows = page.getByRole("main").getByRole("table").getByRole("row");
      await rows.nth(24).waitFor();
      check(await amounts(rows, 25), "a head and 24 months");
      check(/€[\d,.]+/.test(await rows.nth(2).innerText()), "amounts name their currency");
      await page.goto(`${ground.url}/?months=7&currency=nothing&measure=x&as=y`);
      await chart.getByRole("link").nth(11).waitFor();
    },
  },
  {
    name: "what waits is what one may move on, and opens as a list",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { who: keeper });
      const waiting = page.getByRole("region", { name: "Waiting for you" });
      const ship = waiting.getByRole("link", { name: /Sales orders.*Ship/ });
      await ship.waitFor();
      const says = numberIn(await ship.innerText());
      check(await amounts(waiting.getByRole("link", { name: /Confirm$/ }), 0), "no confirming");
      const found = await behind(page, ship);
      check(found === says, `${says} wait, and the list has ${found}`);
      check(await amounts(page.getByText("First steps"), 0), "no first steps");
    },
  },
  {
    name: "a new organisation is led through its first steps, and goes on where it stopped",
    run: async (ground) => {
      const { page } = await openAs(ground, { who: administrator });
      const steps = page.getByRole("region", { name: "First steps" });
      await steps.getByText("0 of 4 done").waitFor();
      await steps.getByRole("link", { name: "Make your first customer" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Ring of Brodgar");
      await page.getByRole("button", { name: "Create customer" }).click();
      await page.getByRole("heading", { level: 1, name: "Ring of Brodgar" }).waitFor();
      await page.goto(ground.url);
      await steps.getByText("1 of 4 done").waitFor();
      await page
        .getByRole("region", { name: "What changed" })
        .getByText("Ring of Brodgar")
        .waitFor();
      const kept = page.waitForResponse(
        (answer) => answer.url().includes("/preferences") && answer.request().method() === "POST",
      );
      await steps.getByRole("button", { name: "Hide" }).click();
      await kept;
      await steps.waitFor({ state: "detached" });
    },
  },
  {
    name: "sample data come by one click, and leave by one",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await openAs(ground, { who: administrator });
      await page.goto(`${url}/admin`);
      const reopened = page.waitForResponse(
        (answer) => answer.url().includes("/preferences") && answer.request().method() === "PATCH",
      );
      await page.getByRole("button", { name: "Show the first steps again" }).click();
      await reopened;
      await page.goto(url);
      const steps = page.getByRole("region", { name: "First steps" });
      await steps.getByRole("button", { name: "Load sample data" }).click();
      await steps.getByText(/sample records are here/).waitFor({ timeout: 60_000 });
      const bars = page.getByRole("main").getByRole("list", { name: "Orders per month" });
      await bars.getByRole("link").first().waitFor();
      await steps.getByRole("button", { name: "Remove sample data" }).click();
      await steps.getByRole("button", { name: "Load sample data" }).waitFor({ timeout: 60_000 });
      const orders = await page.request.get(`${url}/api/v1/operations/sales-orders`);
      check((await orders.json()).items.length === 0, "no orders are left");
    },
  },
  {
    name: "three themes, phone and desk, right to left: axe finds nothing, nothing is too wide",
    run: async (ground) => {
      for (const [theme, size, locale, path] of [
        ["light", "desk", "en", "/"],
        ["dark", "desk", "de", "/?measure=net&months=24"],
        ["contrast", "desk", "ar", "/?months=36"],
        ["light", "phone", "fr", "/?as=table&measure=net"],
      ]) {
        const { page, context } = await openAs(ground, {
          settings: { theme, locale },
          size,
          path,
        });
        await page.locator("#home-months ~ *, section ol li").first().waitFor();
        await page.waitForFunction(
          () => !document.querySelector("main")?.textContent?.includes("…"),
        );
        await clean(ground, page, `home-${theme}-${size}`, { fullPage: true });
        await context.close();
      }
    },
  },
];
