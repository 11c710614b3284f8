// Records below their parents as a chart, such as who leads whom: arrows go to the one above, the
// first below and the ones beside; Space folds, Enter opens. The wheel with Control makes it larger.

import { Avatar, Button, IconButton, Skeleton } from "@megalith/ui";
import { hierarchy, tree } from "d3-hierarchy";
import { Minus, Plus } from "lucide-react";
import {
  Fragment,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Field } from "../../../app/catalog";
import { type Row, textOf, titleText, useReader } from "../../../app/reader";
import { t } from "../../../app/words";
import { Fault } from "../../Fault";
import type { LayoutProps } from "..";
import { cardFields } from "../cards";
import { parentOf } from "../kinds";
import styles from "./Chart.module.css";
import { Frame } from "./Frame";
import { useFolded } from "./fold";
import type { Node } from "./forest";
import { useForest } from "./useForest";

/** Sizes in pixels. */
const CARD = { width: 196, height: 60 };
const GAP = { across: 20, down: 52 };
const MARGIN = 32;
/** About how many cards are open at first. */
const ROOM = 24;
const ZOOMS = [0.4, 0.55, 0.7, 0.85, 1, 1.2, 1.5];
/** The zoom that a chart is not made smaller than by itself. */
const SMALLEST = 2;
const NONE: ReadonlyMap<string, Row> = new Map();

interface Placed {
  node: Node<Row>;
  x: number;
  y: number;
}

/** Where each card stands; all trees hang on one point that is not drawn. */
export function placed(trees: readonly Node<Row>[], folded: ReadonlySet<string>) {
  interface Point {
    node: Node<Row> | null;
  }
  const top = hierarchy<Point>({ node: null }, ({ node }) =>
    (node ? (folded.has(node.id) ? [] : node.children) : trees).map((one) => ({ node: one })),
  );
  const laid = tree<Point>().nodeSize([CARD.width + GAP.across, CARD.height + GAP.down])(top);
  const points = laid.descendants().filter((point) => point.data.node !== null);
  const left = Math.min(...points.map((point) => point.x), 0);
  const right = Math.max(...points.map((point) => point.x), 0);
  const below = Math.max(...points.map((point) => point.y), 0);
  const step = CARD.height + GAP.down;
  const at = (point: { x: number; y: number }) => ({
    x: point.x - left + MARGIN,
    // The point that is not drawn takes no room.
    y: point.y - step + MARGIN,
  });
  return {
    cards: points.map((point): Placed => ({ node: point.data.node as Node<Row>, ...at(point) })),
    lines: laid
      .links()
      .filter((link) => link.source.data.node !== null)
      .map((link) => ({
        from: at(link.source),
        to: at(link.target),
        id: link.target.data.node?.id,
      })),
    width: right - left + CARD.width + 2 * MARGIN,
    height: below - step + CARD.height + 2 * MARGIN,
  };
}

export default function Chart(props: LayoutProps): ReactNode {
  const parent = parentOf(props.entity);
  return parent ? <Canvas {...props} parent={parent} /> : null;
}

function Canvas({ entity, change, asked, onOpen, parent }: LayoutProps & { parent: Field }) {
  const reader = useReader();
  const fields = useMemo(() => cardFields(entity, parent), [entity, parent]);
  const second = fields.others.find((field) => field.kind === "text") ?? fields.others[0];
  const { query, trees, found } = useForest(entity, parent, fields.asked, asked, NONE);
  const { folded, fold } = useFolded(trees, ROOM);
  const { cards, lines, width, height } = useMemo(() => placed(trees, folded), [trees, folded]);
  const [zoom, setZoom] = useState(4);
  const [current, setCurrent] = useState<string | null>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const scale = ZOOMS[zoom] ?? 1;
  const closer = (by: number) =>
    setZoom((now) => Math.min(Math.max(now + by, 0), ZOOMS.length - 1));
  const isHere = query.isSuccess;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what it is like at first counts
  useEffect(() => {
    const box = canvas.current;
    if (!isHere || !box) return;
    // As much as there is room for, as long as it can be read.
    const fits = ZOOMS.findLastIndex((one) => one <= 1 && width * one <= box.clientWidth);
    const chosen = Math.max(fits, SMALLEST);
    setZoom(chosen);
    // Whoever stands at the top is in the middle of a wide chart.
    const top = cards[0] ? cards[0].x + CARD.width / 2 : 0;
    const isRtl = getComputedStyle(box).direction === "rtl";
    const away = (isRtl ? width - top : top) * (ZOOMS[chosen] ?? 1) - box.clientWidth / 2;
    requestAnimationFrame(() => {
      box.scrollLeft = isRtl ? -away : away;
    });
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      setZoom((now) => Math.min(Math.max(now - Math.sign(event.deltaY), 0), ZOOMS.length - 1));
    };
    box.addEventListener("wheel", onWheel, { passive: false });
    return () => box.removeEventListener("wheel", onWheel);
  }, [isHere]);
  if (query.isError) {
    const clear = () => change({ filter: "", q: "" });
    return <Fault error={query.error} onRetry={() => void query.refetch()} onClear={clear} />;
  }
  if (query.isPending) return <Skeleton lines={8} />;
  const entry = cards.find((card) => card.node.id === current) ?? cards[0];
  const go = (node: Node<Row> | null | undefined) => {
    if (!node) return;
    setCurrent(node.id);
    requestAnimationFrame(() => {
      const card = canvas.current?.querySelector<HTMLElement>(`[data-node="${node.id}"]`);
      card?.focus({ preventScroll: true });
      card?.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const node = entry?.node;
    const isOwn = (event.target as HTMLElement).dataset.node === node?.id;
    if (!node || !isOwn || event.ctrlKey || event.metaKey || event.altKey) return;
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const beside = node.parent ? node.parent.children : trees;
    const next = (by: number) => beside[beside.indexOf(node) + by];
    const acts: Record<string, () => void> = {
      ArrowUp: () => go(node.parent),
      ArrowDown: () => {
        if (folded.has(node.id)) fold(node.id, false);
        else go(node.children[0]);
      },
      ArrowRight: () => go(next(isRtl ? -1 : 1)),
      ArrowLeft: () => go(next(isRtl ? 1 : -1)),
      Home: () => go(trees[0]),
      Enter: () => onOpen(node.id),
      " ": () => node.children.length > 0 && fold(node.id, !folded.has(node.id)),
      "+": () => closer(1),
      "-": () => closer(-1),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  const tools = (
    <>
      <IconButton label={t("smaller")} onClick={() => closer(-1)}>
        <Minus />
      </IconButton>
      <Button size="small" look="ghost" onClick={() => setZoom(4)}>
        {new Intl.NumberFormat(reader.locale, { style: "percent" }).format(scale)}
      </Button>
      <IconButton label={t("larger")} onClick={() => closer(1)}>
        <Plus />
      </IconButton>
    </>
  );
  return (
    <Frame entity={entity} tools={tools} isCut={found?.isCut}>
      <div ref={canvas} className={styles.canvas}>
        <div
          role="tree"
          aria-label={entity.label_plural}
          className={styles.plane}
          style={{ width, height, transform: `scale(${scale})` }}
          onKeyDown={onKeyDown}
        >
          <svg className={styles.wires} width={width} height={height} aria-hidden="true">
            {lines.map(({ from, to, id }) => {
              const middle = from.y + CARD.height + GAP.down / 2;
              const [x, end] = [from.x + CARD.width / 2, to.x + CARD.width / 2];
              return (
                <path
                  className={styles.wire}
                  key={id}
                  d={`M${x} ${from.y + CARD.height}V${middle}H${end}V${to.y}`}
                />
              );
            })}
          </svg>
          {cards.map(({ node, x, y }) => {
            const title = titleText(entity, node.row);
            const isFolded = folded.has(node.id);
            const style = { left: x, top: y, width: CARD.width, height: CARD.height };
            return (
              <Fragment key={node.id}>
                {/* biome-ignore lint/a11y/useKeyWithClickEvents: the chart has the keys */}
                <div
                  role="treeitem"
                  data-node={node.id}
                  className={styles.node}
                  data-faint={(found && !found.matching.has(node.id)) || undefined}
                  tabIndex={node === entry?.node ? 0 : -1}
                  aria-level={node.depth + 1}
                  aria-expanded={node.children.length > 0 ? !isFolded : undefined}
                  style={style}
                  onFocus={() => setCurrent(node.id)}
                  onClick={() => onOpen(node.id)}
                >
                  <Avatar name={title} />
                  <span className={styles.words}>
                    <bdi className={styles.first}>{title}</bdi>
                    {second && (
                      <bdi className={styles.second}>{textOf(second, node.row, reader)}</bdi>
                    )}
                  </span>
                </div>
                {node.children.length > 0 && (
                  // Space does the same on the card, and says so as a tree does.
                  <button
                    type="button"
                    className={styles.below}
                    style={{ left: x + CARD.width / 2 - 20, top: y + CARD.height - 6 }}
                    tabIndex={-1}
                    aria-hidden="true"
                    onClick={() => fold(node.id, !isFolded)}
                  >
                    {isFolded ? `+${node.size}` : "−"}
                  </button>
                )}
              </Fragment>
            );
          })}
        </div>
      </div>
    </Frame>
  );
}
