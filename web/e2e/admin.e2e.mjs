// Administration end to end: people and roles, what they may do and why, keys, sessions, change
// sets, jobs, the log and its verification, health.
import { administrator, startServer } from "./server.mjs";
import { amounts, ask, openAs } from "./session.mjs";

const seller = { email: "sam@example.org", password: "lichen on the lintel" };

/** A server with an administrator of the installation, and somebody who sells. */
export async function setUp() {
  const server = await startServer({});
  const org = ["--org", administrator.org];
  await server.command(
    ["user", "create", seller.email, "--name", "Sam Seller", ...org, "--roles", "sales"],
    { MEGALITH_PASSWORD: seller.password },
  );
  return server;
}

const open = (ground, path, options) => openAs(ground, { who: administrator, path, ...options });

export const tests = [
  {
    name: "a person is added, given another role, and deactivated; what they may do says why",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await open(ground, "/admin");
      const main = page.getByRole("main");
      await main.getByRole("link", { name: /^People/ }).click();
      await main.getByRole("link", { name: "Sam Seller" }).waitFor();
      await page.getByRole("button", { name: "Add a person" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Name", { exact: true }).fill("Bo <b>Buyer</b>");
      await dialog.getByLabel("E-mail").fill("Bo@Example.org");
      await dialog.getByLabel("purchasing").check();
      await dialog.getByRole("button", { name: "Make the link" }).click();
      const link = await page.getByTestId("link").innerText();
      const entered = await fetch(`${ground.url}/api/v1/auth/link:use`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token: link.split("#")[1], password: "a hedge of old hawthorn" }),
      });
      check(entered.ok, await entered.text());
      await page.getByRole("button", { name: "I have kept it" }).click();
      await page.reload();
      await main.getByRole("link", { name: "Bo <b>Buyer</b>" }).click();
      await page.getByRole("heading", { level: 1, name: "Bo <b>Buyer</b>" }).waitFor();
      const table = main.getByRole("table").first();
      await table.getByRole("button", { name: "Suppliers, Change : allowed" }).click();
      await page.waitForURL(/entity=operations.supplier&verb=update/);
      await main.getByText(/by default, and no grant has replaced it/).waitFor();
      await table.getByRole("button", { name: "Sales orders, Confirm : not allowed" }).click();
      await main.getByText(/no rule gives this right/).waitFor();
      await page.getByRole("button", { name: "Change roles" }).click();
      await page.getByRole("dialog").getByLabel("sales", { exact: true }).check();
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await table.getByRole("button", { name: "Sales orders, Confirm : allowed" }).waitFor();
      await page.getByRole("button", { name: "Deactivate" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
      await page.getByText("This person cannot sign in").waitFor();
      const users = await ask(page, "/users/users?filter=email == 'bo@example.org'");
      check(users.items[0]?.active === false, JSON.stringify(users));
      await page.getByRole("button", { name: "Activate" }).click();
      await page.getByText("This person cannot sign in").waitFor({ state: "detached" });
    },
  },
  {
    name: "a grant decides, and the matrix shows on which records and fields",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await open(ground, "/admin/roles");
      const grant = {
        role: "auditor",
        subject: "operations.customer",
        verb: "read",
        condition: "country == 'DE'",
        hidden: "credit_limit",
        reason: "The German accounts of this year.",
      };
      const made = await page.request.post(`${url}/api/v1/users/grants`, {
        data: grant,
        headers: { origin: url },
      });
      check(made.ok(), await made.text());
      // A grant is in force once it is sealed, which is a moment after it is made.
      const explain = "/operations/customers:explain?verb=read&role=auditor";
      for (let times = 0; times < 100; times += 1) {
        if ((await ask(page, explain)).hidden?.includes("credit_limit")) break;
      }
      await page.reload();
      await page.getByRole("main").getByRole("link", { name: "auditor" }).click();
      await page.getByRole("button", { name: "Customers, Read : allowed in part" }).click();
      await page.getByText("a grant of the role auditor says so").waitFor();
      await page.getByText("Not visible: Credit limit.").waitFor();
      await page.getByText("The German accounts of this year.").waitFor();
      check((await page.getByText("country == 'DE'").count()) > 0, "the condition is shown");
      await page.getByRole("button", { name: "Add a grant" }).click();
      await page.waitForURL(/grants\/new\?role=auditor/);
      const role = page.getByRole("main").getByLabel("Role", { exact: true });
      await role.waitFor();
      check((await role.inputValue()) === "auditor", "the grant begins with the role");
    },
  },
  {
    name: "a key is shown once, works, and is refused once it is revoked",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await open(ground, "/admin/keys");
      await page.getByRole("button", { name: "Make a key" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("What it is for").fill("Nightly import");
      await dialog.getByLabel("administrator").check();
      await dialog.getByRole("button", { name: "Make a key" }).click();
      const key = await page.getByTestId("key").innerText();
      check(key.startsWith("mgk_"), key);
      const ask = () =>
        fetch(`${url}/api/v1/auth/me`, { headers: { authorization: `Bearer ${key}` } });
      check((await ask()).status === 200, "the key works");
      await page.getByRole("button", { name: "I have kept it" }).click();
      await page.getByText("Nightly import").waitFor();
      check(await amounts(page.getByText(key), 0), "the key is gone from the page");
      await page.getByRole("button", { name: "Revoke" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
      await page.getByText("No program has a key.").waitFor();
      check((await ask()).status === 401, "the key is refused");
    },
  },
  {
    name: "a session is ended from afar",
    run: async (ground) => {
      const { check, url } = ground;
      const other = await open(ground, "/", { who: seller, expect: ["401"] });
      const { page } = await open(ground, "/admin/sessions");
      const rows = page.getByRole("row", { name: /Sam Seller/ });
      await rows.first().waitFor();
      const before = await rows.count();
      await page.getByRole("row", { name: /This browser/ }).waitFor();
      await rows.first().getByRole("button", { name: "End" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
      check(await amounts(rows, before - 1), "the session is still shown");
      const me = await other.page.request.get(`${url}/api/v1/auth/me`);
      check(me.status() === 401, `the session answers ${me.status()}`);
      await other.context.close();
    },
  },
  {
    name: "a change set is taken back after its preview",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await open(ground, "/admin/changes");
      const commands = ["Orkney", "Skye"].map((name) => ({ create: { name } }));
      const batch = await page.request.post(`${url}/api/v1/operations/carriers:batch`, {
        data: { atomic: true, commands },
        headers: { origin: url },
      });
      check(batch.ok(), await batch.text());
      await page.reload();
      await page.getByRole("button", { name: "Take back" }).first().click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("2 changes would be taken back.").waitFor();
      await dialog.getByRole("button", { name: "Take back" }).click();
      await page.getByRole("row").getByText("Undone").waitFor();
      const left = await ask(page, "/operations/carriers");
      check(left.items.length === 0, JSON.stringify(left.items));
    },
  },
  {
    name: "the log is verified, and health says how things are",
    run: async (ground) => {
      const { page } = await open(ground, "/admin/log");
      await page.getByText("not yet").first().waitFor();
      await page.getByRole("button", { name: "Verify now" }).click();
      await page.getByText("The log is as it was sealed").waitFor();
      await page
        .getByRole("cell", { name: /as sealed, up to [1-9]/ })
        .first()
        .waitFor();
      await page.getByLabel("Area").selectOption("platform");
      await page.waitForURL(/service=platform/);
      await page.getByLabel("What was done").fill("update");
      await page.keyboard.press("Enter");
      await page.waitForURL(/verb=update/);
      await page.getByLabel("What was done").fill("create");
      await page.keyboard.press("Enter");
      const events = page.getByRole("region", { name: "Events" });
      await events.getByText("create").first().waitFor();
      await page.getByRole("link", { name: "Health" }).click();
      await page.getByRole("row", { name: /database.*in order/ }).waitFor();
      await page
        .getByRole("main")
        .getByRole("link", { name: /waiting/ })
        .click();
      await page.getByRole("row", { name: /Done/ }).waitFor();
      await page.getByRole("link", { name: "Health" }).click();
      await page.getByText(/\d+ waiting, \d+ running, 0 failed/).waitFor();
    },
  },
  {
    name: "the log shows what a person did, and what happened to a record",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await open(ground, "/admin/log", { expect: ["status of 400"] });
      const create = (name) =>
        ask(page, "/operations/carriers", { method: "POST", body: { name } });
      const [first] = [await create("Hrossey"), await create("Hjaltland")];
      await page.reload();
      const events = page.getByRole("region", { name: "Events" });
      await events.getByRole("link", { name: "Hjaltland" }).waitFor();
      const record = page.getByLabel("Record");
      await record.fill(`${url}/operations/carriers/${first.id}`);
      await record.press("Enter");
      await page.waitForURL((now) => now.searchParams.get("record") === first.id);
      await events.getByRole("link", { name: "Hjaltland" }).waitFor({ state: "detached" });
      check(await amounts(events.getByRole("row"), 2), await events.innerText());
      const me = await ask(page, "/auth/me");
      await page.getByLabel("Person").selectOption(me.user.id);
      await page.waitForURL((now) => now.searchParams.get("actor") === me.user.id);
      await page.reload();
      await events.getByRole("link", { name: "Hrossey" }).waitFor();
      check((await page.getByLabel("Person").inputValue()) === me.user.id, page.url());
      await page.getByLabel("Person").selectOption({ label: "Sam Seller" });
      await page.getByText("Nothing of this kind has happened.").waitFor();
      await record.fill("Hrossey");
      await record.press("Enter");
      await page.getByText("record must be the id of a record").waitFor();
      check((await page.getByLabel("Record").inputValue()) === "Hrossey", "what was typed is gone");
    },
  },
  {
    name: "who administers nothing sees nothing of it",
    run: async (ground) => {
      const { page } = await open(ground, "/admin", { who: seller });
      const places = page.getByRole("main").getByRole("link");
      await places.first().waitFor();
      const named = await places.allInnerTexts();
      ground.check(
        !named.some((text) => /^(People|Roles and|API|Log|Health)/.test(text)),
        `${named}`,
      );
    },
  },
];
