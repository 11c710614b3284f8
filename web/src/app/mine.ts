// What the server keeps for a person: preferences and favourites. A change shows at once, is kept
// in this browser until the server has it, and is sent when the server answers again. A change that
// the server refuses is taken back and said so.

import { type Api, ApiProblem, type ApiRecord, newKey } from "@megalith/api";
import {
  type Favourite,
  fresh,
  type Pending,
  type Place,
  type Preferences,
  type Settings,
  settings,
  usual,
} from "./settings";

const PREFERENCES = "/api/v1/platform/preferences";
const FAVOURITES = "/api/v1/platform/favourites";
/** The most favourites that are read. */
const MOST = 200;
/** How often a change is made anew on what another browser wrote meanwhile. */
const TRIES = 3;

/** The parts that the server keeps in one field, as JSON. */
type Rest = Pick<Preferences, "folded" | "collapsed" | "company" | "checklist" | "columns">;

const REST: readonly (keyof Rest)[] = ["folded", "collapsed", "company", "checklist", "columns"];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Preferences with what is not sent yet; the columns of each entity stand for themselves. */
const withPending = (held: Preferences, pending: Pending): Preferences => ({
  ...held,
  ...pending,
  columns: { ...held.columns, ...pending.columns },
});

/** A server's record as preferences; what it does not say is as usual. */
export function preferencesOf(record: ApiRecord | null): Preferences {
  if (!record) return usual;
  const rest = isObject(record.settings) ? (record.settings as Partial<Rest>) : {};
  return {
    theme: (record.theme as Preferences["theme"] | null) ?? "system",
    density: (record.density as Preferences["density"] | null) ?? usual.density,
    locale: (record.locale as string | null) ?? "",
    shortcuts: record.shortcuts !== false,
    folded: Array.isArray(rest.folded) ? rest.folded : [],
    collapsed: rest.collapsed === true,
    company: typeof rest.company === "string" ? rest.company : "",
    checklist: rest.checklist === "done" ? "done" : "open",
    columns: isObject(rest.columns) ? rest.columns : {},
  };
}

/** What is written for a change, on top of what the server has. */
export function valuesOf(pending: Pending, record: ApiRecord | null): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  if (pending.theme) values.theme = pending.theme === "system" ? null : pending.theme;
  if (pending.density) values.density = pending.density;
  if (pending.locale !== undefined) values.locale = pending.locale || null;
  if (pending.shortcuts !== undefined) values.shortcuts = pending.shortcuts;
  if (REST.some((name) => pending[name] !== undefined)) {
    const all = withPending(preferencesOf(record), pending);
    // What a newer app keeps there stays.
    values.settings = {
      ...(record?.settings as object | null),
      ...Object.fromEntries(REST.map((name) => [name, all[name]])),
    };
  }
  return values;
}

export interface Who {
  org: string;
  user: string;
}

/** Keeps one person's copy in this browser and the server's record the same. */
export class Mine {
  private readonly records: Api["records"];
  private readonly who: Who;
  private readonly refused: (problem: ApiProblem) => void;
  private work: Promise<void> = Promise.resolve();

  constructor(records: Api["records"], who: Who, refused: (problem: ApiProblem) => void) {
    this.records = records;
    this.who = who;
    this.refused = refused;
    // Another person's copy is nobody else's; what was chosen before signing in stays for a start.
    const owner = `${who.org}/${who.user}`;
    const had = settings.get();
    if (had.owner === owner) return;
    const kept = had.owner === "" ? had : { ...fresh, recent: had.recent };
    settings.set({ ...kept, owner, pending: {}, favourites: [], gone: [] });
  }

  /** Sends what waits, then reads what the server has; silence leaves everything as it is. */
  sync(): Promise<void> {
    const run = async (): Promise<void> => {
      // Tabs of one browser share what waits: only one sends it at a time.
      const locks = typeof window === "undefined" ? undefined : navigator.locks;
      if (locks) await locks.request("megalith.mine", () => this.once());
      else await this.once();
    };
    this.work = this.work.then(run, run);
    return this.work;
  }

  private async once(): Promise<void> {
    if (settings.get().owner !== `${this.who.org}/${this.who.user}`) return;
    try {
      await this.sendPreferences();
      await this.sendFavourites();
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      // Silence and overload pass; then it is sent again.
      if (error.isPassing || error.status === 401 || error.status >= 500) return;
      const { favourites } = settings.get();
      settings.set({ pending: {}, gone: [], favourites: favourites.filter((one) => one.id) });
      this.refused(error);
    }
    await this.read().catch((error) => {
      if (!(error instanceof ApiProblem)) throw error;
    });
  }

  private own = () => `owner == '${this.who.user}'`;

  private async record(): Promise<ApiRecord | null> {
    const { items } = await this.records.list(PREFERENCES, { filter: this.own(), page_size: 1 });
    return items[0] ?? null;
  }

  private async sendPreferences(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const { pending } = settings.get();
      if (Object.keys(pending).length === 0) return;
      const record = await this.record();
      const values = valuesOf(pending, record);
      try {
        if (record) {
          await this.records.update(PREFERENCES, record.id, values, { ifMatch: record.version });
        } else await this.records.create(PREFERENCES, values);
        settings.set({ pending: without(settings.get().pending, pending) });
      } catch (error) {
        // Another browser wrote meanwhile: the change is made on top of that.
        if (error instanceof ApiProblem && error.isConflict && tries < TRIES) continue;
        throw error;
      }
    }
  }

  private async sendFavourites(): Promise<void> {
    for (const id of settings.get().gone) {
      await this.records.remove(FAVOURITES, id).catch((error) => {
        if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
      });
      settings.set({ gone: settings.get().gone.filter((one) => one !== id) });
    }
    for (const one of settings.get().favourites) {
      if (one.id) continue;
      const position = settings.get().favourites.findIndex(({ path }) => path === one.path);
      const values = { name: one.label.slice(0, 200), path: one.path, position };
      const { id } = await this.records.create(
        FAVOURITES,
        values,
        one.key ? { idempotencyKey: one.key } : {},
      );
      const { favourites, gone } = settings.get();
      const still = favourites.some(({ key }) => key === one.key);
      settings.set({
        favourites: favourites.map((other) => (other.key === one.key ? { ...other, id } : other)),
        // It was taken away again while it was on its way.
        gone: still ? gone : [...gone, id],
      });
    }
    if (settings.get().gone.length > 0) await this.sendFavourites();
  }

  private async read(): Promise<void> {
    const [record, page] = await Promise.all([
      this.record(),
      this.records.list(FAVOURITES, {
        filter: this.own(),
        order_by: "position, created_at",
        fields: ["name", "path"],
        page_size: MOST,
      }),
    ]);
    const now = settings.get();
    const change: Partial<Settings> = record ? withPending(preferencesOf(record), now.pending) : {};
    const held: Favourite[] = page.items
      .filter(({ id }) => !now.gone.includes(id))
      .map(({ id, name, path }) => ({ id, label: String(name), path: String(path) }));
    const waiting = now.favourites.filter(
      (one) => !one.id && !held.some(({ path }) => path === one.path),
    );
    const next = { ...change, favourites: [...held, ...waiting] };
    const same = Object.entries(next).every(
      ([name, value]) => JSON.stringify(value) === JSON.stringify(now[name as keyof Settings]),
    );
    if (!same) settings.set(next);
  }
}

/** What waits without what was sent, unless it has changed again since. */
function without(pending: Pending, sent: Pending): Pending {
  const left = Object.entries(pending).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(sent[name as keyof Pending]),
  );
  return Object.fromEntries(left);
}

let mine: Mine | null = null;

/** Whose preferences and favourites are kept from now on. */
export function keep(next: Mine | null): void {
  mine = next;
}

/** Sends what waits, and reads what the server has. */
export function resync(): void {
  void mine?.sync();
}

/** How long changes gather before they are sent. */
const GATHER_MS = 300;
let gathering: ReturnType<typeof setTimeout> | undefined;
const send = () => {
  clearTimeout(gathering);
  gathering = setTimeout(() => void mine?.sync(), GATHER_MS);
};

/** Changes preferences; answers how to take it back. */
export function prefer(change: Pending): () => void {
  const now = settings.get();
  const before = Object.fromEntries(
    Object.keys(change).map((name) => [name, now[name as keyof Preferences]]),
  ) as Pending;
  settings.set({ ...withPending(now, change), pending: withPendingOnly(now.pending, change) });
  send();
  return () => void prefer(before);
}

const withPendingOnly = (pending: Pending, change: Pending): Pending => ({
  ...pending,
  ...change,
  ...(change.columns && { columns: { ...pending.columns, ...change.columns } }),
});

/** Puts a place among the favourites, or takes it away; answers whether it is one now. */
export function toggleFavourite(place: Place): boolean {
  const { favourites, gone } = settings.get();
  const had = favourites.find((one) => one.path === place.path);
  if (had) {
    settings.set({
      favourites: favourites.filter((one) => one !== had),
      gone: had.id ? [...gone, had.id] : gone,
    });
  } else {
    const added = { path: place.path, label: place.label, key: newKey() };
    settings.set({ favourites: [...favourites, added] });
  }
  send();
  return !had;
}
