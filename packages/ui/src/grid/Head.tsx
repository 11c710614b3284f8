// The head of the grid: names, sorting, and what can be done with a column.

import { ArrowDown, ArrowUp, ChevronDown } from "lucide-react";
import { type PointerEvent, type ReactNode, useState } from "react";
import { IconButton } from "../Button";
import { classes } from "../classes";
import { Checkbox } from "../Field";
import { Menu, type MenuEntry } from "../Menu";
import { Hidden } from "../Sign";
import { useUi } from "../UiProvider";
import styles from "./Grid.module.css";
import { type Sort, sortAfter } from "./model";
import { pinned } from "./Row";
import type { Arranged } from "./useColumns";

const STEP = 24;

interface HeadProps<T> {
  arranged: Arranged<T>;
  lead: number;
  sort: readonly Sort[];
  onSort: ((next: Sort[]) => void) | undefined;
  canArrange: boolean;
  /** The column of the head that is in the tab order; -1 for none. */
  active: number;
  all: "none" | "some" | "all";
  onAll: (all: boolean) => void;
}

export function Head<T>({
  arranged,
  lead,
  sort,
  onSort,
  canArrange,
  active,
  all,
  onAll,
}: HeadProps<T>): ReactNode {
  const { labels, dir } = useUi();
  const [dragged, setDragged] = useState<string | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const { columns } = arranged;

  const grab = (event: PointerEvent, id: string) => {
    event.preventDefault();
    event.stopPropagation();
    const handle = event.currentTarget;
    const [from, width] = [event.clientX, arranged.widthOf(id)];
    const turn = dir === "rtl" ? -1 : 1;
    let chosen = width;
    const move = (next: globalThis.PointerEvent) => {
      chosen = width + (next.clientX - from) * turn;
      arranged.pull(id, chosen);
    };
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener("pointermove", move as EventListener);
    handle.addEventListener(
      "lostpointercapture",
      () => {
        handle.removeEventListener("pointermove", move as EventListener);
        if (chosen !== width) arranged.resize(id, chosen);
      },
      { once: true },
    );
  };

  const choices = (id: string, at: number, sortable: boolean | undefined): MenuEntry[] => {
    const by = (desc: boolean) => ({
      id: desc ? "desc" : "asc",
      label: desc ? labels.sortDescending : labels.sortAscending,
      icon: desc ? <ArrowDown /> : <ArrowUp />,
      onSelect: () => onSort?.([{ id, desc }]),
    });
    return [
      ...(sortable && onSort ? [by(false), by(true), "line" as const] : []),
      {
        id: "wide",
        label: labels.widen,
        stay: true,
        onSelect: () => arranged.resize(id, arranged.widthOf(id) + STEP),
      },
      {
        id: "narrow",
        label: labels.narrow,
        stay: true,
        onSelect: () => arranged.resize(id, arranged.widthOf(id) - STEP),
      },
      ...(at > 0
        ? [{ id: "earlier", label: labels.moveEarlier, onSelect: () => arranged.move(id, -1) }]
        : []),
      ...(at < columns.length - 1
        ? [{ id: "later", label: labels.moveLater, onSelect: () => arranged.move(id, 1) }]
        : []),
      ...(at > 0 && at === arranged.pins.length - 1
        ? [{ id: "unpin", label: labels.unpin, onSelect: () => arranged.pin(1) }]
        : at > 0
          ? [{ id: "pin", label: labels.pinHere, onSelect: () => arranged.pin(at + 1) }]
          : []),
      ...(at > 0
        ? [
            "line" as const,
            { id: "hide", label: labels.hideColumn, onSelect: () => arranged.hide(id) },
          ]
        : []),
    ];
  };

  return (
    <div role="row" aria-rowindex={1} className={classes(styles.row, styles.head)} data-row={-1}>
      {lead > 0 && (
        <div
          role="columnheader"
          aria-colindex={1}
          className={classes(styles.cell, styles.lead, styles.check)}
        >
          <Checkbox
            label={<Hidden>{labels.selectAll}</Hidden>}
            tabIndex={-1}
            checked={all === "all"}
            mixed={all === "some"}
            onChange={onAll}
          />
        </div>
      )}
      {columns.map((column, col) => {
        const sorted = sort.find((one) => one.id === column.id);
        const sortable = column.sortable && onSort !== undefined;
        const Arrow = sorted?.desc ? ArrowDown : ArrowUp;
        return (
          <div
            key={column.id}
            role="columnheader"
            aria-colindex={col + (lead > 0 ? 2 : 1)}
            aria-sort={sorted ? (sorted.desc ? "descending" : "ascending") : undefined}
            data-col={col}
            tabIndex={active === col ? 0 : -1}
            draggable={canArrange}
            className={classes(
              styles.cell,
              col < arranged.pins.length && styles.lead,
              column.align === "end" && styles.end,
              sortable && styles.sortable,
              sorted && styles.sorted,
              over === column.id && dragged !== column.id && styles.dropping,
            )}
            style={pinned(arranged.pins, col)}
            onClick={(event) => {
              if (sortable && (event.target as Element).closest("button, [data-resize]") === null) {
                onSort?.(sortAfter(sort, column.id, event.shiftKey));
              }
            }}
            onKeyDown={(event) => {
              if (event.target !== event.currentTarget) return;
              if (sortable && event.key === "Enter") {
                event.preventDefault();
                onSort?.(sortAfter(sort, column.id, event.shiftKey));
              } else if (event.key === "ArrowDown" && event.altKey) {
                event.preventDefault();
                event.stopPropagation();
                event.currentTarget.querySelector<HTMLElement>("button")?.click();
              }
            }}
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = "move";
              setDragged(column.id);
            }}
            onDragOver={(event) => {
              if (dragged) {
                event.preventDefault();
                setOver(column.id);
              }
            }}
            onDragEnd={() => {
              setDragged(null);
              setOver(null);
            }}
            onDrop={() => {
              if (dragged && dragged !== column.id) arranged.moveTo(dragged, column.id);
            }}
          >
            <span>{column.label}</span>
            {sorted && <Arrow aria-hidden="true" />}
            {sorted && sort.length > 1 && <span>{sort.indexOf(sorted) + 1}</span>}
            {canArrange && (
              <>
                <span className={styles.menu}>
                  <Menu
                    label={`${labels.columnMenu}: ${column.label}`}
                    items={choices(column.id, col, column.sortable)}
                    trigger={(props) => (
                      <IconButton
                        size="small"
                        tabIndex={-1}
                        label={`${labels.columnMenu}: ${column.label}`}
                        {...props}
                      >
                        <ChevronDown />
                      </IconButton>
                    )}
                  />
                </span>
                <span
                  className={styles.resize}
                  data-resize=""
                  onPointerDown={(event) => grab(event, column.id)}
                />
              </>
            )}
          </div>
        );
      })}
    </div>
  );
}
