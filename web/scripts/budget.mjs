// The weight of the first load: the scripts that each page names, and all that those import before
// anything is shown. Fails over the budget, and when files import each other in a circle. Prints
// what each weighs, compressed with gzip.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const FIRST_KB = 170;
const NEXT_KB = 200;

const app = fileURLToPath(new URL("../build/app", import.meta.url));
const pages = ["index.html", "admin/index.html"].filter((page) => existsSync(join(app, page)));
if (pages.length === 0) {
  console.error("There is no built app: run `npm run build` first.");
  process.exit(1);
}

const weights = new Map();
/** Kilobytes of a file, compressed. */
function weigh(file) {
  if (!weights.has(file)) {
    weights.set(file, gzipSync(readFileSync(join(app, file)), { level: 9 }).length / 1000);
  }
  return weights.get(file);
}

/** The files that a script imports at once. */
function imports(file) {
  const text = readFileSync(join(app, file), "utf8");
  const found = text.matchAll(
    /(?:^|[;}\s])(?:import|export)\s*(?:[^"'()]*?from\s*)?["'](\.[^"']+\.js)["']/g,
  );
  return [...found].map(([, path]) => posix.join(dirname(file), path));
}

/** A script and all that it cannot start without. */
function closure(files) {
  const all = new Set();
  const add = (file) => {
    if (all.has(file)) return;
    all.add(file);
    for (const next of imports(file)) add(next);
  };
  for (const file of files) add(file);
  return all;
}

const sum = (files) => [...files].reduce((total, file) => total + weigh(file), 0);
let over = false;
const first = new Set();
for (const page of pages) {
  const html = readFileSync(join(app, page), "utf8");
  const named = [...html.matchAll(/(?:src|href)="\/?([^"]+\.js)"/g)].map(([, path]) => path);
  const files = closure(named);
  for (const file of files) first.add(file);
  const total = sum(files);
  over ||= total > FIRST_KB;
  console.log(
    `${total > FIRST_KB ? "OVER  " : "ok    "}${page}: ${total.toFixed(1)} of ${FIRST_KB} kB in ${files.size} files`,
  );
}
const later = readdirSync(join(app, "assets"))
  .filter((name) => name.endsWith(".js") && !first.has(`assets/${name}`))
  .map((name) => {
    const files = [...closure([`assets/${name}`])].filter((file) => !first.has(file));
    return { name, total: sum(files) };
  })
  .sort((a, b) => b.total - a.total);
for (const { name, total } of later) {
  if (total > NEXT_KB) over = true;
  if (total > 2)
    console.log(`${total > NEXT_KB ? "OVER  " : "later "}${name}: ${total.toFixed(1)} kB`);
}
// Files that wait for each other may run before what they need is there: the page dies at its start.
const circles = [];
const finished = new Set();
function walk(file, path) {
  if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file]);
  if (path.includes(file) || finished.has(file)) return;
  for (const next of imports(file)) walk(next, [...path, file]);
  finished.add(file);
}
for (const name of readdirSync(join(app, "assets"))) {
  if (name.endsWith(".js")) walk(`assets/${name}`, []);
}
for (const circle of circles) console.log(`CIRCLE ${circle.join(" -> ")}`);
over ||= circles.length > 0;
console.log(`checks: ${pages.length + later.length}`);
process.exitCode = over ? 1 : 0;
