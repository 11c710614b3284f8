// The editor of a cell that is a line of text, and what the keys mean in every editor of a cell.

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { classes } from "../classes";
import styles from "./Grid.module.css";
import { Note } from "./Note";
import type { EditorProps, Step } from "./types";

/** Where a key leads from an editor; "leave" gives up, null means that it is the editor's own. */
export function stepOf(event: KeyboardEvent): Step | "leave" | null {
  if (event.nativeEvent.isComposing) return null;
  if (event.key === "Escape") return "leave";
  if (event.key === "Enter") return event.shiftKey ? "up" : "down";
  if (event.key === "Tab") return event.shiftKey ? "previous" : "next";
  return null;
}

/** An edit that has begun, and what was typed before its editor was there. */
export type Editing = Pick<EditorProps<never>, "typed"> & { ends?: Step };

/** What becomes of an edit by a key that comes before its editor does; null: it is given up. */
export function awaiting(editing: Editing, event: KeyboardEvent): Editing | null {
  const step = stepOf(event);
  if (step === "leave") return null;
  if (editing.ends || event.ctrlKey || event.metaKey) return editing;
  if (step) return { ...editing, ends: step };
  // An editor opens with all that was there selected: what is typed stands in its place.
  const typed = editing.typed ?? "";
  if (event.key === "Backspace") return { typed: [...typed].slice(0, -1).join("") };
  return [...event.key].length === 1 ? { typed: typed + event.key } : editing;
}

/** What a line of text means, or why it means nothing. */
export type Reading = { readonly value: unknown } | { readonly fault: string };

export interface LineProps<T> extends EditorProps<T> {
  /** For numbers: the keys of a telephone, and the figures at the end. */
  numeric?: boolean;
  placeholder?: string | undefined;
  read: (text: string) => Reading;
}

/**
 * A line of text in the place of a cell. What cannot be meant is said and stays to be corrected;
 * if one goes elsewhere it stays in the cell as it was typed.
 */
export function Line<T>(props: LineProps<T>): ReactNode {
  const { text, typed, numeric = false } = props;
  const [value, setValue] = useState(typed ?? text);
  const [fault, setFault] = useState(props.fault);
  const input = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  const noteId = useId();
  const commit = (then: Step, left: boolean) => {
    if (ended.current) return;
    if (value === text && props.fault === undefined) {
      ended.current = true;
      props.onCancel(then);
      return;
    }
    const found = props.read(value);
    if ("value" in found) {
      ended.current = true;
      props.onCommit(found.value, then);
    } else if (left) {
      ended.current = true;
      props.onWrong(value, found.fault);
    } else setFault(found.fault);
  };
  // What came before the editor is taken up once.
  useEffect(() => {
    const own = input.current;
    own?.focus({ preventScroll: true });
    if (typed === null) own?.select();
    else own?.setSelectionRange(typed.length, typed.length);
    if (props.ends) commit(props.ends, false);
  }, []);
  return (
    <>
      <input
        ref={input}
        className={classes(styles.editor, numeric && styles.numeric)}
        aria-label={props.label}
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault ? noteId : undefined}
        inputMode={numeric ? "decimal" : undefined}
        enterKeyHint="done"
        autoComplete="off"
        dir={numeric ? "ltr" : value === "" ? undefined : "auto"}
        placeholder={props.placeholder}
        value={value}
        onChange={(event) => {
          setValue(event.target.value);
          setFault(undefined);
        }}
        onBlur={() => commit("away", true)}
        onKeyDown={(event) => {
          event.stopPropagation();
          const step = stepOf(event);
          if (!step) return;
          event.preventDefault();
          if (step === "leave") {
            ended.current = true;
            props.onCancel();
          } else commit(step, false);
        }}
      />
      {fault && <Note id={noteId} at={() => input.current} text={fault} tone="bad" />}
    </>
  );
}

export function LineEditor<T>(props: EditorProps<T>): ReactNode {
  return <Line {...props} read={(value) => ({ value })} />;
}
