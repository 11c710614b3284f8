// Records below their parents, as an outline: arrows go up and down, open and fold; Enter opens a
// record, `m` moves it below another one. Drawn only where one looks.
// biome-ignore-all lint/a11y/useFocusableInteractive: the rows have the focus
// biome-ignore-all lint/a11y/useSemanticElements: rows stand where they are drawn, no table does that

import { densities } from "@megalith/tokens";
import { Button, Skeleton, useUi } from "@megalith/ui";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import type { Field } from "../../../app/catalog";
import { type Row, titleText, useReader } from "../../../app/reader";
import { t } from "../../../app/words";
import { Fault } from "../../Fault";
import { usePhone } from "../../phone";
import type { LayoutProps } from "..";
import { cardFields } from "../cards";
import { parentOf } from "../kinds";
import { Frame } from "./Frame";
import { useFolded } from "./fold";
import { all, type Node, seen } from "./forest";
import styles from "./Tree.module.css";
import { TreeRow } from "./TreeRow";
import { useForest } from "./useForest";
import { useTreeMoves } from "./useTreeMoves";

/** About how many rows are open at first. */
const ROOM = 60;

export default function Tree(props: LayoutProps): ReactNode {
  const parent = parentOf(props.entity);
  return parent ? <Outline {...props} parent={parent} /> : null;
}

function Outline({
  entity,
  change,
  asked,
  onOpen,
  parent,
}: LayoutProps & { parent: Field }): ReactNode {
  const reader = useReader();
  const isPhone = usePhone();
  const { density } = useUi();
  const fields = useMemo(() => cardFields(entity, parent), [entity, parent]);
  const titleField = entity.fields.find((field) => field.name === entity.title);
  const { moved, canMove, moveUnder, ask, dialog } = useTreeMoves(entity, parent);
  const { query, trees, found } = useForest(entity, parent, fields.asked, asked, moved);
  const { folded, fold, foldAll } = useFolded(trees, ROOM);
  const nodes = useMemo(() => seen(trees, folded), [trees, folded]);
  // A column in which nothing stands takes room from the others.
  const others = useMemo(() => {
    const rows = all(trees).map((node) => node.row);
    const filled = fields.others.filter((field) => rows.some((row) => row[field.name] != null));
    return isPhone ? filled.slice(0, 1) : filled;
  }, [fields, trees, isPhone]);
  const [current, setCurrent] = useState<string | null>(null);
  const [dragged, setDragged] = useState<Row | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const height = isPhone ? 48 : densities[density].row;
  const rows = useVirtualizer({
    count: nodes.length,
    getScrollElement: () => box.current,
    estimateSize: () => height,
    getItemKey: (at) => nodes[at]?.id ?? at,
    overscan: 8,
  });
  if (query.isError) {
    const clear = () => change({ filter: "", q: "" });
    return <Fault error={query.error} onRetry={() => void query.refetch()} onClear={clear} />;
  }
  if (query.isPending) return <Skeleton lines={8} />;
  const at = Math.max(
    nodes.findIndex((node) => node.id === current),
    0,
  );
  const go = (to: number) => {
    const node = nodes[Math.min(Math.max(to, 0), nodes.length - 1)];
    if (!node) return;
    setCurrent(node.id);
    rows.scrollToIndex(nodes.indexOf(node));
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`[data-node="${node.id}"]`)?.focus(),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const node = nodes[at];
    const isOwn = (event.target as HTMLElement).dataset.node === node?.id;
    if (!node || !isOwn || event.ctrlKey || event.metaKey || event.altKey) return;
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const into = isRtl ? "ArrowLeft" : "ArrowRight";
    const out = isRtl ? "ArrowRight" : "ArrowLeft";
    const isOpen = node.children.length > 0 && !folded.has(node.id);
    const acts: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(nodes.length - 1),
      PageDown: () => go(at + 10),
      PageUp: () => go(at - 10),
      [into]: () => (isOpen ? go(at + 1) : fold(node.id, false)),
      [out]: () => (isOpen ? fold(node.id, true) : node.parent && go(nodes.indexOf(node.parent))),
      Enter: () => onOpen(node.id),
      m: () => canMove && ask(node.row),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  const inner = () =>
    all(trees)
      .filter((node) => node.children.length > 0)
      .map((node) => node.id);
  const tools = ([false, true] as const).map((folds) => (
    <Button key={String(folds)} size="small" look="ghost" onClick={() => foldAll(inner(), folds)}>
      {t(folds ? "foldAll" : "unfoldAll")}
    </Button>
  ));
  return (
    <Frame entity={entity} tools={tools} isCut={found?.isCut}>
      <div ref={box} className={styles.box}>
        <div
          role="treegrid"
          aria-label={entity.label_plural}
          aria-rowcount={nodes.length + 1}
          onKeyDown={onKeyDown}
        >
          <div role="row" className={styles.head} aria-rowindex={1}>
            {[titleField, ...others].map((field) => (
              <span role="columnheader" key={field?.name}>
                {field?.label}
              </span>
            ))}
          </div>
          <div role="rowgroup" className={styles.rows} style={{ blockSize: rows.getTotalSize() }}>
            {rows.getVirtualItems().map((item) => {
              const node = nodes[item.index] as Node<Row>;
              return (
                <TreeRow
                  key={node.id}
                  {...{ entity, node, reader, others, canMove, dragged, parent }}
                  height={height}
                  start={item.start}
                  index={item.index}
                  isFolded={folded.has(node.id)}
                  isCurrent={item.index === at}
                  isFaint={found !== undefined && !found.matching.has(node.id)}
                  onFocus={() => setCurrent(node.id)}
                  onFold={() => fold(node.id, !folded.has(node.id))}
                  onOpen={() => onOpen(node.id)}
                  onMove={() => ask(node.row)}
                  onDrag={setDragged}
                  onDrop={(row) =>
                    moveUnder(row, { id: node.id, label: titleText(entity, node.row) })
                  }
                />
              );
            })}
          </div>
        </div>
      </div>
      {dialog}
    </Frame>
  );
}
