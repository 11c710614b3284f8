// What a grid is told: its columns, and its rows as they come.

import type { ComponentType, ReactNode } from "react";

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
  /** Why it cannot be, for who tries. */
  reason?: (row: T) => string | undefined;
  /** Whether typing over it begins the change: with any sign, or with one of a number. */
  typing?: "text" | "number";
  /** The editor, where a line of text does not do. */
  editor?: ComponentType<EditorProps<T>>;
  /** What stands in the row of totals. */
  total?: ReactNode;
}

/** Where the focus goes after an edit; "away" when it has gone elsewhere by itself. */
export type Step = "down" | "up" | "next" | "previous" | "stay" | "away";

export interface EditorProps<T> {
  row: T;
  /** The cell as it was, or what was typed before and refused. */
  text: string;
  /** What was typed in place of what was there, before the editor was. */
  typed: string | null;
  /** The key that ends an edit was pressed before the editor was there: a line is done with. */
  ends: Step | undefined;
  label: string;
  /** Why what was typed before was refused. */
  fault: string | undefined;
  /** What is edited is done; a line of text gives its text, another editor what it makes. */
  onCommit: (value: unknown, then: Step) => void;
  /** What was typed cannot be meant, and the editor was left: it stays as a mark of the cell. */
  onWrong: (text: string, message: string) => void;
  /** Nothing was changed. */
  onCancel: (then?: Step) => void;
}

/** What is being done with a cell, or what was wrong with what was put in. */
export type Mark =
  | { readonly state: "saving" }
  | { readonly state: "wrong"; readonly text: string; readonly message: string };

/** Marks by the key of their row and the id of their column. */
export type Marks = ReadonlyMap<string, ReadonlyMap<string, Mark>>;

/** Cells that something is done with: rows, and columns by their ids. */
export interface Area {
  readonly row: number;
  readonly rows: number;
  readonly columns: readonly string[];
  /** The columns from the first of them to the last that is shown. */
  readonly reach: readonly string[];
}

export type GridRow<T> =
  | { kind: "row"; key: string; row: T }
  | {
      kind: "group";
      key: string;
      label: ReactNode;
      count?: number | undefined;
      open: boolean;
      /** How many groups it stands inside of. */
      depth?: number;
    }
  | { kind: "loading"; key: string };

/** How somebody arranged the columns. */
export interface Arrangement {
  order: string[];
  hidden: string[];
  widths: Record<string, number>;
  /** How many columns stay in sight; 1, the first, unless said. */
  pinned?: number;
}
