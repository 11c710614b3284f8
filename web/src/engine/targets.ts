// The records that a link may lead to: what was chosen of late first, then what the words find: by
// title, number, code or the key that another system knows a record by.

import { type Entity, type Field, quote } from "@megalith/meta";
import { settings } from "../app/settings";
import { type ApiRecord, records } from "./server";

export interface Target {
  id: string;
  label: string;
  hint?: string;
}

const MOST = 12;
const MOST_RECENT = 6;
const KEY = "megalith.targets";

type Held = Record<string, string[]>;

function held(): Held {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Held;
  } catch {
    return {};
  }
}

const place = (entity: Entity) => `${settings.get().owner} ${entity.name}`;

/** The ids of what was chosen last, the latest first. */
const recentTargets = (entity: Entity): readonly string[] => held()[place(entity)] ?? [];

export function rememberTarget(entity: Entity, id: string): void {
  const others = recentTargets(entity).filter((one) => one !== id);
  const next = { ...held(), [place(entity)]: [id, ...others].slice(0, MOST_RECENT) };
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // A full or forbidden store: it is only a comfort.
  }
}

/** The fields that name a record beside its title: numbers and codes. */
const namingFields = (entity: Entity): readonly Field[] =>
  entity.fields.filter(
    (field) =>
      field.name !== entity.title &&
      field.kind === "text" &&
      (field.name === "number" || (field.unique && !field.system)),
  );

const asked = (entity: Entity) => [entity.title, ...namingFields(entity).map((one) => one.name)];

function targetOf(entity: Entity, record: ApiRecord): Target {
  const second = namingFields(entity).find((field) => record[field.name]);
  const label = record[entity.title];
  return {
    id: record.id,
    label: typeof label === "string" && label ? label : record.id,
    ...(second ? { hint: String(record[second.name]) } : {}),
  };
}

const systems = new Map<string, Promise<readonly string[]>>();

/** The names of the other systems that know records of an entity, from those that are here. */
function systemsOf(entity: Entity): Promise<readonly string[]> {
  const key = place(entity);
  const known =
    systems.get(key) ??
    records
      .list(entity.path ?? "", { page_size: 50, fields: ["external_ids"] })
      .then(({ items }) => [
        ...new Set(items.flatMap((one) => Object.keys((one.external_ids ?? {}) as object))),
      ])
      .catch(() => {
        systems.delete(key);
        return [];
      });
  systems.set(key, known);
  return known;
}

const NAME = /^[a-z_][a-z0-9_]*$/;

/** Conditions by which one of some texts names a record exactly. */
async function exactly(entity: Entity, texts: readonly string[]): Promise<string> {
  const list = `[${texts.map(quote).join(", ")}]`;
  const own = asked(entity).filter((name) => name !== "id");
  const others = entity.fields.some((field) => field.name === "external_ids")
    ? await systemsOf(entity)
    : [];
  const keys = others.filter((name) => NAME.test(name)).map((name) => `external_ids.${name}`);
  return [...own, ...keys].map((name) => `${name} in ${list}`).join(" || ");
}

const isNamed = (target: Target, words: string) =>
  [target.label, target.hint].some((text) => text?.toLowerCase() === words.toLowerCase());

/** What a link may lead to, by words; without words what was chosen of late, then the first. */
export async function find(entity: Entity, words: string, signal?: AbortSignal): Promise<Target[]> {
  const path = entity.path ?? "";
  const fields = asked(entity);
  const q = words.trim();
  const listed = (query: object) =>
    records.list(path, { page_size: MOST, fields, ...query }, "", signal);
  if (q === "") {
    const ids = recentTargets(entity);
    const [recent, first] = await Promise.all([
      ids.length > 0
        ? listed({ filter: `id in [${ids.map(quote).join(", ")}]` }).catch(() => ({ items: [] }))
        : { items: [] },
      listed({ order_by: entity.title === "id" ? undefined : entity.title }),
    ]);
    const byId = new Map(recent.items.map((one) => [one.id, one]));
    const latest = ids.flatMap((id) => byId.get(id) ?? []);
    const rest = first.items.filter((one) => !ids.includes(one.id));
    return [...latest, ...rest].slice(0, MOST).map((one) => targetOf(entity, one));
  }
  const isKey = !/\s/.test(q) && q.length <= 60;
  const [found, named] = await Promise.all([listed({ q }), isKey ? byKey(entity, q, signal) : []]);
  const all = new Map(
    [...named, ...found.items.map((one) => targetOf(entity, one))].map((one) => [one.id, one]),
  );
  // What is named exactly so stands first.
  return [...all.values()].sort((a, b) => Number(isNamed(b, q)) - Number(isNamed(a, q)));
}

/** What another system's key names. */
async function byKey(entity: Entity, key: string, signal?: AbortSignal): Promise<Target[]> {
  const names = (await systemsOf(entity)).filter((name) => NAME.test(name));
  if (names.length === 0) return [];
  const filter = names.map((name) => `external_ids.${name} == ${quote(key)}`).join(" || ");
  const query = { filter, fields: asked(entity), page_size: MOST };
  const page = await records.list(entity.path ?? "", query, "", signal).catch(() => null);
  return (page?.items ?? []).map((one) => ({ ...targetOf(entity, one), hint: key }));
}

const AT_ONCE = 40;

/** The records that texts name exactly, by text; one that names none or several is not in it. */
export async function resolve(
  entity: Entity,
  texts: readonly string[],
): Promise<ReadonlyMap<string, Target>> {
  const named = new Map<string, Target | null>();
  for (let at = 0; at < texts.length; at += AT_ONCE) {
    const some = texts.slice(at, at + AT_ONCE);
    const filter = await exactly(entity, some);
    const fields = [...asked(entity), "external_ids"].filter((name) =>
      entity.fields.some((field) => field.name === name),
    );
    const query = { filter, fields, page_size: 200 };
    const page = await records.list(entity.path ?? "", query);
    for (const record of page.items) {
      const target = targetOf(entity, record);
      const keys = Object.values((record.external_ids ?? {}) as Record<string, string>);
      const names = [...asked(entity).map((name) => record[name]), ...keys];
      for (const text of some) {
        if (!names.includes(text)) continue;
        named.set(text, named.has(text) && named.get(text)?.id !== target.id ? null : target);
      }
    }
  }
  const sure = [...named].filter((one): one is [string, Target] => one[1] !== null);
  return new Map(sure);
}
