// Where notices appear.

import { Check, CircleAlert, Info, X } from "lucide-react";
import { type ReactNode, useSyncExternalStore } from "react";
import { classes } from "./classes";
import styles from "./Toast.module.css";
import { toasts } from "./toasts";
import { useLabels } from "./UiProvider";

const signs = { done: Check, bad: CircleAlert, info: Info };

export function ToastHost(): ReactNode {
  const list = useSyncExternalStore(toasts.subscribe, toasts.get);
  const labels = useLabels();
  return (
    <section
      aria-label={labels.notices}
      className={styles.host}
      onPointerEnter={() => toasts.hold()}
      onPointerLeave={() => toasts.release()}
      onFocus={() => toasts.hold()}
      onBlur={() => toasts.release()}
    >
      {list.map(({ id, text, tone = "done", undo }) => {
        const Sign = signs[tone];
        return (
          <div
            key={id}
            className={classes(styles.toast, styles[tone])}
            role={tone === "bad" ? "alert" : "status"}
          >
            <span className={styles.sign} aria-hidden="true">
              <Sign />
            </span>
            <span className={styles.text}>
              <bdi>{text}</bdi>
            </span>
            {undo && (
              <button type="button" className={styles.act} onClick={() => toasts.undo(id)}>
                {labels.undo}
              </button>
            )}
            <button
              type="button"
              className={styles.close}
              aria-label={labels.dismiss}
              onClick={() => toasts.dismiss(id)}
            >
              <X size={15} aria-hidden="true" />
            </button>
          </div>
        );
      })}
    </section>
  );
}
