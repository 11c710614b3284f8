// Chooses one of several in the place of a cell: a line to find by, and below it what is found.

import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { classes } from "../../classes";
import { useUi } from "../../UiProvider";
import styles from "../Grid.module.css";
import { stepOf } from "../LineEditor";
import { Note, placeAt } from "../Note";
import type { EditorProps, Step } from "../types";

export interface PickOption {
  /** Empty for none. */
  id: string;
  label: string;
  hint?: string;
}

export interface PickProps<T> extends EditorProps<T> {
  /** What is chosen now. */
  value: string;
  /** What matches some words; all for none. An aborted search is not shown. */
  find: (words: string, signal: AbortSignal) => PickOption[] | Promise<PickOption[]>;
  onPick: (option: PickOption, then: Step) => void;
}

const WAIT_MS = 120;
const HEIGHT = 264;
const LEAST_WIDTH = 200;

export function Pick<T>(props: PickProps<T>): ReactNode {
  const { labels, dir } = useUi();
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [words, setWords] = useState(props.typed ?? "");
  const [options, setOptions] = useState<readonly PickOption[] | null>(null);
  const [at, setAt] = useState(0);
  const [fault, setFault] = useState(props.fault);
  const [place, setPlace] = useState<React.CSSProperties | null>(null);
  const ended = useRef(false);
  const find = useRef(props.find);
  find.current = props.find;
  /** The words that the options are for: others are not yet known. */
  const [found, setFound] = useState<string | null>(null);
  const [hasty, setHasty] = useState<Step | null>(null);
  const { value } = props;

  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    const stop = new AbortController();
    const show = (next: PickOption[]) => {
      if (stop.signal.aborted) return;
      setOptions(next);
      setFound(words);
      const present = next.findIndex((option) => option.id === value);
      setAt(words === "" ? Math.max(0, present) : 0);
    };
    const ask = () => {
      const answer = find.current(words, stop.signal);
      if (Array.isArray(answer)) show(answer);
      else answer.then(show, () => show([]));
    };
    const timer = words === "" ? undefined : setTimeout(ask, WAIT_MS);
    if (words === "") ask();
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [words, value]);
  useLayoutEffect(() => {
    const put = () => {
      const cell = input.current?.closest("[data-col]");
      if (!cell) return;
      const width = Math.max(LEAST_WIDTH, cell.clientWidth);
      setPlace({ ...placeAt(cell, dir === "rtl", { width, height: HEIGHT }), width });
    };
    put();
    window.addEventListener("scroll", put, { capture: true, passive: true });
    return () => window.removeEventListener("scroll", put, { capture: true });
  }, [dir]);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });

  const shown = options ?? [];
  const take = (option: PickOption | undefined, then: Step) => {
    if (ended.current) return;
    if (!option) {
      setFault(labels.noMatches);
      return;
    }
    ended.current = true;
    if (option.id === value && props.fault === undefined) props.onCancel(then);
    else props.onPick(option, then);
  };
  // Who presses Enter before the answer is there means the first that will be found.
  useEffect(() => {
    if (hasty === null || found !== words) return;
    setHasty(null);
    take(shown[at], hasty);
  });
  const leave = () => {
    if (ended.current) return;
    ended.current = true;
    props.onCancel("away");
  };
  const current = shown[at];
  return (
    <>
      <input
        ref={input}
        className={styles.editor}
        data-editor=""
        role="combobox"
        aria-label={props.label}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={current ? `${id}-${at}` : undefined}
        aria-invalid={fault ? true : undefined}
        autoComplete="off"
        dir={words === "" ? undefined : "auto"}
        value={words}
        placeholder={props.text}
        onChange={(event) => {
          setWords(event.target.value);
          setFault(undefined);
          setHasty(null);
        }}
        onBlur={leave}
        onKeyDown={(event) => {
          event.stopPropagation();
          const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 7, PageUp: -7 }[event.key];
          if (by !== undefined) {
            event.preventDefault();
            setAt(Math.max(0, Math.min(at + by, shown.length - 1)));
            return;
          }
          const step = stepOf(event);
          if (!step) return;
          event.preventDefault();
          if (step === "leave") {
            ended.current = true;
            props.onCancel();
          } else if (found !== words) setHasty(step);
          else take(current, step);
        }}
      />
      {createPortal(
        <div
          ref={list}
          id={`${id}-list`}
          role="listbox"
          aria-label={props.label}
          className={styles.options}
          style={place ?? { opacity: 0 }}
        >
          {shown.map((option, index) => (
            <div
              key={option.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              className={classes(styles.option, option.id === value && styles.present)}
              // The line keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(option, "stay")}
            >
              <bdi>{option.label}</bdi>
              {option.hint && <bdi className={styles.optionHint}>{option.hint}</bdi>}
            </div>
          ))}
          {found !== null && shown.length === 0 && (
            <div role="option" aria-selected="false" aria-disabled="true" className={styles.option}>
              {labels.noMatches}
            </div>
          )}
        </div>,
        document.body,
      )}
      {fault && <Note id={`${id}-note`} at={() => list.current} text={fault} tone="bad" />}
    </>
  );
}
