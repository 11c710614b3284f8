// Taking back what was done in a list: by the notice, and by Control+Z as long as one is on the
// page, the last change first. What was sent together is taken back by its change set, where the
// person may do that.

import type { ApiRecord } from "@megalith/api";
import type { Schema } from "@megalith/meta";
import { toast, toasts } from "@megalith/ui";
import { useEffect } from "react";
import { inShort } from "../app/refusals";
import { t } from "../app/words";
import { asProblem, records } from "../engine/server";
import { tg } from "./editWords";

/** Something that was done, and the way back; the answer counts what could not be taken back. */
interface Done {
  readonly text: string;
  readonly undo: () => Promise<number>;
}

/** How many changes are remembered. */
const MOST = 100;

/** What was done on a page, the last on top. */
export class Undos {
  private done: Done[] = [];
  private shown: { id: number; of: Done } | null = null;
  private readonly underWay = new Set<Promise<void>>();
  /** Ends when what was asked for so far is taken back: two at a time would write against each other. */
  private turn: Promise<void> = Promise.resolve();

  /** Notes what was done and says it; an earlier notice of the page makes room for it. */
  push(text: string, undo: () => Promise<number>, tone: "done" | "bad" = "done"): void {
    const one = { text, undo };
    this.done = [...this.done.slice(1 - MOST), one];
    if (this.shown) toasts.dismiss(this.shown.id);
    const id = toast({ text, tone, undo: () => this.next(() => one) });
    this.shown = { id, of: one };
  }

  /** Notes a change that is being sent: what is the last is known when it has ended. */
  during(change: Promise<unknown>): void {
    const ended = change.then(
      () => undefined,
      () => undefined,
    );
    this.underWay.add(ended);
    void ended.then(() => this.underWay.delete(ended));
  }

  /** Takes the last change back that was not yet; false where there is none. */
  last(): boolean {
    if (this.done.length + this.underWay.size === 0) return false;
    this.next(() => this.done.at(-1));
    return true;
  }

  /** What was done before is no longer of this page. */
  clear(): void {
    this.done = [];
    this.shown = null;
  }

  private next(which: () => Done | undefined): void {
    this.turn = this.turn.then(async () => {
      await Promise.all(this.underWay);
      const one = which();
      if (one && this.done.includes(one)) await this.take(one);
    });
  }

  private async take(one: Done): Promise<void> {
    if (this.shown?.of === one) toasts.dismiss(this.shown.id);
    try {
      const left = await one.undo();
      this.done = this.done.filter((other) => other !== one);
      if (left === 0) toast({ text: t("undone") });
      else toast({ text: tg("grid.undoneSome", { count: left }), tone: "bad" });
    } catch (error) {
      // It stays the last, to be tried again.
      toast({ text: inShort(asProblem(error)), tone: "bad" });
    }
  }
}

/** Control+Z takes back the last change of the page, unless one is typing. */
export function useUndoKey(undos: Undos): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
      const target = event.target as Element | null;
      if (
        !isUndo ||
        target?.closest?.("input, textarea, select, [contenteditable], [role=dialog]")
      ) {
        return;
      }
      if (!undos.last()) return;
      event.preventDefault();
      event.stopPropagation();
    };
    // Before the record beside the list, which has changes of its own.
    window.addEventListener("keydown", press, { capture: true });
    return () => {
      window.removeEventListener("keydown", press, { capture: true });
      undos.clear();
    };
  }, [undos]);
}

/** Whether the person may take change sets back. */
export const mayUndoSets = (schema: Schema): boolean =>
  schema.entity("platform.change_set")?.rights?.undo === true;

/** Takes change sets back, the last first; answers how many changes had to stay. */
export async function undoSets(sets: readonly string[]): Promise<number> {
  let left = 0;
  for (const id of [...sets].reverse()) {
    const after = await records.act("/api/v1/platform/change-sets", id, "undo");
    left += Number((after as ApiRecord | null)?.conflicts ?? 0);
  }
  return left;
}
