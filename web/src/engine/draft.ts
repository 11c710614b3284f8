// What is typed and not yet saved. Values are replaced, never changed in place, and only who looks
// at a value hears of it: a keystroke in an order of hundreds of lines draws one row anew.

import { sameValue } from "@megalith/meta";
import { useCallback, useSyncExternalStore } from "react";

export type Values = Readonly<Record<string, unknown>>;

/** The listeners to every change, whatever its name. */
const ANY = "\u0000any";

/** What the server would make of the draft: shown beside what was typed, never instead of it. */
interface Foreseen {
  readonly record: Values;
  /** The rows that it was made of, by the keys that they had. */
  readonly rows: ReadonlyMap<number, Values>;
  /** The draft has changed since: these values are being calculated anew. */
  readonly stale: boolean;
}

const NONE: readonly Values[] = [];

export class Draft {
  private values: Record<string, unknown>;
  private readonly first: Values;
  private readonly keys = new Map<string, readonly number[]>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private next = 1;
  private ahead: Foreseen | null = null;
  /** Counts the changes, for who must know whether there were any. */
  changes = 0;

  constructor(values: Values) {
    this.values = { ...values };
    this.first = { ...values };
  }

  all = (): Values => this.values;
  get = (name: string): unknown => this.values[name];
  foreseen = (): Foreseen | null => this.ahead;

  /** Whether anything differs from what the form started with. */
  isDirty(): boolean {
    const names = new Set([...Object.keys(this.values), ...Object.keys(this.first)]);
    return [...names].some(
      (name) =>
        this.values[name] !== this.first[name] && !sameValue(this.values[name], this.first[name]),
    );
  }

  set(name: string, value: unknown): void {
    if (this.values[name] === value) return;
    this.values = { ...this.values, [name]: value };
    this.tell(name);
  }

  rows(name: string): readonly Values[] {
    const rows = this.values[name];
    return Array.isArray(rows) ? rows : NONE;
  }

  /** A key for each row that stays with it wherever it moves; one more for the row that is not yet. */
  keysOf(name: string): readonly number[] {
    const count = this.rows(name).length + 1;
    let held = this.keys.get(name) ?? [];
    if (held.length !== count) {
      held = held.slice(0, count);
      while (held.length < count) held = [...held, this.next++];
      this.keys.set(name, held);
    }
    return held;
  }

  /** Changes cells of a row; the row behind the last comes to be by it, with `blank` in it. */
  setCells(name: string, at: number, cells: Values, blank: Values = {}): void {
    const rows = this.rows(name);
    const before = rows[at] ?? blank;
    if (Object.entries(cells).every(([column, value]) => before[column] === value)) return;
    const next = rows.slice();
    next[at] = { ...before, ...cells };
    this.keysOf(name);
    this.values = { ...this.values, [name]: next };
    this.tell(name);
  }

  /** Takes rows out and puts others in. */
  splice(name: string, at: number, out: number, rows: readonly Values[]): void {
    const held = this.keysOf(name);
    const next = this.rows(name).slice();
    next.splice(at, out, ...rows);
    const keys = held.slice();
    keys.splice(at, out, ...rows.map(() => this.next++));
    this.keys.set(name, keys);
    this.values = { ...this.values, [name]: next };
    this.tell(name);
  }

  move(name: string, from: number, to: number): void {
    const [next, keys] = [this.rows(name).slice(), this.keysOf(name).slice()];
    const [row, key] = [next[from], keys[from]];
    if (row === undefined || key === undefined || to < 0 || to >= next.length) return;
    next.splice(from, 1);
    next.splice(to, 0, row);
    keys.splice(from, 1);
    keys.splice(to, 0, key);
    this.keys.set(name, keys);
    this.values = { ...this.values, [name]: next };
    this.tell(name);
  }

  /** The keys of all lines now, to say later which rows an answer is about. */
  moment(): { changes: number; keys: ReadonlyMap<string, readonly number[]> } {
    return { changes: this.changes, keys: new Map(this.keys) };
  }

  /** What the server would make of the draft as it was at a moment. */
  foresee(record: Values, of: ReturnType<Draft["moment"]>): void {
    const rows = new Map<number, Values>();
    for (const [name, keys] of of.keys) {
      const made = record[name];
      for (const [at, row] of Array.isArray(made) ? made.entries() : []) {
        const key = keys[at];
        if (key !== undefined) rows.set(key, row as Values);
      }
    }
    this.ahead = { record, rows, stale: of.changes !== this.changes };
    this.emit([...this.listeners.keys()]);
  }

  subscribe = (name: string, listener: () => void): (() => void) => {
    const held = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, held.add(listener));
    return () => void held.delete(listener);
  };

  onAny = (listener: () => void): (() => void) => this.subscribe(ANY, listener);

  private tell(name: string): void {
    this.changes += 1;
    if (this.ahead && !this.ahead.stale) this.ahead = { ...this.ahead, stale: true };
    this.emit([name, ANY]);
  }

  private emit(names: readonly string[]): void {
    for (const name of names) for (const one of this.listeners.get(name) ?? []) one();
  }
}

/** A value of the draft, followed. */
export function useValue(draft: Draft, name: string): unknown {
  return useSyncExternalStore(
    useCallback((listener) => draft.subscribe(name, listener), [draft, name]),
    () => draft.get(name),
  );
}

/** Something made of the whole draft; it must be the same object while it says the same. */
export function useDraft<T>(draft: Draft, read: () => T): T {
  return useSyncExternalStore(draft.onAny, read);
}

/** A row of lines, followed; undefined for the one behind the last. */
export function useRow(draft: Draft, name: string, at: number): Values | undefined {
  return useSyncExternalStore(
    useCallback((listener) => draft.subscribe(name, listener), [draft, name]),
    () => draft.rows(name)[at],
  );
}

export function useKeys(draft: Draft, name: string): readonly number[] {
  return useSyncExternalStore(
    useCallback((listener) => draft.subscribe(name, listener), [draft, name]),
    () => draft.keysOf(name),
  );
}

/** What the server foresees, followed. */
export function useForeseen(draft: Draft): Values | null {
  return useSyncExternalStore(draft.onAny, () => draft.foreseen()?.record ?? null);
}

/** What the server foresees of a row, followed. */
export function useForeseenRow(draft: Draft, key: number): Values | null {
  return useSyncExternalStore(draft.onAny, () => draft.foreseen()?.rows.get(key) ?? null);
}
