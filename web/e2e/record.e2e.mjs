// A record end to end, as the binary serves it, on the demo organisation: the whole task by keys
// alone, what is wrong at its field, a conflict side by side, the consequences of a deletion, the
// guard of what is not saved; axe on every form of the page. SHOTS=folder writes pictures.
import { clean } from "./axe.mjs";
import { startServer } from "./server.mjs";
import { amounts, ask, heading, openAs } from "./session.mjs";

export const setUp = () => startServer({ demo: true });

/** Takes an entry of the palette, by keys. */
async function palette(page, words, option) {
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Search or act").waitFor();
  await page.keyboard.type(words);
  await page.getByRole("option", { name: option }).first().waitFor();
  await page.keyboard.press("Enter");
}

/** Types into the combobox that has the focus and takes what is found first. */
async function pick(page, words, option) {
  await page.keyboard.type(words);
  await page.getByRole("option", { name: option }).first().waitFor();
  await page.keyboard.press("Enter");
}

export const tests = [
  {
    name: "by keys alone: a customer, an order of two lines, confirm, find again, change, undo",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["422"] });
      await page.keyboard.press("c");
      await page.keyboard.press("c");
      await heading(page, "New customer");
      await page.waitForFunction(() => document.activeElement?.tagName === "INPUT");
      await page.keyboard.type("Heather & Granite");
      await page.keyboard.press("Control+Enter");
      await heading(page, "Heather & Granite");

      await palette(page, "create sales order", /Create sales order/);
      await heading(page, "New sales order");
      await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
      // The customer is chosen: it goes on with the first line.
      await pick(page, "Heather", /Heather & Granite/);
      for (const [item, count] of [
        ["Highland Blend", "12"],
        ["Pitcher", "3"],
      ]) {
        await page.waitForFunction(() =>
          document.activeElement?.closest("[data-cell]")?.dataset.cell?.endsWith(" item"),
        );
        await pick(page, item, new RegExp(item));
        await page.waitForFunction(() =>
          document.activeElement?.closest("[data-cell]")?.dataset.cell?.endsWith(" quantity"),
        );
        await page.keyboard.type(count);
        await page.keyboard.press("Enter");
      }
      // The third line stays blank: it is not sent.
      await page.keyboard.press("Control+Enter");
      await heading(page, "Not numbered yet");
      check(await amounts(page.locator("tbody tr"), 2), "two lines");
      const draft = await ask(page, `/operations/sales-orders/${page.url().split("/").pop()}`);
      check(draft.lines[0].quantity === "12" && draft.lines[1].quantity === "3", "quantities");

      await page.keyboard.press("a");
      await heading(page, /^SO-/);
      await page.getByText("Confirmed", { exact: true }).first().waitFor();
      const number = await page.locator("h1").textContent();
      const order = await ask(page, `/operations/sales-orders/${draft.id}`);
      check(order.state === "confirmed" && order.number === number, `${order.state} ${number}`);

      await page.keyboard.press("g");
      await page.keyboard.press("h");
      await heading(page, /Good/);
      await palette(page, number, new RegExp(number));
      await heading(page, number);
      await page.keyboard.press("e");
      await page.getByRole("button", { name: "Save" }).waitFor();
      const reference = page.getByLabel("Customer reference");
      for (let tabs = 0; tabs < 40; tabs += 1) {
        if (await reference.evaluate((input) => input === document.activeElement)) break;
        await page.keyboard.press("Tab");
      }
      await page.keyboard.type("by letter");
      await page.keyboard.press("Control+Enter");
      await page.getByText("by letter").first().waitFor();
      const changed = await ask(page, `/operations/sales-orders/${order.id}`);
      check(changed.customer_reference === "by letter", String(changed.customer_reference));
      await page.keyboard.press("Control+z");
      await page.getByText("Taken back").waitFor();
      const undone = await ask(page, `/operations/sales-orders/${order.id}`);
      check(undone.customer_reference === null, String(undone.customer_reference));
    },
  },
  {
    name: "what is wrong is said at its field: found before sending, and by the server",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["409", "422"] });
      await page.goto(`${ground.url}/operations/customers/new`);
      const name = page.getByLabel("Name", { exact: true });
      await name.waitFor();
      await page.getByRole("button", { name: "Create customer" }).click();
      await page.getByText("This must be filled in.").waitFor();
      check((await name.getAttribute("aria-invalid")) === "true", "the name is marked");
      await name.fill("Twin");
      check((await name.getAttribute("aria-invalid")) === null, "the mark goes with the mistake");
      await page.getByLabel("Email").fill("no address");
      await page.keyboard.press("Control+Enter");
      await page.getByText("Write an e-mail address").waitFor();
      await page.getByLabel("Email").fill("twin@example.org");
      // Another customer has this code: only the server knows.
      await page.getByLabel("Code", { exact: true }).fill("C001");
      await page.keyboard.press("Control+Enter");
      const code = page.getByLabel("Code", { exact: true });
      await page.waitForFunction(() => document.querySelector('[aria-invalid="true"]'));
      check((await code.getAttribute("aria-invalid")) === "true", "the code is marked");
      // Leaving loses nothing unasked.
      await page.keyboard.press("Escape");
      await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor();
      await page.getByRole("button", { name: "Go on editing" }).click();
      check((await name.inputValue()) === "Twin", "what was typed is there");
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await page.getByRole("link", { name: "Home" }).first().click();
      await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor();
      await page.getByRole("button", { name: "Leave", exact: true }).click();
      await heading(page, /Good/);
    },
  },
  {
    name: "a field that two have changed stands side by side; others are merged",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["409"] });
      const made = await ask(page, "/operations/customers", {
        method: "POST",
        body: { name: "Rock", notes: "old" },
      });
      const path = `/operations/customers/${made.id}`;
      await page.goto(ground.url + path);
      await heading(page, "Rock");
      await page.keyboard.press("e");
      await page.getByLabel("Notes").fill("mine");
      await ask(page, path, {
        method: "PATCH",
        body: { notes: "theirs", contact_name: "Bo" },
      });
      await page.keyboard.press("Control+Enter");
      const dialog = page.getByRole("dialog", { name: "Both of you changed this" });
      await dialog.waitFor();
      check(await amounts(dialog.getByText("theirs", { exact: true }), 1), "theirs is shown");
      check(await amounts(dialog.getByText("mine", { exact: true }), 1), "mine is shown");
      await clean(ground, page, "record");
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.getByRole("button", { name: "Edit" }).waitFor();
      const now = await ask(page, path);
      check(now.notes === "mine" && now.contact_name === "Bo", JSON.stringify(now));
    },
  },
  {
    name: "a deletion says what stands in its way, an act from where it is possible",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      const { items } = await ask(
        page,
        "/operations/sales-orders?page_size=1&filter=state=='draft'",
      );
      const [order] = items;
      const used = `/operations/customers/${order.customer}`;
      await page.goto(ground.url + used);
      const more = page.locator("article").getByRole("button", { name: "More", exact: true });
      await more.click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByText("Other records use it.").first().waitFor();
      await page.getByText("Sales orders", { exact: true }).last().waitFor();
      const gone = page.getByRole("dialog").getByRole("button", { name: "Delete" });
      check((await gone.getAttribute("aria-disabled")) === "true", "it cannot be deleted");
      await page.keyboard.press("Escape");

      await page.goto(`${ground.url}/operations/sales-orders/${order.id}`);
      await more.click();
      const ship = page.getByRole("menuitem", { name: /^Ship/ });
      check((await ship.getAttribute("aria-disabled")) === "true", "a draft cannot be shipped");
      check((await ship.textContent()).includes("Confirmed"), "and it says from where");
      await page.getByRole("menuitem", { name: "Cancel" }).click();
      await page.getByText("Cancelled", { exact: true }).first().waitFor();
      // The state is shown before the server has answered; the notice says that it has.
      await page.getByText(/^Cancel: /).waitFor();
      const now = await ask(page, `/operations/sales-orders/${order.id}`);
      check(now.state === "cancelled", now.state);
    },
  },
  {
    name: "j and k lead through the list that a record was opened from, beside it and on its page",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      const { items } = await ask(page, "/operations/customers?page_size=3&order_by=name");
      await page.goto(`${ground.url}/operations/customers?open=${items[0].id}`);
      const title = (one) => page.getByRole("heading", { level: 3, name: one.name, exact: true });
      await title(items[0]).waitFor();
      await page.getByRole("button", { name: "Next record" }).waitFor();
      await page.keyboard.press("j");
      await title(items[1]).waitFor();
      await page.getByRole("button", { name: "Open as a page" }).click();
      await heading(page, items[1].name);
      await page.keyboard.press("j");
      await heading(page, items[2].name);
      await page.keyboard.press("k");
      await heading(page, items[1].name);
      check(page.url().endsWith(items[1].id), page.url());
    },
  },
  {
    name: "while it is changed, in the dark and on a phone: axe finds nothing",
    run: async (ground) => {
      for (const [theme, size] of [
        ["dark", "desk"],
        ["light", "phone"],
      ]) {
        const { page } = await openAs(ground, { settings: { theme }, size });
        const { items } = await ask(page, "/operations/sales-orders?page_size=1");
        await page.goto(`${ground.url}/operations/sales-orders/${items[0].id}`);
        await page.getByRole("button", { name: "Edit" }).click();
        await page.locator("form").first().waitFor();
        await page.waitForLoadState("networkidle");
        await clean(ground, page, `record-edit-${theme}-${size}`);
      }
    },
  },
];
