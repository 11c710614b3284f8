import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { palettes, type ThemeName } from "./colour";
import { contrast, partPairs, textPairs } from "./contrast";
import { tokensCss } from "./css";
import { densities } from "./measure";

const themes = Object.keys(palettes) as ThemeName[];

describe("colours", () => {
  it("black on white is 21 to 1, and a colour on itself 1 to 1", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#9a3412", "#9a3412")).toBe(1);
    expect(contrast("#767676", "#ffffff")).toBeCloseTo(4.54, 2);
  });

  it.each(themes)("text of %s is at least 4.5 to 1 on everything it stands on", (theme) => {
    const palette = palettes[theme];
    const least = theme === "contrast" ? 7 : 4.5;
    const low = textPairs
      .map(([text, on]) => [text, on, contrast(palette[text], palette[on])] as const)
      .filter(([, , ratio]) => ratio < least);
    expect(low).toEqual([]);
    expect(textPairs.length).toBeGreaterThan(50);
  });

  it.each(themes)("parts of %s that carry meaning are at least 3 to 1", (theme) => {
    const palette = palettes[theme];
    const low = partPairs
      .map(([part, on]) => [part, on, contrast(palette[part], palette[on])] as const)
      .filter(([, , ratio]) => ratio < 3);
    expect(low).toEqual([]);
  });
});

describe("measures", () => {
  it("a target is at least 24 pixels in every density", () => {
    for (const density of Object.values(densities)) {
      expect(density.control).toBeGreaterThanOrEqual(24);
      expect(density.row).toBeGreaterThanOrEqual(24);
    }
  });

  it("tokens.css is what the tokens say", () => {
    const written = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");
    expect(written).toBe(tokensCss());
  });
});
