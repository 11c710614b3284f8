// Notices that pass: what was done, with the way back. They wait while they are pointed at.

interface ToastOptions {
  text: string;
  tone?: "done" | "bad" | "info";
  /** Takes back what was done; the notice then goes. */
  undo?: (() => void) | undefined;
  /** Milliseconds; errors stay until they are dismissed. */
  stays?: number | undefined;
}

export interface Toast extends ToastOptions {
  id: number;
}

const STAYS_MS = 7_000;
const MOST = 3;

/** The notices on the screen, the newest first; never more than three. */
export class Toasts {
  private list: readonly Toast[] = [];
  private listeners = new Set<() => void>();
  private timers = new Map<number, ReturnType<typeof setTimeout>>();
  private next = 1;

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get = (): readonly Toast[] => this.list;

  show(options: ToastOptions): number {
    const toast = { ...options, id: this.next++ };
    for (const old of this.list.slice(MOST - 1)) this.stop(old.id);
    this.set([toast, ...this.list.slice(0, MOST - 1)]);
    this.start(toast.id);
    return toast.id;
  }

  dismiss(id: number): void {
    this.stop(id);
    this.set(this.list.filter((toast) => toast.id !== id));
  }

  undo(id: number): void {
    const toast = this.list.find((one) => one.id === id);
    this.dismiss(id);
    toast?.undo?.();
  }

  /** Holds all, while somebody reads them. */
  hold(): void {
    for (const toast of this.list) this.stop(toast.id);
  }

  /** Lets time go on. */
  release(): void {
    for (const toast of this.list) this.start(toast.id);
  }

  private start(id: number): void {
    const toast = this.list.find((one) => one.id === id);
    if (!toast || (toast.tone === "bad" && toast.stays === undefined)) return;
    this.stop(id);
    this.timers.set(
      id,
      setTimeout(() => this.dismiss(id), toast.stays ?? STAYS_MS),
    );
  }

  private stop(id: number): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  private set(list: readonly Toast[]): void {
    this.list = list;
    for (const listener of this.listeners) listener();
  }
}

export const toasts = new Toasts();
/** Shows a notice. */
export const toast = (options: ToastOptions): number => toasts.show(options);
