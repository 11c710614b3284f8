// The list of a menu, as it is once it is open.

import ListSubheader from "@mui/material/ListSubheader";
import MuiMenu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Kbd } from "../Button";
import type { MenuProps } from "../Menu";
import styles from "../Menu.module.css";
import { Kit } from "./Kit";

export default function MenuKit({
  id,
  label,
  items,
  anchor,
  onClose,
}: Omit<MenuProps, "trigger"> & {
  id: string;
  anchor: HTMLElement | null;
  onClose: () => void;
}): ReactNode {
  return (
    <Kit>
      <MuiMenu
        id={id}
        open={anchor !== null}
        anchorEl={anchor}
        onClose={onClose}
        anchorOrigin={{ vertical: "bottom", horizontal: "left" }}
        transformOrigin={{ vertical: -4, horizontal: "left" }}
        slotProps={{
          list: { "aria-label": label, dense: true },
          paper: { className: styles.paper ?? "" },
        }}
      >
        {items.map((item, at) => {
          if (item === "line") {
            return <li key={`line-${at}`} role="separator" className={styles.line} />;
          }
          if ("heading" in item) {
            return (
              <ListSubheader
                key={item.heading}
                role="presentation"
                className={styles.heading ?? ""}
              >
                {item.heading}
              </ListSubheader>
            );
          }
          const checkable = item.checked !== undefined;
          return (
            <MenuItem
              key={item.id}
              role={checkable ? "menuitemcheckbox" : "menuitem"}
              aria-checked={checkable ? item.checked : undefined}
              aria-disabled={item.reason !== undefined || undefined}
              className={item.danger ? (styles.danger ?? "") : ""}
              onClick={() => {
                if (item.reason !== undefined) return;
                if (!item.stay) onClose();
                item.onSelect();
              }}
            >
              {checkable && (
                <span className={styles.check}>{item.checked && <Check aria-hidden="true" />}</span>
              )}
              {item.icon}
              <span className={styles.text}>
                <bdi>{item.label}</bdi>
                {item.reason && <span className={styles.reason}>{item.reason}</span>}
              </span>
              {item.keys && <Kbd keys={item.keys} />}
            </MenuItem>
          );
        })}
      </MuiMenu>
    </Kit>
  );
}
