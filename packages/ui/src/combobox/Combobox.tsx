// Finds a record while one types, and makes it if it is not there yet. A plain input with a list
// below it, which hundreds of may stand in a table. Nobody waits for it: Enter takes what is found
// once it is found, and the next field has the focus already.

import { ChevronDown } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { createPortal } from "react-dom";
import { classes } from "../classes";
import { type FieldProps, FormRow } from "../Field";
import field from "../Field.module.css";
import { useLabels } from "../UiProvider";
import styles from "./Combobox.module.css";

export interface Option {
  id: string;
  label: string;
  hint?: string;
}

const WAIT_MS = 120;

export interface ComboboxProps extends FieldProps {
  value: Option | null;
  onChange: (value: Option | null) => void;
  /** Answers what matches, the best first; an aborted search is not shown. */
  search: (text: string, signal: AbortSignal) => Promise<Option[]>;
  /** Makes a new one of what was typed. */
  onCreate?: ((text: string) => void) | undefined;
  /** Told what was typed and taken by Enter or Tab before it was known that nothing matches. */
  onMiss?: ((text: string) => void) | undefined;
  /** Enter has taken a choice: the place to lead on from. */
  onTaken?: (() => void) | undefined;
  placeholder?: string | undefined;
  disabled?: boolean;
  readOnly?: boolean;
}

const CREATE = "\u0000create";

export function Combobox({
  label,
  hint,
  error,
  required,
  optional,
  value,
  onChange,
  search,
  onCreate,
  onMiss,
  onTaken,
  placeholder,
  disabled = false,
  readOnly = false,
}: ComboboxProps): ReactNode {
  const labels = useLabels();
  const listId = useId();
  const box = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  /** What is typed; null while the value says it. */
  const [typed, setTyped] = useState<string | null>(null);
  const [found, setFound] = useState<{ text: string; options: Option[] } | null>(null);
  const [at, setAt] = useState(0);
  const asking = useRef<AbortController | null>(null);
  const now = useRef({ search, onChange, onMiss });
  now.current = { search, onChange, onMiss };

  const asked = typed ?? "";
  const text = asked.trim();
  useEffect(() => {
    if (!open) return;
    const stop = new AbortController();
    asking.current = stop;
    const timer = setTimeout(
      () => {
        now.current.search(text, stop.signal).then(
          (options) => !stop.signal.aborted && setFound({ text, options }),
          () => !stop.signal.aborted && setFound({ text, options: [] }),
        );
      },
      text === "" ? 0 : WAIT_MS,
    );
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [open, text]);
  useEffect(() => () => asking.current?.abort(), []);

  const isKnown = found?.text === text;
  const options = found?.options ?? [];
  const isSame = options.some((one) => one.label.toLowerCase() === text.toLowerCase());
  const shown: Option[] =
    onCreate && text && isKnown && !isSame ? [...options, { id: CREATE, label: text }] : options;
  const marked = Math.min(at, shown.length - 1);

  const close = useCallback(() => {
    setOpen(false);
    setTyped(null);
    setFound(null);
    setAt(0);
  }, []);
  const begin = () => {
    if (disabled || readOnly) return;
    setOpen(true);
  };
  const take = (option: Option | undefined) => {
    if (!option) return;
    close();
    if (option.id === CREATE) onCreate?.(option.label);
    else onChange(option);
  };
  /** What was typed is looked for, and the first that is found taken, whoever has the focus then. */
  const takeFirst = () => {
    const words = text;
    close();
    const stop = new AbortController();
    asking.current = stop;
    now.current.search(words, stop.signal).then(
      ([first]) => {
        if (stop.signal.aborted) return;
        if (first) now.current.onChange(first);
        else now.current.onMiss?.(words);
      },
      () => stop.signal.aborted || now.current.onMiss?.(words),
    );
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      if (!open) {
        if (key === "ArrowUp") return;
        begin();
      } else if (shown.length > 0) {
        setAt((marked + (key === "ArrowDown" ? 1 : -1) + shown.length) % shown.length);
      }
      event.preventDefault();
    } else if ((key === "Enter" || key === "Tab") && open) {
      // A choice that nobody has typed towards is taken by Enter only.
      if (key === "Tab" && text === "") return close();
      if (isKnown && shown.length > 0) take(shown[marked]);
      else if (!isKnown && text !== "") takeFirst();
      else close();
      if (key === "Enter") {
        event.preventDefault();
        onTaken?.();
      }
    } else if (key === "Escape" && open) {
      close();
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const optionId = (index: number) => `${listId}-${index}`;
  return (
    <FormRow {...{ label, hint, error, required, optional }}>
      {(ids) => (
        <div className={field.box} ref={box}>
          <input
            dir="auto"
            {...ids}
            role="combobox"
            autoComplete="off"
            spellCheck={false}
            aria-autocomplete="list"
            aria-expanded={open}
            aria-controls={open ? listId : undefined}
            aria-activedescendant={open && shown.length > 0 ? optionId(marked) : undefined}
            placeholder={placeholder}
            disabled={disabled}
            readOnly={readOnly}
            className={field.input}
            value={typed ?? value?.label ?? ""}
            onChange={(event) => {
              const next = event.target.value;
              asking.current?.abort();
              setTyped(next);
              setAt(0);
              begin();
              if (next === "" && value) onChange(null);
            }}
            onKeyDown={press}
            onClick={begin}
            onFocus={(event) => event.currentTarget.select()}
            onBlur={() => open && close()}
          />
          <ChevronDown className={field.chevron} aria-hidden="true" />
          {open && (
            <Options
              id={listId}
              label={label}
              box={box.current}
              busy={!isKnown && options.length === 0}
              words={{ busy: labels.searching, none: labels.noMatches }}
            >
              {shown.map((option, index) => (
                <div
                  key={option.id}
                  id={optionId(index)}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === marked}
                  className={classes(styles.option, index === marked && styles.marked)}
                  ref={(node) => {
                    if (node && index === marked) node.scrollIntoView({ block: "nearest" });
                  }}
                  onPointerMove={() => index !== marked && setAt(index)}
                  onClick={() => take(option)}
                >
                  {option.id === CREATE ? (
                    <span className={styles.make}>
                      {labels.create.replace("{text}", option.label)}
                    </span>
                  ) : (
                    <>
                      <bdi>{option.label}</bdi>
                      {option.hint && <bdi className={styles.hint}>{option.hint}</bdi>}
                    </>
                  )}
                </div>
              ))}
            </Options>
          )}
        </div>
      )}
    </FormRow>
  );
}

const EDGE = 8;
const MOST = 300;

/** The list below the field, or above it where there is more room; it follows what scrolls. */
function Options({
  id,
  label,
  box,
  busy,
  words,
  children,
}: {
  id: string;
  label: string;
  box: HTMLElement | null;
  busy: boolean;
  words: { busy: string; none: string };
  children: ReactNode[];
}): ReactNode {
  const list = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const place = () => {
      const node = list.current;
      const around = box?.getBoundingClientRect();
      if (!node || !around) return;
      const below = window.innerHeight - around.bottom - EDGE;
      const isAbove = below < 180 && around.top > below;
      const width = Math.min(Math.max(around.width, 240), window.innerWidth - 2 * EDGE);
      const isRight = getComputedStyle(box as Element).direction === "rtl";
      const start = isRight ? around.right - width : around.left;
      Object.assign(node.style, {
        width: `${width}px`,
        left: `${Math.max(EDGE, Math.min(start, window.innerWidth - width - EDGE))}px`,
        top: isAbove ? "auto" : `${around.bottom + 4}px`,
        bottom: isAbove ? `${window.innerHeight - around.top + 4}px` : "auto",
        maxHeight: `${Math.min(MOST, (isAbove ? around.top : below) - EDGE)}px`,
      });
    };
    place();
    window.addEventListener("scroll", place, { capture: true, passive: true });
    window.addEventListener("resize", place);
    return () => {
      window.removeEventListener("scroll", place, { capture: true });
      window.removeEventListener("resize", place);
    };
  }, [box]);
  return createPortal(
    // The focus stays in the field.
    <div className={styles.popup} ref={list} onPointerDown={(event) => event.preventDefault()}>
      <div id={id} role="listbox" aria-label={label}>
        {children}
      </div>
      {children.length === 0 && (
        <div className={styles.none} role="status">
          {busy ? words.busy : words.none}
        </div>
      )}
    </div>,
    document.body,
  );
}
