// Takes pictures of the key screens, in light and dark, on desk and phone, on the demo organisation
// and on the imported Northwind: `node e2e/pictures.mjs FOLDER [NAME…]`, NAME being words that a
// picture's name holds. Writes PNG files and an index.html that shows them side by side.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startBrowser } from "./browser.mjs";
import { screens, show } from "./screens.mjs";
import { administrator, startServer } from "./server.mjs";
import { demo, openAs } from "./session.mjs";

const [folder, ...words] = process.argv.slice(2);
if (!folder) {
  console.error("usage: node e2e/pictures.mjs FOLDER [NAME…]");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });

const server = await startServer({ demo: true });
const browser = await startBrowser();
const grounds = [["demo", demo]];
const northwind = process.env.MEGALITH_DATASETS && `${process.env.MEGALITH_DATASETS}/northwind`;
const taken = [];
const faults = [];
try {
  if (northwind) {
    await server.command(["import", northwind, "--org", "northwind", "--create-org"]);
    grounds.push(["northwind", { ...administrator, org: "northwind" }]);
  } else {
    console.log("MEGALITH_DATASETS is not set: no pictures of Northwind");
  }
  for (const [ground, who] of grounds) {
    for (const theme of ["light", "dark"]) {
      for (const size of ["desk", "phone"]) {
        const wanted = screens.filter(({ name }) => {
          const file = `${ground}-${name}-${theme}-${size}`;
          return words.length === 0 || words.some((word) => file.includes(word));
        });
        if (wanted.length === 0) continue;
        const opened = await openAs(
          { browser, url: server.url },
          { who, size, settings: { theme } },
        );
        for (const screen of wanted) {
          const file = `${ground}-${screen.name}-${theme}-${size}.png`;
          let { page } = opened;
          if (screen.signedOut) {
            page = await browser.newPage({ viewport: page.viewportSize(), colorScheme: theme });
          }
          try {
            await show(page, server.url, screen);
          } catch (error) {
            faults.push(`${file}: ${error.message.split("\n")[0]}`);
          }
          await page.screenshot({ path: join(folder, file) });
          if (screen.signedOut) await page.close();
          taken.push(file);
          console.log(file);
        }
        faults.push(...opened.faults.map((fault) => `${ground} ${theme} ${size}: ${fault}`));
        await opened.context.close();
      }
    }
  }
} finally {
  await browser.close();
  await server.stop();
}
const picture = (file) => `<figure><img src="${file}" alt=""><figcaption>${file}</figcaption>`;
const style = "body{font:13px sans-serif}figure{display:inline-block}img{max-width:46vw}";
writeFileSync(
  join(folder, "index.html"),
  `<!doctype html><title>Pictures</title><style>${style}</style>${taken.map(picture).join("\n")}\n`,
);
for (const fault of faults) console.error(fault);
console.log(`${taken.length} pictures in ${folder}`);
process.exitCode = faults.length > 0 ? 1 : 0;
