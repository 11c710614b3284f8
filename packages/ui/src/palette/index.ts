// The palette, and how what fits best is found.
export {
  CommandPalette,
  type CommandPaletteProps,
  type PaletteGroup,
  type PaletteItem,
} from "./CommandPalette";
export { folded, rank, ranked } from "./rank";
