// A row of an outline.
// biome-ignore-all lint/a11y/useFocusableInteractive: the rows have the focus, not their cells
// biome-ignore-all lint/a11y/useSemanticElements: rows stand where they are drawn, no table does that

import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import {
  draggable,
  dropTargetForElements,
} from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import type { Reader } from "@megalith/meta";
import { IconButton } from "@megalith/ui";
import { ChevronRight, FolderInput } from "lucide-react";
import { type CSSProperties, type ReactNode, useEffect, useRef, useState } from "react";
import type { Entity, Field } from "../../../app/catalog";
import { type Row, textOf, titleText } from "../../../app/reader";
import { t } from "../../../app/words";
import type { Node } from "./forest";
import styles from "./Tree.module.css";

/** Whether one stands somewhere below another. */
function isBelow(node: Node<Row>, id: string): boolean {
  for (let one: Node<Row> | null = node; one; one = one.parent) if (one.id === id) return true;
  return false;
}

export function TreeRow({
  entity,
  node,
  reader,
  others,
  parent,
  canMove,
  dragged,
  height,
  start,
  index,
  isFolded,
  isCurrent,
  isFaint,
  onFocus,
  onFold,
  onOpen,
  onMove,
  onDrag,
  onDrop,
}: {
  entity: Entity;
  node: Node<Row>;
  reader: Reader;
  others: readonly Field[];
  parent: Field;
  canMove: boolean;
  dragged: Row | null;
  height: number;
  start: number;
  index: number;
  isFolded: boolean;
  /** Whether the tab key comes to this row. */
  isCurrent: boolean;
  /** Stands here only for what is below it. */
  isFaint: boolean;
  onFocus: () => void;
  onFold: () => void;
  onOpen: () => void;
  onMove: () => void;
  onDrag: (row: Row | null) => void;
  onDrop: (row: Row) => void;
}): ReactNode {
  const own = useRef<HTMLDivElement>(null);
  const [isOver, setOver] = useState(false);
  const latest = useRef({ node, dragged, onDrag, onDrop });
  latest.current = { node, dragged, onDrag, onDrop };
  useEffect(() => {
    const element = own.current;
    if (!element || !canMove) return;
    return combine(
      draggable({
        element,
        onDragStart: () => latest.current.onDrag(latest.current.node.row),
        onDrop: () => latest.current.onDrag(null),
      }),
      dropTargetForElements({
        element,
        canDrop: () => {
          const { dragged: row, node: here } = latest.current;
          return row !== null && !isBelow(here, row.id) && row[parent.name] !== here.id;
        },
        onDragEnter: () => setOver(true),
        onDragLeave: () => setOver(false),
        onDrop: () => {
          setOver(false);
          const { dragged: row, onDrop: drop } = latest.current;
          if (row) drop(row);
        },
      }),
    );
  }, [canMove, parent.name]);
  const title = titleText(entity, node.row);
  const hasChildren = node.children.length > 0;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the outline has the keys
    <div
      ref={own}
      role="row"
      data-node={node.id}
      className={styles.row}
      data-over={isOver || undefined}
      data-faint={isFaint || undefined}
      aria-level={node.depth + 1}
      aria-rowindex={index + 2}
      aria-expanded={hasChildren ? !isFolded : undefined}
      tabIndex={isCurrent ? 0 : -1}
      style={{ transform: `translateY(${start}px)`, blockSize: height } as CSSProperties}
      onFocus={onFocus}
      onClick={onOpen}
    >
      <span
        role="gridcell"
        className={styles.title}
        style={{ "--depth": node.depth } as CSSProperties}
      >
        {hasChildren ? (
          <button
            type="button"
            className={styles.fold}
            tabIndex={-1}
            aria-label={t(isFolded ? "unfold" : "fold", { name: title })}
            onClick={(event) => {
              event.stopPropagation();
              onFold();
            }}
          >
            <ChevronRight className={styles.arrow} data-open={!isFolded || undefined} />
          </button>
        ) : (
          <span className={styles.leaf} />
        )}
        <bdi className={styles.name}>{title}</bdi>
        {hasChildren && <span className={styles.size}>{node.size}</span>}
      </span>
      {others.map((field) => (
        <span role="gridcell" key={field.name} className={styles.other}>
          <bdi>{textOf(field, node.row, reader)}</bdi>
        </span>
      ))}
      <span role="gridcell" className={styles.move}>
        {canMove && (
          <IconButton
            label={t("moveTo", { name: title })}
            tabIndex={-1}
            onClick={(event) => {
              event.stopPropagation();
              onMove();
            }}
          >
            <FolderInput />
          </IconButton>
        )}
      </span>
    </div>
  );
}
