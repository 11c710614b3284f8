// Drawing a range with the mouse: from the cell where it goes down to the one that it is over, and
// on beyond the edge while it is held there. A finger scrolls instead.

import { type PointerEvent, type RefObject, useEffect, useRef } from "react";
import type { Spot } from "./model";

/** How near to an edge the grid begins to move, and how fast it then goes. */
const EDGE = 24;
const SPEED = 14;

export function useDrag(
  box: RefObject<HTMLDivElement | null>,
  spotOf: (target: Element | null) => Spot | null,
  onRange: (from: Spot, to: Spot) => void,
): { onPointerDown: (event: PointerEvent) => void; moved: () => boolean } {
  const newest = useRef({ spotOf, onRange });
  newest.current = { spotOf, onRange };
  const moved = useRef(false);
  const stop = useRef<() => void>(() => {});
  useEffect(() => () => stop.current(), []);

  const onPointerDown = (event: PointerEvent) => {
    moved.current = false;
    const target = event.target as Element;
    const from = spotOf(target);
    if (event.button !== 0 || event.pointerType === "touch" || event.shiftKey) return;
    if (!from || from.row < 0 || target.closest("input, button, [data-editor]")) return;
    let last = from;
    let frame = 0;
    let at = { x: event.clientX, y: event.clientY };
    const look = () => {
      const own = box.current;
      if (!own) return;
      const edge = own.getBoundingClientRect();
      const step = (place: number, least: number, most: number) =>
        place < least + EDGE ? -SPEED : place > most - EDGE ? SPEED : 0;
      if (moved.current) {
        own.scrollBy(step(at.x, edge.left, edge.right), step(at.y, edge.top + EDGE, edge.bottom));
      }
      const inside = (place: number, least: number, most: number) =>
        Math.max(least + 2, Math.min(most - 2, place));
      const spot = newest.current.spotOf(
        document.elementFromPoint(
          inside(at.x, edge.left, edge.left + own.clientWidth),
          inside(at.y, edge.top, edge.top + own.clientHeight),
        ),
      );
      if (spot && spot.row >= 0 && (spot.row !== last.row || spot.col !== last.col)) {
        moved.current = true;
        last = spot;
        newest.current.onRange(from, spot);
      }
      frame = requestAnimationFrame(look);
    };
    const move = (next: globalThis.PointerEvent) => {
      at = { x: next.clientX, y: next.clientY };
      if (frame === 0) frame = requestAnimationFrame(look);
    };
    stop.current = () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", stop.current);
      window.removeEventListener("pointercancel", stop.current);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", stop.current);
    window.addEventListener("pointercancel", stop.current);
  };
  return { onPointerDown, moved: () => moved.current };
}
