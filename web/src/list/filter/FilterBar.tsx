// The filter of a list: chips, the condition that is being changed, and the expression. Chips and
// expression are the same filter, which stands in the address.

import {
  type Choice,
  type Clause,
  type Condition,
  type Filter,
  fieldAt,
  filterText,
  isRaw,
  readFilter,
} from "@megalith/meta";
import { Button, later } from "@megalith/ui";
import { Plus, SquareFunction, X } from "lucide-react";
import { type ReactNode, useCallback, useMemo } from "react";
import type { Entity, Schema } from "../../app/catalog";
import { t } from "../../app/words";
import { Chips, type Place } from "./Chips";
import styles from "./Filter.module.css";

const ConditionEditor = later(() => import("./ConditionEditor"));
const ExpressionBox = later(() => import("./ExpressionBox"));

/** What of the filter is open: a condition, a new one (of a choice, or -1 for one of its own). */
export interface FilterWork {
  editing: Place | null;
  text: boolean;
}

export const NO_WORK: FilterWork = { editing: null, text: false };
export const NEW_FILTER: Place = { choice: -1, clause: -1 };

const replaced = (filter: Filter, at: Place, clause: Clause | null): Filter => {
  if (at.choice < 0) return clause ? [...filter, [clause]] : filter;
  const change = (choice: Choice): Choice => {
    if (at.clause < 0) return clause ? [...choice, clause] : choice;
    return choice.flatMap((one, index) => (index !== at.clause ? [one] : clause ? [clause] : []));
  };
  return filter
    .map((choice, index) => (index === at.choice ? change(choice) : choice))
    .filter((choice) => choice.length > 0);
};

export function FilterBar({
  entity,
  schema,
  filter,
  refused,
  work,
  onWork,
  onChange,
}: {
  entity: Entity;
  schema: Schema;
  filter: string;
  /** What the server said of it. */
  refused: string | null;
  work: FilterWork;
  onWork: (work: FilterWork) => void;
  onChange: (filter: string) => void;
}): ReactNode {
  const fieldOf = useCallback(
    (path: string) => fieldAt(schema, entity, path)?.field ?? null,
    [schema, entity],
  );
  // What cannot be read at all stands as it is, with its mistake marked.
  const read = useMemo<Filter>(
    () => readFilter(filter, fieldOf) ?? [[{ raw: filter }]],
    [filter, fieldOf],
  );
  const { editing, text } = work;
  const isOpen = filter !== "" || editing !== null || text || refused !== null;
  if (!isOpen) return null;
  const clause = editing ? read[editing.choice]?.[editing.clause] : undefined;
  const write = (next: Filter) => onChange(filterText(next, fieldOf));
  const apply = (condition: Condition) => {
    if (editing) write(replaced(read, editing, condition));
    onWork({ ...work, editing: null });
  };
  const edit = (at: Place) => {
    const found = read[at.choice]?.[at.clause];
    onWork(found && isRaw(found) ? { editing: null, text: true } : { ...work, editing: at });
  };
  return (
    <div className={styles.bar}>
      <div className={styles.row}>
        <Chips
          {...{ entity, schema }}
          filter={read}
          edited={editing}
          onEdit={edit}
          onRemove={(at) => write(replaced(read, at, null))}
        />
        <Button
          size="small"
          look="ghost"
          icon={<Plus />}
          onClick={() => onWork({ ...work, editing: NEW_FILTER })}
        >
          {t("addFilter")}
        </Button>
        <Button
          size="small"
          look="ghost"
          icon={<SquareFunction />}
          aria-expanded={text}
          onClick={() => onWork({ ...work, text: !text })}
        >
          {t("expression")}
        </Button>
        {filter !== "" && (
          <Button size="small" look="ghost" icon={<X />} onClick={() => onChange("")}>
            {t("clearFilters")}
          </Button>
        )}
      </div>

      {editing && (
        <ConditionEditor
          key={`${editing.choice} ${editing.clause}`}
          {...{ entity, schema }}
          condition={clause && !isRaw(clause) ? clause : null}
          onApply={apply}
          onOr={(condition) => {
            const next = replaced(read, editing, condition);
            write(next);
            const choice = editing.choice < 0 ? next.length - 1 : editing.choice;
            onWork({ ...work, editing: { choice, clause: -1 } });
          }}
          onCancel={() => onWork({ ...work, editing: null })}
        />
      )}
      {(text || refused !== null) && (
        <ExpressionBox {...{ entity, schema, filter, refused }} onApply={onChange} />
      )}
    </div>
  );
}
