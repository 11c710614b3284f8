// A menu that opens from something pressed. Its list is loaded when it is first needed.

import { type ReactNode, useId, useState } from "react";

import { DialogKit } from "./Dialog";
import { later } from "./later";

const MenuKit = later(() => import("./kit/MenuKit"));

export interface MenuChoice {
  id: string;
  label: string;
  icon?: ReactNode;
  keys?: string;
  /** Why it cannot be chosen now. */
  reason?: string | undefined;
  danger?: boolean;
  /** A choice that is on or off. */
  checked?: boolean | undefined;
  /** Leaves the menu open: for several choices in a row. */
  stay?: boolean;
  onSelect: () => void;
}
export type MenuEntry = MenuChoice | "line" | { heading: string };

/** What the thing that opens a menu must carry. */
interface MenuTrigger {
  "aria-haspopup": "menu";
  "aria-expanded": boolean;
  "aria-controls": string | undefined;
  onClick: (event: { currentTarget: HTMLElement }) => void;
}

export interface MenuProps {
  label: string;
  items: MenuEntry[];
  trigger: (props: MenuTrigger) => ReactNode;
}

export function Menu({ label, items, trigger }: MenuProps): ReactNode {
  const id = useId();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const [used, setUsed] = useState(false);
  return (
    <>
      {trigger({
        "aria-haspopup": "menu",
        "aria-expanded": anchor !== null,
        "aria-controls": anchor ? id : undefined,
        onClick: (event) => {
          setUsed(true);
          setAnchor(event.currentTarget);
        },
      })}
      {used && (
        <MenuKit
          id={id}
          label={label}
          items={items}
          anchor={anchor}
          onClose={() => setAnchor(null)}
        />
      )}
    </>
  );
}

/** Loads what overlays need, while nothing else happens. */
export function preloadOverlays(): void {
  void MenuKit.preload();
  void DialogKit.preload();
}
