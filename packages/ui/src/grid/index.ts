// The grid and what it is told.
export { DataGrid, type DataGridProps, type Standing } from "./DataGrid";
export { Line, type LineProps, type Reading, stepOf } from "./LineEditor";
export {
  countChosen,
  EVERYTHING,
  fromTsv,
  isChosen,
  NOTHING,
  type Selection,
  type Sort,
  spread,
  toggled,
  toTsv,
} from "./model";
export { placeAt } from "./Note";
export type {
  Area,
  Arrangement,
  Column,
  EditorProps,
  GridRow,
  Mark,
  Marks,
  Step,
} from "./types";
