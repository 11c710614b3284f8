// Tips: one host shows the tip of whatever is pointed at or focused. What carries one only names
// it, so that a thousand tips cost nothing. A tip repeats or explains; it never is the only place
// of something that one must know.

import {
  cloneElement,
  type ReactElement,
  type ReactNode,
  useEffect,
  useRef,
  useState,
} from "react";
import { Kbd } from "./Button";
import styles from "./Tooltip.module.css";

/** The attributes that give an element a tip. */
export function tip(text: string, keys?: string): Record<string, string> {
  return keys ? { "data-tip": text, "data-tip-keys": keys } : { "data-tip": text };
}

/** Gives its only child a tip. */
export function Tooltip({
  label,
  keys,
  children,
}: {
  label: string;
  keys?: string;
  children: ReactElement;
}): ReactNode {
  return cloneElement(children, tip(label, keys));
}

interface Shown {
  text: string;
  keys: string | undefined;
  box: DOMRect;
}

const HOVER_MS = 450;
const LEAVE_MS = 100;

export function TipHost(): ReactNode {
  const [shown, setShown] = useState<Shown | null>(null);
  const element = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer = 0;
    let holder: Element | null = null;
    const hide = () => {
      window.clearTimeout(timer);
      holder = null;
      setShown(null);
    };
    const show = (target: Element) => {
      const text = target.getAttribute("data-tip");
      if (!text || !target.isConnected || target.getAttribute("aria-expanded") === "true") return;
      holder = target;
      setShown({
        text,
        keys: target.getAttribute("data-tip-keys") ?? undefined,
        box: target.getBoundingClientRect(),
      });
    };
    const over = (event: PointerEvent) => {
      const at = event.target instanceof Element ? event.target : null;
      if (event.pointerType === "touch" || !at) return;
      window.clearTimeout(timer);
      if (element.current?.contains(at)) return;
      const target = at.closest("[data-tip]");
      if (target === holder && target) return;
      timer = window.setTimeout(
        () => (target ? show(target) : hide()),
        target ? (holder ? LEAVE_MS : HOVER_MS) : LEAVE_MS,
      );
    };
    const focus = (event: FocusEvent) => {
      const at = event.target instanceof Element ? event.target : null;
      if (at?.matches("[data-tip]:focus-visible")) show(at);
    };
    const key = (event: KeyboardEvent) => {
      if (holder && event.key === "Escape") hide();
    };
    document.addEventListener("pointerover", over);
    document.addEventListener("focusin", focus);
    document.addEventListener("focusout", hide);
    document.addEventListener("pointerdown", hide);
    document.addEventListener("scroll", hide, true);
    document.addEventListener("keydown", key);
    return () => {
      window.clearTimeout(timer);
      document.removeEventListener("pointerover", over);
      document.removeEventListener("focusin", focus);
      document.removeEventListener("focusout", hide);
      document.removeEventListener("pointerdown", hide);
      document.removeEventListener("scroll", hide, true);
      document.removeEventListener("keydown", key);
    };
  }, []);

  useEffect(() => {
    const box = element.current;
    if (!box || !shown) return;
    const { width, height } = box.getBoundingClientRect();
    const middle = shown.box.left + shown.box.width / 2 - width / 2;
    const left = Math.max(8, Math.min(middle, window.innerWidth - width - 8));
    const below = shown.box.bottom + 6;
    const top = below + height > window.innerHeight - 8 ? shown.box.top - height - 6 : below;
    box.style.left = `${left}px`;
    box.style.top = `${top}px`;
  }, [shown]);

  if (!shown) return null;
  return (
    <div ref={element} className={styles.tip} role="tooltip">
      <bdi>{shown.text}</bdi>
      {shown.keys && <Kbd keys={shown.keys} />}
    </div>
  );
}
