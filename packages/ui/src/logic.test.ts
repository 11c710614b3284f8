import { describe, expect, it, vi } from "vitest";
import { keyNames } from "./Button";
import { defaultLabels } from "./labels";
import { isPassing, kindOf, problemWords } from "./problem";
import { initials } from "./Sign";
import { tabAfter } from "./Tabs";
import { Toasts } from "./toasts";

describe("problems", () => {
  it.each([
    [undefined, "network", true],
    [401, "unauthenticated", false],
    [403, "forbidden", false],
    [404, "missing", false],
    [409, "conflict", false],
    [412, "conflict", false],
    [422, "invalid", false],
    [429, "unavailable", true],
    [500, "unexpected", true],
    [503, "unavailable", true],
  ] as const)("a status of %s is %s", (status, kind, passing) => {
    expect(kindOf(status)).toBe(kind);
    expect(isPassing({ status })).toBe(passing);
  });

  it("the server's own text is shown where it says more", () => {
    expect(problemWords({ status: 422, detail: "Too long." }, defaultLabels).text).toBe(
      "Too long.",
    );
    expect(problemWords({ status: 404, detail: "x" }, defaultLabels)).toEqual(
      defaultLabels.errors.missing,
    );
  });
});

describe("notices", () => {
  it("are never more than three, pass by themselves, and wait while they are read", () => {
    vi.useFakeTimers();
    const toasts = new Toasts();
    for (const text of ["a", "b", "c", "d"]) toasts.show({ text });
    expect(toasts.get().map((toast) => toast.text)).toEqual(["d", "c", "b"]);
    toasts.hold();
    vi.advanceTimersByTime(60_000);
    expect(toasts.get()).toHaveLength(3);
    toasts.release();
    vi.advanceTimersByTime(60_000);
    expect(toasts.get()).toHaveLength(0);
    vi.useRealTimers();
  });

  it("an error stays, and undo runs once and takes the notice away", () => {
    vi.useFakeTimers();
    const toasts = new Toasts();
    const undo = vi.fn();
    const id = toasts.show({ text: "gone", tone: "bad", undo });
    vi.advanceTimersByTime(600_000);
    expect(toasts.get()).toHaveLength(1);
    toasts.undo(id);
    toasts.undo(id);
    expect(undo).toHaveBeenCalledTimes(1);
    expect(toasts.get()).toHaveLength(0);
    vi.useRealTimers();
  });
});

describe("small things", () => {
  it("keys are named as on the keyboard at hand", () => {
    expect(keyNames("mod+k", false)).toEqual([["Ctrl", "K"]]);
    expect(keyNames("mod+k", true)).toEqual([["⌘", "K"]]);
    expect(keyNames("g h", false)).toEqual([["G"], ["H"]]);
  });

  it("initials are those of the first and the last word, one where a script has no capitals", () => {
    expect(initials("Ada Maria Lovelace")).toBe("AL");
    expect(initials("plato")).toBe("P");
    expect(initials("محمد علي")).toBe("م");
    expect(initials("  ")).toBe("");
  });

  it("arrows go round in tabs, mirrored from right to left", () => {
    expect(tabAfter("ArrowRight", 2, 3, false)).toBe(0);
    expect(tabAfter("ArrowRight", 0, 3, true)).toBe(2);
    expect(tabAfter("End", 0, 3, false)).toBe(2);
    expect(tabAfter("a", 0, 3, false)).toBeNull();
  });
});
