// The layouts of a list, on the demo organisation: a board whose cards move by dragging, by menu
// and by keys, a calendar, an outline and a chart of who leads whom; axe on each of them.
import { clean } from "./axe.mjs";
import { startServer } from "./server.mjs";
import { amounts, ask, openAs } from "./session.mjs";

const orders = "/operations/sales-orders";

export const setUp = () => startServer({ demo: true });

/** A fresh draft of an order, with the reference to find it by. */
async function draft(page, reference) {
  const { items } = await ask(page, "/operations/customers?page_size=1&order_by=name");
  const body = { customer: items[0].id, customer_reference: reference, ordered_on: "2026-02-10" };
  return ask(page, orders, { method: "POST", body });
}

const column = (page, name) => page.locator(`[data-column="${name}"]`);
const cardIn = (page, name, id) => column(page, name).locator(`[data-card][href$="${id}"]`);

/** Waits until the API says something of a record. */
async function until(page, path, holds) {
  for (let n = 0; n < 100; n += 1) {
    const record = await ask(page, path);
    if (holds(record)) return record;
    await page.waitForTimeout(50);
  }
  throw new Error(`${path} never became what was waited for`);
}

export const tests = [
  {
    name: "a card goes to another column by dragging, by its menu and by keys; not where no act leads",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await openAs(ground, { expect: ["422"] });
      const one = await draft(page, "drag me");
      const path = `${orders}/${one.id}`;
      await page.goto(`${url}${orders}`);
      await page.getByRole("button", { name: "Table" }).click();
      await page.getByRole("menuitemcheckbox", { name: "Board" }).click();
      await page.waitForURL(/kind=board/);
      await page.goto(
        `${url}${orders}?kind=board&filter=${encodeURIComponent("customer_reference == 'drag me'")}`,
      );
      const card = cardIn(page, "draft", one.id);
      await card.waitFor();
      // No act leads from a draft to shipped: the drop is not taken.
      await card.dragTo(column(page, "shipped"));
      check((await ask(page, path)).state === "draft", "a draft was shipped");
      check(await amounts(card, 1), "and its card stays");
      // Confirming asks for a line: the card comes back and the reason is said.
      await card.dragTo(column(page, "confirmed"));
      await page.getByText(/name at least one item/i).waitFor();
      await card.waitFor();
      const { items } = await ask(page, "/operations/items?page_size=1");
      await ask(page, path, {
        method: "PATCH",
        body: { lines: [{ item: items[0].id, quantity: "2", price: "3.00" }] },
      });
      await page.reload();
      await card.dragTo(column(page, "confirmed"));
      await cardIn(page, "confirmed", one.id).waitFor();
      await until(page, path, (record) => record.state === "confirmed");
      // By keys: the card, its menu, the column.
      await cardIn(page, "confirmed", one.id).focus();
      await page.keyboard.press("m");
      const ship = page.getByRole("menuitem", { name: "Shipped" });
      await ship.waitFor();
      const closed = page.getByRole("menuitem", { name: /^Draft/ });
      check((await closed.getAttribute("aria-disabled")) === "true", "there is no way back");
      await ship.click();
      await cardIn(page, "shipped", one.id).waitFor();
      await until(page, path, (record) => record.state === "shipped");
      await clean(ground, page, "layouts");
    },
  },
  {
    name: "a calendar shows a month; arrows and pages go through it; a record goes to another day",
    run: async (ground) => {
      const { url } = ground;
      const { page } = await openAs(ground);
      const one = await draft(page, "calendar");
      const filter = encodeURIComponent("customer_reference == 'calendar'");
      await page.goto(`${url}${orders}?kind=calendar&at=2026-02-10&filter=${filter}`);
      await page.getByRole("heading", { name: "February 2026" }).waitFor();
      const day = (name) =>
        page.locator("td").filter({ has: page.locator(`[data-day="${name}"]`) });
      const record = (name) => day(name).locator(`a[href$="${one.id}"]`);
      await record("2026-02-10").waitFor();
      await record("2026-02-10").dragTo(day("2026-02-17"));
      await record("2026-02-17").waitFor();
      await until(page, `${orders}/${one.id}`, (now) => now.ordered_on === "2026-02-17");
      await page.getByRole("button", { name: "Undo" }).click();
      await until(page, `${orders}/${one.id}`, (now) => now.ordered_on === "2026-02-10");
      await record("2026-02-10").waitFor();
      // By keys: to the day, its list, another day.
      await page.locator('[data-day="2026-02-10"]').focus();
      await page.keyboard.press("ArrowDown");
      await page.waitForFunction(() => document.activeElement?.dataset.day === "2026-02-17");
      await page.keyboard.press("PageDown");
      await page.getByRole("heading", { name: "March 2026" }).waitFor();
      await page.waitForFunction(() => document.activeElement?.dataset.day === "2026-03-17");
      await page.keyboard.press("PageUp");
      await page.waitForFunction(() => document.activeElement?.dataset.day === "2026-02-17");
      await page.locator('[data-day="2026-02-10"]').focus();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: /^Move/ }).click();
      await page.getByRole("dialog").getByLabel("Ordered on").fill("2026-02-20");
      await page.getByRole("dialog").getByRole("button", { name: "Move", exact: true }).click();
      await record("2026-02-20").waitFor();
      await clean(ground, page, "layouts");
    },
  },
  {
    name: "a month without records leads to the nearest ones that have some, under the list's filter",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await openAs(ground);
      const reference = "far apart";
      for (const day of ["1999-03-05", "1999-11-20", "2001-02-28"]) {
        const one = await draft(page, reference);
        const body = { ordered_on: day };
        await ask(page, `${orders}/${one.id}`, { method: "PATCH", body });
      }
      const filter = encodeURIComponent(`customer_reference == '${reference}'`);
      await page.goto(`${url}${orders}?kind=calendar&at=2000-06-15&filter=${filter}`);
      await page.getByText("Nothing in this month.").waitFor();
      await clean(ground, page, "layouts-empty-month");
      await page.getByRole("button", { name: "On to February 2001" }).click();
      await page.getByRole("heading", { level: 2, name: "February 2001" }).waitFor();
      await page.locator('td:has([data-day="2001-02-28"]) a').waitFor();
      check(await amounts(page.getByText("Nothing in this month."), 0), "a full month is empty");
      await page.getByRole("button", { name: "Month after" }).click();
      await page.getByText("Nothing in this month.").waitFor();
      await page.getByRole("button", { name: "Back to February 2001" }).waitFor();
      check(await amounts(page.getByRole("button", { name: /^On to/ }), 0), "a way to nowhere");
      await page.goBack();
      await page.goBack();
      await page.getByRole("button", { name: "Back to November 1999" }).click();
      await page.locator('td:has([data-day="1999-11-20"]) a').waitFor();
    },
  },
  {
    name: "employees stand below who leads them, as an outline and as a chart; one is moved",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await openAs(ground);
      const { items } = await ask(page, "/hr/employees?page_size=100&order_by=name");
      const head = items.find((one) => one.manager === null);
      const reports = items.filter((one) => one.manager === head.id);
      const [first, second] = reports;
      await page.goto(`${url}/hr/employees?kind=tree`);
      const row = (one) => page.locator(`[data-node="${one.id}"]`);
      await row(head).waitFor();
      check((await row(head).getAttribute("aria-level")) === "1", "the head stands at the top");
      check((await row(first).getAttribute("aria-level")) === "2", "a report one below");
      await row(head).focus();
      await page.keyboard.press("ArrowLeft");
      await row(first).waitFor({ state: "detached" });
      await page.keyboard.press("ArrowRight");
      await row(first).waitFor();
      await row(first).dragTo(row(second));
      await until(page, `/hr/employees/${first.id}`, (one) => one.manager === second.id);
      await page.getByRole("button", { name: "Undo" }).click();
      await until(page, `/hr/employees/${first.id}`, (one) => one.manager === head.id);
      await clean(ground, page, "layouts");
      // A search shows who matches, below those who lead them.
      await page.goto(`${url}/hr/employees?kind=tree&q=${encodeURIComponent(first.name)}`);
      await row(first).waitFor();
      check((await row(head).getAttribute("data-faint")) === "true", "the head is faint");

      await page.goto(`${url}/hr/employees?kind=chart`);
      await row(head).waitFor();
      await row(head).focus();
      await page.keyboard.press("ArrowDown");
      await page.waitForFunction((id) => document.activeElement?.dataset.node !== id, head.id);
      await page.keyboard.press("ArrowUp");
      await page.waitForFunction((id) => document.activeElement?.dataset.node === id, head.id);
      await page.keyboard.press(" ");
      await row(first).waitFor({ state: "detached" });
      await clean(ground, page, "layouts");
      await page.keyboard.press("Enter");
      await page.waitForURL(new RegExp(`open=${head.id}`));
    },
  },
];
