// What a grid is told: its columns, and its rows as they come.

import type { ReactNode } from "react";

export interface Column<T> {
  id: string;
  /** The head, in the reader's words. */
  label: string;
  /** Pixels to begin with. */
  width?: number;
  /** Takes the room that is left. */
  grow?: boolean;
  align?: "start" | "end";
  /** Less weight than the title. */
  soft?: boolean;
  sortable?: boolean;
  /** The cell as text: what is copied. */
  text: (row: T) => string;
  /** The cell as it looks, where that is more than its text. */
  render?: (row: T) => ReactNode;
  /** Whether it can be changed in place. */
  editable?: (row: T) => boolean;
  /** The editor, where a line of text does not do. */
  editor?: (props: EditorProps<T>) => ReactNode;
  /** What stands in the row of totals. */
  total?: ReactNode;
}

export interface EditorProps<T> {
  row: T;
  text: string;
  label: string;
  onCommit: (text: string, then: "down" | "next" | "stay") => void;
  onCancel: () => void;
}

export type GridRow<T> =
  | { kind: "row"; key: string; row: T }
  | { kind: "group"; key: string; label: ReactNode; count?: number | undefined; open: boolean }
  | { kind: "loading"; key: string };

/** How somebody arranged the columns. */
export interface Arrangement {
  order: string[];
  hidden: string[];
  widths: Record<string, number>;
}
