// Our tokens as a theme of Material UI: its parts behave, ours is how they look.

import {
  fonts,
  isDark,
  layers,
  type Palette,
  palettes,
  radius,
  type ThemeName,
} from "@megalith/tokens";
import { createTheme } from "@mui/material/styles";

function scheme(name: ThemeName) {
  const colour: Palette = palettes[name];
  const hue = (main: string, dark: string, contrastText: string) => ({
    main,
    light: main,
    dark,
    contrastText,
  });
  return {
    palette: {
      mode: isDark[name] ? ("dark" as const) : ("light" as const),
      primary: hue(colour.accent, colour.accentHover, colour.accentInk),
      secondary: hue(colour.main, colour.mainHover, colour.mainInk),
      error: hue(colour.bad, colour.badHover, colour.badInk),
      warning: hue(colour.warn, colour.warn, colour.raised),
      info: hue(colour.info, colour.info, colour.raised),
      success: hue(colour.good, colour.good, colour.raised),
      background: { default: colour.ground, paper: colour.raised },
      text: { primary: colour.ink, secondary: colour.soft, disabled: colour.faint },
      divider: colour.line,
      action: {
        hover: colour.hover,
        selected: colour.pressed,
        active: colour.soft,
        disabled: colour.faint,
        disabledBackground: colour.sunk,
        focus: colour.hover,
      },
    },
  };
}

const paper = {
  backgroundImage: "none",
  backgroundColor: "var(--raised)",
  color: "var(--ink)",
  boxShadow: "var(--shadow)",
};

export const muiTheme = createTheme({
  cssVariables: { colorSchemeSelector: "data-theme" },
  colorSchemes: {
    light: scheme("light"),
    dark: scheme("dark"),
    // A scheme of one's own must be whole.
    contrast: {
      palette: createTheme(scheme("contrast")).palette,
      opacity: {},
      overlays: [],
    },
  } as never,
  shape: { borderRadius: radius.control },
  spacing: 4,
  zIndex: { modal: layers.overlay, snackbar: layers.toast, tooltip: layers.tip },
  typography: {
    fontFamily: fonts.sans,
    htmlFontSize: 16,
    fontSize: 13,
    button: { textTransform: "none", fontWeight: 500 },
    body1: { fontSize: "var(--type-text)", lineHeight: 1.45 },
    body2: { fontSize: "var(--type-text)", lineHeight: 1.45 },
  },
  transitions: {
    duration: {
      shortest: 90,
      shorter: 90,
      short: 120,
      standard: 160,
      complex: 200,
      enteringScreen: 160,
      leavingScreen: 90,
    },
  },
  components: {
    MuiButtonBase: { defaultProps: { disableRipple: true } },
    MuiPaper: { defaultProps: { elevation: 0 } },
    // What fades out is closed already: a second press is for what lies behind it.
    MuiModal: {
      styleOverrides: {
        root: { variants: [{ props: { open: false }, style: { pointerEvents: "none" } }] },
      },
    },
    MuiBackdrop: {
      styleOverrides: {
        root: { "&:not(.MuiBackdrop-invisible)": { backgroundColor: "var(--scrim)" } },
      },
    },
    MuiPopover: {
      styleOverrides: { paper: { ...paper, borderRadius: radius.card } },
    },
    MuiMenu: {
      styleOverrides: { list: { padding: 4, outline: 0 } },
    },
    MuiMenuItem: {
      styleOverrides: {
        root: {
          minHeight: 30,
          gap: 10,
          padding: "4px 8px",
          borderRadius: 6,
          fontSize: "var(--type-text)",
          "& svg": { width: 15, height: 15, color: "var(--faint)" },
          "&.Mui-focusVisible, &:hover": { backgroundColor: "var(--pressed)" },
          "&.Mui-focusVisible": { outline: "none" },
          "&.Mui-disabled": { opacity: 1, color: "var(--faint)" },
          "@media (pointer: coarse)": { minHeight: 44 },
        },
      },
    },
    MuiDialog: {
      styleOverrides: {
        paper: {
          ...paper,
          borderRadius: radius.overlay,
          margin: 16,
          width: "100%",
          maxHeight: "calc(100% - 32px)",
        },
      },
    },
    MuiAutocomplete: {
      styleOverrides: {
        paper: { ...paper, borderRadius: radius.card, marginBlock: 4 },
        listbox: { padding: 4 },
        option: {
          minHeight: "30px !important",
          padding: "4px 8px !important",
          borderRadius: 6,
          "&.Mui-focused": { backgroundColor: "var(--pressed) !important" },
          "&[aria-selected='true']": { backgroundColor: "var(--accent-soft) !important" },
        },
        noOptions: { padding: "8px 12px", color: "var(--faint)" },
        loading: { padding: "8px 12px", color: "var(--faint)" },
      },
    },
  },
});
