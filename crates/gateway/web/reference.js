// The API reference: reads the description of the API and shows, explains and tries it.
import { fault, me, remember, send } from "/assets/session.js";

const $ = (id) => document.getElementById(id);
const el = (name, props = {}, ...children) => {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === false) continue;
    if (key === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (key in node && key !== "list" && typeof value !== "string") node[key] = value;
    else node.setAttribute(key === "className" ? "class" : key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return node;
};

const METHODS = ["get", "post", "patch", "delete"];
const KERNEL = new Set(["id", "version", "state", "number", "company", "created_at", "created_by", "updated_at", "updated_by", "external_ids", "custom"]);
let api, who, operations = [];

const resolve = (node) => node?.$ref ? node.$ref.split("/").slice(1).reduce((at, key) => at[key.replaceAll("~1", "/")], api) : node;
/** Text in which `marks` stand for code. */
const prose = (text) => (text ?? "").split("`").map((part, at) => at % 2 ? el("code", {}, part) : part);
/** The members of a schema in the order in which the server writes them. */
const ordered = (schema) => schema["x-order"] ?? Object.keys(schema.properties ?? {});
const nouns = (tag) => {
  if (!tag.includes(".")) return tag === "auth" ? "signing in and out" : tag;
  const list = operations.find((op) => op.tag === tag && op.method === "get" && !op.path.includes("{"));
  return short(list ? list.path.split("/").pop().replaceAll("-", " ") : tag.split(".").pop().replaceAll("_", " "));
};

function collect() {
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of METHODS) {
      if (!item[method]) continue;
      const op = item[method];
      const parameters = [...(item.parameters ?? []), ...(op.parameters ?? [])].map(resolve);
      operations.push({ ...op, path, method, parameters, tag: op.tags[0] });
    }
  }
}

// ---- what a schema says, in words --------------------------------------------------------

function kind(schema) {
  schema = resolve(schema);
  if (!schema) return "anything";
  if (schema.anyOf) return kind(schema.anyOf[0]);
  if (schema.enum) return schema.enum.filter((value) => value !== null).join(" | ");
  const type = Array.isArray(schema.type) ? schema.type.filter((one) => one !== "null").join(" | ") : schema.type;
  if (type === "array") return `list of ${kind(schema.items)}`;
  if (type === "string" && schema.pattern?.includes("[0-7][0-9a-hjkmnp-tv-z]")) return `id ${schema.pattern.slice(1).split("_[")[0]}_…`;
  if (type === "object" && schema.properties?.amount) return "money";
  if (type === "integer" && (schema.minimum !== undefined || schema.maximum !== undefined)) return `integer ${schema.minimum ?? ""}…${schema.maximum ?? ""}`;
  if (type === "integer") return "integer";
  if (schema.format) return schema.format;
  if (type === "string" && schema.maxLength) return `text, ${schema.maxLength}`;
  return type ?? "JSON";
}

function fieldTable(names, read, write, required) {
  const row = (name) => {
    const schema = resolve(read?.[name] ?? write?.[name]);
    const marks = [];
    if (required.includes(name)) marks.push("required");
    if (!write?.[name]) marks.push("read-only");
    if (write?.[name]?.writeOnly) marks.push("never shown");
    const description = (schema.anyOf ? resolve(schema.anyOf[0]).description : schema.description) ?? "";
    return el("tr", {}, el("td", {}, name, marks.map((mark) => el("span", { className: "mark" }, mark))), el("td", { className: "kind" }, kind(schema)), el("td", {}, prose(description)));
  };
  return el("div", { className: "scroll", tabindex: "0", role: "region", "aria-label": "Fields" },
    el("table", {}, el("thead", {}, el("tr", {}, ["Field", "Holds", "Meaning"].map((text) => el("th", { scope: "col" }, text)))), el("tbody", {}, names.map(row))));
}

// ---- JSON with a little colour ------------------------------------------------------------

function coloured(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const pre = el("pre", { tabindex: "0" });
  const parts = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g;
  let last = 0;
  for (const match of text.matchAll(parts)) {
    pre.append(text.slice(last, match.index));
    const style = match[1] ? (match[2] ? "jk" : "js") : match[3] ? "jn" : "jb";
    pre.append(el("span", { className: style }, match[1] ?? match[0]), match[2] ?? "");
    last = match.index + match[0].length;
  }
  pre.append(text.slice(last));
  return pre;
}

// ---- one operation ----------------------------------------------------------------------------

function tryForm(op) {
  const body = op.requestBody && Object.entries(op.requestBody.content)[0];
  const answer = el("div", { "aria-live": "polite" });
  const inputs = op.parameters.map((parameter) => {
    const id = `${op.operationId}-${parameter.name}`;
    const schema = resolve(parameter.schema);
    const hint = [parameter.in === "path" ? "" : parameter.in, parameter.required ? "required" : ""].filter(Boolean).join(", ");
    const options = schema.type === "boolean" ? ["", "true", "false"] : undefined;
    const input = options
      ? el("select", { id }, options.map((text) => el("option", { value: text }, text || "not sent")))
      : el("input", { id, required: parameter.required, autocomplete: "off", spellcheck: "false", placeholder: schema.default !== undefined ? String(schema.default) : "" });
    input.dataset.name = parameter.name;
    input.dataset.in = parameter.in;
    return el("div", {}, el("label", { for: id }, parameter.name, " ", el("small", {}, hint)), input, el("span", { className: "help" }, parameter.description ?? ""));
  });
  const area = body && el("textarea", { id: `${op.operationId}-body`, spellcheck: "false" });
  if (area) area.value = op.requestBody.required || body[1].example ? JSON.stringify(body[1].example ?? {}, null, 2) : "";
  const button = el("button", { className: "main", type: "submit" }, "Send");
  const form = el("form", { className: "try" },
    el("h3", {}, "Try it"),
    !who && op.security?.length !== 0 && el("p", { className: "note" }, "Sign in first: without a session the server answers 401."),
    inputs.length > 0 && el("div", { className: "grid" }, inputs),
    area && el("div", {}, el("label", { for: area.id }, "Body ", el("small", {}, body[0])), area),
    el("div", { className: "row" }, button, op.method === "delete" && el("span", { className: "quiet" }, "This changes real records.")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    const headers = body ? { "Content-Type": body[0] } : {};
    const query = new URLSearchParams();
    let path = op.path;
    for (const input of form.querySelectorAll("[data-name]")) {
      const { name, in: where } = input.dataset;
      if (where === "path") path = path.replace(`{${name}}`, encodeURIComponent(input.value));
      else if (input.value === "") continue;
      else if (where === "query") query.set(name, input.value);
      else headers[name] = input.value;
    }
    if (query.size) path += `?${query}`;
    const text = area?.value.trim() || undefined;
    if (text === undefined) delete headers["Content-Type"];
    try {
      answer.replaceChildren(shown(op.method.toUpperCase(), path, text, headers, await send(op.method.toUpperCase(), path, { headers, body: text })));
    } catch (error) {
      answer.replaceChildren(el("div", { className: "fault" }, `The server did not answer: ${error.message}`));
    }
    button.disabled = false;
  });
  return el("div", { className: "stack" }, form, answer);
}

function shown(method, path, body, headers, answer) {
  const sent = [`${method} ${path}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), ...(body ? ["", body] : [])].join("\n");
  const facts = ["etag", "location", "idempotency-replayed", "retry-after", "x-request-id"].map((name) => [name, answer.headers.get(name)]).filter(([, value]) => value);
  return el("div", { className: "answer" },
    el("header", {}, el("span", { className: answer.ok || answer.status === 304 ? "ok" : "no" }, `${answer.status} ${answer.statusText}`.trim()),
      el("span", {}, `${answer.ms.toFixed(answer.ms < 10 ? 1 : 0)} ms`), facts.map(([name, value]) => el("span", { className: "quiet" }, `${name}: ${value}`))),
    el("pre", { className: "quiet", tabindex: "0", "aria-label": "What was sent" }, sent),
    answer.text ? coloured(answer.json ?? answer.text) : el("pre", { className: "faint" }, "No body."));
}

function operation(op) {
  const details = el("details", { className: "op", id: op.operationId },
    el("summary", {}, el("span", { className: `verb ${op.method}` }, op.method.toUpperCase()), el("code", {}, op.path), el("span", { className: "quiet" }, op.summary)));
  details.addEventListener("toggle", () => {
    if (!details.open || details.children.length > 1) return;
    const statuses = Object.entries(op.responses).map(([status, response]) => el("li", { title: resolve(response).description }, el("b", {}, status), ` ${resolve(response).description.replace(/[.;].*$/, "")}`));
    const example = exampleOf(op);
    details.append(el("div", { className: "body" },
      el("p", { className: "quiet" }, prose(op.description)),
      el("ul", { className: "statuses", "aria-label": "Statuses" }, statuses),
      example && el("div", { className: "answer" }, el("header", {}, el("span", {}, "Example of an answer")), coloured(example)),
      tryForm(op)));
  });
  return details;
}

/** An answer made from the schema: what it would look like with every field filled. */
function exampleOf(op) {
  const ok = Object.entries(op.responses).find(([status]) => status.startsWith("2"))?.[1];
  const schema = resolve(ok)?.content?.["application/json"]?.schema;
  return schema && sample(schema, 0);
}

function sample(schema, depth) {
  schema = resolve(schema);
  if (!schema || depth > 6) return null;
  if (schema.const !== undefined) return schema.const;
  if (schema.examples?.length) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sample(schema.anyOf[0], depth + 1);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object") return Object.fromEntries(ordered(schema).map((name) => [name, sample(schema.properties[name], depth + 1)]));
  if (type === "array") return [sample(schema.items, depth + 1)];
  if (type === "integer" || type === "number") return schema.minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "string") return schema.format === "date-time" ? "2026-07-04T09:30:00.000000Z" : "text";
  return null;
}

// ---- pages ----------------------------------------------------------------------------------

function showEntity(tag) {
  const described = api.tags.find((one) => one.name === tag);
  const [lead, ...more] = (described?.description ?? "").split("\n\n");
  const own = operations.filter((op) => op.tag === tag);
  const read = api.components.schemas[tag], create = api.components.schemas[`${tag}.create`];
  const parts = [el("h1", {}, capital(nouns(tag))), el("p", { className: "lead" }, prose(lead)), more.map((text) => el("p", {}, prose(text)))];
  if (own.length) parts.push(el("p", { className: "path" }, own[0].path));
  const states = read?.properties?.state?.enum?.filter(Boolean);
  if (states?.length) parts.push(el("ul", { className: "states", "aria-label": "States" }, states.map((state) => el("li", {}, state.replaceAll("_", " ")))));
  parts.push(el("div", { className: "part" }, el("h2", {}, "Operations"), own.map(operation)));
  if (read) {
    const names = [...new Set([...ordered(read), ...Object.keys(create?.properties ?? {})])];
    const table = (list) => fieldTable(list, read.properties, create?.properties, create?.required ?? []);
    parts.push(el("div", { className: "part" }, el("h2", {}, "Fields"), table(names.filter((name) => !KERNEL.has(name))),
      el("details", { className: "kernel" }, el("summary", {}, "Fields that every record has"), table(names.filter((name) => KERNEL.has(name))))));
  }
  show(parts, `${capital(nouns(tag))} · Megalith API`);
}

function showHome() {
  const groups = tagGroups().filter((group) => group.name !== "sign-in");
  const card = (tag) => el("a", { href: `#/${tag}` }, el("b", {}, nouns(tag)), el("span", {}, prose((api.tags.find((one) => one.name === tag)?.description ?? "").split("\n")[0])));
  show([
    el("div", { className: "hero" }, el("img", { src: "/assets/mark.svg", alt: "", width: 92, height: 92 }),
      el("div", {}, el("h1", {}, "Everything here is a record"), el("p", { className: "lead" }, api.info.summary))),
    el("p", {}, prose(api.info.description)),
    el("p", {}, "The description for programs: ", el("a", { href: "/api/openapi.json" }, "/api/openapi.json"), ` (OpenAPI ${api.openapi}, version ${api.info.version}).`),
    groups.map((group) => el("div", { className: "part" }, el("h2", {}, capital(short(group.name))), el("div", { className: "kinds" }, group.tags.map(card)))),
    !groups.length && el("p", { className: "note" }, "No service is part of this installation yet."),
  ], "Megalith API");
}

function show(parts, title) {
  document.title = title;
  $("main").replaceChildren(el("section", {}, parts.flat()));
  window.scrollTo(0, 0);
}

/** What a company works with comes before what keeps the installation running. */
const tagGroups = () => {
  const behind = ["users", "auth", "platform"];
  return api["x-tagGroups"].toSorted((a, b) => behind.indexOf(a.name) - behind.indexOf(b.name));
};
/** Abbreviations as people write them. */
const short = (text) => text.replace(/^hr$/, "HR").replace(/^api keys$/, "API keys").replace(/^orgs$/, "organisations");
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function side(needle = "") {
  const fits = (tag) => !needle || nouns(tag).includes(needle) || tag.includes(needle) || operations.some((op) => op.tag === tag && `${op.summary} ${op.path}`.toLowerCase().includes(needle));
  const here = location.hash.slice(2).split("/")[0];
  const groups = tagGroups().map((group) => {
    const tags = group.tags.filter(fits);
    return tags.length > 0 && [el("h2", {}, short(group.name)), el("ul", {}, tags.map((tag) => el("li", {}, el("a", { href: `#/${tag}`, "aria-current": here === tag ? "page" : undefined }, nouns(tag)))))];
  });
  const found = groups.flat().filter(Boolean);
  $("side").replaceChildren(...(found.length ? found : [el("p", { className: "faint" }, "Nothing is called that.")]));
}

function route() {
  const [tag, operationId] = location.hash.slice(2).split("/");
  if (api.tags.some((one) => one.name === tag)) showEntity(tag); else showHome();
  side($("find").value.trim().toLowerCase());
  const op = operationId && $(operationId);
  if (op) { op.open = true; op.scrollIntoView(); }
}

// ---- signing in -----------------------------------------------------------------------------

let loginToken;
function whoBar() {
  if (!who) {
    $("who").replaceChildren(el("button", { className: "main", type: "button", on: { click: openSignIn } }, "Sign in"));
    return;
  }
  const orgs = el("select", { "aria-label": "Organisation", on: { change: async (event) => {
    const answer = await send("POST", "/api/v1/auth/switch", { body: JSON.stringify({ org: event.target.value }) });
    if (answer.ok) await refreshWho(); else whoBar();
  } } }, who.orgs.map((org) => el("option", { value: org.slug, selected: org.id === who.org?.id }, org.name)));
  const out = el("button", { className: "plain", type: "button", on: { click: async () => { await send("POST", "/api/v1/auth/logout"); remember(false); who = undefined; whoBar(); route(); } } }, "Sign out");
  $("who").replaceChildren(el("span", { className: "quiet" }, who.user.name || who.user.email), orgs, out);
}

async function refreshWho() { who = await me(); whoBar(); route(); }

function openSignIn() {
  loginToken = undefined;
  $("sign-in-fault").replaceChildren();
  step("password");
  $("sign-in").showModal();
  $("email").focus();
}

function step(name) {
  for (const part of document.querySelectorAll("[data-step]")) {
    part.hidden = part.dataset.step !== name;
    for (const input of part.querySelectorAll("input")) input.disabled = part.hidden;
  }
}

$("sign-in-close").addEventListener("click", () => $("sign-in").close());
$("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = loginToken ? { login_token: loginToken, org: $("org").value, cookie: true } : { email: $("email").value, password: $("password").value, cookie: true };
  let answer;
  try { answer = await send("POST", "/api/v1/auth/login", { body: JSON.stringify(body) }); } catch { $("sign-in-fault").replaceChildren("The server does not answer."); return; }
  if (!answer.ok) { $("sign-in-fault").replaceChildren(fault(answer)); $("password").select(); return; }
  if (answer.json.needs === "org") {
    loginToken = answer.json.login_token;
    $("org").replaceChildren(...answer.json.orgs.map((org) => el("option", { value: org.slug }, org.name)));
    step("org");
    $("org").focus();
    return;
  }
  if (answer.json.needs) { $("sign-in-fault").replaceChildren("This account needs a second factor, which this page cannot ask for."); return; }
  $("password").value = "";
  remember(true);
  $("sign-in").close();
  await refreshWho();
});

// ---- start ----------------------------------------------------------------------------------

addEventListener("hashchange", () => { route(); $("main").focus({ preventScroll: true }); });
addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.target.closest("input, textarea, select, dialog") && !event.ctrlKey && !event.metaKey && !event.altKey) { event.preventDefault(); $("find").focus(); }
});
$("find").addEventListener("input", () => side($("find").value.trim().toLowerCase()));
$("find").addEventListener("keydown", (event) => {
  if (event.key === "Enter") $("side").querySelector("a")?.click();
  if (event.key === "Escape") { $("find").value = ""; side(); }
});

try {
  api = await (await fetch("/api/openapi.json")).json();
  collect();
  who = await me();
  whoBar();
  route();
} catch (error) {
  $("main").replaceChildren(el("div", { className: "fault" }, `The description of the API cannot be read: ${error.message}. `, el("a", { href: "/readyz" }, "Is the server ready?")));
}
