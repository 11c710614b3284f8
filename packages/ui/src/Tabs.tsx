// Tabs: arrows go, Home and End jump; only the chosen one is in the tab order.

import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";
import styles from "./Sign.module.css";
import { useUi } from "./UiProvider";

interface TabItem {
  id: string;
  label: string;
  count?: number | undefined;
}

/** The tab that a key leads to; null when the key means nothing here. */
export function tabAfter(key: string, at: number, count: number, rtl: boolean): number | null {
  const step = rtl ? -1 : 1;
  switch (key) {
    case "ArrowRight":
      return (at + step + count) % count;
    case "ArrowLeft":
      return (at - step + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

export function Tabs({
  label,
  items,
  value,
  onChange,
  children,
}: {
  label: string;
  items: TabItem[];
  value: string;
  onChange: (id: string) => void;
  /** The panel of the chosen tab. */
  children?: ReactNode;
}): ReactNode {
  const base = useId();
  const list = useRef<HTMLDivElement>(null);
  const { dir } = useUi();
  const go = (event: KeyboardEvent) => {
    const at = items.findIndex((item) => item.id === value);
    const next = tabAfter(event.key, at, items.length, dir === "rtl");
    const item = next === null ? undefined : items[next];
    if (!item || next === null) return;
    event.preventDefault();
    onChange(item.id);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[next]?.focus();
  };
  return (
    <div>
      <div className={styles.tabs} role="tablist" aria-label={label} ref={list} onKeyDown={go}>
        {items.map((item) => (
          <button
            key={item.id}
            type="button"
            role="tab"
            id={`${base}-${item.id}`}
            aria-selected={item.id === value}
            aria-controls={children && item.id === value ? `${base}-panel` : undefined}
            tabIndex={item.id === value ? 0 : -1}
            className={styles.tab}
            onClick={() => onChange(item.id)}
          >
            <bdi>{item.label}</bdi>
            {item.count !== undefined && <span className={styles.count}>{item.count}</span>}
          </button>
        ))}
      </div>
      {children && (
        <div
          role="tabpanel"
          id={`${base}-panel`}
          aria-labelledby={`${base}-${value}`}
          className={styles.panel}
        >
          {children}
        </div>
      )}
    </div>
  );
}
