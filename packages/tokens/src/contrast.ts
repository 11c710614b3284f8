// How far apart two colours are (WCAG 2.2, 1.4.3 and 1.4.11), and which ones meet on the screen.

import type { Palette } from "./colour";

type Role = keyof Palette;

function channel(hex: string, at: number): number {
  const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** The relative luminance of `#rrggbb`. */
export function luminance(hex: string): number {
  return 0.2126 * channel(hex, 1) + 0.7152 * channel(hex, 3) + 0.0722 * channel(hex, 5);
}

/** The contrast ratio of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const surfaces: Role[] = ["ground", "raised", "sunk", "hover"];
const wells: Role[] = ["ground", "raised"];

/** Text and what it stands on: at least 4.5:1. */
export const textPairs: [text: Role, on: Role][] = [
  ...(["ink", "soft", "faint", "accent", "bad", "good", "warn", "info"] as Role[]).flatMap((text) =>
    surfaces.map((on): [Role, Role] => [text, on]),
  ),
  ["ink", "pressed"],
  ["soft", "pressed"],
  ["ink", "accentSoft"],
  ["soft", "accentSoft"],
  ["accent", "accentSoft"],
  ["accentHover", "accentSoft"],
  ["accentHover", "raised"],
  ["mainInk", "main"],
  ["mainInk", "mainHover"],
  ["accentInk", "accent"],
  ["accentInk", "accentHover"],
  ["badInk", "bad"],
  ["badInk", "badHover"],
  ["good", "goodSoft"],
  ["warn", "warnSoft"],
  ["bad", "badSoft"],
  ["info", "infoSoft"],
  ["ink", "goodSoft"],
  ["ink", "warnSoft"],
  ["ink", "badSoft"],
  ["ink", "infoSoft"],
  ["soft", "goodSoft"],
  ["soft", "warnSoft"],
  ["soft", "badSoft"],
  ["soft", "infoSoft"],
  ["noticeInk", "notice"],
  ["noticeAccent", "notice"],
];

/** Parts that carry meaning, and what they stand on: at least 3:1. */
export const partPairs: [part: Role, on: Role][] = [
  ...(["edge", "accent", "idle", "good", "warn", "bad", "info", "main", "stone"] as Role[]).flatMap(
    (part) => wells.map((on): [Role, Role] => [part, on]),
  ),
  ["edge", "hover"],
  ["accent", "hover"],
  ["accent", "accentSoft"],
  ["idle", "hover"],
  ["idle", "accentSoft"],
];
