// A dialog, as it is once it is open: it takes the focus and gives it back.

import MuiDialog from "@mui/material/Dialog";
import { X } from "lucide-react";
import { type ReactNode, useId } from "react";
import { IconButton } from "../Button";
import type { DialogProps } from "../Dialog";
import styles from "../Dialog.module.css";
import { useLabels } from "../UiProvider";
import { Kit } from "./Kit";

export default function DialogKit({
  open,
  title,
  text,
  children,
  actions,
  width = 460,
  onClose,
  onSubmit,
}: DialogProps): ReactNode {
  const labels = useLabels();
  const id = useId();
  const content = (
    <>
      <div className={styles.head}>
        <h2 className={styles.title} id={id}>
          {title}
        </h2>
        {onClose && (
          <IconButton size="small" label={labels.close} keys="escape" onClick={onClose}>
            <X />
          </IconButton>
        )}
      </div>
      <div className={styles.body}>
        {text && <p className={styles.text}>{text}</p>}
        {children}
      </div>
      {actions && <div className={styles.acts}>{actions}</div>}
    </>
  );
  return (
    <Kit>
      <MuiDialog
        open={open}
        {...(onClose ? { onClose } : {})}
        aria-labelledby={id}
        slotProps={{ paper: { style: { maxWidth: width } } }}
      >
        {onSubmit ? (
          <form
            style={{ display: "contents" }}
            noValidate
            onSubmit={(event) => {
              event.preventDefault();
              onSubmit();
            }}
          >
            {content}
          </form>
        ) : (
          content
        )}
      </MuiDialog>
    </Kit>
  );
}
