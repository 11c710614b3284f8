import { type Answer, type Asked, problem, server } from "@megalith/api/testing";
import { beforeEach, expect, it } from "vitest";
import { keep, Mine, prefer, preferencesOf, toggleFavourite, valuesOf } from "./mine";
import { fresh, settings } from "./settings";

type Stored = { id: string; version: number } & Record<string, unknown>;
const WHO = { org: "org_1", user: "usr_1" };

/** A server that keeps preferences and favourites; `fault` may answer in its place. */
function keeper(fault: (asked: Asked, count: number) => Answer | null = () => null) {
  const held: Record<string, Stored[]> = { preferences: [], favourites: [] };
  const keys = new Map<string, string>();
  const { api, asked } = server((one, count) => {
    const wrong = fault(one, count);
    if (wrong) return wrong;
    const [path = ""] = one.path.split("?");
    const [kind = "", id] = path.replace("/api/v1/platform/", "").split("/");
    const list = held[kind] ?? [];
    const body = one.body as Record<string, unknown>;
    const at = list.findIndex((record) => record.id === id);
    if (one.method === "GET") return { body: { items: list, next_page_token: "" } };
    if (one.method === "POST") {
      const key = one.headers.get("idempotency-key") ?? "";
      const before = list.find((record) => record.id === keys.get(key));
      if (before) return { body: before };
      const made = { id: `${kind}_${list.length + 1}`, version: 1, ...body };
      keys.set(key, made.id);
      list.push(made);
      return { status: 201, body: made };
    }
    const old = list[at];
    if (!old) return problem(404, "not_found");
    if (one.method === "DELETE") {
      list.splice(at, 1);
      return { status: 204 };
    }
    if (one.headers.get("if-match") !== `"${old.version}"`) return problem(412, "changed");
    list[at] = { ...old, ...body, id: old.id, version: old.version + 1 };
    return { body: list[at] };
  });
  const refusals: string[] = [];
  const mine = () => new Mine(api.records, WHO, ({ code }) => refusals.push(code));
  return { mine, held, asked, refusals };
}

beforeEach(() => {
  keep(null);
  settings.set(fresh);
});

it("a choice shows at once, is sent, and another browser reads it", async () => {
  const { mine, held } = keeper();
  const here = mine();
  prefer({ theme: "dark", columns: { "operations.item": { ...columns, shown: ["weight_kg"] } } });
  expect(settings.get().theme).toBe("dark");
  await here.sync();
  expect(settings.get().pending).toEqual({});
  expect(held.preferences?.[0]?.theme).toBe("dark");
  settings.set(fresh);
  await mine().sync();
  expect(settings.get().theme).toBe("dark");
  expect(settings.get().columns["operations.item"]?.shown).toEqual(["weight_kg"]);
});

it("the chosen company and the folded sidebar go with the person", async () => {
  const { mine, held } = keeper();
  const here = mine();
  prefer({ company: "com_1", collapsed: true });
  await here.sync();
  expect(held.preferences?.[0]?.settings).toMatchObject({ company: "com_1", collapsed: true });
  settings.set(fresh);
  await mine().sync();
  expect([settings.get().company, settings.get().collapsed]).toEqual(["com_1", true]);
  prefer({ company: "" });
  await here.sync();
  expect(held.preferences?.[0]?.settings).toMatchObject({ company: "" });
});

it("what is chosen while the server is away waits, and is sent when it is back", async () => {
  let away = true;
  const { mine, held } = keeper(() => (away ? "unreachable" : null));
  const here = mine();
  prefer({ density: "compact" });
  toggleFavourite({ path: "/operations/items", label: "Items" });
  await here.sync();
  expect(settings.get().pending).toEqual({ density: "compact" });
  expect(settings.get().favourites).toHaveLength(1);
  away = false;
  await here.sync();
  expect(held.preferences?.[0]?.density).toBe("compact");
  expect(held.favourites).toMatchObject([{ name: "Items", path: "/operations/items" }]);
});

it("two browsers that change the columns of two lists keep both", async () => {
  const { mine, held } = keeper();
  const here = mine();
  prefer({ columns: { "operations.item": { ...columns, hidden: ["cost"] } } });
  await here.sync();
  const other = { ...columns, hidden: ["fax"] };
  const record = held.preferences?.[0];
  if (record) {
    const { columns: had } = record.settings as { columns: object };
    record.settings = { columns: { ...had, "operations.customer": other }, later: 1 };
    record.version += 1;
  }
  prefer({ columns: { "operations.unit": { ...columns, hidden: ["ratio"] } } });
  await here.sync();
  expect(Object.keys(settings.get().columns).sort()).toEqual([
    "operations.customer",
    "operations.item",
    "operations.unit",
  ]);
  expect(held.preferences?.[0]?.settings).toMatchObject({ later: 1 });
});

it("a change that lost a race is made again on top of the other", async () => {
  let races = 1;
  const { mine, held } = keeper((one) =>
    one.method === "PATCH" && races-- > 0 ? problem(412, "changed") : null,
  );
  const here = mine();
  prefer({ theme: "dark" });
  await here.sync();
  prefer({ theme: "light" });
  await here.sync();
  expect(held.preferences?.[0]?.theme).toBe("light");
});

it("a refused change is taken back and said so", async () => {
  const { mine, refusals } = keeper((one) =>
    one.method === "POST" ? problem(422, "invalid") : null,
  );
  const here = mine();
  toggleFavourite({ path: "/operations/items", label: "Items" });
  await here.sync();
  expect(refusals).toEqual(["invalid"]);
  expect(settings.get().favourites).toEqual([]);
});

it("taking back a choice sends what was before; a favourite is taken out again", async () => {
  const { mine, held } = keeper();
  const here = mine();
  const undo = prefer({ theme: "contrast" });
  expect(toggleFavourite({ path: "/a", label: "A" })).toBe(true);
  await here.sync();
  undo();
  expect(toggleFavourite({ path: "/a", label: "A" })).toBe(false);
  await here.sync();
  expect(settings.get().theme).toBe("system");
  expect(held.preferences?.[0]?.theme).toBe(null);
  expect(held.favourites).toEqual([]);
});

it("a favourite that was answered into the void is not made twice", async () => {
  const { mine, held } = keeper();
  const here = mine();
  toggleFavourite({ path: "/a", label: "A" });
  const [one] = settings.get().favourites;
  await here.sync();
  // The answer never came: the favourite still waits here.
  settings.set({ favourites: one ? [one] : [] });
  await here.sync();
  expect([held.favourites?.length, settings.get().favourites.length]).toEqual([1, 1]);
});

it("nobody is shown what another person of the same browser chose", async () => {
  const { mine } = keeper();
  settings.set({ ...fresh, owner: "org_1/usr_2", theme: "dark", collapsed: true });
  await mine().sync();
  expect([settings.get().theme, settings.get().collapsed]).toEqual(["system", false]);
});

it("what a record does not say, or says in an unknown way, is as usual", () => {
  expect(preferencesOf({ id: "prf_1", version: 1, settings: [] })).toEqual(preferencesOf(null));
  expect(valuesOf({ theme: "system", locale: "" }, null)).toEqual({ theme: null, locale: null });
});

const columns = { order: [], shown: [], hidden: [], widths: {} };
