// The grid: plain elements on our tokens, drawn only where one looks. Arrows, Home, End and the
// page keys go from cell to cell; Shift or a drag makes a range; Control+C copies it for a
// spreadsheet, with the heads where Shift is held too, Control+V puts one in, Control+D fills down;
// x or Space selects a row; Enter opens it from its title and changes any other cell, as F2 and
// typing do.

import { densities } from "@megalith/tokens";
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { classes } from "../classes";
import { copyText } from "../copy";
import { Hidden } from "../Sign";
import { useUi } from "../UiProvider";
import styles from "./Grid.module.css";
import { Head } from "./Head";
import { awaiting, type Editing } from "./LineEditor";
import {
  begins,
  columnsIn,
  corners,
  countChosen,
  EVERYTHING,
  extended,
  fromTsv,
  isChosen,
  NOTHING,
  type Range,
  type Selection,
  type Sort,
  type Spot,
  spotAfter,
  toggled,
  toTsv,
} from "./model";
import { Note } from "./Note";
import { pinned, Row } from "./Row";
import type { Area, Arrangement, Column, GridRow, Marks, Step } from "./types";
import { useColumns } from "./useColumns";
import { useDrag } from "./useDrag";
import { useWindow } from "./useWindow";

const LEAD = 40;
/** Rows from the end at which more is asked for. */
const AHEAD = 25;
/** The most rows that are copied at once; more are exported. */
const MOST_COPIED = 10_000;

const STEPS: Readonly<Record<Exclude<Step, "away">, readonly [number, number]>> = {
  down: [1, 0],
  up: [-1, 0],
  next: [0, 1],
  previous: [0, -1],
  stay: [0, 0],
};

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
  selected?: Selection;
  /** All rows can be chosen, also those that are not loaded. */
  onSelect?: (next: Selection) => void;
  onOpen?: (row: T) => void;
  onGroup?: (key: string) => void;
  /** Somebody is about to work in it: what editors need can be loaded. */
  onFocus?: () => void;
  /** Called when the end comes into sight. */
  onEnd?: (() => void) | undefined;
  /** Called with the first and the last row that are seen, whenever these change. */
  onRange?: (first: number, last: number) => void;
  /** A cell was changed: to a text, or to what its editor makes. */
  onEdit?: (row: T, column: string, value: unknown) => void;
  /** What was typed into a cell cannot be meant, or no longer stands there: null. */
  onWrong?: (row: T, column: string, wrong: { text: string; message: string } | null) => void;
  /** What is being done with cells, and what was wrong with them. */
  marks?: Marks;
  /** Cells of a spreadsheet are put in; one empty cell empties the area. */
  onPaste?: (area: Area, cells: string[][]) => void;
  /** The first row of the area goes into those below it. */
  onFill?: (area: Area) => void;
  /** Cells were copied; `left` rows were not there yet. */
  onCopied?: (cells: number, left: number) => void;
  arrangement?: Arrangement;
  onArrange?: (next: Arrangement) => void;
  /** What stands there when there are no rows. */
  empty?: ReactNode;
  /** Where it stands at first. */
  begin?: Standing | undefined;
  /** Called with where it stands, whenever that changes. */
  onStand?: ((at: Standing) => void) | undefined;
}

/** Where somebody is in a grid. */
export interface Standing {
  /** Pixels of the whole list that are above. */
  readonly top: number;
  readonly row: number;
  readonly col: number;
}

export function DataGrid<T>(props: DataGridProps<T>): ReactNode {
  const { columns, count, rowAt, sort = [], selected = NOTHING, onSelect, onOpen, onEnd } = props;
  const { density, dir, labels } = useUi();
  const box = useRef<HTMLDivElement>(null);
  const lead = onSelect ? LEAD : 0;
  const arranged = useColumns(columns, props.arrangement, props.onArrange, lead);
  const shown = arranged.columns;
  const coarse = useCoarse();
  const height = coarse ? 48 : densities[density].row;
  const totals = columns.some((column) => column.total !== undefined);

  const [active, setActive] = useState<Spot>(props.begin ?? { row: count > 0 ? 0 : -1, col: 0 });
  const [range, setRange] = useState<Range | null>(null);
  const [editing, setEditing] = useState<Editing | null>(null);
  /** Why the cell with the focus cannot be changed, once somebody has tried. */
  const [refusal, setRefusal] = useState<string | null>(null);
  const noteId = useId();
  const [scrolled, setScrolled] = useState(false);
  const anchor = useRef<number | null>(null);
  const wantsFocus = useRef(false);
  /** A pointer is at work: its click says what is meant, not the focus that comes before it. */
  const pressed = useRef(false);

  const at: Spot = {
    row: Math.min(active.row, count - 1),
    col: Math.max(0, Math.min(active.col, shown.length - 1)),
  };
  const drawn = useWindow({
    box,
    count,
    height,
    around: height + (totals ? height : 0),
    kept: at.row,
    begin: props.begin?.top,
  });
  const [firstSeen, lastSeen] = drawn.seen;
  const { onRange, onStand } = props;
  const { topNow } = drawn;
  useEffect(() => {
    if (onEnd && lastSeen >= count - AHEAD) onEnd();
  }, [lastSeen, count, onEnd]);
  useEffect(() => {
    if (lastSeen >= 0) onRange?.(firstSeen, lastSeen);
  }, [firstSeen, lastSeen, onRange]);

  // Another first row says that it was scrolled.
  useEffect(() => {
    if (lastSeen >= 0) onStand?.({ row: at.row, col: at.col, top: topNow() });
  }, [firstSeen, lastSeen, at.row, at.col, onStand, topNow]);

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
    setRefusal(null);
    setActive(spot);
    setRange(stretch && spot.row >= 0 ? { from: range?.from ?? at, to: spot } : null);
    if (spot.row >= 0) drawn.show(spot.row);
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
  /** Begins to change a cell, or says why that cannot be. */
  const edit = (spot: Spot, typed: string | null) => {
    if (canEdit(spot)) {
      setRefusal(null);
      setRange(null);
      setEditing({ typed });
      return;
    }
    const [item, column] = [rowAt(spot.row), shown[spot.col]];
    if (item?.kind === "row") setRefusal(column?.reason?.(item.row) ?? null);
  };
  const leave = (then: Step) => {
    setEditing(null);
    if (then === "away") return;
    const [rows, cols] = STEPS[then];
    const [row, col] = [at.row + rows, at.col + cols];
    go(
      {
        row: Math.max(0, Math.min(row, count - 1)),
        col: Math.max(0, Math.min(col, shown.length - 1)),
      },
      false,
    );
  };
  const commit = useStable((value: unknown, then: Step) => {
    if (!editing) return;
    const [item, column] = [rowAt(at.row), shown[at.col]];
    leave(then);
    if (item?.kind === "row" && column) props.onEdit?.(item.row, column.id, value);
  });
  const wrong = useStable((text: string, message: string) => {
    const [item, column] = [rowAt(at.row), shown[at.col]];
    // The focus has gone elsewhere by itself.
    setEditing(null);
    if (item?.kind === "row" && column) props.onWrong?.(item.row, column.id, { text, message });
  });
  const cancel = useStable((then: Step = "stay") => {
    if (editing) leave(then);
  });
  const areaOf = ({ from, to }: Range): Area => ({
    row: from.row,
    rows: to.row - from.row + 1,
    columns: shown.slice(from.col, to.col + 1).map((column) => column.id),
    reach: shown.slice(from.col).map((column) => column.id),
  });
  const chosenCells = () => corners(range ?? { from: at, to: at });
  const markAt = (spot: Spot) => {
    const [item, column] = [rowAt(spot.row), shown[spot.col]];
    return item?.kind === "row" && column ? props.marks?.get(item.key)?.get(column.id) : undefined;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    pressed.current = false;
    const target = event.target as HTMLElement;
    if (!target.matches("[data-col]") || event.altKey || event.defaultPrevented) return;
    const ctrl = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / height) - 2);
    const size = { rows: count, cols: shown.length, page };
    const next = spotAfter({ key: event.key, ctrl }, at, size, dir === "rtl");
    const item = rowAt(at.row);
    const column = shown[at.col];
    const mark = markAt(at);
    const used = () => {
      event.preventDefault();
      event.stopPropagation();
    };
    // Where typing changes the cell, letters are not keys of the grid.
    const types = !ctrl && canEdit(at) && begins(event.key, column?.typing);
    const key = event.key.toLowerCase();
    if (editing) {
      used();
      const then = awaiting(editing, event);
      if (then) setEditing(then);
      else leave("stay");
    } else if (types) {
      used();
      edit(at, event.key);
    } else if (next) {
      used();
      go(next, event.shiftKey && next.row >= 0 && at.row >= 0);
    } else if (item?.kind === "group" && (event.key === "Enter" || event.key === " ")) {
      used();
      props.onGroup?.(item.key);
    } else if (key === "a" && ctrl && onSelect) {
      used();
      onSelect(EVERYTHING);
    } else if (key === "c" && ctrl && event.shiftKey && at.row >= 0) {
      used();
      const { text, cells, left } = copied(true);
      void copyText(text).then((done) => done && props.onCopied?.(cells, left));
    } else if (key === "d" && ctrl && props.onFill && at.row >= 0) {
      used();
      const { from, to } = chosenCells();
      // One cell takes what stands above it.
      const first = from.row === to.row ? Math.max(0, from.row - 1) : from.row;
      if (first < to.row) props.onFill(areaOf({ from: { ...from, row: first }, to }));
    } else if ((event.key === "Delete" || event.key === "Backspace") && props.onPaste) {
      used();
      if (range || canEdit(at)) props.onPaste(areaOf(chosenCells()), [[""]]);
      else edit(at, null);
    } else if ((event.key === " " || (key === "x" && !ctrl)) && at.row >= 0) {
      used();
      toggle(at.row, event.shiftKey);
    } else if (props.onEdit && (event.key === "F2" || (event.key === "e" && !ctrl))) {
      used();
      edit(at, null);
    } else if (event.key === "Enter" && item?.kind === "row") {
      used();
      if (canEdit(at) && (at.col > 0 || !onOpen)) edit(at, null);
      else onOpen?.(item.row);
    } else if (
      event.key === "Escape" &&
      mark?.state === "wrong" &&
      item?.kind === "row" &&
      column
    ) {
      used();
      props.onWrong?.(item.row, column.id, null);
    } else if (event.key === "Escape" && (refusal || range || selected.all || selected.keys.size)) {
      used();
      setRefusal(null);
      setRange(null);
      if (!range && !refusal) onSelect?.(NOTHING);
    }
  };

  const spotOf = (target: Element | null): Spot | null => {
    const cell = target?.closest<HTMLElement>("[data-col]");
    const row = cell?.closest<HTMLElement>("[data-row]");
    if (!cell || !row || !box.current?.contains(row)) return null;
    return { row: Number(row.dataset.row), col: Number(cell.dataset.col) };
  };
  const drag = useDrag(box, spotOf, (from, to) => {
    wantsFocus.current = true;
    setRefusal(null);
    setActive(to);
    setRange({ from, to });
  });
  const onClick = (event: MouseEvent) => {
    pressed.current = false;
    const target = event.target as Element;
    const spot = spotOf(target);
    if (!spot || spot.row < 0 || target.closest("input, button, [data-editor]")) return;
    if (drag.moved()) return;
    const item = rowAt(spot.row);
    const again = at.row === spot.row && at.col === spot.col;
    if (item?.kind === "group") props.onGroup?.(item.key);
    go(spot, event.shiftKey);
    if ((event.ctrlKey || event.metaKey) && item?.kind === "row") toggle(spot.row, false);
    else if (item?.kind === "row" && spot.col === 0 && !event.shiftKey) onOpen?.(item.row);
    // A finger has no key and no second click: its second touch changes the cell.
    else if (again && coarse && !event.shiftKey) edit(spot, null);
  };
  const onDoubleClick = (event: MouseEvent) => {
    const target = event.target as Element;
    const spot = spotOf(target);
    if (!spot || target.closest("input, button, [data-editor]")) return;
    const item = rowAt(spot.row);
    if (item?.kind !== "row") return;
    if (props.onEdit) edit(spot, null);
    else onOpen?.(item.row);
  };

  /** The chosen cells as a spreadsheet takes them. */
  const copied = (heads: boolean) => {
    const { from, to } = chosenCells();
    const own = shown.slice(from.col, to.col + 1);
    const cells: string[][] = [];
    let left = Math.max(0, to.row - from.row + 1 - MOST_COPIED);
    for (let row = from.row; row <= Math.min(to.row, from.row + MOST_COPIED - 1); row++) {
      const item = rowAt(row);
      if (item?.kind === "row") cells.push(own.map((column) => column.text(item.row)));
      else if (item?.kind !== "group") left++;
    }
    const all = heads ? [own.map((column) => column.label), ...cells] : cells;
    return { text: toTsv(all), cells: cells.length * own.length, left };
  };
  const onCopy = (event: React.ClipboardEvent) => {
    if (!(event.target as Element).matches("[data-col]") || at.row < 0) return;
    const { text, cells, left } = copied(false);
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    props.onCopied?.(cells, left);
  };
  const onPaste = (event: React.ClipboardEvent) => {
    if (!(event.target as Element).matches("[data-col]") || !props.onPaste || at.row < 0) return;
    event.preventDefault();
    props.onPaste(areaOf(chosenCells()), fromTsv(event.clipboardData.getData("text/plain")));
  };

  const number = countChosen(selected, props.total);
  const chosen =
    number === 0 ? "none" : number === undefined || number === props.total ? "all" : "some";
  const mark = markAt(at);
  const note = mark?.state === "wrong" ? mark.message : refusal;
  const ends = range ? corners(range) : null;
  const heard = ends
    ? labels.range
        .replace("{rows}", String(ends.to.row - ends.from.row + 1))
        .replace("{columns}", String(ends.to.col - ends.from.col + 1))
    : "";

  const style = {
    "--columns": arranged.template,
    "--lead": `${arranged.pinnedWidth}px`,
  } as CSSProperties;
  const rowWidth = arranged.width;
  const grid = (
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
      onFocus={(event) => {
        props.onFocus?.();
        // Who moves by other means than our keys, such as a screen reader, is followed.
        const spot = event.target.matches("[data-col]") ? spotOf(event.target) : null;
        if (
          spot &&
          !pressed.current &&
          (spot.row !== at.row || spot.col !== at.col) &&
          !wantsFocus.current
        ) {
          setActive(spot);
          setRefusal(null);
        }
      }}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={onDoubleClick}
      onCopy={onCopy}
      onPaste={onPaste}
      onPointerDown={(event) => {
        pressed.current = true;
        drag.onPointerDown(event);
      }}
      onScroll={(event) => setScrolled(Math.abs(event.currentTarget.scrollLeft) > 0)}
    >
      <div
        role="presentation"
        className={styles.canvas}
        style={{
          width: rowWidth,
          height: drawn.height + height + (totals ? height : 0),
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
          onAll={(all) => onSelect?.(all ? EVERYTHING : NOTHING)}
        />
        {drawn.rows.map((index) => {
          const item = rowAt(index);
          const isActive = at.row === index;
          return (
            <Row
              key={index}
              item={item}
              index={index}
              start={drawn.startOf(index) + height}
              columns={shown}
              lead={lead}
              pins={arranged.pins}
              width={rowWidth}
              selected={item?.kind === "row" && isChosen(selected, item.key)}
              active={isActive ? at.col : -1}
              ranged={range ? columnsIn(range, index) : null}
              editing={isActive && editing ? at.col : -1}
              typed={isActive && editing ? editing.typed : null}
              ends={isActive ? editing?.ends : undefined}
              marks={item?.kind === "row" ? props.marks?.get(item.key) : undefined}
              canEdit={props.onEdit !== undefined}
              noteId={isActive && note && !editing ? noteId : undefined}
              selectLabel={labels.selectRow}
              onToggle={toggle}
              onCommit={commit}
              onWrong={wrong}
              onCancel={cancel}
            />
          );
        })}
        {/* The totals stand below all rows, and stay in sight from there. */}
        <div role="presentation" style={{ height: drawn.height }} />
        {totals && count > 0 && (
          <div
            role="row"
            className={classes(styles.row, styles.totals)}
            style={{ width: rowWidth }}
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
                  col < arranged.pins.length && styles.lead,
                  column.align === "end" && styles.end,
                )}
                style={pinned(arranged.pins, col)}
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
  return (
    <>
      {grid}
      <Hidden>
        <span role="status">{heard}</span>
      </Hidden>
      {note && !editing && (
        <Note
          id={noteId}
          at={() => cellAt(at)}
          text={note}
          tone={mark?.state === "wrong" ? "bad" : "info"}
        />
      )}
    </>
  );
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
