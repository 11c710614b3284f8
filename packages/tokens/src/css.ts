// The tokens as custom properties, which every style sheet reads: `--ground`, `--space-2`, `--row`.

import { isDark, type Palette, palettes, type ThemeName } from "./colour";
import {
  type Density,
  type DensityName,
  densities,
  fonts,
  headerHeight,
  layers,
  motion,
  radius,
  sidebarWidth,
  space,
  type,
} from "./measure";

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const block = (selector: string, lines: string[]) =>
  `${selector} {\n${lines.map((line) => `  ${line};`).join("\n")}\n}\n`;

function colours(name: ThemeName): string[] {
  const roles = Object.entries(palettes[name]) as [keyof Palette, string][];
  const shadow = isDark[name]
    ? "0 0 0 1px rgb(255 255 255 / 0.09), 0 12px 40px rgb(0 0 0 / 0.55)"
    : "0 0 0 1px rgb(31 28 25 / 0.07), 0 12px 36px rgb(31 28 25 / 0.16)";
  return [
    `color-scheme: ${isDark[name] ? "dark" : "light"}`,
    ...roles.map(([role, value]) => `--${kebab(role)}: ${value}`),
    `--shadow: ${name === "contrast" ? "0 0 0 1px #ffffff" : shadow}`,
    `--focus-width: ${name === "contrast" ? 3 : 2}px`,
  ];
}

const dense = (density: Density) =>
  Object.entries(density).map(([name, value]) => `--${name}: ${value}px`);

/** The style sheet; `tokens.css` is its text. */
export function tokensCss(): string {
  const px = (group: Record<string, number>, prefix: string) =>
    Object.entries(group).map(([name, value]) => `--${prefix}-${name}: ${value}px`);
  const still = [
    ...space.map((value, at) => `--space-${at}: ${value}px`),
    ...px(radius, "radius"),
    // Type grows with the reader's own setting.
    ...Object.entries(type).map(([name, value]) => `--type-${name}: ${value / 16}rem`),
    ...Object.entries(layers).map(([name, value]) => `--layer-${name}: ${value}`),
    `--sans: ${fonts.sans}`,
    `--mono: ${fonts.mono}`,
    `--quick: ${motion.quick}ms`,
    `--calm: ${motion.calm}ms`,
    `--slow: ${motion.slow}ms`,
    `--curve: ${motion.curve}`,
    `--sidebar: ${sidebarWidth}px`,
    `--header: ${headerHeight}px`,
  ];
  return [
    block(":root", still),
    block(':root,\n[data-theme="light"]', colours("light")),
    block('[data-theme="dark"]', colours("dark")),
    block('[data-theme="contrast"]', colours("contrast")),
    `@media (prefers-color-scheme: dark) {\n${block(":root:not([data-theme])", colours("dark"))}}\n`,
    block(":root", dense(densities.regular)),
    ...(Object.keys(densities) as DensityName[]).map((name) =>
      block(`[data-density="${name}"]`, dense(densities[name])),
    ),
    "@media (pointer: coarse) {\n  :root,\n  [data-density] {\n    --control: 44px;\n    --row: 48px;\n  }\n}\n",
    "@media (prefers-reduced-motion: reduce) {\n  :root {\n    --quick: 0ms;\n    --calm: 0ms;\n    --slow: 0ms;\n  }\n}\n",
  ].join("\n");
}
