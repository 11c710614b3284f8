// The palette: act on this, go to, find, create, by typing. What is nearest stands first.

import MuiDialog from "@mui/material/Dialog";
import { Command } from "cmdk";
import { Search } from "lucide-react";
import type { ReactNode } from "react";
import { Kbd } from "../Button";
import { Kit } from "../kit/Kit";
import { useLabels } from "../UiProvider";
import styles from "./Palette.module.css";
import { ranked } from "./rank";

export interface PaletteItem {
  id: string;
  label: string;
  hint?: string | undefined;
  icon?: ReactNode;
  keys?: string | undefined;
  keywords?: string | undefined;
  /** Why it cannot be chosen now. */
  reason?: string | undefined;
  onSelect: () => void;
}

export interface PaletteGroup {
  id: string;
  heading: string;
  items: PaletteItem[];
  /** Already found by the server: shown as they are. */
  found?: boolean;
  /** The most that are shown. */
  most?: number;
}

export interface CommandPaletteProps {
  open: boolean;
  onClose: () => void;
  query: string;
  onQuery: (query: string) => void;
  placeholder: string;
  groups: PaletteGroup[];
  busy?: boolean;
  foot?: ReactNode;
}

export function CommandPalette({
  open,
  onClose,
  query,
  onQuery,
  placeholder,
  groups,
  busy = false,
  foot,
}: CommandPaletteProps): ReactNode {
  const labels = useLabels();
  const shown = groups
    .map((group) => ({
      ...group,
      items: (group.found ? group.items : ranked(group.items, query)).slice(0, group.most ?? 8),
    }))
    .filter((group) => group.items.length > 0);
  return (
    <Kit>
      <MuiDialog
        open={open}
        onClose={onClose}
        slotProps={{
          paper: {
            className: styles.paper ?? "",
            style: { maxWidth: 620 },
            "aria-label": labels.palette,
            "aria-labelledby": undefined,
          } as object,
        }}
      >
        <Command className={styles.palette} label={labels.palette} shouldFilter={false} loop>
          <div className={styles.field}>
            <Search aria-hidden="true" />
            <Command.Input
              className={styles.input}
              value={query}
              onValueChange={onQuery}
              placeholder={placeholder}
              dir="auto"
              autoFocus
            />
          </div>
          <Command.List className={styles.list} label={labels.palette}>
            {shown.length === 0 && (
              <div className={styles.none} role="status">
                {busy ? labels.searching : labels.noMatches}
              </div>
            )}
            {shown.map((group) => (
              <Command.Group key={group.id} heading={group.heading}>
                {group.items.map((item) => (
                  <Command.Item
                    key={item.id}
                    value={item.id}
                    className={styles.item}
                    disabled={item.reason !== undefined}
                    onSelect={() => {
                      onClose();
                      item.onSelect();
                    }}
                  >
                    {item.icon}
                    <bdi className={styles.text}>{item.label}</bdi>
                    {(item.reason ?? item.hint) && (
                      <bdi className={styles.hint}>{item.reason ?? item.hint}</bdi>
                    )}
                    {item.keys && <Kbd keys={item.keys} />}
                  </Command.Item>
                ))}
              </Command.Group>
            ))}
          </Command.List>
          {foot && <div className={styles.foot}>{foot}</div>}
        </Command>
      </MuiDialog>
    </Kit>
  );
}
