import { expect, test } from "vitest";
import { ApiProblem, retryAfter } from "./problem";
import { newKey } from "./send";
import { problem, server } from "./testing";

const CUSTOMERS = "/api/v1/operations/customers";
const caught = (work: Promise<unknown>): Promise<ApiProblem> =>
  work.then(
    () => Promise.reject(new Error("it worked")),
    (error) => error,
  );

test("a refusal is a problem with its code, its fields and the request's id", async () => {
  const errors = [
    { pointer: "/lines/0/quantity", code: "required", message: "must not be empty" },
    { pointer: "/name", code: "too_long", message: "must have at most 20 characters, not 21" },
  ];
  const { api } = server(() => problem(422, "invalid", { errors, in_use: 3 }));
  const found = await caught(api.records.create(CUSTOMERS, { name: "x" }));
  expect(found).toBeInstanceOf(ApiProblem);
  expect([found.status, found.code, found.message, found.requestId]).toEqual([
    422,
    "invalid",
    "invalid.",
    "req_1",
  ]);
  expect(found.at("/lines").map((error) => error.code)).toEqual(["required"]);
  expect(found.at("/na")).toEqual([]);
  expect(found.more).toEqual({ in_use: 3 });
  expect([found.isConflict, found.isPassing]).toEqual([false, false]);
});

test("an answer that is no problem becomes one, and so does none", async () => {
  const html = server(() => ({
    status: 502,
    headers: { "content-type": "text/html", "x-request-id": "req_2" },
  }));
  const found = await caught(html.api.records.get(CUSTOMERS, "cus_1"));
  expect([found.status, found.code, found.requestId]).toEqual([502, "unreadable", "req_2"]);
  const away = server(() => "unreachable");
  const none = await caught(away.api.records.get(CUSTOMERS, "cus_1"));
  expect([none.status, none.code, none.isPassing]).toEqual([0, "unreachable", true]);
  expect(away.asked.length).toBe(3);
});

test("an answer that is cut off, or comes from a proxy, is asked for again and then told", async () => {
  const page = "<html>Sign in to the network</html>";
  const torn = (text: string, type = "application/json") => ({
    text,
    headers: { "content-type": type },
  });
  const whole = { body: { id: "cus_1", version: 1 } };
  for (const bad of [torn('{"id":"cus_1","na'), torn(""), torn(page, "text/html")]) {
    const back = server((_, count) => (count < 3 ? bad : { status: 201, ...whole }));
    expect((await back.api.records.create(CUSTOMERS, { name: "Ann" })).id).toBe("cus_1");
    expect(back.waits).toEqual([500, 1000]);
    expect(new Set(back.asked.map((one) => one.headers.get("idempotency-key"))).size).toBe(1);
    const bent = server(() => bad);
    const found = await caught(bent.api.records.get(CUSTOMERS, "cus_1"));
    expect([found.status, found.code, found.isPassing, bent.asked.length]).toEqual([
      502,
      "unreadable",
      true,
      3,
    ]);
  }
  // Signing in is no write that a key makes safe: it is not repeated.
  const once = server(() => torn(page, "text/html"));
  expect((await caught(once.api.session.login("ann@example.com", "x"))).code).toBe("unreadable");
  expect(once.asked.length).toBe(1);
});

test("a busy server is asked again when it says so, with the same key", async () => {
  const { api, asked, waits } = server((_, count) =>
    count < 3
      ? { ...(problem(503, "unavailable") as object), headers: { "retry-after": "2" } }
      : { status: 201, body: { id: "cus_1", version: 1 } },
  );
  await api.records.create(CUSTOMERS, { name: "Ann" });
  expect(waits).toEqual([2000, 2000]);
  expect(asked.map((one) => one.headers.get("idempotency-key"))).toEqual([
    "key-1",
    "key-1",
    "key-1",
  ]);
  expect(asked.map((one) => one.body)).toEqual([{ name: "Ann" }, { name: "Ann" }, { name: "Ann" }]);
});

test("a long wait, and a 503 without one, are left to the person", async () => {
  for (const headers of [{ "retry-after": "60" }, undefined]) {
    const busy = { ...(problem(503, "unavailable") as object), ...(headers && { headers }) };
    const { api, waits } = server(() => busy);
    const found = await caught(api.records.get(CUSTOMERS, "cus_1"));
    expect([found.status, found.retryAfter, waits.length]).toEqual([503, headers ? 60 : null, 0]);
  }
});

test("a token that has run out is renewed once for all who wait", async () => {
  let fresh = false;
  const { api, asked, ended } = server((one) => {
    if (one.path === "/api/v1/auth/refresh") {
      fresh = true;
      return { body: {} };
    }
    return fresh ? { body: { id: "cus_1", version: 1 } } : problem(401, "expired");
  });
  await Promise.all(["cus_1", "cus_2", "cus_3"].map((id) => api.records.get(CUSTOMERS, id)));
  expect(asked.filter((one) => one.path === "/api/v1/auth/refresh").length).toBe(1);
  expect(ended()).toBe(0);
});

test("a session that cannot be renewed has ended; one that cannot be asked for has not", async () => {
  const gone = server(() => problem(401, "unauthenticated"));
  expect((await caught(gone.api.records.get(CUSTOMERS, "cus_1"))).status).toBe(401);
  expect(gone.ended()).toBe(1);
  const away = server((one) =>
    one.path.endsWith("refresh") ? "unreachable" : problem(401, "expired"),
  );
  expect((await caught(away.api.records.get(CUSTOMERS, "cus_1"))).code).toBe("unreachable");
  expect(away.ended()).toBe(0);
});

test("a request whose session ended goes on when somebody has signed in again", async () => {
  const back = server(
    (_one, count) => (count < 3 ? problem(401, "unauthenticated") : { body: { id: "cus_1" } }),
    true,
  );
  expect((await back.api.records.get(CUSTOMERS, "cus_1")).id).toBe("cus_1");
  expect(back.ended()).toBe(1);
});

test("a wrong password is told, not renewed", async () => {
  const { api, asked } = server(() => problem(401, "wrong_credentials"));
  expect((await caught(api.session.login("ann@example.com", "x"))).code).toBe("wrong_credentials");
  expect(asked.length).toBe(1);
  expect(asked[0]?.headers.has("idempotency-key")).toBe(false);
});

test("signing in asks for cookies and says what is needed besides", async () => {
  const orgs = [{ id: "org_1", slug: "a", name: "A" }];
  const { api, asked } = server((_, count) => ({
    body: count === 1 ? { needs: "org", orgs, login_token: "t" } : { token_type: "Cookie" },
  }));
  const answer = await api.session.login("ann@example.com", "x");
  expect(answer).toEqual({ signedIn: false, needs: "org", orgs, login_token: "t" });
  expect(await api.session.continueLogin("t", "a")).toEqual({ signedIn: true });
  expect(asked.map((one) => one.body)).toEqual([
    { email: "ann@example.com", password: "x", cookie: true },
    { login_token: "t", org: "a", cookie: true },
  ]);
});

test("a request that is no longer wanted stops and is not asked again", async () => {
  const { api, asked } = server(() => ({ body: {} }));
  const stop = new AbortController();
  stop.abort();
  const error = await caught(api.records.list(CUSTOMERS, {}, "", stop.signal));
  expect(error.name).toBe("AbortError");
  expect(asked.length).toBeLessThanOrEqual(1);
});

test("the wait of a date counts from now, and a key has 128 bits", () => {
  const response = new Response(null, {
    headers: { "retry-after": "Sat, 04 Jul 2026 12:00:10 GMT" },
  });
  expect(retryAfter(response, Date.parse("2026-07-04T12:00:00Z"))).toBe(10);
  // The device's clock is years behind; the server's own is asked.
  response.headers.set("date", "Sat, 04 Jul 2026 12:00:03 GMT");
  expect(retryAfter(response, Date.parse("2019-01-01T00:00:00Z"))).toBe(7);
  expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(newKey()).not.toBe(newKey());
});
