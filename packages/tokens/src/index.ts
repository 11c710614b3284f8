// Colour, space, type, radius and motion: the one place where a value of the look is written.
export { isDark, type Palette, palettes, type ThemeName } from "./colour";
export { contrast, luminance, partPairs, textPairs } from "./contrast";
export { tokensCss } from "./css";
export * from "./measure";
