// The colours: warm neutral greys, one deep accent, four hues that carry meaning.
// Each theme names the same roles; `contrast.ts` says which of them meet and how far apart they are.

/** What a colour is for. */
export interface Palette {
  /** Behind everything. */
  ground: string;
  /** What lies on the ground: fields, cards, menus. */
  raised: string;
  /** What lies under it: heads of tables, wells. */
  sunk: string;
  /** Under the pointer. */
  hover: string;
  /** Pressed, or the place where one is. */
  pressed: string;
  /** Hairlines between things. They carry no meaning of their own. */
  line: string;
  /** The edge of something that can be used. */
  edge: string;
  ink: string;
  soft: string;
  faint: string;
  /** The main act of a screen. */
  main: string;
  mainHover: string;
  mainInk: string;
  accent: string;
  accentHover: string;
  accentSoft: string;
  accentInk: string;
  good: string;
  goodSoft: string;
  warn: string;
  warnSoft: string;
  bad: string;
  badHover: string;
  badSoft: string;
  badInk: string;
  info: string;
  infoSoft: string;
  /** What is not settled: a draft, an unknown. */
  idle: string;
  /** The stones of the mark; its lintel has the accent. */
  stone: string;
  /** Notices over the page. */
  notice: string;
  noticeInk: string;
  noticeAccent: string;
  /** Behind a dialog; translucent. */
  scrim: string;
}

export type ThemeName = "light" | "dark" | "contrast";

export const palettes: Record<ThemeName, Palette> = {
  light: {
    ground: "#faf9f7",
    raised: "#ffffff",
    sunk: "#f4f2ee",
    hover: "#f1eee9",
    pressed: "#e9e5de",
    line: "#e7e3dc",
    edge: "#8f887d",
    ink: "#1f1c19",
    soft: "#57514a",
    faint: "#6d665d",
    main: "#2a2622",
    mainHover: "#443e38",
    mainInk: "#fdfcfa",
    accent: "#9a3412",
    accentHover: "#7c2a0f",
    accentSoft: "#f9eae2",
    accentInk: "#ffffff",
    good: "#256b3b",
    goodSoft: "#e7f2e9",
    warn: "#7d5200",
    warnSoft: "#f9efd6",
    bad: "#b01e33",
    badHover: "#8f1729",
    badSoft: "#fceaec",
    badInk: "#ffffff",
    info: "#245c88",
    infoSoft: "#e5eff7",
    idle: "#787066",
    stone: "#57514a",
    notice: "#2a2622",
    noticeInk: "#f6f3ee",
    noticeAccent: "#f4a681",
    scrim: "rgba(31, 28, 25, 0.42)",
  },
  dark: {
    ground: "#161513",
    raised: "#1d1b19",
    sunk: "#121110",
    hover: "#262320",
    pressed: "#302c28",
    line: "#2d2a26",
    edge: "#7d766c",
    ink: "#ece8e2",
    soft: "#b8b0a6",
    faint: "#9b9389",
    main: "#ece8e2",
    mainHover: "#ffffff",
    mainInk: "#1d1b19",
    accent: "#f0956b",
    accentHover: "#f6b292",
    accentSoft: "#38261c",
    accentInk: "#22140c",
    good: "#7cc48f",
    goodSoft: "#1b2c20",
    warn: "#e0b25c",
    warnSoft: "#322813",
    bad: "#ff8d92",
    badHover: "#ffb1b5",
    badSoft: "#3a1d20",
    badInk: "#2a0d10",
    info: "#8fbfdd",
    infoSoft: "#182a37",
    idle: "#9b9389",
    stone: "#d6d0c7",
    notice: "#34302b",
    noticeInk: "#f3efe9",
    noticeAccent: "#f4a681",
    scrim: "rgba(0, 0, 0, 0.6)",
  },
  contrast: {
    ground: "#000000",
    raised: "#000000",
    sunk: "#000000",
    hover: "#2b2b2b",
    pressed: "#3b3b3b",
    line: "#8c8c8c",
    edge: "#ffffff",
    ink: "#ffffff",
    soft: "#f0f0f0",
    faint: "#e0e0e0",
    main: "#ffd166",
    mainHover: "#ffe3a1",
    mainInk: "#000000",
    accent: "#ffd166",
    accentHover: "#ffe3a1",
    accentSoft: "#332700",
    accentInk: "#000000",
    good: "#7dffa0",
    goodSoft: "#00270d",
    warn: "#ffd166",
    warnSoft: "#332700",
    bad: "#ffb3b8",
    badHover: "#ffd6d9",
    badSoft: "#330006",
    badInk: "#000000",
    info: "#9ad8ff",
    infoSoft: "#00233a",
    idle: "#e0e0e0",
    stone: "#ffffff",
    notice: "#ffffff",
    noticeInk: "#000000",
    noticeAccent: "#5b3a00",
    scrim: "rgba(0, 0, 0, 0.8)",
  },
};

/** The themes in which other things are dark as well: scroll bars, native pickers. */
export const isDark: Record<ThemeName, boolean> = { light: false, dark: true, contrast: true };
