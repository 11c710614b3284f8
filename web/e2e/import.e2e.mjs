// A file of customers comes in: upload, a mapping changed by hand, preview, trial run, import, refused
// rows as a file, and all of it taken back; a reload goes on at each step, axe finds nothing, no step
// is too wide for a phone. SHOTS=folder writes pictures.
import { readFileSync } from "node:fs";
import { clean } from "./axe.mjs";
import { administrator, startServer } from "./server.mjs";
import { amounts, ask, openAs } from "./session.mjs";

export const setUp = () => startServer();

/** Each step is looked at once; with MEGALITH_TEST_ALL in three more ways. */
const isLong = Boolean(process.env.MEGALITH_TEST_ALL);

/** Thirty customers, of whom the seventh has no country that there is and the twelfth no name. */
const rows = Array.from({ length: 30 }, (_, at) => {
  const no = at + 1;
  const name = no === 12 ? "" : `Stonework ${String(no).padStart(2, "0")}`;
  return `C${no},${name},${no === 7 ? "Nowhere" : "DE"},Quarry ${no},note ${no}`;
});
const csv = ["CustomerNo,Company name,Land,Nickname,Remark", ...rows].join("\n");
const file = (name, text) => ({ name, mimeType: "text/csv", buffer: Buffer.from(text) });

/** So many rows that an import of them can be watched and stopped. */
const MANY = 60_000;
const many = [
  "CustomerNo,Company name",
  ...Array.from({ length: MANY }, (_, at) => `M${at},Milestone ${at}`),
].join("\n");

const choose = (page, name, text) =>
  page.locator("input[type=file]").setInputFiles(file(name, text));
const count = (page, name) => page.locator(`[data-count="${name}"] dd`).textContent();
const field = (page, name) => page.locator(`[data-field="${name}"]`);

/** Each step in the dark and on a phone, by its own address. */
async function lookElsewhere(ground, address, name, waitFor) {
  const looks = [
    ["dark", { settings: { theme: "dark" } }],
    ["phone", { size: "phone" }],
    ["rtl", { settings: { locale: "ar" } }],
  ];
  for (const [kind, options] of looks) {
    const { page, context } = await openAs(ground, { who: administrator, ...options });
    await page.goto(address);
    await page.locator(waitFor).first().waitFor();
    await clean(ground, page, `import-${name}-${kind}`);
    await context.close();
  }
}

export const tests = [
  {
    name: "thirty customers: mapped by hand, looked at, tried, imported, and taken back",
    run: async (ground) => {
      const { check, url } = ground;
      const { page } = await openAs(ground, {
        who: administrator,
        expect: ["status of 400"],
      });
      await page.goto(`${url}/operations/customers`);
      await page.getByRole("button", { name: "Import customers" }).first().click();
      await page.getByRole("heading", { level: 1, name: "Import customers" }).waitFor();
      await page.getByText("Drop a file here").waitFor();
      await clean(ground, page, "import-file");
      await choose(page, "made-customers.csv", csv);

      // The company's name fits by its column; the country does not, and is chosen by hand.
      await field(page, "name").waitFor();
      await page.waitForURL(/import=.*step=map|step=map.*import=/);
      const open = page.locator("details > summary");
      if (await open.count()) await open.click();
      const name = field(page, "name").getByRole("combobox");
      await name.selectOption({ label: "Expression…" });
      const typed = field(page, "name").getByRole("textbox");
      await typed.fill("upper(Company_nam)");
      await typed.press("Tab");
      await field(page, "country").getByRole("combobox").first().selectOption({ label: "Land" });
      await page.getByRole("button", { name: "Continue" }).click();
      await page.getByText("The mapping does not fit").waitFor();
      await clean(ground, page, "import-map-wrong");
      await typed.fill("upper(Company_name)");
      await typed.press("Tab");
      await page.waitForURL(/Company_name/);
      await page.reload();
      await field(page, "name").getByRole("textbox").waitFor();
      check(
        (await field(page, "name").getByRole("textbox").inputValue()) === "upper(Company_name)",
        "the mapping is lost by a reload",
      );
      check(await page.getByText(/Not used:.*Remark/).isVisible(), "an unused column is not named");
      await clean(ground, page, "import-map");
      if (isLong) await lookElsewhere(ground, page.url(), "map", '[data-field="name"]');
      await page.getByRole("button", { name: "Continue" }).click();

      await page.locator('tr[data-would="refuse"]').first().waitFor();
      check(await amounts(page.locator("tr[data-would]"), 20), "not 20 rows of a preview");
      check(await amounts(page.locator('tr[data-would="refuse"]'), 2), "not two bad rows");
      await page.getByRole("cell", { name: "STONEWORK 01", exact: true }).waitFor();
      for (const name of ["country", "name"]) {
        const wrong = page.locator(`td[data-wrong="${name}"]`);
        check(await amounts(wrong, 1), `the fault of ${name} is not at its cell`);
      }
      await clean(ground, page, "import-preview");
      if (isLong) await lookElsewhere(ground, page.url(), "preview", "tr[data-would]");

      await page.getByRole("button", { name: "Trial run over all rows" }).click();
      await page.getByText("Trial run finished").waitFor();
      check((await count(page, "created")) === "28", "the trial run counts otherwise");
      check((await count(page, "refused")) === "2", "the trial run refuses otherwise");
      const none = await ask(page, "/operations/customers?count=true");
      check(none.items.length === 0, "a trial run has written");
      await page.getByRole("cell", { name: "Nowhere" }).waitFor();
      await clean(ground, page, "import-check");
      if (isLong) await lookElsewhere(ground, page.url(), "check", "[data-count]");
      await page.reload();
      await page.getByText("Trial run finished").waitFor();

      await page.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByText("Imported", { exact: true }).waitFor();
      check((await count(page, "read")) === "30", "not all rows are read");
      check((await count(page, "created")) === "28", "the import counts otherwise");
      check((await count(page, "refused")) === "2", "the import refuses otherwise");
      await page.reload();
      await page.getByText("Imported", { exact: true }).waitFor();
      await page.getByRole("cell", { name: "Nowhere" }).waitFor();
      await clean(ground, page, "import-done");
      if (isLong) await lookElsewhere(ground, page.url(), "done", "[data-count]");
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        page.getByRole("link", { name: "Download as CSV" }).click(),
      ]);
      const refused = readFileSync(await download.path(), "utf8");
      check(refused.includes("Nowhere") && refused.includes("C12"), `refused: ${refused}`);
      check(!refused.includes("C13"), "a row that went in is among the refused");

      const done = page.url();
      await page.getByRole("link", { name: "Show what was created" }).click();
      await page.getByText("28 records").first().waitFor();
      await page.goto(done);
      await page.getByRole("button", { name: "Take back" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByText("28 changes would be taken back.").waitFor();
      await clean(ground, page, "import-undo");
      await dialog.getByRole("button", { name: "Take back" }).click();
      await page.getByText("This import was taken back").waitFor();
      const after = await ask(page, "/operations/customers");
      check(after.items.length === 0, `${after.items.length} customers are left`);
    },
  },
  {
    name: "what is no table, what is empty, an import that is not there and one that is gone say so",
    run: async (ground) => {
      const { url } = ground;
      const { page } = await openAs(ground, {
        who: administrator,
        expect: ["status of 4", "ERR_FAILED"],
      });
      await page.goto(`${url}/import`);
      await page.getByText("Drop a file here").waitFor();
      await choose(page, "empty.csv", "");
      await page.getByText("The file is empty").waitFor();
      await choose(page, "picture.csv", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0");
      await page.getByText("This is no table").waitFor();
      await clean(ground, page, "import-refused-file");
      await page.route("**/imports:upload*", (route) =>
        route.fulfill({
          status: 413,
          contentType: "application/problem+json",
          body: JSON.stringify({ status: 413, code: "too_large", detail: "It may hold 5 MiB." }),
        }),
      );
      await choose(page, "large.csv", csv);
      await page.getByText("The file is too large").waitFor();
      await page.unroute("**/imports:upload*");
      await page.route("**/imports:upload*", (route) => route.abort());
      await choose(page, "lost.csv", csv);
      await page.getByText("The upload broke off").waitFor();
      await page.unroute("**/imports:upload*");

      // Without an entity it is asked for; then what the rows become stands in the address.
      await choose(page, "things.csv", csv);
      await page
        .getByLabel("What the rows become")
        .selectOption({ label: "Customers (Operations)" });
      await clean(ground, page, "import-table");
      await page.getByRole("button", { name: "Continue" }).click();
      await page.waitForURL(/entity=operations.customer/);
      await field(page, "name").waitFor();

      await page.goto(`${url}/import?import=imp_01h455vb4pex5vsknk084sn02q`);
      await page.getByText("There is no such import").waitFor();
    },
  },
  {
    name: "a long import is followed on every page, begun once, and stopped",
    run: async (ground) => {
      const { check, url } = ground;
      const expect = ["status of 409"];
      const { page } = await openAs(ground, { who: administrator, expect });
      await page.goto(`${url}/import?entity=operations.customer`);
      await page.getByText("Drop a file here").waitFor();
      await choose(page, "many-customers.csv", many);
      await field(page, "name").waitFor();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.locator("tr[data-would]").first().waitFor();

      // The trial run is stopped: it had written nothing.
      await page.getByRole("button", { name: "Trial run over all rows" }).click();
      await page.getByRole("progressbar").waitFor();
      await page.getByRole("button", { name: "Stop" }).click();
      await page.getByText("The trial run was stopped").waitFor();
      await page.getByText("Nothing was written.").waitFor();
      await clean(ground, page, "import-stopped-trial");
      await page.getByRole("button", { name: "Change the mapping" }).click();
      await page.getByRole("button", { name: "Continue" }).click();
      await page.locator("tr[data-would]").first().waitFor();

      const other = await openAs(ground, { who: administrator, expect });
      await other.page.goto(page.url());
      await other.page.locator("tr[data-would]").first().waitFor();
      await page.getByRole("button", { name: "Import", exact: true }).click();
      await page.getByRole("progressbar").waitFor();
      await other.page.getByRole("button", { name: "Import", exact: true }).click();
      await other.page.getByText("This import is at work already").waitFor();
      await other.page.getByRole("progressbar").waitFor();
      await clean(ground, other.page, "import-running");
      await page.reload();
      await page.getByRole("progressbar").waitFor();
      await page.getByRole("button", { name: "Stop" }).click();
      for (const each of [page, other.page]) {
        await each.getByText("The import was stopped").waitFor();
      }
      await page.getByText("What was written until then stays").waitFor();
      await clean(ground, page, "import-stopped");
      const counted = async (name) => Number((await count(page, name)).replace(/\D/g, ""));
      const [read, created] = [await counted("read"), await counted("created")];
      check(created === read && read < MANY, `${created} created of ${read} read`);
      const own = encodeURIComponent("name.startsWith('Milestone ')");
      const left = await ask(page, `/operations/customers?count=true&page_size=1&filter=${own}`);
      check(left.total_size === created, `${left.total_size} customers and not ${created}`);
      await page.getByRole("button", { name: "Take back" }).waitFor();
    },
  },
];
