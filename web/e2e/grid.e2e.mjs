// Working in a list, end to end, as the binary serves it on the demo organisation: cells changed by
// keys, a conflict with a second session, what is pasted, acts on many records with a refusal, the
// export, and taking all of it back; axe on each of its states. SHOTS=folder writes pictures.
import { readFileSync } from "node:fs";
import { clean } from "./axe.mjs";
import { startServer } from "./server.mjs";
import { ask, openAs } from "./session.mjs";

export const setUp = () => startServer({ demo: true });

async function open(ground, options) {
  const opened = await openAs(ground, options);
  await opened.context.grantPermissions(["clipboard-read", "clipboard-write"]);
  return opened;
}

const cell = (page, row, col) => page.locator(`[data-row="${row}"] > [data-col="${col}"]`);

/** The cell of a column by the words in its head. */
async function column(page, head) {
  await cell(page, 0, 0).locator("bdi").waitFor();
  const heads = await page.locator('[data-row="-1"] > [data-col]').allTextContents();
  const at = heads.findIndex((text) => text.startsWith(head));
  if (at < 0) throw new Error(`no column ${head} among ${heads}`);
  return at;
}

/** Waits until a cell says something. */
const says = (page, row, col, text) =>
  page.waitForFunction(
    ([row, col, text]) =>
      document.querySelector(`[data-row="${row}"] > [data-col="${col}"]`)?.textContent === text,
    [row, col, text],
  );

const list = async (page, ground, path, filter = "") => {
  const query = filter ? `?filter=${encodeURIComponent(filter)}` : "";
  await page.goto(`${ground.url}${path}${query}`);
  await cell(page, 0, 0).locator("bdi").waitFor();
};

export const tests = [
  {
    name: "cells are changed by keys, refused at their place, and taken back",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, { expect: ["409", "422"] });
      let letCome;
      const comes = new Promise((resolve) => {
        letCome = resolve;
      });
      await page.route(/\/editCell-/, (route) => comes.then(() => route.continue()));
      await list(page, ground, "/operations/items");
      const [sku, kind, category, price] = await Promise.all(
        ["SKU", "Kind", "Category", "Price"].map((head) => column(page, head)),
      );
      const withSku = async (row) => {
        const filter = `sku == '${await cell(page, row, sku).textContent()}'`;
        const found = await ask(page, `/operations/items?filter=${encodeURIComponent(filter)}`);
        return found.items[0];
      };
      const [item, other] = [await withSku(0), await withSku(1)];
      const before = await cell(page, 0, price).textContent();
      const group = await cell(page, 0, category).textContent();
      // From the title, where the focus begins, by keys alone.
      await cell(page, 0, 0).focus();
      for (let col = 0; col < price; col += 1) await page.keyboard.press("ArrowRight");
      // Before the editor is there, which is fetched when the list has the focus.
      await page.keyboard.press("F2");
      await page.keyboard.type("1234.55");
      await page.keyboard.press("Backspace");
      await page.keyboard.press("Enter");
      letCome();
      await says(page, 0, price, "1,234.50");
      await page.getByText(`${item.name} is saved`).waitFor();
      const saved = await ask(page, `/operations/items/${item.id}`);
      check(Number(saved.price) === 1234.5, `saved as ${saved.price}`);
      // One of several: what is typed finds it.
      await cell(page, 0, kind).click();
      await page.keyboard.press("F2");
      await page.getByRole("listbox").waitFor();
      await clean(ground, page, "grid-choice");
      await page.keyboard.type("serv");
      await page.keyboard.press("Enter");
      await says(page, 0, kind, "Service");
      // A link, found on the server; Enter before it is found means the first that will be.
      await cell(page, 0, category).click();
      await page.keyboard.type("tea");
      await page.keyboard.press("Tab");
      await says(page, 0, category, "Tea");
      // Only the server knows that it is taken: it stays as typed, with the reason.
      await cell(page, 0, sku).click();
      await page.keyboard.press("Enter");
      await page.keyboard.press("Control+a");
      await page.keyboard.type(other.sku);
      await page.keyboard.press("Enter");
      await page.waitForFunction(() => document.querySelector('[aria-invalid="true"]'));
      await page.keyboard.press("ArrowUp");
      await page.getByRole("alert").getByText("taken").waitFor();
      await clean(ground, page, "grid-refused");
      await page.keyboard.press("Escape");
      await says(page, 0, sku, item.sku);
      // The last change first; a field that is typed into keeps its own Control+Z.
      for (const [col, text] of [
        [category, group],
        [kind, "Goods"],
        [price, before],
      ]) {
        await page.keyboard.press("Control+z");
        await says(page, 0, col, text);
      }
      const after = await ask(page, `/operations/items/${item.id}`);
      check(after.price === item.price && after.category === item.category, "all is as it was");
    },
  },
  {
    name: "a cell that a second session has changed stands side by side; other cells are merged",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, { expect: ["409"] });
      const made = await ask(page, "/operations/customers", {
        method: "POST",
        body: { name: "Rock", code: "ROCK", email: "old@example.org" },
      });
      const path = `/operations/customers/${made.id}`;
      await list(page, ground, "/operations/customers", "code == 'ROCK'");
      const email = await column(page, "Email");
      await ask(page, path, {
        method: "PATCH",
        body: { email: "theirs@example.org", contact_name: "Bo" },
      });
      await cell(page, 0, email).click();
      await page.keyboard.type("mine@example.org");
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog", { name: /Both of you changed this/ });
      await dialog.getByText("theirs@example.org").waitFor();
      await dialog.getByText("mine@example.org").waitFor();
      await clean(ground, page, "grid-conflict");
      await dialog.getByRole("button", { name: "Save" }).click();
      await page.getByText("Rock is saved").waitFor();
      const now = await ask(page, path);
      check(now.email === "mine@example.org" && now.contact_name === "Bo", JSON.stringify(now));
    },
  },
  {
    name: "a paste says before what changes and what cannot, is one step, and goes back as one",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground);
      await list(page, ground, "/operations/items");
      const category = await column(page, "Category");
      const price = await column(page, "Price");
      const cost = await column(page, "Cost");
      const texts = () =>
        Promise.all(
          [0, 1, 2].flatMap((row) =>
            [category, price, cost].map((col) => cell(page, row, col).textContent()),
          ),
        );
      const before = await texts();
      const put = (text) => page.evaluate((own) => navigator.clipboard.writeText(own), text);
      // What was copied says the same: three columns that do not stand side by side are two pastes.
      await put("41\t21\nabc\t22\n43\t23\n");
      await cell(page, 0, price).click();
      await page.keyboard.press("Control+v");
      const dialog = page.getByRole("dialog", { name: "Paste into the list" });
      await dialog.getByText("5 cells will change. 1 cannot.").waitFor();
      await dialog.getByText("Write a number.").waitFor();
      await clean(ground, page, "grid-paste");
      await dialog.getByRole("button", { name: "Change 5 cells" }).click();
      await page.getByText("5 cells changed").waitFor();
      await says(page, 2, cost, "23.00");
      check((await cell(page, 1, price).textContent()) === before[4], "the faulty cell stays");
      const sets = await ask(page, "/platform/change-sets?order_by=started_at%20desc&page_size=1");
      check(sets.items[0].updated === 3, `one change set of three: ${sets.items[0].updated}`);
      // Filled down, and links by what they are called.
      await put("Tea\nNo such thing\nTea");
      await cell(page, 0, category).click();
      await page.keyboard.press("Control+v");
      await dialog.getByText(/No record, or more than one, is named/).waitFor();
      await dialog.getByRole("button", { name: "Change 2 cells" }).click();
      await says(page, 2, category, "Tea");
      await cell(page, 0, price).click();
      await page.keyboard.press("Shift+ArrowDown");
      await page.keyboard.press("Control+d");
      await says(page, 1, price, "41.00");
      for (const [row, col, text] of [
        [1, price, before[4]],
        [2, category, before[6]],
        [0, price, before[1]],
      ]) {
        await page.keyboard.press("Control+z");
        await says(page, row, col, text);
      }
      check((await texts()).join() === before.join(), `${await texts()} is not ${before}`);
      // Ten thousand lines: what one commit takes, and the way for more.
      await put("1\n".repeat(10_000));
      await cell(page, 0, price).click();
      await page.keyboard.press("Control+v");
      await dialog
        .getByText("9,000 lines are left out: a paste changes at most 1000 rows")
        .waitFor();
      await dialog.getByText("import the lines as a file").waitFor();
      await page.keyboard.press("Escape");
      check((await texts()).join() === before.join(), "nothing is changed");
    },
  },
  {
    name: "an act on many: what would follow, what was refused and why, and back",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground);
      const one = async (state) =>
        (
          await ask(
            page,
            `/operations/sales-orders?page_size=1&filter=${encodeURIComponent(`state == '${state}'`)}`,
          )
        ).items[0];
      const [draft, closed] = [await one("draft"), await one("closed")];
      await list(page, ground, "/operations/sales-orders", `id in ['${draft.id}', '${closed.id}']`);
      await cell(page, 0, 0).focus();
      await page.keyboard.press("Control+a");
      const bar = page.getByRole("region", { name: "Selection" });
      await bar.getByText("2 selected").waitFor();
      await clean(ground, page, "grid-bar");
      await bar.getByRole("button", { name: "Acts" }).click();
      await page.getByRole("menuitem", { name: "Cancel" }).click();
      const asks = page.getByRole("dialog", { name: "Cancel: 2 records?" });
      await asks.getByText("1 can do this.").waitFor();
      await asks.getByText("1 cannot, and is passed over: Closed 1.").waitFor();
      await clean(ground, page, "grid-act");
      await asks.getByRole("button", { name: "Cancel" }).last().click();
      const result = page.getByRole("dialog", { name: "Result" });
      await result.getByText("1 record done, 1 refused.").waitFor();
      await result.getByRole("link", { name: closed.number }).waitFor();
      await clean(ground, page, "grid-result");
      const state = async () => (await ask(page, `/operations/sales-orders/${draft.id}`)).state;
      check((await state()) === "cancelled", "the draft is cancelled");
      await result.getByRole("button", { name: "Take back" }).click();
      await page.getByText("Taken back").waitFor();
      check((await state()) === "draft", "and is a draft again");
    },
  },
  {
    name: "a field of all that match, also of those not loaded; stopped by nothing, back as one",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground);
      await list(page, ground, "/operations/items");
      const count = async () =>
        (
          await ask(
            page,
            `/operations/items?count=true&page_size=1&filter=${encodeURIComponent("packaging == 'box'")}`,
          )
        ).total_size;
      const had = await count();
      await cell(page, 0, 0).focus();
      await page.keyboard.press("Control+a");
      await page.keyboard.press("x");
      const bar = page.getByRole("region", { name: "Selection" });
      await bar.getByText("199 selected").waitFor();
      await bar.getByRole("button", { name: "Edit a field" }).click();
      const dialog = page.getByRole("dialog", { name: "Edit a field of 199 records" });
      await dialog.getByLabel("Field", { exact: true }).selectOption({ label: "Packaging" });
      await dialog.getByLabel("Packaging").fill("box");
      await clean(ground, page, "grid-bulk-edit");
      await page.keyboard.press("Enter");
      await page.getByText("199 records done").waitFor();
      check((await count()) === 199, `${await count()} have it`);
      await page.keyboard.press("Control+z");
      await page.getByText("Taken back").waitFor();
      check((await count()) === had, "and none after it is taken back");
    },
  },
  {
    name: "the view as a file: chosen rows and shown columns; a break is said and tried again",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, { expect: ["Failed to load"] });
      await list(page, ground, "/operations/items");
      await cell(page, 0, 0).focus();
      await page.keyboard.press("x");
      await page.keyboard.press("j");
      await page.keyboard.press("Shift+X");
      const bar = page.getByRole("region", { name: "Selection" });
      await bar.getByText("2 selected").waitFor();
      await bar.getByRole("button", { name: "Export" }).click();
      const dialog = page.getByRole("dialog", { name: "Export items" });
      await dialog.getByLabel("The 2 selected").waitFor();
      await clean(ground, page, "grid-export");
      await page.route("**/items:export", (route) => route.abort());
      await dialog.getByRole("button", { name: "Export" }).click();
      await dialog.getByText("The server does not answer.").waitFor();
      await page.unroute("**/items:export");
      const coming = page.waitForEvent("download");
      await dialog.getByRole("button", { name: "Try again" }).click();
      const file = await coming;
      check(file.suggestedFilename() === "items.csv", file.suggestedFilename());
      const lines = readFileSync(await file.path(), "utf8")
        .trim()
        .split(/\r?\n/);
      check(lines.length === 3, `${lines.length} lines`);
      check(lines[0].includes("name") && !lines[0].includes("barcode"), lines[0]);
    },
  },
  {
    name: "from right to left and in the dark, axe finds nothing",
    run: async (ground) => {
      for (const [name, settings] of [
        ["arabic", { locale: "ar" }],
        ["dark", { theme: "dark" }],
      ]) {
        const { page, context } = await open(ground, { settings });
        await list(page, ground, "/operations/items");
        await cell(page, 0, 0).focus();
        await page.keyboard.press("x");
        await page.keyboard.press(name === "arabic" ? "ArrowLeft" : "ArrowRight");
        await page.locator(":focus[data-col='1']").waitFor();
        await cell(page, 0, 2).click();
        await page.keyboard.press("F2");
        await page.getByRole("listbox").waitFor();
        await clean(ground, page, name);
        await context.close();
      }
    },
  },
];
