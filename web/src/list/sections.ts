// The places of a grid: heads of groups and runs of rows between them.

import type { Group } from "@megalith/meta";
import type { Run } from "./rows";

export type Spot =
  | { kind: "group"; group: Group; open: boolean }
  | { kind: "row"; run: string; place: number };

interface Entry {
  start: number;
  size: number;
  group: Group | null;
  open: boolean;
  run: string;
}

/** All places of a list in their order. */
export class Sections {
  private readonly entries: Entry[] = [];
  readonly count: number;

  private constructor(parts: readonly Omit<Entry, "start">[]) {
    let start = 0;
    for (const part of parts) {
      this.entries.push({ ...part, start });
      start += part.size;
    }
    this.count = start;
  }

  /** One run of rows. */
  static flat(run: string, count: number): Sections {
    return new Sections([{ size: count, group: null, open: true, run }]);
  }

  /** Groups, whose rows follow their heads where they are open. */
  static grouped(groups: readonly Group[], isOpen: (group: Group) => boolean): Sections {
    const parts: Omit<Entry, "start">[] = [];
    const add = (group: Group) => {
      const open = isOpen(group);
      parts.push({ size: 1, group, open, run: "" });
      if (!open) return;
      if (group.inner.length > 0) group.inner.forEach(add);
      else parts.push({ size: group.count, group: null, open, run: group.id });
    };
    groups.forEach(add);
    return new Sections(parts);
  }

  private indexAt(index: number): number {
    let low = 0;
    let high = this.entries.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.entries[middle]?.start ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  at(index: number): Spot | null {
    const entry = this.entries[this.indexAt(index)];
    if (!entry || index < 0 || index >= this.count) return null;
    return entry.group
      ? { kind: "group", group: entry.group, open: entry.open }
      : { kind: "row", run: entry.run, place: index - entry.start };
  }

  /** The rows of each run that stand from one place to another. */
  seen(first: number, last: number): { run: string; first: number; last: number }[] {
    const found: { run: string; first: number; last: number }[] = [];
    for (let at = this.indexAt(first); at < this.entries.length; at++) {
      const entry = this.entries[at];
      if (!entry || entry.start > last) break;
      if (entry.group || entry.size === 0) continue;
      found.push({
        run: entry.run,
        first: Math.max(0, first - entry.start),
        last: Math.min(entry.size - 1, last - entry.start),
      });
    }
    return found;
  }
}

/** The runs of open and closed groups: every group without inner ones is one. */
export function runsOf(groups: readonly Group[]): Run[] {
  return groups.flatMap((group) =>
    group.inner.length > 0
      ? runsOf(group.inner)
      : [{ id: group.id, filter: group.filter, count: group.count }],
  );
}
