// A list as a file: asked for in one piece or in several, counted as it comes, and whole or not at
// all.

import type { Selection } from "@megalith/ui/grid";
import type { Asked } from "./asked";
import { filterOf, MOST_IN_FILTER } from "./bulk";

export type Format = "csv" | "xlsx" | "jsonl";

/** What is asked of the server; one answer for each. */
export interface Order {
  readonly format: Format;
  readonly filter: string;
  /** Words that what is exported must hold. */
  readonly q: string;
  readonly fields: string[];
}

/** The orders for what is wanted; null where the format cannot be put together of several. */
export function ordersOf(
  format: Format,
  fields: readonly string[],
  selection: Selection,
  asked: Asked,
): readonly Order[] | null {
  const q = selection.all ? asked.q : "";
  const order = (filter: string): Order => ({ format, filter, q, fields: [...fields] });
  const whole = filterOf(selection, asked);
  if (whole !== null) return [order(whole)];
  if (selection.all || format === "xlsx") return null;
  const ids = [...selection.keys];
  return Array.from({ length: Math.ceil(ids.length / MOST_IN_FILTER) }, (_, at) => {
    const some = ids.slice(at * MOST_IN_FILTER, (at + 1) * MOST_IN_FILTER);
    return order(filterOf({ all: false, keys: new Set(some) }, asked) ?? "");
  });
}

/** How much has come. */
export interface Come {
  readonly bytes: number;
  /** The rows without the head; null in a format that does not say. */
  readonly rows: number | null;
}

/** Counts the rows of a text that comes in pieces: line ends that no quotes hold. */
export class RowCounter {
  private quoted = false;
  private ends = 0;
  private open = false;
  private readonly format: Format;

  constructor(format: Format) {
    this.format = format;
  }

  take(piece: Uint8Array): void {
    for (const byte of piece) {
      if (byte === 0x22 && this.format === "csv") this.quoted = !this.quoted;
      if (byte === 0x0a && !this.quoted) {
        this.ends += 1;
        this.open = false;
      } else this.open = true;
    }
  }

  /** The rows so far, of a file with or without a head. */
  rows(): number | null {
    if (this.format === "xlsx") return null;
    const lines = this.ends + (this.open ? 1 : 0);
    return this.format === "csv" ? Math.max(0, lines - 1) : lines;
  }
}

/** The file so far, which is whole only where no error came with it. */
export class Broken extends Error {
  readonly parts: readonly Uint8Array<ArrayBuffer>[];
  override readonly cause: unknown;

  constructor(parts: readonly Uint8Array<ArrayBuffer>[], cause: unknown) {
    super("the file broke off");
    this.parts = parts;
    this.cause = cause;
  }
}

/**
 * Receives the answers one after another as one file; a table's head is kept of the first alone.
 * What came before a break is in the error.
 */
export async function receive(
  orders: readonly Order[],
  ask: (order: Order, signal: AbortSignal) => Promise<Response>,
  signal: AbortSignal,
  onCome: (come: Come) => void,
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const counter = new RowCounter(orders[0]?.format ?? "csv");
  for (const [at, order] of orders.entries()) {
    const response = await ask(order, signal);
    const head = new Head(order.format === "csv" && at > 0);
    const reader = response.body?.getReader();
    try {
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) break;
        const piece = head.without(value as Uint8Array<ArrayBuffer>);
        counter.take(piece);
        parts.push(piece);
        bytes += piece.length;
        onCome({ bytes, rows: counter.rows() });
      }
    } catch (error) {
      if (signal.aborted) throw error;
      throw new Broken(parts, error);
    }
  }
  return parts;
}

/** Leaves the first line away, the head of a table that goes on. */
class Head {
  private isIn: boolean;
  private quoted = false;

  constructor(leaves: boolean) {
    this.isIn = leaves;
  }

  without(piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (!this.isIn) return piece;
    for (const [at, byte] of piece.entries()) {
      if (byte === 0x22) this.quoted = !this.quoted;
      if (byte === 0x0a && !this.quoted) {
        this.isIn = false;
        return piece.slice(at + 1);
      }
    }
    return piece.slice(0, 0);
  }
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** A size as the locale writes it. */
export function sizeText(bytes: number, locale: string): string {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const unit = UNITS[power] ?? "byte";
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: power === 0 ? "long" : "short",
    maximumFractionDigits: power === 0 ? 0 : 1,
  }).format(bytes / 1_000 ** power);
}

/** Hands a file to the browser, which saves it as it saves others. */
export function saveFile(name: string, parts: readonly Uint8Array<ArrayBuffer>[]): void {
  const address = URL.createObjectURL(new Blob([...parts]));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  // Outside of the page: its links lead to places in the app.
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
