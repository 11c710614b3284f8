// The filter as its expression, to read and to change; what is wrong is marked where it stands.

import { compile, corrected, EntityEnv, type ExprError, placeIn, types } from "@megalith/meta";
import { Button } from "@megalith/ui";
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import type { Entity, Schema } from "../../app/catalog";
import { inWords } from "../../app/refusals";
import { t } from "../../app/words";
import styles from "./Filter.module.css";

/** What is wrong with a filter before it is asked. */
function faultsOf(text: string, entity: Entity, schema: Schema): readonly ExprError[] {
  if (text.trim() === "") return [];
  const { expr, errors } = compile(text, new EntityEnv(entity, schema), types.BOOL);
  if (errors) return errors;
  const mistake = expr.notInQueries();
  return mistake ? [mistake] : [];
}

export default function ExpressionBox({
  entity,
  schema,
  filter,
  refused,
  onApply,
}: {
  entity: Entity;
  schema: Schema;
  filter: string;
  /** What the server said of the filter that it was asked. */
  refused: string | null;
  onApply: (filter: string) => void;
}): ReactNode {
  const [text, setText] = useState(filter);
  const id = useId();
  const shade = useRef<HTMLDivElement>(null);
  useEffect(() => setText(filter), [filter]);
  const faults = useMemo(() => faultsOf(text, entity, schema), [text, entity, schema]);
  const said: readonly ExprError[] =
    faults.length === 0 && refused && text === filter ? [serverFault(text, refused)] : faults;
  const apply = () => {
    if (faults.length === 0 && text.trim() !== filter) onApply(text.trim());
  };
  return (
    <div className={styles.expression}>
      <label htmlFor={id}>{t("expression")}</label>
      <div className={styles.code} dir="ltr">
        <div ref={shade} className={styles.shade} aria-hidden="true">
          {marked(text, said)}
        </div>
        <textarea
          id={id}
          rows={Math.min(6, Math.max(2, text.split("\n").length))}
          spellCheck={false}
          autoComplete="off"
          value={text}
          aria-invalid={said.length > 0 || undefined}
          aria-describedby={`${id}-says`}
          onChange={(event) => setText(event.target.value)}
          onScroll={(event) => {
            if (shade.current) shade.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey) {
              event.preventDefault();
              apply();
            }
          }}
        />
      </div>
      <div id={`${id}-says`} className={styles.says} role="status">
        {said.length === 0 && <span>{t("expressionHelp")}</span>}
        {said.map((fault) => {
          const { start } = placeIn(text, fault);
          return (
            <span key={`${fault.start}-${fault.code}`} className={styles.fault}>
              <span dir="ltr">{start + 1}: </span>
              <bdi>{inWords(fault)}</bdi>
              {fault.suggestion && (
                <Button size="small" onClick={() => setText(corrected(text, fault))}>
                  {t("useSuggestion", { name: fault.suggestion })}
                </Button>
              )}
            </span>
          );
        })}
      </div>
      <Button
        aria-disabled={faults.length > 0 || text.trim() === filter || undefined}
        onClick={apply}
      >
        {t("filterDone")}
      </Button>
    </div>
  );
}

/** A refusal such as "column 12: …", at its place. */
function serverFault(text: string, message: string): ExprError {
  const column = Number(/^column (\d+)/.exec(message)?.[1] ?? 1);
  const bytes = new TextEncoder().encode(text.slice(0, column - 1)).length;
  const what = message.replace(/^column \d+: /, "");
  return { code: "refused", message: what, start: bytes, end: bytes + 1, suggestion: null };
}

/** The text with what is wrong underlined. */
function marked(text: string, faults: readonly ExprError[]): ReactNode[] {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const fault of faults) {
    const { start, end } = placeIn(text, fault);
    if (start < at) continue;
    parts.push(text.slice(at, start));
    // A mistake at the very end still has a place.
    parts.push(<mark key={start}>{text.slice(start, Math.max(end, start + 1)) || " "}</mark>);
    at = Math.max(end, start + 1);
  }
  return [...parts, text.slice(at), "\n"];
}
