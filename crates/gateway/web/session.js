// Signing in and out with a cookie that this script cannot read, and calls that renew it once.

/** Sends a request and measures it; never throws for an answer, only for a broken connection. */
export async function send(method, path, { headers = {}, body } = {}) {
  const started = performance.now();
  const options = { method, headers: { ...headers }, credentials: "same-origin" };
  if (body !== undefined) {
    options.body = body;
    options.headers["Content-Type"] ??= "application/json";
  }
  let response = await fetch(path, options);
  if (response.status === 401 && signedIn() && !path.startsWith("/api/v1/auth/")) {
    const renewed = await fetch("/api/v1/auth/refresh", { method: "POST", credentials: "same-origin" });
    if (renewed.ok) response = await fetch(path, options);
    else remember(false);
  }
  const text = await response.text();
  const ms = performance.now() - started;
  let json;
  try { json = text ? JSON.parse(text) : undefined; } catch { json = undefined; }
  return { ok: response.ok, status: response.status, statusText: response.statusText, headers: response.headers, text, json, ms };
}

/** Whether this browser signed in here; the cookie itself is out of reach. */
export const signedIn = () => localStorage.getItem("megalith.signed-in") === "1";
export const remember = (yes) => yes ? localStorage.setItem("megalith.signed-in", "1") : localStorage.removeItem("megalith.signed-in");

/** Who is signed in, or nothing. */
export async function me() {
  if (!signedIn()) return undefined;
  let answer = await send("GET", "/api/v1/auth/me");
  if (answer.status === 401) {
    const renewed = await send("POST", "/api/v1/auth/refresh");
    answer = renewed.ok ? await send("GET", "/api/v1/auth/me") : answer;
  }
  if (answer.status === 401) remember(false);
  return answer.ok ? answer.json : undefined;
}

/** What a problem says, as an element. */
export function fault(answer) {
  const box = document.createElement("div");
  box.className = "fault";
  const problem = answer.json ?? {};
  box.textContent = problem.detail ?? `The server answered ${answer.status}.`;
  const list = document.createElement("ul");
  for (const error of problem.errors ?? []) {
    const item = document.createElement("li");
    item.textContent = `${error.pointer.replace(/^\//, "").replaceAll("/", " ") || "The body"} ${error.message}`;
    list.append(item);
  }
  if (list.children.length) box.append(list);
  return box;
}
