// Keys: a chord such as `mod+k`, or a sequence such as `g h`. Single keys mean nothing inside a
// field, and can be switched off (WCAG 2.2, 2.1.4).

export interface Shortcut {
  /** `mod+k`, `?`, `g h`. */
  keys: string;
  label: string;
  group: string;
  run: () => void;
}

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/** How long a sequence waits for its next key. */
const SEQUENCE_MS = 1_200;

/** A press as shortcuts are written; a letter's capital and `Shift+letter` are the same. */
export function chordOf(press: Pressed): string {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key.toLowerCase();
  const named = key === " " ? "space" : key;
  const letter = /^[\p{L}\p{N}]$/u.test(named);
  return [
    press.ctrlKey || press.metaKey ? "mod" : "",
    press.altKey ? "alt" : "",
    // Signs such as `?` have their Shift in them.
    press.shiftKey && (letter || named.length > 1) ? "shift" : "",
    named,
  ]
    .filter(Boolean)
    .join("+");
}

/** Whether a shortcut is made of keys that also type something. */
export const isSingle = (keys: string): boolean =>
  keys.split(" ").every((chord) => !/^(mod|alt)\+/.test(chord));

/** Follows presses and finds the shortcut that they spell. */
export class Keys {
  private typed: string[] = [];
  private at = 0;

  /**
   * The shortcut that a press completes; `wait` when it may become one; null when it is none.
   * `now` is in milliseconds of any clock.
   */
  press(
    press: Pressed,
    shortcuts: readonly Shortcut[],
    now: number,
    allowSingle: boolean,
  ): Shortcut | "wait" | null {
    if (["Shift", "Control", "Alt", "Meta"].includes(press.key)) return null;
    if (now - this.at > SEQUENCE_MS) this.typed = [];
    this.at = now;
    const known = shortcuts.filter((one) => allowSingle || !isSingle(one.keys));
    const chord = chordOf(press);
    for (const sequence of [[...this.typed, chord], [chord]]) {
      const text = sequence.join(" ");
      const found = known.find((one) => one.keys === text);
      if (found) {
        this.typed = [];
        return found;
      }
      if (known.some((one) => one.keys.startsWith(`${text} `))) {
        this.typed = sequence;
        return "wait";
      }
    }
    this.typed = [];
    return null;
  }
}

/** Whether keys typed here belong to what has the focus. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement) {
    return !["checkbox", "radio", "button", "submit", "range"].includes(target.type);
  }
  return target.matches("textarea, select, [role=menu] *, [role=listbox] *");
}

const KEYS_OF_ACTS = "homeinbxcdfjklpqrstuvwyzag".split("");

/** A key for each name, its own first letter where that is still free; none when all are taken. */
export function keysFor(names: readonly string[], taken: readonly string[]): Map<string, string> {
  const used = new Set(taken);
  const keys = new Map<string, string>();
  for (const name of names) {
    const letters = Array.from(name.toLowerCase()).filter((letter) => /[a-z]/.test(letter));
    const key = [...letters, ...KEYS_OF_ACTS].find((letter) => !used.has(letter));
    if (!key) continue;
    used.add(key);
    keys.set(name, key);
  }
  return keys;
}
