// The grid and what it is told.
export { DataGrid, type DataGridProps } from "./DataGrid";
export { extended, fromTsv, type Sort, toTsv } from "./model";
export type { Arrangement, Column, EditorProps, GridRow } from "./types";
