// Space, type, radius, motion, and the three densities. Lengths are pixels at 100 %.

/** The grid of 4. */
export const space = [0, 4, 8, 12, 16, 20, 24, 32, 40, 48, 64] as const;

export const radius = { small: 4, control: 7, card: 10, overlay: 12, round: 999 } as const;

/** Milliseconds, and the curve of what comes in. */
export const motion = {
  quick: 90,
  calm: 160,
  slow: 240,
  curve: "cubic-bezier(0.2, 0.8, 0.2, 1)",
} as const;

export const fonts = {
  sans: '"Inter Variable", ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans Arabic", sans-serif',
  mono: 'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", "DejaVu Sans Mono", monospace',
} as const;

/** Sizes of type: the text of the app is 13. */
export const type = {
  tiny: 11,
  small: 12,
  text: 13,
  lead: 15,
  title: 18,
  head: 22,
  hero: 28,
} as const;

/** Above everything else, in order. */
export const layers = {
  sticky: 2,
  header: 10,
  sidebar: 20,
  overlay: 1300,
  toast: 1400,
  tip: 1500,
} as const;

export type DensityName = "compact" | "regular" | "comfortable";

/** What changes with density: a row of a grid, a control, the space inside a group. */
export interface Density {
  row: number;
  control: number;
  gap: number;
}

export const densities: Record<DensityName, Density> = {
  compact: { row: 30, control: 28, gap: 8 },
  regular: { row: 36, control: 32, gap: 12 },
  comfortable: { row: 44, control: 36, gap: 16 },
};

export const sidebarWidth = 232;
export const headerHeight = 48;
