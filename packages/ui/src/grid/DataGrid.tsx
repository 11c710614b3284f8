// The grid: plain elements on our tokens, drawn only where one looks. Arrows, Home, End and the
// page keys go from cell to cell; Shift makes a range; Control+C copies it for a spreadsheet;
// x or Space selects a row; Enter opens it; F2 or e edits a cell.

import { densities } from "@megalith/tokens";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { classes } from "../classes";
import { useUi } from "../UiProvider";
import styles from "./Grid.module.css";
import { Head } from "./Head";
import {
  columnsIn,
  corners,
  extended,
  fromTsv,
  type Range,
  type Sort,
  type Spot,
  spotAfter,
  toggled,
  toTsv,
} from "./model";
import { Row } from "./Row";
import type { Arrangement, Column, GridRow } from "./types";
import { useColumns } from "./useColumns";

const LEAD = 40;
const OVERSCAN = 4;
/** Rows from the end at which more is asked for. */
const AHEAD = 25;
const NONE: ReadonlySet<string> = new Set();

export interface DataGridProps<T> {
  /** What the grid shows, for who cannot see it. */
  label: string;
  columns: Column<T>[];
  /** The rows that can be scrolled to. */
  count: number;
  rowAt: (index: number) => GridRow<T> | undefined;
  /** All rows there are, if that is known. */
  total?: number | undefined;
  sort?: readonly Sort[];
  onSort?: (next: Sort[]) => void;
  selected?: ReadonlySet<string>;
  onSelect?: (next: Set<string>) => void;
  onOpen?: (row: T) => void;
  onGroup?: (key: string) => void;
  /** Called when the end comes into sight. */
  onEnd?: (() => void) | undefined;
  onEdit?: (row: T, column: string, text: string) => void;
  /** Cells of a spreadsheet, put in from a cell on. */
  onPaste?: (at: Spot, cells: string[][]) => void;
  onCopied?: (cells: number) => void;
  arrangement?: Arrangement;
  onArrange?: (next: Arrangement) => void;
  /** What stands there when there are no rows. */
  empty?: ReactNode;
}

export function DataGrid<T>(props: DataGridProps<T>): ReactNode {
  const { columns, count, rowAt, sort = [], selected = NONE, onSelect, onOpen, onEnd } = props;
  const { density, dir, labels } = useUi();
  const box = useRef<HTMLDivElement>(null);
  const lead = onSelect ? LEAD : 0;
  const arranged = useColumns(columns, props.arrangement, props.onArrange, lead);
  const shown = arranged.columns;
  const coarse = useCoarse();
  const height = coarse ? 48 : densities[density].row;
  const totals = columns.some((column) => column.total !== undefined);

  const [active, setActive] = useState<Spot>({ row: count > 0 ? 0 : -1, col: 0 });
  const [range, setRange] = useState<Range | null>(null);
  const [editing, setEditing] = useState(false);
  const [scrolled, setScrolled] = useState(false);
  const anchor = useRef<number | null>(null);
  const wantsFocus = useRef(false);

  const at: Spot = {
    row: Math.min(active.row, count - 1),
    col: Math.max(0, Math.min(active.col, shown.length - 1)),
  };
  const atRow = useRef(at.row);
  atRow.current = at.row;

  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
    scrollMargin: height,
    rangeExtractor: useCallback(({ startIndex, endIndex, overscan, count: all }: VirtualRange) => {
      const first = Math.max(0, startIndex - overscan);
      const last = Math.min(all - 1, endIndex + overscan);
      const list = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
      // The row with the focus stays, however far away it is.
      const kept = atRow.current;
      if (kept >= 0 && kept < all && (kept < first || kept > last)) list.push(kept);
      return list;
    }, []),
  });
  useLayoutEffect(() => virtual.measure(), [height]);

  const items = virtual.getVirtualItems();
  const lastShown = virtual.range?.endIndex ?? 0;
  useEffect(() => {
    if (onEnd && lastShown >= count - AHEAD) onEnd();
  }, [lastShown, count, onEnd]);

  const cellAt = useCallback(
    (spot: Spot) =>
      box.current?.querySelector<HTMLElement>(
        `[data-row="${spot.row}"] > [data-col="${spot.col}"]`,
      ) ?? box.current?.querySelector<HTMLElement>(`[data-row="${spot.row}"] > [data-col]`),
    [],
  );
  useLayoutEffect(() => {
    if (!wantsFocus.current || editing) return;
    const cell = cellAt(at);
    if (!cell) return;
    wantsFocus.current = false;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  });

  const go = (spot: Spot, stretch: boolean) => {
    wantsFocus.current = true;
    setActive(spot);
    setRange(stretch && spot.row >= 0 ? { from: range?.from ?? at, to: spot } : null);
    if (spot.row >= 0) virtual.scrollToIndex(spot.row, { align: "auto" });
  };

  const keyAt = (row: number) => {
    const item = rowAt(row);
    return item?.kind === "row" ? item.key : null;
  };
  const toggle = useStable((row: number, stretch: boolean) => {
    const key = keyAt(row);
    if (key === null || !onSelect) return;
    const from = anchor.current;
    anchor.current = row;
    onSelect(
      stretch && from !== null ? extended(selected, keyAt, from, row) : toggled(selected, key),
    );
  });
  const canEdit = (spot: Spot) => {
    const [item, column] = [rowAt(spot.row), shown[spot.col]];
    return item?.kind === "row" && !!props.onEdit && !!column?.editable?.(item.row);
  };
  const commit = useStable((text: string, then: "down" | "next" | "stay") => {
    if (!editing) return;
    const [item, column] = [rowAt(at.row), shown[at.col]];
    setEditing(false);
    wantsFocus.current = true;
    if (item?.kind === "row" && column && text !== column.text(item.row)) {
      props.onEdit?.(item.row, column.id, text);
    }
    if (then === "down") setActive({ ...at, row: Math.min(at.row + 1, count - 1) });
    if (then === "next") setActive({ ...at, col: Math.min(at.col + 1, shown.length - 1) });
  });
  const cancel = useStable(() => {
    setEditing(false);
    wantsFocus.current = true;
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    if (!target.matches("[data-col]") || event.altKey || event.defaultPrevented) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / height) - 2);
    const size = { rows: count, cols: shown.length, page };
    const next = spotAfter({ key: event.key, ctrl }, at, size, dir === "rtl");
    const item = rowAt(at.row);
    const used = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    if (next) {
      used();
      go(next, event.shiftKey && next.row >= 0 && at.row >= 0);
    } else if (item?.kind === "group" && (event.key === "Enter" || event.key === " ")) {
      used();
      props.onGroup?.(item.key);
    } else if (event.key === "a" && ctrl && onSelect) {
      used();
      selectAll(true);
    } else if ((event.key === " " || (event.key.toLowerCase() === "x" && !ctrl)) && at.row >= 0) {
      used();
      toggle(at.row, event.shiftKey);
    } else if ((event.key === "F2" || (event.key === "e" && !ctrl)) && canEdit(at)) {
      used();
      setEditing(true);
    } else if (event.key === "Enter" && item?.kind === "row" && onOpen) {
      used();
      onOpen(item.row);
    } else if (event.key === "Escape" && (range || selected.size > 0)) {
      used();
      setRange(null);
      if (!range) onSelect?.(new Set());
    }
  };

  const spotOf = (target: EventTarget): Spot | null => {
    const cell = (target as Element).closest<HTMLElement>("[data-col]");
    const row = cell?.closest<HTMLElement>("[data-row]");
    if (!cell || !row) return null;
    return { row: Number(row.dataset.row), col: Number(cell.dataset.col) };
  };
  const onClick = (event: MouseEvent) => {
    const spot = spotOf(event.target);
    if (!spot || spot.row < 0 || (event.target as Element).closest("input, button")) return;
    const item = rowAt(spot.row);
    if (item?.kind === "group") props.onGroup?.(item.key);
    go(spot, event.shiftKey);
    if ((event.ctrlKey || event.metaKey) && item?.kind === "row") toggle(spot.row, false);
    else if (item?.kind === "row" && spot.col === 0 && !event.shiftKey) onOpen?.(item.row);
  };
  const onDoubleClick = (event: MouseEvent) => {
    const spot = spotOf(event.target);
    const item = spot ? rowAt(spot.row) : undefined;
    if (spot && canEdit(spot)) setEditing(true);
    else if (item?.kind === "row") onOpen?.(item.row);
  };

  const onCopy = (event: React.ClipboardEvent) => {
    if (!(event.target as Element).matches("[data-col]") || at.row < 0) return;
    const { from, to } = corners(range ?? { from: at, to: at });
    const cells: string[][] = [];
    for (let row = from.row; row <= to.row; row++) {
      const item = rowAt(row);
      if (item?.kind !== "row") continue;
      cells.push(shown.slice(from.col, to.col + 1).map((column) => column.text(item.row)));
    }
    event.clipboardData.setData("text/plain", toTsv(cells));
    event.preventDefault();
    props.onCopied?.(cells.reduce((sum, row) => sum + row.length, 0));
  };
  const onPaste = (event: React.ClipboardEvent) => {
    if (!(event.target as Element).matches("[data-col]") || !props.onPaste || at.row < 0) return;
    event.preventDefault();
    props.onPaste(at, fromTsv(event.clipboardData.getData("text/plain")));
  };

  const selectAll = (all: boolean) =>
    onSelect?.(all ? extended(selected, keyAt, 0, count - 1) : new Set());
  const chosen =
    selected.size === 0 ? "none" : selected.size >= count && count > 0 ? "all" : "some";

  const style = {
    "--columns": arranged.template,
    "--lead": `${lead + (shown[0] ? arranged.widthOf(shown[0].id) : 0)}px`,
  } as CSSProperties;
  const rowWidth = arranged.width;
  return (
    <div
      ref={box}
      role="grid"
      aria-label={props.label}
      aria-rowcount={props.total === undefined ? -1 : props.total + 1}
      aria-colcount={shown.length + (lead > 0 ? 1 : 0)}
      aria-multiselectable={onSelect ? true : undefined}
      className={classes(styles.grid, scrolled && styles.scrolled)}
      style={style}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      onCopy={onCopy}
      onPaste={onPaste}
      onScroll={(event) => setScrolled(Math.abs(event.currentTarget.scrollLeft) > 0)}
    >
      <div
        role="presentation"
        className={styles.canvas}
        style={{
          width: rowWidth,
          height: virtual.getTotalSize() + height + (totals ? height : 0),
        }}
      >
        <Head
          arranged={arranged}
          lead={lead}
          sort={sort}
          onSort={props.onSort}
          canArrange={props.onArrange !== undefined}
          active={at.row < 0 ? at.col : -1}
          all={chosen}
          onAll={selectAll}
        />
        {items.map(({ index, start }) => {
          const item = rowAt(index);
          const isActive = at.row === index;
          return (
            <Row
              key={index}
              item={item}
              index={index}
              start={start}
              columns={shown}
              lead={lead}
              width={rowWidth}
              selected={item?.kind === "row" && selected.has(item.key)}
              active={isActive ? at.col : -1}
              ranged={range ? columnsIn(range, index) : null}
              editing={isActive && editing ? at.col : -1}
              selectLabel={labels.selectRow}
              onToggle={toggle}
              onCommit={commit}
              onCancel={cancel}
            />
          );
        })}
        {totals && count > 0 && (
          <div
            role="row"
            className={classes(styles.row, styles.totals)}
            style={{ width: rowWidth, marginBlockStart: virtual.getTotalSize() }}
          >
            {lead > 0 && (
              <div role="gridcell" className={classes(styles.cell, styles.lead, styles.check)} />
            )}
            {shown.map((column, col) => (
              <div
                key={column.id}
                role="gridcell"
                className={classes(
                  styles.cell,
                  col === 0 && styles.lead,
                  column.align === "end" && styles.end,
                )}
                style={col === 0 ? { insetInlineStart: lead } : undefined}
              >
                {column.total ?? (col === 0 ? labels.total : null)}
              </div>
            ))}
          </div>
        )}
      </div>
      {count === 0 && props.empty}
    </div>
  );
}

interface VirtualRange {
  startIndex: number;
  endIndex: number;
  overscan: number;
  count: number;
}

/** A function whose identity stays while what it does is always the newest. */
function useStable<A extends unknown[], R>(run: (...args: A) => R): (...args: A) => R {
  const newest = useRef(run);
  newest.current = run;
  return useCallback((...args: A) => newest.current(...args), []);
}

function useCoarse(): boolean {
  const [coarse, setCoarse] = useState(() => globalThis.matchMedia?.("(pointer: coarse)").matches);
  useEffect(() => {
    const query = globalThis.matchMedia?.("(pointer: coarse)");
    const change = () => setCoarse(query.matches);
    query?.addEventListener("change", change);
    return () => query?.removeEventListener("change", change);
  }, []);
  return coarse ?? false;
}
