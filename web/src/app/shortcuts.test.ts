import { describe, expect, it } from "vitest";
import { chordOf, isSingle, Keys, keysFor, type Pressed, type Shortcut } from "./shortcuts";

const press = (key: string, held: Partial<Pressed> = {}): Pressed => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held,
});
const shortcut = (keys: string): Shortcut => ({ keys, label: keys, group: "", run: () => {} });
const known = ["mod+k", "?", "/", "[", "g h", "g c", "c c"].map(shortcut);

describe("presses", () => {
  it.each([
    [press("k", { ctrlKey: true }), "mod+k"],
    [press("K", { metaKey: true, shiftKey: true }), "mod+shift+k"],
    [press("?", { shiftKey: true }), "?"],
    [press("Enter", { shiftKey: true }), "shift+enter"],
    [press(" "), "space"],
  ])("%o is written %s", (given, chord) => {
    expect(chordOf(given)).toBe(chord);
  });

  it("a chord is found at once, a sequence at its end", () => {
    const keys = new Keys();
    expect(keys.press(press("k", { ctrlKey: true }), known, 0, true)).toBe(known[0]);
    expect(keys.press(press("g"), known, 10, true)).toBe("wait");
    expect(keys.press(press("h"), known, 20, true)).toBe(known[4]);
    expect(keys.press(press("h"), known, 30, true)).toBeNull();
  });

  it("a sequence that takes too long begins anew", () => {
    const keys = new Keys();
    expect(keys.press(press("g"), known, 0, true)).toBe("wait");
    expect(keys.press(press("h"), known, 5_000, true)).toBeNull();
  });

  it("a wrong key in a sequence may begin another one, and held keys do not break it", () => {
    const keys = new Keys();
    expect(keys.press(press("g"), known, 0, true)).toBe("wait");
    expect(keys.press(press("Shift"), known, 5, true)).toBeNull();
    expect(keys.press(press("c"), known, 10, true)).toBe(known[5]);
    expect(keys.press(press("g"), known, 20, true)).toBe("wait");
    expect(keys.press(press("/"), known, 30, true)).toBe(known[2]);
  });

  it("single keys can be switched off, chords stay", () => {
    const keys = new Keys();
    expect(keys.press(press("?"), known, 0, false)).toBeNull();
    expect(keys.press(press("g"), known, 10, false)).toBeNull();
    expect(keys.press(press("k", { ctrlKey: true }), known, 20, false)).toBe(known[0]);
    expect(isSingle("g h")).toBe(true);
    expect(isSingle("mod+k")).toBe(false);
  });
});

it("each name has a key of its own, its first letter where that is free", () => {
  const keys = keysFor(["Customers", "Carriers", "Items"], ["h"]);
  expect([...keys.values()]).toEqual(["c", "a", "i"]);
  expect(
    new Set(
      keysFor(
        Array.from({ length: 40 }, (_, at) => `name ${at}`),
        [],
      ).values(),
    ).size,
  ).toBe(
    keysFor(
      Array.from({ length: 40 }, (_, at) => `name ${at}`),
      [],
    ).size,
  );
});
