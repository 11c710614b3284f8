// The editor of a cell that is one of several: it loads when such a cell is first changed.
export { Pick, type PickOption, type PickProps } from "./Pick";
