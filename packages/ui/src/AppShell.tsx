// The shell: a sidebar, a header, the content; on a phone a bar at the bottom. Nothing else stays.

import { ChevronDown, Menu as MenuIcon } from "lucide-react";
import { createContext, type ReactNode, useContext, useEffect, useId, useRef } from "react";
import styles from "./AppShell.module.css";
import { IconButton } from "./Button";
import { classes } from "./classes";
import { tip } from "./Tooltip";
import { useLabels } from "./UiProvider";

const Collapsed = createContext(false);

export interface BottomItem {
  id: string;
  label: string;
  icon: ReactNode;
  href?: string;
  current?: boolean;
  onSelect?: () => void;
}

export interface AppShellProps {
  /** The head of the sidebar: whose organisation it is. */
  brand: ReactNode;
  sidebar: ReactNode;
  foot?: ReactNode;
  /** Where one is. */
  crumbs: ReactNode;
  /** What one can do here. */
  actions?: ReactNode;
  banner?: ReactNode;
  /** What is said while an answer is waited for; it moves nothing on the page. Empty for nothing. */
  waiting?: string;
  bottom: BottomItem[];
  collapsed: boolean;
  /** On a small screen: whether the sidebar lies over the page. */
  open: boolean;
  onOpen: (open: boolean) => void;
  children: ReactNode;
}

export function AppShell({
  brand,
  sidebar,
  foot,
  crumbs,
  actions,
  banner,
  waiting = "",
  bottom,
  collapsed,
  open,
  onOpen,
  children,
}: AppShellProps): ReactNode {
  const labels = useLabels();
  const side = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!open) return;
    const before = document.activeElement;
    side.current?.querySelector<HTMLElement>("a, button")?.focus();
    const key = (event: KeyboardEvent) => {
      if (event.key === "Escape") onOpen(false);
    };
    document.addEventListener("keydown", key);
    return () => {
      document.removeEventListener("keydown", key);
      if (before instanceof HTMLElement) before.focus();
    };
  }, [open, onOpen]);
  return (
    <Collapsed value={collapsed && !open}>
      <a className={styles.skip} href="#main">
        {labels.skip}
      </a>
      <div
        className={classes(
          styles.shell,
          collapsed && !open && styles.collapsed,
          open && styles.open,
        )}
      >
        <nav className={styles.sidebar} aria-label={labels.mainMenu} ref={side}>
          <div className={styles.sidebarHead}>{brand}</div>
          <div className={styles.sidebarBody}>{sidebar}</div>
          {foot && <div className={styles.sidebarFoot}>{foot}</div>}
        </nav>
        <button
          type="button"
          className={styles.scrim}
          aria-label={labels.close}
          tabIndex={-1}
          onClick={() => onOpen(false)}
        />
        <div className={styles.column} inert={open}>
          <header className={styles.header}>
            <div className={styles.headerStart}>
              <IconButton
                className={styles.menuButton ?? ""}
                label={labels.openMenu}
                aria-expanded={open}
                onClick={() => onOpen(true)}
              >
                <MenuIcon />
              </IconButton>
              {crumbs}
            </div>
            <div className={styles.waiting} role="status">
              {waiting}
            </div>
            {actions}
          </header>
          {banner && <div className={styles.banner}>{banner}</div>}
          <main className={styles.main} id="main" tabIndex={-1}>
            {children}
          </main>
        </div>
        <nav className={styles.bottom} aria-label={labels.bottomBar} inert={open}>
          {bottom.map(({ id, label, icon, href, current, onSelect }) =>
            href ? (
              <a
                key={id}
                href={href}
                className={styles.tab}
                aria-current={current ? "page" : undefined}
              >
                {icon}
                {label}
              </a>
            ) : (
              <button key={id} type="button" className={styles.tab} onClick={onSelect}>
                {icon}
                {label}
              </button>
            ),
          )}
        </nav>
      </div>
    </Collapsed>
  );
}

/** A titled part of the sidebar that folds. */
export function NavSection({
  title,
  open = true,
  onToggle,
  children,
}: {
  title?: string;
  open?: boolean;
  onToggle?: () => void;
  children: ReactNode;
}): ReactNode {
  const id = useId();
  const collapsed = useContext(Collapsed);
  return (
    <div className={styles.section}>
      {title && !collapsed && (
        <button
          type="button"
          className={styles.sectionHead}
          aria-expanded={open}
          aria-controls={id}
          onClick={onToggle}
        >
          <span>{title}</span>
          <ChevronDown aria-hidden="true" />
        </button>
      )}
      <ul className={styles.list} id={id} hidden={!(open || collapsed)} aria-label={title}>
        {children}
      </ul>
    </div>
  );
}

export function NavItem({
  href,
  label,
  icon,
  keys,
  count,
  current,
  action,
  onSelect,
}: {
  href?: string;
  label: string;
  icon: ReactNode;
  keys?: string | undefined;
  count?: number;
  current?: boolean;
  /** Something more to do with it, shown while it is pointed at. */
  action?: ReactNode;
  onSelect?: () => void;
}): ReactNode {
  const collapsed = useContext(Collapsed);
  const inside = (
    <>
      {icon}
      <span className={styles.linkText}>
        <bdi>{label}</bdi>
      </span>
      {count !== undefined && <span className={styles.linkCount}>{count}</span>}
    </>
  );
  const attributes = {
    className: styles.link,
    ...(collapsed ? { ...tip(label, keys), "aria-label": label } : keys ? tip(label, keys) : {}),
  };
  return (
    <li className={styles.item}>
      {href ? (
        <a {...attributes} href={href} aria-current={current ? "page" : undefined}>
          {inside}
        </a>
      ) : (
        <button {...attributes} type="button" onClick={onSelect}>
          {inside}
        </button>
      )}
      {action && <span className={styles.act}>{action}</span>}
    </li>
  );
}
