// A few words below a cell: what is wrong in it, or why it cannot be changed. The grid cuts off what
// stands out of its cells, so that the note stands on the page instead.

import { type CSSProperties, type ReactNode, useLayoutEffect, useState } from "react";
import { createPortal } from "react-dom";
import { classes } from "../classes";
import { useUi } from "../UiProvider";
import styles from "./Grid.module.css";

const GAP = 4;
const WIDTH = 320;
const HEIGHT = 64;

/** Where something of a size finds room below an element, or above it. */
export function placeAt(
  element: Element,
  rtl: boolean,
  size: { width: number; height: number },
): CSSProperties {
  const box = element.getBoundingClientRect();
  const start = rtl ? innerWidth - box.right : box.left;
  const isLow = box.bottom + GAP + size.height > innerHeight && box.top > size.height;
  return {
    insetInlineStart: Math.max(8, Math.min(start, innerWidth - size.width - 8)),
    ...(isLow
      ? { insetBlockEnd: innerHeight - box.top + GAP }
      : { insetBlockStart: box.bottom + GAP }),
  };
}

export function Note({
  id,
  at,
  text,
  tone,
}: {
  id: string;
  at: () => Element | null | undefined;
  text: string;
  tone: "bad" | "info";
}): ReactNode {
  const { dir } = useUi();
  const [place, setPlace] = useState<CSSProperties | null>(null);
  useLayoutEffect(() => {
    const put = () => {
      const element = at();
      const size = { width: WIDTH, height: HEIGHT };
      const next = element ? placeAt(element, dir === "rtl", size) : null;
      setPlace((now) => (JSON.stringify(now) === JSON.stringify(next) ? now : next));
    };
    // Each time: the cell may have moved.
    put();
    window.addEventListener("scroll", put, { capture: true, passive: true });
    return () => window.removeEventListener("scroll", put, { capture: true });
  });
  return createPortal(
    <div
      id={id}
      role={tone === "bad" ? "alert" : "status"}
      className={classes(styles.note, tone === "bad" && styles.noteBad)}
      style={place ?? { opacity: 0 }}
    >
      <bdi>{text}</bdi>
    </div>,
    document.body,
  );
}
