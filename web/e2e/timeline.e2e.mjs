// The timeline of a record, the record at a past moment, how its figures are made and what one may
// do with it; undo of an act and of a deletion; what is refused: a record in use, one that somebody
// has changed meanwhile, an address without rights; a server that is away. SHOTS=folder writes
// pictures.
import { clean } from "./axe.mjs";
import { administrator, startServer } from "./server.mjs";
import { amounts, ask, heading, openAs } from "./session.mjs";

export const setUp = () => startServer({ demo: true });

const send = (page, method, path, body) => ask(page, path, { method, body });
const orders = "/operations/sales-orders";
const customers = "/operations/customers";

const draftOrder = async (page) => {
  const { items } = await ask(page, `${orders}?page_size=1&filter=state=='draft'`);
  return ask(page, `${orders}/${items[0].id}`);
};

/** What of a line is sent. */
const line = ({ id, item, quantity, price, discount }) => ({ id, item, quantity, price, discount });

export const tests = [
  {
    name: "what happened stands under its day, and each moment leads to the record as it was then",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      const order = await draftOrder(page);
      const path = `${orders}/${order.id}`;
      const [first, ...rest] = order.lines;
      await send(page, "PATCH", path, {
        notes: "Ring twice",
        lines: [{ ...line(first), quantity: "91" }, ...rest.map(line)],
      });
      const done = await send(page, "POST", `${orders}:batch`, {
        atomic: true,
        commands: [{ act: { id: order.id, act: "cancel" } }],
      });
      await send(page, "POST", `/platform/change-sets/${done.change_set}:undo`);
      await send(page, "POST", `${path}:confirm`, {});

      await page.goto(ground.url + path);
      const timeline = page.getByRole("region", { name: "History" });
      const events = timeline.locator("li");
      await events.nth(4).waitFor();
      const told = (await events.allTextContents()).slice(0, 4);
      check(told[0].includes("Confirm") && told[0].includes("Draft→Confirmed"), told[0]);
      check(told[1].includes("by undoing") && told[1].includes("Cancelled→Draft"), told[1]);
      check(told[2].includes("Cancel") && told[2].includes("Draft→Cancelled"), told[2]);
      check(told[3].includes("changed this") && told[3].includes("Ring twice"), told[3]);
      check(/Line changed.*Quantity.*→91/.test(told[3]), told[3]);
      await clean(ground, page, "timeline");
      await timeline.getByRole("button", { name: "Acts" }).click();
      await page.waitForURL(/history=acts/);
      check(await amounts(events, 2), `${await events.count()} acts`);
      await page.reload();
      await events.nth(1).waitFor();
      check(await amounts(events, 2), "the filter is in the address");

      // As it was before all of this.
      await timeline.getByRole("button", { name: "Everything" }).click();
      await events
        .nth(4)
        .getByRole("link", { name: /As it was then/ })
        .click();
      await page.getByText(/^As it was on /).waitFor();
      await page.getByText("What is different today is marked.").waitFor();
      await heading(page, "Not numbered yet");
      check(await amounts(page.getByText("Today: Ring twice"), 1), "notes are marked");
      check(await amounts(page.getByText("Today: Confirmed"), 1), "the state is marked");
      check(await amounts(page.getByText(/Today: 91/), 1), "the line is marked");
      check(await amounts(page.getByRole("button", { name: "Edit" }), 0), "it is read only");
      await clean(ground, page, "known-at");
      await page.getByRole("button", { name: "Back to now" }).click();
      await heading(page, /^SO-/);
      check(!page.url().includes("known_at"), page.url());
    },
  },
  {
    name: "a figure says how it is made, and the rights why something is possible or not",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      const order = await draftOrder(page);
      await page.goto(`${ground.url}${orders}/${order.id}`);
      await page.getByRole("button", { name: "How Total is made" }).click();
      const figure = page.getByRole("dialog", { name: "How Total is made" });
      await figure.getByText("It is the sum of these:").waitFor();
      check(await amounts(figure.getByText("Freight", { exact: true }), 1), "freight is in it");
      await clean(ground, page, "figure");
      await page.keyboard.press("Escape");
      await figure.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "How Net is made" }).click();
      const net = page.getByRole("dialog", { name: "How Net is made" });
      await net.getByText("It is the sum of the lines:").waitFor();
      check(await amounts(net.locator("tbody tr"), order.lines.length), "each line is in it");
      await page.keyboard.press("Escape");
      await net.waitFor({ state: "detached" });
      await page.locator("article").getByRole("button", { name: "More", exact: true }).click();
      await page.getByRole("menuitem", { name: "What may I do here?" }).click();
      const rights = page.getByRole("dialog", { name: /^Rights on/ });
      await rights.getByText("Administrators may do everything").first().waitFor();
      const ship = rights.getByRole("row", { name: /Ship/ });
      await ship.getByText(/possible only from: Confirmed/).waitFor();
      await clean(ground, page, "rights");
    },
  },
  {
    name: "an act and a deletion are taken back; what is in use or was changed meanwhile stays",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["409", "404"] });
      const order = await draftOrder(page);
      const path = `${orders}/${order.id}`;
      await page.goto(ground.url + path);
      const more = page.locator("article").getByRole("button", { name: "More", exact: true });
      await more.click();
      await page.getByRole("menuitem", { name: "Cancel" }).click();
      // No question: there is a way back.
      await page.getByText(/^Cancel: /).waitFor();
      check((await ask(page, path)).state === "cancelled", "cancelled");
      await page.getByRole("button", { name: "Undo" }).first().click();
      await page.getByText("Taken back").waitFor();
      check((await ask(page, path)).state === "draft", "and a draft again");

      const made = await send(page, "POST", customers, { name: "Short Lived" });
      const place = `${customers}/${made.id}`;
      const remove = async () => {
        await page.goto(ground.url + place);
        await more.click();
        await page.getByRole("menuitem", { name: "Delete" }).click();
        const dialog = page.getByRole("dialog", { name: /^Delete Short/ });
        await dialog
          .getByRole("button", { name: "Delete" })
          .and(page.locator(":not([aria-disabled])"))
          .waitFor();
        return dialog;
      };
      let dialog = await remove();
      await dialog.getByRole("button", { name: "Delete" }).click();
      await page.getByText("Short Lived is deleted").waitFor();
      await page.getByRole("button", { name: "Undo" }).first().click();
      await page.getByText("Taken back").last().waitFor();
      check((await ask(page, place)).name === "Short Lived", "it is there again");

      // Somebody uses it while the question stands.
      dialog = await remove();
      const used = await send(page, "POST", orders, { customer: made.id });
      await dialog.getByRole("button", { name: "Delete" }).click();
      const way = dialog.getByRole("link", { name: "Sales orders" });
      await way.waitFor();
      await clean(ground, page, "in-use");
      await way.click();
      await page.waitForURL(/sales-orders\?/);
      await page.getByRole("grid").getByText("Short Lived").first().waitFor();
      await ask(page, `${orders}/${used.id}`, { method: "DELETE" });

      // Somebody changes it while the question stands.
      dialog = await remove();
      await send(page, "PATCH", place, { notes: "still needed" });
      await dialog.getByRole("button", { name: "Delete" }).click();
      await dialog.getByText("Somebody else changed this meanwhile.").waitFor();
      check((await ask(page, place)).notes === "still needed", "nothing is deleted");
    },
  },
  {
    name: "away, the form keeps what was typed and sends it once the server answers; an address without rights says so",
    run: async (ground) => {
      const { check } = ground;
      const { page, context } = await openAs(ground, {
        expect: ["503"],
      });
      const made = await send(page, "POST", customers, { name: "Far Away" });
      const place = `${customers}/${made.id}`;
      await page.goto(ground.url + place);
      await heading(page, "Far Away");
      await page.keyboard.press("e");
      await page.getByLabel("Notes").fill("typed without a server");
      const api = `**/api/v1${place}*`;
      await page.route(api, (route) =>
        route.request().method() === "PATCH"
          ? route.fulfill({
              status: 503,
              contentType: "application/problem+json",
              headers: { "retry-after": "0" },
              body: JSON.stringify({
                status: 503,
                code: "unavailable",
                title: "",
                detail: "Busy.",
              }),
            })
          : route.continue(),
      );
      await page.keyboard.press("Control+Enter");
      await page.getByText("Not saved yet.").waitFor();
      check((await page.getByLabel("Notes").inputValue()) === "typed without a server", "kept");
      await clean(ground, page, "timeline");
      await page.unroute(api);
      await page.getByRole("button", { name: "Try again" }).click();
      await page.getByRole("button", { name: "Edit" }).waitFor();
      check((await ask(page, place)).notes === "typed without a server", "saved");

      await context.close();

      // Somebody of another organisation has got the address.
      const other = await openAs(ground, { who: administrator, expect: ["404"] });
      await other.page.goto(`${ground.url}${place}?known_at=2026-01-01T00:00:00Z`);
      await other.page.getByText("Not found").first().waitFor();
      await other.page.goto(ground.url + place);
      await other.page.getByText("Not found").first().waitFor();
      await clean(ground, other.page, "timeline");
    },
  },
];
