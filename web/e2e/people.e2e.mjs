// People end to end: an administrator of one organisation invites, the invited sets a password and
// is in; a password that is lost; an account that is not the organisation's alone.
import { clean } from "./axe.mjs";
import { administrator, startServer } from "./server.mjs";
import { amounts, openAs, visit } from "./session.mjs";

const boss = { email: "boss@example.org", password: "lichen on the lintel" };
const seller = { email: "una@example.org", password: "a gate in the hedge" };
const invited = { email: "ida@example.org", password: "moss between the stones" };

/** A server with an administrator of the installation, and one of the organisation alone. */
export async function setUp() {
  const server = await startServer({});
  const org = ["--org", administrator.org];
  for (const [{ email, password }, name, role] of [
    [boss, "Bea Boss", "administrator"],
    [seller, "Una Seller", "sales"],
  ]) {
    const made = ["user", "create", email, "--name", name, ...org, "--roles", role];
    await server.command(made, { MEGALITH_PASSWORD: password });
  }
  return server;
}

const asBoss = (ground, path, options) => openAs(ground, { who: boss, path, ...options });

/** The link that is shown once. */
async function shownLink(page) {
  const link = await page.getByTestId("link").innerText();
  await page.getByRole("button", { name: "I have kept it" }).click();
  await page.getByTestId("link").waitFor({ state: "detached" });
  return link;
}

async function invite(page, { name, email, role }) {
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByLabel("E-mail").fill(email);
  if (role) await dialog.getByLabel(role, { exact: true }).check();
  await dialog.getByRole("button", { name: "Make the link" }).click();
  return shownLink(page);
}

/** Opens a link in a browser of its own. */
async function openLink(ground, link, expect = []) {
  const one = await visit(ground, { expect });
  await one.page.goto(link);
  return one;
}

export const tests = [
  {
    name: "whoever is invited sets a password and is in; the link a second time says it was used",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await asBoss(ground, "/admin/people");
      await page.getByRole("main").getByRole("link", { name: "Bea Boss" }).waitFor();
      const link = await invite(page, { name: "Ida", email: invited.email, role: "sales" });
      await page.getByRole("region", { name: "Invited, not here yet" }).waitFor();
      await clean(ground, page, "people-invited");

      const other = await openLink(ground, link, ["422"]);
      await other.page.getByRole("heading", { name: /^Join / }).waitFor();
      await other.page.getByText(invited.email).waitFor();
      check(!other.page.url().includes("mga_"), "the token has left the address");
      await clean(ground, other.page, "people-enter");
      await other.page.getByLabel("Your name").fill("Ida Invited");
      await other.page.getByLabel("New password").fill("short");
      await other.page.getByRole("button", { name: "Set password and sign in" }).click();
      await other.page.getByText(/12 characters at least/).waitFor();
      await other.page.getByLabel("New password").fill(invited.password);
      await other.page.getByRole("button", { name: "Set password and sign in" }).click();
      await other.page.getByRole("navigation").first().waitFor();
      const me = await other.page.request.get(`${ground.url}/api/v1/auth/me`);
      const { user, roles } = await me.json();
      check(user.name === "Ida Invited" && roles.join() === "sales", JSON.stringify(user));

      const again = await openLink(ground, link, ["409"]);
      await again.page.getByText(/This link was used/).waitFor();
      await clean(ground, again.page, "people-link-used");
      await again.page.getByRole("button", { name: "Go to the sign-in" }).click();
      await again.page.getByLabel("E-mail").waitFor();

      await page.reload();
      await page.getByRole("main").getByRole("link", { name: "Ida Invited" }).click();
      await page.getByRole("button", { name: "Change roles" }).click();
      await page.getByRole("dialog").getByLabel("viewer", { exact: true }).check();
      await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
      await page.getByRole("main").getByRole("link", { name: "viewer" }).waitFor();
      await clean(ground, page, "people-person");
    },
  },
  {
    name: "a new link makes the one before void, and one that is taken back is no good",
    run: async (ground) => {
      const { page } = await asBoss(ground, "/admin/people");
      await page.getByRole("main").getByRole("link", { name: "Bea Boss" }).waitFor();
      const first = await invite(page, { name: "Otto", email: "otto@example.org" });
      const row = page.getByRole("row", { name: /otto@example.org/ });
      await row.getByRole("button", { name: "New link" }).click();
      const second = await shownLink(page);
      const early = await openLink(ground, first, ["404"]);
      await early.page.getByText(/a newer one was made/).waitFor();
      await row.getByRole("button", { name: "Take back" }).click();
      await row.waitFor({ state: "detached" });
      const late = await openLink(ground, second, ["409"]);
      await late.page.getByText(/This link was taken back/).waitFor();
    },
  },
  {
    name: "a lost password is replaced by a link, which signs the person out elsewhere",
    run: async (ground) => {
      const { check } = ground;
      const sam = { email: "sam@example.org", password: "a slate for every roof" };
      await ground.command(
        ["user", "create", sam.email, "--name", "Sam Seller", "--org", administrator.org],
        { MEGALITH_PASSWORD: sam.password },
      );
      const old = await openAs(ground, { who: sam, expect: ["401"] });
      const { page } = await asBoss(ground, "/admin/people");
      await page.getByRole("main").getByRole("link", { name: "Sam Seller" }).click();
      await page.getByRole("button", { name: "New password" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Make the link" }).click();
      const link = await shownLink(page);
      const { page: fresh } = await openLink(ground, link);
      await fresh.getByRole("heading", { name: "New password" }).waitFor();
      await fresh.getByLabel("New password").fill("a thatch for every barn");
      await fresh.getByRole("button", { name: "Set password and sign in" }).click();
      await fresh.getByRole("navigation").first().waitFor();
      const me = await old.page.request.get(`${ground.url}/api/v1/auth/me`);
      check(me.status() === 401, `the session of before answers ${me.status()}`);
    },
  },
  {
    name: "who administers the installation is out of reach of an organisation's administrators",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await asBoss(ground, "/admin/people");
      const others = page.getByRole("main").getByRole("row", { name: administrator.email });
      await others.getByRole("link").click();
      await page
        .getByText(/not of your organisation alone/)
        .first()
        .waitFor();
      for (const name of ["New password", "Rename", "Deactivate"]) {
        const button = page.getByRole("button", { name, exact: true });
        check((await button.getAttribute("aria-disabled")) === "true", `${name} is offered`);
      }
      await page.goto(`${ground.url}/admin/people`);
      await page.getByRole("main").getByRole("link", { name: "Bea Boss" }).click();
      const end = page.getByRole("button", { name: "End membership" });
      check((await end.getAttribute("aria-disabled")) === "true", "one's own membership");
    },
  },
  {
    name: "whoever administers the organisation alone sees where its people are signed in, and ends it",
    run: async (ground) => {
      const { check, url } = ground;
      const other = await openAs(ground, { who: seller, expect: ["401"] });
      const { page } = await asBoss(ground, "/admin/people");
      await page.getByRole("main").getByRole("link", { name: "Una Seller" }).click();
      const sessions = page.getByRole("region", { name: "Sessions" });
      await sessions.getByRole("button", { name: "End" }).first().click();
      await page.getByRole("dialog").getByRole("button", { name: "End" }).click();
      await page.getByText("Nobody is signed in.").waitFor();
      const me = await other.page.request.get(`${url}/api/v1/auth/me`);
      check(me.status() === 401, `the session answers ${me.status()}`);
    },
  },
  {
    name: "one's own account: a key, another browser signed out, and another password",
    run: async (ground) => {
      const { check, url } = ground;
      const elsewhere = await openAs(ground, { who: seller, expect: ["401"] });
      const { page } = await openAs(ground, { who: seller, expect: ["422"] });
      await page.getByRole("button", { name: "Organisation" }).click();
      await page.getByRole("menuitem", { name: "Your account" }).click();
      await page.getByRole("heading", { name: "Your account" }).waitFor();
      const sessions = page.getByRole("region", { name: "Sessions" });
      await sessions.getByText("This browser").waitFor();
      check(await amounts(sessions.getByRole("button", { name: "End" }), 1), "one elsewhere");

      await page.getByRole("button", { name: "Make a key" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("What it is for").fill("Price list");
      await dialog.getByRole("button", { name: "Make a key" }).click();
      await page.getByTestId("key").waitFor();
      await page.getByRole("button", { name: "I have kept it" }).click();
      await page.getByRole("cell", { name: /Price list/ }).waitFor();
      await clean(ground, page, "account");

      await page.getByRole("button", { name: "Change password" }).click();
      await dialog.getByLabel("Present password").fill("not this one at all");
      await dialog.getByLabel("New password").fill("a stile over the wall");
      await dialog.getByRole("button", { name: "Change password" }).click();
      await dialog.getByText("Is not your present password").waitFor();
      await clean(ground, page, "account-password");
      await dialog.getByLabel("Present password").fill(seller.password);
      await dialog.getByRole("button", { name: "Change password" }).click();
      await dialog.waitFor({ state: "detached" });
      check(await amounts(sessions.getByRole("row"), 2), "this browser alone is signed in");
      const me = await elsewhere.page.request.get(`${url}/api/v1/auth/me`);
      check(me.status() === 401, `the other browser's session answers ${me.status()}`);
      check((await page.request.get(`${url}/api/v1/auth/me`)).ok(), "this one goes on");
    },
  },
];
