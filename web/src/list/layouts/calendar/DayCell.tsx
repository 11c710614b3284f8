// A day of a calendar: its records, as many as there is room for, and a place to drop others on.

import {
  draggable,
  dropTargetForElements,
} from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import type { Reader } from "@megalith/meta";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Entity, listPath } from "../../../app/catalog";
import { type Row, textOf, titleText, toneOf } from "../../../app/reader";
import { t } from "../../../app/words";
import type { CardFields } from "../cards";
import styles from "./Calendar.module.css";

/** How many records a day shows before it says how many more there are. */
const ROOM = 4;

/** What everything that shows the records of a day is given. */
export interface DayProps {
  entity: Entity;
  fields: CardFields;
  reader: Reader;
  canMove: boolean;
  dragged: Row | null;
  onOpen: (id: string) => void;
}

/** The text beside a title: the amount, or the first thing that tells more. */
function hintOf({ fields, reader }: Pick<DayProps, "fields" | "reader">, row: Row): string {
  const link = fields.others.find((field) => field.kind === "link");
  const field = link ?? fields.amount ?? fields.others[0];
  return field ? textOf(field, row, reader) : "";
}

/** A record on a day: opens beside the calendar. */
export function DayRecord({
  row,
  onDrag,
  ...props
}: DayProps & { row: Row; onDrag?: (row: Row | null) => void }): ReactNode {
  const { entity, canMove, onOpen } = props;
  const own = useRef<HTMLAnchorElement>(null);
  const drag = useRef({ row, onDrag });
  drag.current = { row, onDrag };
  useEffect(() => {
    if (!own.current || !canMove) return;
    return draggable({
      element: own.current,
      canDrag: () => drag.current.onDrag !== undefined,
      onDragStart: () => drag.current.onDrag?.(drag.current.row),
      onDrop: () => drag.current.onDrag?.(null),
    });
  }, [canMove]);
  const state = entity.fields.find((field) => field.kind === "state");
  const tone = state && typeof row.state === "string" ? toneOf(state, row.state) : undefined;
  const title = titleText(entity, row);
  const hint = hintOf(props, row);
  // A number says little where there is room for one thing only.
  const [first, second] = entity.title === "number" && hint ? [hint, title] : [title, hint];
  return (
    <a
      ref={own}
      className={styles.record}
      data-tone={tone}
      href={`${listPath(entity)}/${row.id}`}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        onOpen(row.id);
      }}
    >
      <bdi className={styles.first}>{first}</bdi>
      {second && <bdi className={styles.hint}>{second}</bdi>}
    </a>
  );
}

export function DayCell({
  day,
  isOutside,
  isToday,
  isEntry,
  name,
  rows,
  onMore,
  onDrag,
  onDrop,
  ...props
}: DayProps & {
  day: string;
  isOutside: boolean;
  isToday: boolean;
  /** Whether the tab key comes to this day. */
  isEntry: boolean;
  name: string;
  rows: readonly Row[];
  onMore: () => void;
  onDrag: (row: Row | null) => void;
  onDrop: (row: Row, day: string) => void;
}): ReactNode {
  const cell = useRef<HTMLTableCellElement>(null);
  const [isOver, setOver] = useState(false);
  const latest = useRef({ dragged: props.dragged, onDrop });
  latest.current = { dragged: props.dragged, onDrop };
  useEffect(() => {
    if (!cell.current) return;
    return dropTargetForElements({
      element: cell.current,
      canDrop: () => latest.current.dragged !== null,
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: () => {
        setOver(false);
        const { dragged, onDrop: drop } = latest.current;
        if (dragged) drop(dragged, day);
      },
    });
  }, [day]);
  const most = rows.length > ROOM ? ROOM - 1 : ROOM;
  return (
    <td
      ref={cell}
      data-outside={isOutside || undefined}
      data-today={isToday || undefined}
      data-over={isOver || undefined}
    >
      <button
        type="button"
        className={styles.number}
        data-day={day}
        tabIndex={isEntry ? 0 : -1}
        aria-label={`${name}: ${t("records", { count: rows.length })}`}
        aria-current={isToday ? "date" : undefined}
        onClick={onMore}
      >
        {Number(day.slice(8))}
      </button>
      <div className={styles.records}>
        {rows.slice(0, most).map((row) => (
          <DayRecord key={row.id} {...props} row={row} onDrag={onDrag} />
        ))}
        {rows.length > most && (
          <button type="button" className={styles.more} onClick={onMore}>
            {t("moreOfDay", { count: rows.length - most })}
          </button>
        )}
      </div>
    </td>
  );
}
