// A dialog asks and waits; a side panel stands beside what it belongs to and does not.

import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "./Button";
import styles from "./Dialog.module.css";
import { later } from "./later";
import { useLabels } from "./UiProvider";

export const DialogKit = later(() => import("./kit/DialogKit"));

export interface DialogProps {
  open: boolean;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  width?: number;
  /** Without it the dialog cannot be left before it is answered. */
  onClose?: () => void;
  /** Makes it a form. */
  onSubmit?: () => void;
}

export function Dialog(props: DialogProps): ReactNode {
  // What it said stays while it fades: whoever closes it may have nothing left to say.
  const said = useRef<DialogProps | null>(null);
  if (props.open) said.current = props;
  return said.current && <DialogKit {...said.current} open={props.open} />;
}

export function SidePanel({
  open,
  title,
  actions,
  children,
  onClose,
}: {
  open: boolean;
  title: string;
  actions?: ReactNode;
  children: ReactNode;
  onClose: () => void;
}): ReactNode {
  const labels = useLabels();
  const id = useId();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!open) return;
    const before = document.activeElement;
    panel.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [open]);
  if (!open) return null;
  return (
    <section
      ref={panel}
      tabIndex={-1}
      aria-labelledby={id}
      className={styles.panel}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) onClose();
      }}
    >
      <div className={styles.panelHead}>
        <h2 className={styles.panelTitle} id={id}>
          <bdi>{title}</bdi>
        </h2>
        {actions}
        <IconButton label={labels.close} keys="escape" onClick={onClose}>
          <X />
        </IconButton>
      </div>
      <div className={styles.panelBody}>{children}</div>
    </section>
  );
}
