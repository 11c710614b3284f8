// Things to read: status, people, places, progress, and what stands where nothing is yet.

import { CircleAlert, CircleCheck, Info, TriangleAlert, X } from "lucide-react";
import { Fragment, type ReactNode, useEffect, useState } from "react";
import { classes } from "./classes";
import { Mark } from "./Mark";
import { type ProblemLike, problemWords } from "./problem";
import styles from "./Sign.module.css";
import { useLabels } from "./UiProvider";

export type Tone = "idle" | "info" | "good" | "warn" | "bad" | "ended";

/** A status: a dot whose form and colour differ, and always the word. */
export function StatusDot({ tone, children }: { tone: Tone; children: ReactNode }): ReactNode {
  return (
    <span className={classes(styles.status, styles[tone])}>
      <span className={styles.dot} aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}

/** A value that stands for itself: a tag, a filter. */
export function Chip({
  icon,
  children,
  onRemove,
  removeLabel,
}: {
  icon?: ReactNode;
  children: ReactNode;
  onRemove?: () => void;
  removeLabel?: string;
}): ReactNode {
  const labels = useLabels();
  return (
    <span className={styles.chip}>
      {icon}
      <bdi>{children}</bdi>
      {onRemove && (
        <button
          type="button"
          className={styles.remove}
          aria-label={removeLabel ?? labels.clear}
          onClick={onRemove}
        >
          <X aria-hidden="true" />
        </button>
      )}
    </span>
  );
}

/** The first letters of a name, as people of its script would shorten it. */
export function initials(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = (word: string | undefined) => (word ? (Array.from(word)[0] ?? "") : "");
  const last = words.length > 1 ? first(words[words.length - 1]) : "";
  const text = first(words[0]) + last;
  // Scripts without capitals join letters: one is enough.
  return /[\p{Lu}\p{Ll}]/u.test(text) ? text.toLocaleUpperCase() : first(words[0]);
}

function toneOf(name: string): number {
  let sum = 0;
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 1009;
  return sum % 4;
}

export function Avatar({
  name,
  size = 24,
  square = false,
}: {
  name: string;
  size?: number;
  square?: boolean;
}): ReactNode {
  return (
    <span
      className={classes(styles.avatar, square && styles.square, styles[`tone${toneOf(name)}`])}
      style={{ width: size, height: size, fontSize: Math.round(size * 0.42) }}
      aria-hidden="true"
    >
      {initials(name)}
    </span>
  );
}

const callouts = {
  info: [Info, styles.calloutInfo],
  good: [CircleCheck, styles.calloutGood],
  warn: [TriangleAlert, styles.calloutWarn],
  bad: [CircleAlert, styles.calloutBad],
} as const;

/** Something to know before going on. An error is announced at once. */
export function Callout({
  tone = "info",
  title,
  children,
  actions,
}: {
  tone?: keyof typeof callouts;
  title?: string;
  children?: ReactNode;
  actions?: ReactNode;
}): ReactNode {
  const [Icon, look] = callouts[tone];
  return (
    <div className={classes(styles.callout, look)} role={tone === "bad" ? "alert" : "note"}>
      <Icon aria-hidden="true" />
      <div className={styles.calloutBody}>
        {title && <div className={styles.calloutTitle}>{title}</div>}
        {children && <div>{children}</div>}
        {actions && <div className={styles.calloutActs}>{actions}</div>}
      </div>
    </div>
  );
}

/** How far something is; without a value it only says that it goes on. */
export function Progress({
  label,
  value,
  text,
}: {
  label: string;
  /** From 0 to 1. */
  value?: number;
  text?: string;
}): ReactNode {
  const percent = value === undefined ? undefined : Math.round(value * 100);
  return (
    <div className={styles.progress}>
      <div className={styles.progressLine}>
        <span>{label}</span>
        <span>{text}</span>
      </div>
      <div
        className={styles.track}
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={text}
      >
        <div
          className={classes(styles.bar, percent === undefined && styles.endless)}
          style={percent === undefined ? undefined : { inlineSize: `${percent}%` }}
        />
      </div>
    </div>
  );
}

const SKELETON_AFTER_MS = 300;

/** True once something has taken so long that its place should be shown. */
export function useSlow(waiting: boolean, after = SKELETON_AFTER_MS): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!waiting) {
      setSlow(false);
      return;
    }
    const timer = setTimeout(() => setSlow(true), after);
    return () => clearTimeout(timer);
  }, [waiting, after]);
  return waiting && slow;
}

/** The place of what is being loaded; nothing for the first 300 ms. */
export function Skeleton({
  lines = 1,
  width = "100%",
  height = 12,
  at = SKELETON_AFTER_MS,
}: {
  lines?: number;
  width?: number | string;
  height?: number;
  /** Milliseconds before it shows. */
  at?: number;
}): ReactNode {
  const slow = useSlow(true, at);
  const labels = useLabels();
  return (
    <span role="status" style={{ display: "grid", gap: 8, minHeight: height }}>
      {slow && <span className={styles.hidden}>{labels.loading}</span>}
      {slow &&
        Array.from({ length: lines }, (_, line) => (
          <span
            key={line}
            className={styles.skeleton}
            style={{ width: line > 0 && line === lines - 1 ? "62%" : width, height }}
          />
        ))}
    </span>
  );
}

/** Where one is, from the outside in. */
export function Breadcrumb({ items }: { items: { label: string; href?: string }[] }): ReactNode {
  const labels = useLabels();
  return (
    <nav className={styles.crumbs} aria-label={labels.breadcrumb}>
      <ol>
        {items.map(({ label, href }, at) => (
          <li key={`${href ?? ""}${label}`}>
            {at === items.length - 1 || !href ? (
              <span
                className={styles.crumb}
                aria-current={at === items.length - 1 ? "page" : undefined}
              >
                <bdi>{label}</bdi>
              </span>
            ) : (
              <a className={styles.crumb} href={href}>
                <bdi>{label}</bdi>
              </a>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** Where nothing is yet: one sentence that teaches, one thing to do. */
export function EmptyState({
  title,
  heading: Heading = "h2",
  children,
  actions,
  art,
}: {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
  art?: ReactNode;
  /** `h1` where it is all that the page has. */
  heading?: "h1" | "h2";
}): ReactNode {
  return (
    <div className={styles.state}>
      <div className={styles.stateArt} aria-hidden="true">
        {art ?? <Mark size={56} quiet />}
      </div>
      <Heading>{title}</Heading>
      {children && <p>{children}</p>}
      {actions && <div className={styles.stateActs}>{actions}</div>}
    </div>
  );
}

/** What went wrong, in words, with the way out. */
export function ErrorState({
  problem,
  actions,
}: {
  problem: ProblemLike;
  /** The ways out, the best first. */
  actions?: ReactNode;
}): ReactNode {
  const labels = useLabels();
  const words = problemWords(problem, labels);
  const facts: [string, string | undefined][] = [
    [labels.code, problem.code],
    [labels.requestId, problem.request_id],
  ];
  return (
    <div className={styles.state} role="alert">
      <div className={styles.stateArt} aria-hidden="true">
        <Mark size={56} fallen />
      </div>
      <h2>{words.title}</h2>
      <p>{words.text}</p>
      {actions && <div className={styles.stateActs}>{actions}</div>}
      <div className={styles.stateDetail}>
        {facts
          .filter(([, text]) => text)
          .map(([name, text], at) => (
            <Fragment key={name}>
              {at > 0 && " · "}
              {name} <code>{text}</code>
            </Fragment>
          ))}
      </div>
    </div>
  );
}

/** For screen readers only. */
export function Hidden({ children }: { children: ReactNode }): ReactNode {
  return <span className={styles.hidden}>{children}</span>;
}
