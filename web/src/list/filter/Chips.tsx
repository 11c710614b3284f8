// The filter as chips: one for each condition; those of which one must hold stand together.

import { type Clause, type Filter, fieldAt, isRaw, ME } from "@megalith/meta";
import { classes, IconButton } from "@megalith/ui";
import { useQueries } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Fragment, type ReactNode, useMemo } from "react";
import type { Entity, Schema } from "../../app/catalog";
import { useReader } from "../../app/reader";
import { t } from "../../app/words";
import { titlesQuery } from "../../engine/server";
import styles from "./Filter.module.css";
import { conditionWord } from "./words";

export interface Place {
  choice: number;
  clause: number;
}

/** The names of the records that a filter names. */
function useTitles(schema: Schema, entity: Entity, filter: Filter): Record<string, string> {
  const wanted = useMemo(() => {
    const byTarget = new Map<Entity, string[]>();
    for (const clause of filter.flat()) {
      if (isRaw(clause)) continue;
      const field = fieldAt(schema, entity, clause.field)?.field;
      const target = field?.kind === "link" ? schema.target(field) : null;
      const ids = clause.values.filter((one): one is string => typeof one === "string");
      if (!target?.path) continue;
      const known = byTarget.get(target) ?? [];
      byTarget.set(target, [...known, ...ids.filter((id) => id !== ME)]);
    }
    return [...byTarget];
  }, [schema, entity, filter]);
  const answers = useQueries({ queries: wanted.map(([target, ids]) => titlesQuery(target, ids)) });
  return Object.assign({}, ...answers.map((one) => one.data ?? {}));
}

export function Chips({
  entity,
  schema,
  filter,
  edited,
  onEdit,
  onRemove,
}: {
  entity: Entity;
  schema: Schema;
  filter: Filter;
  edited: Place | null;
  onEdit: (at: Place) => void;
  onRemove: (at: Place) => void;
}): ReactNode {
  const reader = useReader();
  const titles = useTitles(schema, entity, filter);
  const chip = (clause: Clause, at: Place) => {
    const said = isRaw(clause) ? null : conditionWord(schema, entity, clause, reader, titles);
    const text = said
      ? [said.field, said.op, said.value].filter(Boolean).join(" ")
      : (clause as { raw: string }).raw;
    const isEdited = edited?.choice === at.choice && edited.clause === at.clause;
    return (
      <span className={classes(styles.chip, isEdited && styles.edited)}>
        <button
          type="button"
          className={styles.say}
          aria-label={t("filterEdit", { name: text })}
          onClick={() => onEdit(at)}
        >
          {said ? (
            <>
              <bdi>{said.field}</bdi> <span>{said.op}</span>{" "}
              {said.value && <bdi className={styles.value}>{said.value}</bdi>}
            </>
          ) : (
            <code dir="ltr">{text}</code>
          )}
        </button>
        <IconButton
          size="small"
          label={t("filterRemove", { name: text })}
          onClick={() => onRemove(at)}
        >
          <X />
        </IconButton>
      </span>
    );
  };
  return (
    <ul className={styles.chips} aria-label={t("filters")}>
      {filter.map((choice, index) => (
        <li
          key={JSON.stringify(choice)}
          className={classes(styles.choice, choice.length > 1 && styles.several)}
        >
          {choice.map((clause, at) => (
            <Fragment key={JSON.stringify(clause)}>
              {at > 0 && <span className={styles.or}>{t("or")}</span>}
              {chip(clause, { choice: index, clause: at })}
            </Fragment>
          ))}
        </li>
      ))}
    </ul>
  );
}
