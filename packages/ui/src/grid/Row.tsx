// One row of the grid. It is drawn again only when something of it changed, so that a step of
// scrolling costs no more than the rows that come in.

import { ChevronDown } from "lucide-react";
import { memo, type ReactNode, Suspense } from "react";
import { classes } from "../classes";
import { Checkbox } from "../Field";
import { Hidden } from "../Sign";
import styles from "./Grid.module.css";
import { LineEditor } from "./LineEditor";
import type { Column, GridRow, Mark, Step } from "./types";

export interface RowProps<T> {
  item: GridRow<T> | undefined;
  index: number;
  start: number;
  columns: Column<T>[];
  /** The pixels of the column of check boxes; 0 without one. */
  lead: number;
  /** Where the columns stand that stay in sight, in pixels. */
  pins: readonly number[];
  width: number;
  selected: boolean;
  /** The cell of this row that is in the tab order; -1 for none. */
  active: number;
  ranged: readonly [number, number] | null;
  editing: number;
  /** The sign that began the edit. */
  typed: string | null;
  /** How the edit was ended before its editor was there. */
  ends: Step | undefined;
  /** What is being done with cells of this row, by column. */
  marks: ReadonlyMap<string, Mark> | undefined;
  /** Whether anything in the grid can be changed in place. */
  canEdit: boolean;
  /** The id of the note at the cell with the focus. */
  noteId: string | undefined;
  selectLabel: string;
  onToggle: (index: number, stretch: boolean) => void;
  onCommit: (value: unknown, then: Step) => void;
  onWrong: (text: string, message: string) => void;
  onCancel: (then?: Step) => void;
}

/** The style of a cell in a column that stays in sight. */
export const pinned = (pins: readonly number[], col: number) =>
  col < pins.length ? { insetInlineStart: pins[col] } : undefined;

function cellContent<T>(column: Column<T>, row: T): ReactNode {
  if (column.render) return column.render(row);
  const text = column.text(row);
  return text === "" ? null : <bdi>{text}</bdi>;
}

function RowInner<T>(props: RowProps<T>): ReactNode {
  const { item, index, start, columns, lead, pins, width, active, ranged } = props;
  const place = { transform: `translateY(${start}px)`, width };
  if (!item || item.kind === "loading") {
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        className={styles.row}
        data-row={index}
        style={place}
        aria-busy="true"
      >
        {lead > 0 && <div role="gridcell" className={classes(styles.cell, styles.check)} />}
        {columns.map((column, col) => (
          <div
            key={column.id}
            role="gridcell"
            data-col={col}
            tabIndex={active === col ? 0 : -1}
            className={styles.cell}
          >
            <span
              className={styles.waiting}
              style={{ width: `${38 + ((index * 7 + col * 23) % 45)}%` }}
            />
          </div>
        ))}
      </div>
    );
  }
  if (item.kind === "group") {
    return (
      <div
        role="row"
        aria-rowindex={index + 2}
        data-row={index}
        className={classes(styles.row, styles.group)}
        style={place}
      >
        <div
          role="gridcell"
          data-col={0}
          aria-colspan={columns.length + (lead > 0 ? 1 : 0)}
          aria-expanded={item.open}
          tabIndex={active >= 0 ? 0 : -1}
          style={item.depth ? { paddingInlineStart: 10 + item.depth * 20 } : undefined}
          className={classes(styles.cell, styles.groupCell)}
        >
          <ChevronDown aria-hidden="true" />
          <span className={styles.groupLabel}>{item.label}</span>
          {item.count !== undefined && <span className={styles.groupCount}>{item.count}</span>}
        </div>
      </div>
    );
  }
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      aria-selected={lead > 0 ? props.selected : undefined}
      data-row={index}
      className={classes(styles.row, props.selected && styles.selected)}
      style={place}
    >
      {lead > 0 && (
        <div
          role="gridcell"
          aria-colindex={1}
          className={classes(styles.cell, styles.lead, styles.check)}
        >
          <Checkbox
            label={<Hidden>{`${props.selectLabel} ${index + 1}`}</Hidden>}
            tabIndex={-1}
            checked={props.selected}
            onChange={() => props.onToggle(index, false)}
          />
        </div>
      )}
      {columns.map((column, col) => {
        const inRange = ranged !== null && col >= ranged[0] && col <= ranged[1];
        const Editor = column.editor ?? LineEditor;
        const mark = props.marks?.get(column.id);
        const wrong = mark?.state === "wrong" ? mark : undefined;
        return (
          <div
            key={column.id}
            role="gridcell"
            aria-colindex={col + (lead > 0 ? 2 : 1)}
            aria-readonly={props.canEdit && !column.editable?.(item.row) ? true : undefined}
            aria-invalid={wrong ? true : undefined}
            aria-busy={mark?.state === "saving" || undefined}
            aria-describedby={active === col ? props.noteId : undefined}
            data-col={col}
            tabIndex={active === col ? 0 : -1}
            className={classes(
              styles.cell,
              col < pins.length && styles.lead,
              col === 0 && styles.title,
              col === pins.length - 1 && styles.edge,
              column.align === "end" && styles.end,
              column.soft && styles.soft,
              inRange && styles.ranged,
              mark?.state === "saving" && styles.saving,
              wrong && styles.wrong,
              props.editing === col && styles.editing,
            )}
            style={pinned(pins, col)}
          >
            {props.editing === col ? (
              <Suspense fallback={cellContent(column, item.row)}>
                <Editor
                  row={item.row}
                  text={wrong ? wrong.text : column.text(item.row)}
                  typed={props.typed}
                  ends={props.ends}
                  label={column.label}
                  fault={wrong?.message}
                  onCommit={props.onCommit}
                  onWrong={props.onWrong}
                  onCancel={props.onCancel}
                />
              </Suspense>
            ) : wrong ? (
              <bdi>{wrong.text}</bdi>
            ) : (
              cellContent(column, item.row)
            )}
          </div>
        );
      })}
    </div>
  );
}

export const Row = memo(RowInner) as typeof RowInner;
