// Order entry: a sales order of twenty lines without the mouse, rows pasted from a spreadsheet, the
// keys of a spreadsheet, a record made from the field that links to it, and how long a keystroke
// takes in an order of two hundred lines. SHOTS=folder writes pictures.
import { clean, shot } from "./axe.mjs";
import { startServer } from "./server.mjs";
import { ask, heading, openAs } from "./session.mjs";

export const setUp = () => startServer({ demo: true });

const focused = (page, column) =>
  page.waitForFunction(
    (end) => document.activeElement?.closest("[data-cell]")?.dataset.cell?.endsWith(` ${end}`),
    column,
  );

/** Puts a text into the clipboard's place: what a paste into the focused field brings. */
const paste = (page, text) =>
  page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.activeElement.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, text);

const cells = (page, column) =>
  page
    .locator(`[data-cell$=" ${column}"] input`)
    .evaluateAll((all) => all.map((input) => input.value));

export const tests = [
  {
    name: "a sales order of twenty lines without the mouse, nobody waiting for what is found",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["409", "422"] });
      const { items } = await ask(page, "/operations/items?page_size=20&fields=sku,name");
      let keys = 0;
      const type = async (text) => {
        keys += text.length;
        await page.keyboard.type(text);
      };
      const press = async (key) => {
        keys += 1;
        await page.keyboard.press(key);
      };
      await page.goto(`${ground.url}/operations/sales-orders/new`);
      await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
      await type("C001");
      await press("Enter");
      for (const [at, item] of items.entries()) {
        await focused(page, "item");
        await type(item.sku ?? item.name);
        await press("Enter");
        await focused(page, "quantity");
        await type(String(at + 1));
        await press("Enter");
      }
      await page.waitForFunction(
        () =>
          [...document.querySelectorAll('[data-cell$=" item"] input')].filter((one) => one.value)
            .length === 20,
      );
      await shot(page, "order-twenty");
      await press("Control+Enter");
      await heading(page, "Not numbered yet");
      const order = await ask(page, `/operations/sales-orders/${page.url().split("/").pop()}`);
      check(order.lines.length === 20, `${order.lines.length} lines`);
      const wanted = items.map((item, at) => `${item.id} ${at + 1}`).join();
      const got = order.lines.map((line) => `${line.item} ${line.quantity}`).join();
      check(got === wanted, `${got}\n${wanted}`);
      console.log(`        keystrokes for twenty lines: ${keys}`);
    },
  },
  {
    name: "rows come from a spreadsheet; lines are filled down, doubled, moved and taken out by keys",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["409", "422"] });
      const { items } = await ask(page, "/operations/items?page_size=3&fields=sku,name");
      await page.goto(`${ground.url}/operations/sales-orders/new`);
      await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
      await page.keyboard.press("Alt+n");
      await focused(page, "item");
      const rows = items.map((item, at) => `${at + 1}\t${item.sku ?? item.name}\t9.50`);
      await paste(page, `Quantity\tItem\tPrice\n${rows.join("\n")}\n7\tNo such thing\t1`);
      await page.getByText("4 lines pasted").waitFor();
      await page.getByText("Nothing is called “No such thing”.").waitFor();
      const names = await cells(page, "item");
      check(names.join() === [...items.map((one) => one.name), "No such thing", ""].join(), names);
      check((await cells(page, "quantity")).join() === "1,2,3,7,", "quantities");
      await clean(ground, page, "order-pasted");

      const quantity = (row) => page.locator(`[data-cell="${row} quantity"] input`);
      await quantity(1).focus();
      await page.keyboard.press("Control+d");
      check((await cells(page, "quantity")).join() === "1,1,3,7,", "filled down");
      await page.keyboard.press("Control+Shift+d");
      check((await cells(page, "quantity")).join() === "1,1,1,3,7,", "doubled");
      await quantity(3).focus();
      await page.keyboard.press("Alt+ArrowUp");
      check((await cells(page, "quantity")).join() === "1,1,3,1,7,", "moved");
      await page.waitForFunction(() => document.activeElement?.value === "3");
      await quantity(4).focus();
      await page.keyboard.press("Control+Shift+Backspace");
      check((await cells(page, "quantity")).join() === "1,1,3,1,", "taken out");
      await page.getByRole("button", { name: "Undo" }).first().click();
      check((await cells(page, "quantity")).join() === "1,1,3,1,7,", "and put back");
    },
  },
  {
    name: "prices and amounts are there while one types, and what is typed stays as it is",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["422", "409"] });
      const filter = encodeURIComponent("price > 1");
      const { items } = await ask(page, `/operations/items?page_size=1&filter=${filter}`);
      await page.goto(`${ground.url}/operations/sales-orders/new`);
      await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
      await page.keyboard.type("C001");
      await page.keyboard.press("Enter");
      await focused(page, "item");
      await page.keyboard.type(items[0].sku ?? items[0].name);
      await page.keyboard.press("Enter");
      await focused(page, "quantity");
      await page.keyboard.type("10");
      const price = page.locator('[data-cell="0 price"] input');
      await price.fill("2.5");
      const amount = page.locator('[data-cell="0 amount"]');
      await amount.getByText("25.00").waitFor();
      await page.locator("form[data-stale]").waitFor({ state: "detached" });
      // What the server would fill in is shown where nothing is typed.
      await page.waitForFunction(
        () => document.querySelector('[data-cell="0 description"] input')?.placeholder,
      );
      check((await price.inputValue()) === "2.5", "what is typed stays");
      check(await price.evaluate((input) => input === document.activeElement), "and the focus");
      await price.fill("3");
      await amount.getByText("30.00").waitFor();
      await shot(page, "order-live");
      await clean(ground, page, "orders");
    },
  },
  {
    name: "a customer that is not there yet is made from the field that is to link to it",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["409", "422"] });
      await page.goto(`${ground.url}/operations/sales-orders/new`);
      await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
      await page.keyboard.type("Moss & Peat");
      await page.getByRole("option", { name: "Create “Moss & Peat”" }).waitFor();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: "New customer" });
      await dialog.waitFor();
      check(
        (await dialog.getByLabel("Name", { exact: true }).inputValue()) === "Moss & Peat",
        "named",
      );
      await clean(ground, page, "order-make");
      await dialog.getByLabel("Code", { exact: true }).fill("MOSS1");
      await page.keyboard.press("Control+Enter");
      await dialog.waitFor({ state: "detached" });
      const customer = page.getByRole("combobox", { name: "Customer" });
      check((await customer.inputValue()) === "Moss & Peat", await customer.inputValue());
      // What was chosen of late is offered first.
      await customer.fill("");
      await customer.press("ArrowDown");
      const first = page.getByRole("option").first();
      await first.waitFor();
      check((await first.textContent()).startsWith("Moss & Peat"), await first.textContent());
      await page.keyboard.press("Escape");
    },
  },
  {
    name: "two hundred lines: what a keystroke costs, and how many rows are drawn",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["409", "422"] });
      const { items } = await ask(page, "/operations/items?page_size=20&fields=sku,name");
      await page.goto(`${ground.url}/operations/sales-orders/new`);
      await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
      await page.keyboard.press("Alt+n");
      await focused(page, "item");
      const rows = Array.from({ length: 200 }, (_, at) => {
        const item = items[at % items.length];
        return `${item.sku ?? item.name}\t${at + 1}`;
      });
      await paste(page, rows.join("\n"));
      await page.getByText("200 lines pasted").waitFor();
      const drawn = await page.locator("tr[data-index]").count();
      check(drawn < 60, `${drawn} rows are drawn`);
      await page.locator('[data-cell="3 quantity"] input').focus();
      const times = await page.evaluate(async () => {
        const input = document.activeElement;
        const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
        const took = [];
        for (let at = 0; at < 60; at += 1) {
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          const began = performance.now();
          write.call(input, String(1000 + at));
          input.dispatchEvent(new InputEvent("input", { bubbles: true }));
          // React commits what somebody does before the event's turn ends.
          await Promise.resolve();
          took.push(performance.now() - began);
        }
        return took.sort((a, b) => a - b);
      });
      const at = (part) => times[Math.floor((times.length - 1) * part)].toFixed(1);
      console.log(
        `        200 lines, ${drawn} rows drawn: keystroke to commit ${at(0.5)} ms (median), ${at(0.95)} ms (95 %), ${at(1)} ms (most)`,
      );
      check(
        (await page.locator('[data-cell="3 quantity"] input').inputValue()) === "1059",
        "typed",
      );
      // The last line is reached by keys, and the empty one behind it.
      await page.keyboard.press("Alt+n");
      await page.waitForFunction(
        () => document.activeElement?.closest("[data-cell]")?.dataset.cell === "200 item",
      );
      await page.keyboard.press("Shift+Enter");
      await page.waitForFunction(
        () => document.activeElement?.closest("[data-cell]")?.dataset.cell === "199 item",
      );
      await shot(page, "order-many");
    },
  },
];
