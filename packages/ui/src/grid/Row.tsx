// One row of the grid. It is drawn again only when something of it changed, so that a step of
// scrolling costs no more than the rows that come in.

import { ChevronDown } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { classes } from "../classes";
import { Checkbox } from "../Field";
import { Hidden } from "../Sign";
import styles from "./Grid.module.css";
import type { Column, EditorProps, GridRow } from "./types";

export interface RowProps<T> {
  item: GridRow<T> | undefined;
  index: number;
  start: number;
  columns: Column<T>[];
  /** The pixels of the column of check boxes; 0 without one. */
  lead: number;
  width: number;
  selected: boolean;
  /** The cell of this row that is in the tab order; -1 for none. */
  active: number;
  ranged: readonly [number, number] | null;
  editing: number;
  selectLabel: string;
  onToggle: (index: number, stretch: boolean) => void;
  onCommit: (text: string, then: "down" | "next" | "stay") => void;
  onCancel: () => void;
}

export function LineEditor<T>({ text, label, onCommit, onCancel }: EditorProps<T>): ReactNode {
  const [value, setValue] = useState(text);
  return (
    <input
      className={styles.editor}
      aria-label={label}
      dir="auto"
      value={value}
      // biome-ignore lint/a11y/noAutofocus: the person asked to edit this cell
      autoFocus
      onFocus={(event) => event.target.select()}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => onCommit(value, "stay")}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") onCancel();
        else if (event.key === "Enter") onCommit(value, "down");
        else if (event.key === "Tab") {
          event.preventDefault();
          onCommit(value, "next");
        }
      }}
    />
  );
}

function cellContent<T>(column: Column<T>, row: T): ReactNode {
  if (column.render) return column.render(row);
  const text = column.text(row);
  return text === "" ? null : <bdi>{text}</bdi>;
}

function RowInner<T>(props: RowProps<T>): ReactNode {
  const { item, index, start, columns, lead, width, active, ranged } = props;
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
          className={classes(styles.cell, styles.groupCell)}
        >
          <ChevronDown aria-hidden="true" />
          <bdi>{item.label}</bdi>
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
            checked={props.selected}
            onChange={() => props.onToggle(index, false)}
          />
        </div>
      )}
      {columns.map((column, col) => {
        const inRange = ranged !== null && col >= ranged[0] && col <= ranged[1];
        const Editor = column.editor ?? LineEditor;
        return (
          <div
            key={column.id}
            role="gridcell"
            aria-colindex={col + (lead > 0 ? 2 : 1)}
            data-col={col}
            tabIndex={active === col ? 0 : -1}
            className={classes(
              styles.cell,
              col === 0 && styles.lead,
              col === 0 && styles.title,
              column.align === "end" && styles.end,
              column.soft && styles.soft,
              inRange && styles.ranged,
            )}
            style={col === 0 ? { insetInlineStart: lead } : undefined}
          >
            {props.editing === col ? (
              <Editor
                row={item.row}
                text={column.text(item.row)}
                label={column.label}
                onCommit={props.onCommit}
                onCancel={props.onCancel}
              />
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
