// Things to press: buttons, buttons that are only a sign, and how keys look.

import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import styles from "./Button.module.css";
import { classes } from "./classes";
import { tip } from "./Tooltip";

interface Common {
  /** `main` is the one act that a screen is for. */
  look?: "main" | "plain" | "ghost" | "danger";
  size?: "regular" | "small";
  /** Under way: it says so and takes no second press. */
  busy?: boolean;
  /** Why it cannot be pressed; it stays in the tab order and says so. */
  reason?: string | undefined;
  ref?: Ref<HTMLButtonElement>;
}

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label">;

export interface ButtonProps extends Native, Common {
  icon?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

export function Button({
  look = "plain",
  size = "regular",
  busy = false,
  reason,
  icon,
  wide,
  className,
  children,
  type = "button",
  onClick,
  ...rest
}: ButtonProps): ReactNode {
  const held = busy || reason !== undefined;
  return (
    <button
      type={held && type === "submit" ? "button" : type}
      className={classes(
        styles.button,
        styles[look],
        size === "small" && styles.small,
        wide && styles.wide,
        className,
      )}
      aria-busy={busy || undefined}
      aria-disabled={held || undefined}
      onClick={held ? undefined : onClick}
      {...(reason ? tip(reason) : {})}
      {...rest}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : icon}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Native, Common {
  /** What it does; also its tip. */
  label: string;
  /** The keys that do the same. */
  keys?: string | undefined;
  children: ReactNode;
}

export function IconButton({
  look = "ghost",
  size = "regular",
  busy = false,
  reason,
  label,
  keys,
  className,
  children,
  type = "button",
  onClick,
  ...rest
}: IconButtonProps): ReactNode {
  const held = busy || reason !== undefined;
  return (
    <button
      type={type}
      aria-label={label}
      aria-busy={busy || undefined}
      aria-disabled={held || undefined}
      className={classes(
        styles.button,
        styles.icon,
        styles[look],
        size === "small" && styles.small,
        className,
      )}
      onClick={held ? undefined : onClick}
      {...tip(reason ?? label, keys)}
      {...rest}
    >
      {busy ? <span className={styles.spinner} aria-hidden="true" /> : children}
    </button>
  );
}

const isApple = () => /Mac|iPhone|iPad/.test(navigator.platform);

/** A chord or a sequence as it is read: `mod+k`, `g h`. */
export function keyNames(keys: string, apple = isApple()): string[][] {
  const names: Record<string, string> = {
    mod: apple ? "⌘" : "Ctrl",
    shift: apple ? "⇧" : "Shift",
    alt: apple ? "⌥" : "Alt",
    enter: "↵",
    escape: "Esc",
    up: "↑",
    down: "↓",
  };
  return keys
    .split(" ")
    .map((chord) =>
      chord.split("+").map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key)),
    );
}

export function Kbd({ keys }: { keys: string }): ReactNode {
  return (
    <span className={styles.kbd} dir="ltr">
      {keyNames(keys)
        .flat()
        .map((name, at) => (
          <kbd key={at}>{name}</kbd>
        ))}
    </span>
  );
}
