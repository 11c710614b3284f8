// The words that a list is searched for: what is typed is asked for a moment later.

import { Search } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Entity } from "../app/catalog";
import { t, within } from "../app/words";
import styles from "./List.module.css";

const WAIT_MS = 200;

export function SearchBox({
  entity,
  q,
  onChange,
}: {
  entity: Entity;
  q: string;
  onChange: (q: string) => void;
}): ReactNode {
  const [words, setWords] = useState(q);
  const field = useRef<HTMLInputElement>(null);
  const say = useRef(onChange);
  say.current = onChange;
  // What was asked for last: until the list shows it, `q` is older than what is typed.
  const said = useRef(q);
  useEffect(() => {
    if (q === said.current) return;
    said.current = q;
    setWords(q);
  }, [q]);
  useEffect(() => {
    if (words === said.current) return;
    const timer = setTimeout(() => {
      said.current = words;
      say.current(words);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  }, [words]);
  useEffect(() => {
    const focus = () => field.current?.focus();
    document.addEventListener("megalith:filter", focus);
    return () => document.removeEventListener("megalith:filter", focus);
  }, []);
  return (
    <label className={styles.searchBox}>
      <Search aria-hidden="true" />
      <input
        ref={field}
        type="search"
        aria-label={t("searchIn", { name: entity.label_plural })}
        placeholder={t("searchIn", { name: within(entity.label_plural) })}
        value={words}
        dir="auto"
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            if (words) setWords("");
            else event.currentTarget.blur();
          }
        }}
      />
    </label>
  );
}
