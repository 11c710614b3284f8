// What goes wrong around the app has a designed answer: a server that is slow, that answers cut off
// or through a proxy's page, that is busy for a moment or longer; a session that ends while one
// saves, a clock that is years off, somebody else in another tab, a press too many, the way back,
// addresses without rights, names in every script, no motion, more lines than a form takes.
import { createServer, request } from "node:http";
import { clean } from "./axe.mjs";
import { administrator, startServer } from "./server.mjs";
import { amounts, ask, demo, heading, openAs, visit } from "./session.mjs";

const CUSTOMERS = "/operations/customers";
const ORDERS = "/operations/sales-orders";
const viewer = { email: "vi@example.org", password: "marram on the machair" };

/** The server with the demo organisation, and a viewer there. */
export async function setUp() {
  const server = await startServer({ demo: true });
  await server.command(
    ["user", "create", viewer.email, "--name", "Vi Viewer", "--org", "demo", "--roles", "viewer"],
    { MEGALITH_PASSWORD: viewer.password },
  );
  return server;
}

/** A gate that requests wait at until it is opened. */
function gate() {
  let open = () => {};
  const opened = new Promise((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

const isWrite = (method) => (request) =>
  request.method() === method && request.url().includes(`/api/v1${CUSTOMERS}`);

const named = async (page, name) => {
  const filter = encodeURIComponent(`name == '${name}'`);
  return (await ask(page, `${CUSTOMERS}?count=true&filter=${filter}`)).total_size;
};

/** Opens the form of a new customer and writes its name. */
async function newCustomer(page, url, name) {
  await page.goto(`${url}${CUSTOMERS}/new`);
  const field = page.getByLabel("Name", { exact: true });
  await field.fill(name);
  return { field, save: page.getByRole("button", { name: "Create customer" }) };
}

/** A proxy in front of the server that breaks off the answers to what `isCut` names. */
async function cutting(url, isCut) {
  const target = new URL(url);
  const proxy = createServer((asked, answer) => {
    const { method, url: path, headers } = asked;
    const options = { host: target.hostname, port: target.port, method, path, headers };
    const passed = request(options, (came) => {
      answer.writeHead(came.statusCode, came.headers);
      if (!isCut(method, path)) return came.pipe(answer);
      came.once("data", (chunk) => answer.write(chunk.subarray(0, 20), () => answer.destroy()));
    });
    passed.on("error", () => answer.destroy());
    asked.pipe(passed);
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${proxy.address().port}`,
    stop: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

/** Names in many scripts and in the signs of many languages, none of which means anything here. */
const NAMES = [
  "مؤسسة النخيل للتجارة",
  "דפוס אבני־הגליל",
  "北京石材（集团）有限公司",
  "ห้างหินใหญ่กรุงเทพ",
  "Ⓐ👩🏽‍🚀👨‍👩‍👧‍👦 Family & Söhne",
  "Z̸a̷l̵g̶o̴ e\u0301\u0302\u0303",
  "abc\u202Edef\u2066ghi",
  `Donaudampf${"schifffahrtsgesellschaft".repeat(6)}`,
  "<img src=x onerror=window.hit=1>",
  `{{constructor.constructor('window.hit=1')()}} \${1+1} {name}`,
  "'; DROP TABLE customer; --",
  'javascript:window.hit=1//"><script>window.hit=1</script>',
];

export const tests = [
  {
    name: "a slow answer is said after a second and moves nothing; Save pressed twice sends once",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { path: CUSTOMERS });
      await page.getByRole("grid").waitFor();
      const waits = page.getByRole("status").filter({ hasText: "Loading" });
      const places = () =>
        page.evaluate(() =>
          ["[role=grid]", "[role=searchbox], input[type=search]"].map((one) => {
            const { x, y, width, height } = document.querySelector(one).getBoundingClientRect();
            return `${x} ${y} ${width} ${height}`;
          }),
        );
      const before = await places();
      const list = gate();
      await page.route(/\/api\/v1\/operations\/customers\?/, async (route) => {
        await list.opened;
        await route.continue();
      });
      await page.getByRole("columnheader", { name: /^Name/ }).click();
      await waits.waitFor();
      check((await places()).join() === before.join(), "nothing has moved");
      await clean(ground, page, "fault-slow");
      list.open();
      await waits.waitFor({ state: "hidden" });
      await page.unrouteAll({ behavior: "wait" });

      const { save } = await newCustomer(page, ground.url, "Once & Only");
      const sent = [];
      page.on("request", (one) => isWrite("POST")(one) && sent.push(one));
      const write = gate();
      await page.route(/\/api\/v1\/operations\/customers$/, async (route) => {
        await write.opened;
        await route.continue();
      });
      await save.dblclick();
      await page.keyboard.press("Control+Enter");
      await waits.waitFor();
      write.open();
      await heading(page, "Once & Only");
      check(sent.length === 1, `it was sent ${sent.length} times`);
      check((await named(page, "Once & Only")) === 1, "there is one");
    },
  },
  {
    name: "an act pressed twice, by a double click or its key, runs once",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      const { items } = await ask(page, `${ORDERS}?page_size=2&filter=state=='draft'`);
      for (const [order, press] of [
        [items[0], () => page.locator("[data-next-act]").dblclick()],
        [items[1], () => page.keyboard.type("aa")],
      ]) {
        await page.goto(`${ground.url}${ORDERS}/${order.id}`);
        await page.locator("[data-next-act]").waitFor();
        await press();
        await page.getByText(/^Confirm: /).waitFor();
        await page.waitForLoadState("networkidle");
        const now = await ask(page, `${ORDERS}/${order.id}`);
        check(now.state === "confirmed", `it is ${now.state}`);
      }
    },
  },
  {
    name: "an answer of a proxy, an empty one and a busy server: told, asked again, nothing lost",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["503 (Service", "502 (Bad", "412 (Pre"] });
      const { items } = await ask(page, `${CUSTOMERS}?page_size=1&order_by=name`);
      const one = new RegExp(`/api/v1${CUSTOMERS}/${items[0].id}\\?`);
      const html = { contentType: "text/html", body: "<h1>Welcome to the airport</h1>" };
      for (const answer of [html, { body: "" }, { ...html, status: 502 }]) {
        await page.route(one, (route) => route.fulfill(answer));
        await page.goto(`${ground.url}${CUSTOMERS}/${items[0].id}`);
        await page
          .getByRole("alert")
          .getByRole("heading", { name: /busy or starting/ })
          .waitFor();
        check(await amounts(page.getByText("airport"), 0), "the proxy's page is not shown");
        await page.unroute(one);
        await page.getByRole("button", { name: "Try again" }).click();
        await heading(page, items[0].name);
      }

      // Busy for a second: the app asks again by itself. Busy for longer: the person does.
      const keys = [];
      let busy = ["1", "60"];
      await page.route(/\/api\/v1\/operations\/customers$/, (route) => {
        keys.push(route.request().headers()["idempotency-key"]);
        const after = busy.shift();
        if (!after) return route.continue();
        return route.fulfill({
          status: 503,
          headers: { "retry-after": after, "content-type": "application/problem+json" },
          body: JSON.stringify({ status: 503, code: "unavailable", title: "", detail: "" }),
        });
      });
      const { field, save } = await newCustomer(page, ground.url, "Patient & Son");
      await save.click();
      await page.getByText("Not saved yet. What you typed is here").waitFor();
      check((await field.inputValue()) === "Patient & Son", "what was typed is there");
      await clean(ground, page, "fault-busy");
      await page.getByRole("button", { name: "Try again" }).click();
      await heading(page, "Patient & Son");
      check(keys.length === 3 && new Set(keys).size === 1, `keys: ${keys.join()}`);
      busy = [];

      // A version that is no longer the newest.
      await page.unrouteAll({ behavior: "wait" });
      const id = page.url().split("/").pop();
      await page.keyboard.press("e");
      await page.getByLabel("Notes").fill("mine");
      await page.route(/\/api\/v1\/operations\/customers\/cus_/, (route) =>
        route.request().method() === "PATCH"
          ? route.fulfill({
              status: 412,
              headers: { "content-type": "application/problem+json" },
              body: JSON.stringify({ status: 412, code: "version_mismatch", detail: "It moved." }),
            })
          : route.continue(),
      );
      await page.keyboard.press("Control+Enter");
      await page.getByRole("form").getByText("It moved.").waitFor();
      check((await page.getByLabel("Notes").inputValue()) === "mine", "the text is there");
      await page.unrouteAll({ behavior: "wait" });
      await page.keyboard.press("Control+Enter");
      await page.getByRole("button", { name: "Edit" }).waitFor();
      check((await ask(page, `${CUSTOMERS}/${id}`)).notes === "mine", "and is saved then");
    },
  },
  {
    name: "an answer that breaks off is asked for again, and what was written is written once",
    run: async (ground) => {
      const { check } = ground;
      let cuts = 0;
      const proxy = await cutting(ground.url, (method, path) => {
        const isIt = method === "POST" && path === `/api/v1${CUSTOMERS}` && cuts < 1;
        if (isIt) cuts += 1;
        return isIt;
      });
      try {
        const { page } = await openAs(
          { ...ground, url: proxy.url },
          { expect: ["ERR_CONTENT_LENGTH_MISMATCH", "ERR_INCOMPLETE_CHUNKED", "ERR_EMPTY"] },
        );
        const { save } = await newCustomer(page, proxy.url, "Torn & Mended");
        await save.click();
        await heading(page, "Torn & Mended");
        check(cuts === 1, `${cuts} answers were cut`);
        check((await named(page, "Torn & Mended")) === 1, "there is one");
      } finally {
        proxy.stop();
      }
    },
  },
  {
    name: "what cannot be fetched ahead is fetched when it is needed, and nothing fails for it",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await visit(ground, { expect: ["Failed to load resource"] });
      let refused = 0;
      const ahead = /\/assets\/(Palette|MenuKit|DialogKit)-/;
      await page.route(ahead, (route) => {
        refused += 1;
        return route.abort();
      });
      await page.request.post(`${ground.url}/api/v1/auth/login`, {
        data: { ...demo, cookie: true },
        headers: { origin: ground.url },
      });
      const gone = page.waitForEvent("requestfailed", (one) => one.url().includes("/Palette-"));
      await page.goto(ground.url);
      await gone;
      await heading(page, /Good/);
      await page.unroute(ahead);
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Search or act").waitFor();
      check(refused > 0, "nothing was fetched ahead");
    },
  },
  {
    name: "a session that ends while one saves: signed in again, it is saved, once",
    run: async (ground) => {
      const { check } = ground;
      const { page, context } = await openAs(ground, { expect: ["401 (Unauthorized)", "422"] });
      const { save } = await newCustomer(page, ground.url, "Back Again");
      await context.clearCookies();
      await save.click();
      const dialog = page.getByRole("dialog", { name: "Sign in again" });
      await dialog.getByLabel("Password").fill(demo.password);
      await dialog.getByRole("button", { name: "Sign in" }).click();
      await heading(page, "Back Again");
      check((await named(page, "Back Again")) === 1, "there is one");
    },
  },
  {
    name: "a clock that is years off changes nothing: days and times are the server's",
    run: async (ground) => {
      const { check } = ground;
      for (const year of ["2017", "2041"]) {
        const { page } = await visit(ground);
        await page.clock.setSystemTime(new Date(`${year}-02-03T10:00:00Z`));
        await page.goto(ground.url);
        await page.getByLabel("E-mail").fill(demo.email);
        await page.getByLabel("Password").fill(demo.password);
        await page.getByRole("button", { name: "Sign in" }).click();
        await heading(page, /Good/);
        check(
          (await page.evaluate(() => Date.now())) < Date.parse("2018-01-01") || year > "2040",
          "",
        );
        const today = String(new Date().getFullYear());
        const text = await page.getByRole("main").textContent();
        check(!text.includes(year), `the home page says ${year}`);
        await page.goto(`${ground.url}${ORDERS}/new`);
        const day = page.getByLabel("Ordered on");
        await day.waitFor();
        check((await day.inputValue()).includes(today), await day.inputValue());
        const made = await ask(page, CUSTOMERS, { method: "POST", body: { name: `Of ${year}` } });
        await page.goto(`${ground.url}${CUSTOMERS}/${made.id}`);
        await heading(page, `Of ${year}`);
        await page.getByRole("region", { name: "History" }).getByText("created this").waitFor();
        check(!(await page.getByRole("main").textContent()).includes(`Feb ${year}`), "the record");
      }
    },
  },
  {
    name: "who signs in as somebody else in another tab finds no one's page in this one",
    run: async (ground) => {
      const { check } = ground;
      const { page, context } = await openAs(ground, { path: CUSTOMERS });
      await page.getByRole("grid").waitFor();
      const other = await context.newPage();
      await other.goto(ground.url);
      const answer = await other.request.post(`${ground.url}/api/v1/auth/login`, {
        data: { ...viewer, cookie: true },
        headers: { origin: ground.url },
      });
      check(answer.ok(), await answer.text());
      await page.evaluate(() => {
        Date.now = (
          (now) => () =>
            now() + 6_000
        )(Date.now);
        document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
      });
      await heading(page, /Good .*Vi/);
    },
  },
  {
    name: "back leads to the place, the filter and the row where one was; what is not saved is kept",
    run: async (ground) => {
      const { check } = ground;
      const filter = encodeURIComponent("total > money('1', 'EUR')");
      const { page } = await openAs(ground, { path: `${ORDERS}?filter=${filter}` });
      const grid = page.getByRole("grid");
      await page.locator("[role=row][aria-selected]").first().waitFor();
      const top = () => grid.evaluate((box) => box.scrollTop);
      await grid.evaluate((box) => {
        box.scrollTop = 1_500;
      });
      await page.waitForFunction(() =>
        [...document.querySelectorAll("[role=row][aria-selected]")].every(
          (row) => Number(row.ariaRowIndex) === 2 || Number(row.ariaRowIndex) > 20,
        ),
      );
      await page.waitForLoadState("networkidle");
      const seen = page.locator("[role=row][aria-selected][aria-rowindex='50'] [data-col='0']");
      const number = await seen.textContent();
      const stood = await top();
      await seen.click();
      await page.getByRole("button", { name: "Open as a page" }).click();
      await heading(page, number.trim());
      await page.goBack();
      await page.getByRole("button", { name: "Open as a page" }).waitFor();
      await seen.filter({ hasText: number }).waitFor();
      check(Math.abs((await top()) - stood) < 48, `it stands at ${await top()}, not ${stood}`);
      check(page.url().includes("filter="), page.url());
      await page.goBack();
      await page.getByRole("button", { name: "Open as a page" }).waitFor({ state: "detached" });
      check(Math.abs((await top()) - stood) < 48, `it stands at ${await top()}, not ${stood}`);

      await page.keyboard.press("Escape");
      await page.getByRole("link", { name: "Customers" }).first().click();
      await page.getByRole("grid", { name: "Customers" }).waitFor();
      check((await top()) === 0, "another list begins at its beginning");
      await page.getByRole("button", { name: "New", exact: true }).click();
      const name = page.getByLabel("Name", { exact: true });
      await name.fill("Half written");
      await page.goBack();
      await page.getByRole("dialog", { name: "Leave without saving?" }).waitFor();
      await page.getByRole("button", { name: "Go on editing" }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      check((await name.inputValue()) === "Half written", await name.inputValue());
    },
  },
  {
    name: "an address without rights says so, and leads back; it shows nothing of what is there",
    run: async (ground) => {
      const { check } = ground;
      const master = await openAs(ground, { who: administrator });
      await master.page.request.post(`${ground.url}/api/v1/auth/switch`, {
        data: { org: "stones" },
        headers: { origin: ground.url },
      });
      const elsewhere = await ask(master.page, CUSTOMERS, {
        method: "POST",
        body: { name: "Of another house" },
      });
      const { page } = await openAs(ground, { who: viewer, expect: ["404 (Not", "403 (For"] });
      const { items } = await ask(page, `${CUSTOMERS}?page_size=1`);
      for (const [path, says] of [
        [`${CUSTOMERS}/${elsewhere.id}`, /does not exist, or you may not see it/],
        [`${CUSTOMERS}/cus_nonsense`, /does not exist, or you may not see it|mistyped/],
        [`${CUSTOMERS}?open=${elsewhere.id}`, /does not exist, or you may not see it/],
        [`${CUSTOMERS}/new`, /mistyped/],
        ["/users/grants", /mistyped/],
        ["/admin/people/usr_01h455vb4pex5vsknk084sn02q", /not/i],
        ["/no/such/place", /mistyped/],
      ]) {
        await page.goto(ground.url + path);
        await page.getByText(says).first().waitFor();
        check(await amounts(page.getByText("Of another house"), 0), path);
      }
      // What may be read and not changed offers no change.
      await page.goto(`${ground.url}${CUSTOMERS}/${items[0].id}`);
      await heading(page, items[0].name);
      const edit = page.getByRole("button", { name: "Edit" });
      check((await edit.getAttribute("aria-disabled")) === "true", "it cannot be changed");
    },
  },
  {
    name: "names in every script are text, whole and as they were written, on every surface",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground);
      const customers = [];
      for (const name of NAMES) {
        customers.push(await ask(page, CUSTOMERS, { method: "POST", body: { name } }));
      }
      check(
        customers.every(({ name }, at) => name === NAMES[at]),
        "the server keeps them",
      );
      const [item] = (await ask(page, "/operations/items?page_size=1")).items;
      const odd = customers.at(-1);
      await ask(page, ORDERS, {
        method: "POST",
        body: { customer: odd.id, lines: [{ item: item.id, quantity: "1", price: "2" }] },
      });
      const isSafe = async (where) => {
        const hit = await page.evaluate(() => ({
          ran: "hit" in window,
          made: document.querySelectorAll("img[src=x], main script").length,
          wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        }));
        check(!hit.ran && hit.made === 0 && !hit.wide, `${where}: ${JSON.stringify(hit)}`);
      };
      const shows = async (where, name) => {
        const place = page.getByText(name, { exact: true });
        await place.first().waitFor({ state: "attached" });
        await isSafe(where);
      };
      const ids = customers.map(({ id }) => `'${id}'`).join(",");
      const filter = encodeURIComponent(`id in [${ids}]`);
      await page.goto(`${ground.url}${CUSTOMERS}?filter=${filter}`);
      for (const name of NAMES) await shows("list", name);
      await clean(ground, page, "fault-names");
      // Some of each kind: from right to left, put together of several signs, long, with markup.
      for (const { id, name } of [0, 4, 6, 7, 8, 9, 11].map((at) => customers[at])) {
        await page.goto(`${ground.url}${CUSTOMERS}/${id}`);
        const title = page.getByRole("heading", { level: 1 });
        await title.filter({ hasText: name.slice(0, 5) }).waitFor();
        check(
          (await title.textContent()) === name,
          `the heading says ${await title.textContent()}`,
        );
        const last = page.getByRole("navigation", { name: "You are here" }).getByText(name);
        check(await amounts(last, 1), `the breadcrumb of ${name}`);
        await page.getByRole("region", { name: "History" }).getByText("created this").waitFor();
        check((await page.title()).includes(name.slice(0, 4)), await page.title());
        await isSafe(`record ${name}`);
      }
      // Its own surfaces: the notice, the timeline, the palette, the board, the calendar, home.
      await page.keyboard.press("e");
      await page.getByLabel("Notes").fill(NAMES[8]);
      await page.keyboard.press("Control+Enter");
      await page.getByText(`${odd.name} is saved`).waitFor();
      await shows("timeline", NAMES[8]);
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Search or act").fill("javascript");
      await page.getByRole("option").filter({ hasText: odd.name }).first().waitFor();
      await isSafe("palette");
      await page.keyboard.press("Escape");
      const own = encodeURIComponent(`customer == '${odd.id}'`);
      for (const kind of ["board", "calendar"]) {
        await page.goto(`${ground.url}${ORDERS}?kind=${kind}&filter=${own}`);
        await page.getByText(odd.name).first().waitFor();
        await isSafe(kind);
      }
      await page.goto(`${ground.url}/`);
      await page.getByRole("main").getByText(odd.name).first().waitFor();
      await isSafe("home");

      const boss = await ask(page, "/hr/employees", {
        method: "POST",
        body: { first_name: NAMES[8], last_name: NAMES[9], hired_on: "2020-01-01" },
      });
      check(boss.id !== undefined, JSON.stringify(boss));
      for (const kind of ["tree", "chart"]) {
        await page.goto(`${ground.url}/hr/employees?kind=${kind}`);
        await page.getByText(NAMES[8]).first().waitFor({ state: "attached" });
        await isSafe(kind);
      }
    },
  },
  {
    name: "scripts run from the app's own files alone: the policy has no unsafe-inline",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["Content Security Policy"] });
      const answer = await page.request.get(`${ground.url}/`);
      const policy = answer.headers()["content-security-policy"] ?? "";
      const rules = new Map(
        policy.split(/;\s*/).map((rule) => [rule.split(" ")[0], rule.split(" ").slice(1)]),
      );
      const scripts = rules.get("script-src") ?? rules.get("default-src") ?? [];
      check(scripts.length > 0, policy);
      check(!scripts.some((one) => /unsafe|\*|^https?:|data:|blob:/.test(one)), policy);
      const ran = await page.evaluate(() => {
        const script = document.createElement("script");
        script.textContent = "window.hit = 1";
        document.body.append(script);
        const button = document.createElement("button");
        button.setAttribute("onclick", "window.hit = 1");
        document.body.append(button);
        button.click();
        return "hit" in window;
      });
      check(!ran, "what is written into the page does not run");
    },
  },
  {
    name: "who wants no motion has none: dialogs, panels, menus, notices and loading stand still",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { path: CUSTOMERS });
      let seen = 0;
      const still = async (where) => {
        const moving = await page.evaluate(() =>
          document.getAnimations().map((one) => one.animationName ?? one.transitionProperty ?? "?"),
        );
        check(moving.length === 0, `${where}: ${moving.join()}`);
        seen += 1;
      };
      // Each frame is looked at, so that nothing is over before it is seen.
      await page.evaluate(() => {
        window.moved = [];
        const look = () => {
          for (const one of document.getAnimations()) {
            window.moved.push(one.animationName ?? one.transitionProperty ?? "?");
          }
          requestAnimationFrame(look);
        };
        look();
      });
      await page.locator("[role=row][aria-selected]").first().waitFor();
      await page.keyboard.press("?");
      await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
      await still("dialog");
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Search or act").waitFor();
      await still("palette");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Group" }).click();
      await page.getByRole("menu").waitFor();
      await still("menu");
      await page.keyboard.press("Escape");
      await page.locator("[role=row][aria-selected] [data-col='0']").first().click();
      await page.getByRole("button", { name: "Open as a page" }).waitFor();
      await still("panel");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Open as a page" }).waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Add to favourites" }).click();
      await page.getByRole("button", { name: "Undo" }).waitFor();
      await still("notice");
      await page.getByRole("button", { name: "Undo" }).click();
      const moved = await page.evaluate(() => window.moved);
      check(moved.length === 0, `moved: ${[...new Set(moved)].join()}`);
      check(seen === 5, `${seen} were looked at`);

      // With motion there is some, and the app works just so.
      const lively = await openAs(ground, { path: CUSTOMERS, reducedMotion: "no-preference" });
      await lively.page.keyboard.press("?");
      const help = lively.page.getByRole("dialog", { name: "Keyboard shortcuts" });
      await help.waitFor();
      await lively.page.keyboard.press("Escape");
      await help.waitFor({ state: "hidden" });
    },
  },
  {
    name: "ten thousand lines pasted into an order are refused in plain words; the form goes on",
    run: async (ground) => {
      const { check } = ground;
      const { page } = await openAs(ground, { expect: ["409", "422"] });
      const [item] = (await ask(page, "/operations/items?page_size=1&fields=sku,name")).items;
      await page.goto(`${ground.url}${ORDERS}/new`);
      await page.waitForFunction(() => document.activeElement?.getAttribute("role") === "combobox");
      await page.keyboard.press("Alt+n");
      await page.waitForFunction(() =>
        document.activeElement?.closest("[data-cell]")?.dataset.cell?.endsWith(" item"),
      );
      const paste = (count) =>
        page.evaluate(
          ([count, name]) => {
            const data = new DataTransfer();
            data.setData(
              "text/plain",
              Array.from({ length: count }, () => `${name}\t1`).join("\n"),
            );
            document.activeElement.dispatchEvent(
              new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
            );
          },
          [count, item.sku ?? item.name],
        );
      await paste(10_000);
      await page.getByText("10,000 lines are more than a form takes at once").waitFor();
      check((await page.locator("tr[data-index], tbody tr").count()) < 5, "nothing was put in");
      await paste(1_000);
      await page.getByText("1,000 lines pasted").waitFor();
      const last = page.locator('[data-cell="0 quantity"] input');
      await last.fill("7");
      check((await last.inputValue()) === "7", "it is typed on");
    },
  },
  {
    name: "what the server refuses is said in German in a German app",
    run: async (ground) => {
      const { check } = ground;
      const expect = ["409 (Con", "422 (Unp", "401 (Una"];
      const { page } = await openAs(ground, { settings: { locale: "de" }, expect });
      await page.goto(`${ground.url}${CUSTOMERS}/new`);
      await page.getByLabel("Name", { exact: true }).fill("Doppelt");
      await page
        .getByLabel("Kürzel", { exact: true })
        .or(page.getByLabel("Code"))
        .first()
        .fill("C001");
      await page.keyboard.press("Control+Enter");
      await page.getByText("Das ist schon vergeben.").first().waitFor();
      const form = await page.getByRole("form").textContent();
      check(!/\b(taken|another|refused)\b/i.test(form), form);

      // An act, refused by a rule: an order without lines.
      const { items } = await ask(page, `${CUSTOMERS}?page_size=1`);
      const order = await ask(page, ORDERS, { method: "POST", body: { customer: items[0].id } });
      await page.goto(`${ground.url}${ORDERS}/${order.id}`);
      await page.locator("[data-next-act]").click();
      await page
        .getByText("Das muss ausgefüllt werden.")
        .or(page.getByText("Dies muss"))
        .first()
        .waitFor();

      // Signing in.
      const stranger = await visit(ground, { settings: { locale: "de" }, expect });
      await stranger.page.goto(ground.url);
      await stranger.page.getByLabel("E-Mail").fill(demo.email);
      await stranger.page.getByLabel("Passwort").fill("not this one");
      await stranger.page.getByRole("button", { name: "Anmelden" }).click();
      await stranger.page.getByText("E-Mail oder Passwort stimmt nicht.").waitFor();
    },
  },
];
