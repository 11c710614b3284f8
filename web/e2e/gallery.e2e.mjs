// The gallery in three themes, both directions, on phone and desk: axe finds nothing, nothing is
// wider than the window, the console is silent; and the grid is driven by its keys.
// SHOTS=folder writes pictures.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import { findings, tooWide } from "./axe.mjs";
import { openPage, sizes } from "./browser.mjs";
import { amounts } from "./session.mjs";

const shots = process.env.SHOTS;

export async function setUp() {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const outDir = mkdtempSync(join(tmpdir(), "megalith-gallery-"));
  const common = { configFile: join(root, "vite.config.ts"), root, logLevel: "error" };
  await build({
    ...common,
    build: { outDir, emptyOutDir: true, rollupOptions: { input: join(root, "gallery.html") } },
  });
  const server = await preview({
    ...common,
    build: { outDir },
    preview: { port: 0, host: "127.0.0.1" },
  });
  const { port } = server.httpServer.address();
  if (shots) mkdirSync(shots, { recursive: true });
  return {
    url: `http://127.0.0.1:${port}/gallery.html`,
    async stop() {
      await server.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

const opened = {
  parts: null,
  menu: (page) => page.getByRole("button", { name: "Menu", exact: true }).click(),
  dialog: (page) => page.getByRole("button", { name: "Dialog", exact: true }).click(),
  panel: (page) => page.getByRole("button", { name: "Side panel" }).click(),
  palette: (page) => page.getByRole("button", { name: "Palette" }).click(),
  combobox: (page) => page.getByRole("combobox", { name: "Seller" }).click(),
  notice: async (page) => {
    await page.getByRole("button", { name: "Notice" }).click();
    await page.getByRole("button", { name: "Fault" }).click();
  },
};
const pages = ["parts", "grid", "grid&groups=1", "shell", "shell&collapsed=1"];

let looked = 0;
let found = 0;

async function look({ browser, url, check }, { page: name, theme, dir, size, act }) {
  const { page, context, faults } = await openPage(browser, {
    size: sizes[size],
    hasTouch: size === "phone",
    isMobile: size === "phone",
    reducedMotion: "reduce",
  });
  try {
    page.setDefaultTimeout(10_000);
    await page.goto(`${url}?page=${name}&theme=${theme}&dir=${dir}`);
    await page.locator("main").waitFor();
    await page.evaluate(() => document.fonts.ready);
    if (act) {
      await opened[act](page);
      await page.waitForTimeout(250);
    }
    const faultsOfAxe = await findings(page);
    looked += 1;
    found += faultsOfAxe.length;
    const says = `${name} ${act ?? ""} ${theme} ${dir} ${size}`;
    if (shots) {
      const file = `${shots}/gallery-${says.trim().replace(/[^a-z0-9]+/g, "-")}.png`;
      await page.screenshot({ path: file, fullPage: !act && name === "parts" });
    }
    check(faultsOfAxe.length === 0, `${says}:\n  ${faultsOfAxe.join("\n  ")}`);
    check(faults.length === 0, `${says}:\n  ${faults.join("\n  ")}`);
    const wide = await tooWide(page);
    check(wide <= 0, `${says}: ${wide} pixels wider than the window`);
  } finally {
    await context.close();
  }
}

// Every theme, direction and size with MEGALITH_TEST_ALL; else each of them once.
const isLong = Boolean(process.env.MEGALITH_TEST_ALL);
const ways = ["light", "dark", "contrast"].flatMap((theme) =>
  ["ltr", "rtl"].flatMap((dir) => ["desk", "phone"].map((size) => ({ theme, dir, size }))),
);
const short = new Set(["light ltr desk", "dark rtl desk", "contrast ltr phone", "light rtl phone"]);
const chosen = ways.filter(
  ({ theme, dir, size }) => isLong || short.has(`${theme} ${dir} ${size}`),
);

export const tests = [
  ...pages.map((page) => ({
    name: `${page}: three themes, both directions, phone and desk`,
    run: async (ground) => {
      for (const way of chosen) await look(ground, { page, ...way });
    },
  })),
  {
    name: "what opens over the page: three themes",
    run: async (ground) => {
      for (const act of Object.keys(opened).filter((name) => opened[name])) {
        for (const theme of isLong ? ["light", "dark", "contrast"] : ["dark"]) {
          await look(ground, { page: "parts", theme, dir: "ltr", size: "desk", act });
        }
        await look(ground, { page: "parts", theme: "light", dir: "rtl", size: "phone", act });
      }
    },
  },
  {
    name: "at 400 % the page is read without scrolling sideways",
    run: async ({ browser, url, check }) => {
      const { page, context, faults } = await openPage(browser, {
        size: { width: 320, height: 256 },
      });
      for (const name of ["parts", "shell"]) {
        await page.goto(`${url}?page=${name}`);
        await page.locator("main").waitFor();
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        check(wide <= 320, `${name} is ${wide} pixels wide`);
      }
      check(faults.length === 0, faults.join("\n"));
      await context.close();
    },
  },
  {
    name: "the grid goes by keys, selects, copies, edits and sorts",
    run: async ({ browser, url, check }) => {
      const { page, context, faults } = await openPage(browser);
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.goto(`${url}?page=grid`);
      const grid = page.getByRole("grid");
      const focused = () =>
        page.evaluate(() => {
          const cell = document.activeElement;
          return [cell?.closest("[role=row]")?.getAttribute("aria-rowindex"), cell?.textContent];
        });
      await grid.getByRole("gridcell", { name: "SO-2026-00001" }).focus();
      for (const [key, row] of [
        ["ArrowDown", "3"],
        ["j", "4"],
        ["Control+End", "10006"],
        ["Control+Home", "2"],
        ["PageDown", null],
        ["Control+Home", "2"],
      ]) {
        await page.keyboard.press(key);
        await page.waitForTimeout(60);
        const [at] = await focused();
        check(row === null ? Number(at) > 10 : at === row, `${key} leads to row ${at}`);
      }
      check((await grid.locator("[role=row]").count()) <= 60, "more than 60 rows are drawn");
      await page.keyboard.press("x");
      check(await amounts(grid.locator('[role=row][aria-selected="true"]'), 3), "x selects a row");
      await page.keyboard.press("Shift+ArrowDown");
      await page.keyboard.press("Shift+ArrowRight");
      await page.keyboard.press("Control+c");
      const copied = await page.evaluate(() => navigator.clipboard.readText());
      check(
        copied === "SO-2026-00001\tVins et alcools Chevalier\nSO-2026-00002\tمقهى فاس",
        `copied ${JSON.stringify(copied)}`,
      );
      await page.keyboard.press("Control+Home");
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("F2");
      await page.keyboard.type("Café Ζώη");
      await page.keyboard.press("Enter");
      check(await amounts(grid.getByText("Café Ζώη"), 1), "the edited cell is shown");
      await page.keyboard.press("Control+ArrowUp");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Enter");
      const sorted = grid.locator('[role=columnheader][aria-sort="ascending"]');
      check((await sorted.textContent())?.startsWith("Customer"), "Enter on a head sorts");
      await page.keyboard.press("Alt+ArrowDown");
      await page.getByRole("menuitem", { name: "Hide column" }).click();
      check(
        await amounts(grid.getByRole("columnheader", { name: "Customer" }), 0),
        "a column is hidden",
      );
      check(faults.length === 0, faults.join("\n"));
      await context.close();
    },
  },
  {
    name: "cells are typed over, drawn over, put in, filled down, and say what is wrong",
    run: async ({ browser, url, check }) => {
      const { page, context, faults } = await openPage(browser);
      page.setDefaultTimeout(10_000);
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.goto(`${url}?page=grid`);
      const cell = (row, col) => page.locator(`[data-row="${row}"] > [data-col="${col}"]`);
      const text = async (row, col, wanted) => {
        const found = await cell(row, col).textContent();
        check(found === wanted, `row ${row}, column ${col} is ${found}, not ${wanted}`);
      };
      const isAt = (row, col) =>
        page.waitForFunction(
          ([row, col]) =>
            document.activeElement?.matches(`[data-row="${row}"] > [data-col="${col}"]`),
          [row, col],
        );
      // Typing takes the place of what was there; letters do not type over figures.
      await cell(0, 1).click();
      await page.keyboard.type("xenon");
      await page.keyboard.press("Enter");
      await isAt(1, 1);
      await text(0, 1, "xenon");
      await cell(0, 4).click();
      await page.keyboard.type("7x");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").getByText("Write a figure such as 12.50.").waitFor();
      await page.keyboard.press("Backspace");
      await page.keyboard.press("Tab");
      await text(0, 4, "7.00");
      await page.keyboard.press("F2");
      await page.keyboard.type("99");
      await page.keyboard.press("Escape");
      await isAt(0, 4);
      await text(0, 4, "7.00");
      // What was refused stays as it was typed, says why, and is given up by Escape.
      await cell(5, 4).click();
      await page.getByRole("alert").getByText("Write a figure such as 12.50.").waitFor();
      check((await cell(5, 4).getAttribute("aria-invalid")) === "true", "the cell is marked");
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => !document.querySelector('[aria-invalid="true"]'));
      // A cell that cannot be changed says why to who tries.
      await cell(0, 2).click();
      await page.keyboard.press("F2");
      await page.getByText("The state changes by what is done with the order.").waitFor();
      check((await cell(0, 2).getAttribute("aria-readonly")) === "true", "and is read only");
      // A range is drawn with the mouse, and copied with its heads.
      await cell(1, 1).hover();
      await page.mouse.down();
      await cell(2, 2).hover();
      await cell(3, 2).hover();
      await page.getByRole("status").getByText("3 by 2 cells").waitFor({ state: "attached" });
      await page.mouse.up();
      await page.keyboard.press("Control+Shift+c");
      await page.waitForFunction(async () =>
        (await navigator.clipboard.readText()).startsWith("Customer\tState\n"),
      );
      await page.evaluate(() => navigator.clipboard.writeText("one\ntwo\n"));
      await page.keyboard.press("Control+v");
      await page.waitForFunction(
        () => document.querySelector('[data-row="2"] > [data-col="1"]')?.textContent === "two",
      );
      await text(1, 1, "one");
      await cell(1, 1).click();
      await page.keyboard.press("Shift+ArrowDown");
      await page.keyboard.press("Shift+ArrowDown");
      await page.keyboard.press("Control+d");
      await page.waitForFunction(
        () => document.querySelector('[data-row="3"] > [data-col="1"]')?.textContent === "one",
      );
      await text(2, 1, "one");
      // All rows there are, also those that were never drawn.
      await page.keyboard.press("Control+a");
      await page.keyboard.press("Control+End");
      const last = page.locator('[data-row="9999"]');
      await last.waitFor();
      check((await last.getAttribute("aria-selected")) === "true", "the last row is chosen");
      check(faults.length === 0, faults.join("\n"));
      await context.close();
    },
  },
  {
    name: "scrolling draws few rows and takes little script",
    run: async ({ browser, url, check }) => {
      const { page, context } = await openPage(browser);
      await page.goto(`${url}?page=grid&rows=100000`);
      await page.getByRole("grid").waitFor();
      const session = await context.newCDPSession(page);
      await session.send("Performance.enable");
      const script = async () => {
        const { metrics } = await session.send("Performance.getMetrics");
        return metrics.find(({ name }) => name === "ScriptDuration").value * 1000;
      };
      const steps = 40;
      const before = await script();
      for (let step = 1; step <= steps; step++) {
        await page.evaluate(
          (top) =>
            new Promise((done) => {
              document.querySelector("[role=grid]").scrollTop = top;
              requestAnimationFrame(() => requestAnimationFrame(done));
            }),
          step * 900,
        );
      }
      const each = ((await script()) - before) / steps;
      const rows = await page.locator("[role=grid] [role=row]").count();
      console.log(`        ${each.toFixed(1)} ms of script for a step of 900 pixels, ${rows} rows`);
      check(rows <= 60, `${rows} rows are drawn`);
      await context.close();
    },
  },
  {
    name: "all pages were looked at",
    run: async ({ check }) => {
      console.log(`        pages checked: ${looked}, findings: ${found}`);
      check(looked >= (isLong ? 80 : 30), `only ${looked} pages were looked at`);
    },
  },
];
