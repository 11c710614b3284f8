// A column of a board: its records page by page, and a place to drop cards on.

import { dropTargetForElements } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { formatInteger, orderBy, type ViewState } from "@megalith/meta";
import { Skeleton, StatusDot } from "@megalith/ui";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Entity, Field } from "../../../app/catalog";
import { type Row, toneOf, useReader } from "../../../app/reader";
import { t } from "../../../app/words";
import { type Asked, useTotal } from "../../asked";
import { Fault } from "../../Fault";
import { usualOrder } from "../../order";
import type { CardFields } from "../cards";
import { useCards } from "../useCards";
import { useEnd } from "../useEnd";
import styles from "./Board.module.css";
import { Card } from "./Card";
import { columnFilter, moveTo } from "./move";

export interface ColumnProps {
  entity: Entity;
  field: Field;
  fields: CardFields;
  view: ViewState;
  asked: Asked;
  name: string;
  isFirst: boolean;
  columns: { name: string }[];
  labelOf: (column: string) => string;
  /** Records that were moved by hand, as they will be. */
  moved: ReadonlyMap<string, Row>;
  /** The record that is being dragged. */
  dragged: Row | null;
  onDrag: (row: Row | null) => void;
  onMove: (row: Row, column: string) => void;
  onOpen: (id: string) => void;
}

export function Column(props: ColumnProps): ReactNode {
  const { entity, field, fields, view, asked, name, moved, dragged, labelOf, onMove } = props;
  const own = useMemo(
    () => ({ ...asked, filter: columnFilter(asked.filter, field, name) }),
    [asked, field, name],
  );
  const order = orderBy(view.order.length > 0 ? view.order : usualOrder(entity));
  const { query, rows, more } = useCards(entity, fields.asked, asked.q ? "" : order, own);
  const total = useTotal(entity, own);
  const reader = useReader();
  const [isOver, setOver] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const end = useEnd<HTMLLIElement>(more);
  const way = dragged && moveTo(entity, field, dragged, name);
  const takes = way !== null && (way.kind === "act" || way.kind === "change");
  const latest = useRef({ takes, dragged, onMove });
  latest.current = { takes, dragged, onMove };
  useEffect(() => {
    if (!place.current) return;
    return dropTargetForElements({
      element: place.current,
      canDrop: () => latest.current.takes,
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: () => {
        setOver(false);
        const { dragged: row, onMove: move } = latest.current;
        if (row) move(row, name);
      },
    });
  }, [name]);

  const isHere = (row: Row) => String(row[field.name] ?? "") === name;
  const came = [...moved.values()].filter(
    (row) => isHere(row) && !rows.some((one) => one.id === row.id),
  );
  const shown = [...came, ...rows.filter((row) => isHere(moved.get(row.id) ?? row))];
  const label = labelOf(name);
  const heading = `column-${entity.name}-${name}`.replaceAll(".", "-");
  return (
    <section className={styles.column} data-column={name} aria-labelledby={heading}>
      <header className={styles.head}>
        <h2 id={heading}>
          <StatusDot tone={name === "" ? "idle" : toneOf(field, name)}>{label}</StatusDot>
        </h2>
        {total.data !== undefined && (
          <span className={styles.count}>
            {formatInteger(total.data + shown.length - rows.length, reader)}
          </span>
        )}
      </header>
      <div
        ref={place}
        className={styles.place}
        data-over={isOver || undefined}
        data-shut={(dragged && !takes && way?.kind !== "stay") || undefined}
      >
        {query.isError ? (
          <Fault error={query.error} onRetry={() => void query.refetch()} onClear={undefined} />
        ) : query.isPending ? (
          <Skeleton lines={4} />
        ) : (
          <ul className={styles.cards}>
            {shown.map((row, at) => (
              <Card key={row.id} {...props} row={row} isEntry={props.isFirst && at === 0} />
            ))}
            {shown.length === 0 && <li className={styles.none}>{t("nothingHere")}</li>}
            {more && (
              <li ref={end} className={styles.none}>
                {t("loadingMore")}
              </li>
            )}
          </ul>
        )}
      </div>
    </section>
  );
}
