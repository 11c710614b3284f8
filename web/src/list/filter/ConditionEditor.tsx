// One condition of a filter: a field, how it is compared, and with what.

import {
  type Condition,
  type FilterValue,
  fieldAt,
  type Manner,
  ME,
  mannerOf,
  type Op,
  opsOf,
  spanWords,
  takes,
} from "@megalith/meta";
import { Button, Checkbox, Select, TextArea, TextField } from "@megalith/ui";
import { Combobox } from "@megalith/ui/combobox";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Entity, Field, Schema } from "../../app/catalog";
import { useReader } from "../../app/reader";
import { t } from "../../app/words";
import { Control } from "../../engine/Controls";
import styles from "./Filter.module.css";
import { fieldOptions, matching, OTHER_SYSTEM } from "./fields";
import { opWord, pathLabel, spanWord } from "./words";

const NAME = /^[A-Za-z_]\w*$/;

/** A value of the editor for a field as a filter has it. */
function toFilter(value: unknown): FilterValue | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "number") return String(value);
  if (typeof value === "string" || typeof value === "boolean") return value;
  const { id, amount, currency } = value as { id?: string; amount?: string; currency?: string };
  if (id) return id;
  return amount && currency ? { amount, currency } : null;
}

export default function ConditionEditor({
  entity,
  schema,
  condition,
  onApply,
  onOr,
  onCancel,
}: {
  entity: Entity;
  schema: Schema;
  condition: Condition | null;
  onApply: (condition: Condition) => void;
  /** Applies it and goes on with another of which one must hold. */
  onOr: (condition: Condition) => void;
  onCancel: () => void;
}): ReactNode {
  const [path, setPath] = useState(condition?.field ?? "");
  const [op, setOp] = useState<Op>(condition?.op ?? "is");
  const [values, setValues] = useState<readonly FilterValue[]>(condition?.values ?? []);
  const [named, setNamed] = useState<Readonly<Record<string, string>>>({});
  const box = useRef<HTMLFormElement>(null);
  const isSystem = path.startsWith("external_ids");
  const field = isSystem ? null : (fieldAt(schema, entity, path)?.field ?? null);
  const manner: Manner = isSystem ? "text" : field ? mannerOf(field) : "none";
  const ops = opsOf(manner);

  // biome-ignore lint/correctness/useExhaustiveDependencies: once for what is chosen next
  useEffect(() => {
    const fields = box.current?.querySelectorAll<HTMLElement>("input, select, textarea");
    // A new condition begins with its field, one that stands there with its value.
    fields?.[path ? fields.length - 1 : 0]?.focus();
  }, [path === ""]);

  const choose = (next: string) => {
    setPath(next);
    const found = fieldAt(schema, entity, next)?.field;
    const [first = "is"] = opsOf(found ? mannerOf(found) : "text");
    setOp(first);
    setValues(found?.kind === "boolean" ? [true] : []);
  };
  const isWhole =
    path !== "" &&
    (!isSystem || NAME.test(path.slice("external_ids.".length))) &&
    (takes(op, manner) === "none" || values.length > 0);
  const made: Condition = { field: path, op, values: takes(op, manner) === "none" ? [] : values };

  return (
    <form
      ref={box}
      className={styles.editor}
      aria-label={t("addFilter")}
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole) onApply(made);
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) {
          event.stopPropagation();
          onCancel();
        }
      }}
    >
      <Combobox
        label={t("filterField")}
        value={path ? { id: path, label: pathLabel(schema, entity, path) } : null}
        search={async (words) => matching(fieldOptions(schema, entity), words)}
        onChange={(option) => choose(option?.id ?? "")}
      />
      {isSystem && (
        <TextField
          label={t("systemName")}
          dir="ltr"
          value={path.slice("external_ids.".length)}
          onChange={(name) => setPath(`${OTHER_SYSTEM}.${name.trim()}`)}
        />
      )}
      {path !== "" && manner !== "bool" && (
        <Select
          label={t("filterOp")}
          value={op}
          options={ops.map((one) => ({ value: one, label: opWord(one, manner) }))}
          onChange={(next) => {
            setOp(next as Op);
            const changed = (next === "during") !== (op === "during");
            const fewer = takes(next as Op, manner) === "one" && values.length > 1;
            if (changed || fewer) setValues([]);
          }}
        />
      )}
      {path !== "" && takes(op, manner) !== "none" && (
        <ValueEditor
          {...{ schema, field, manner, op, values, named }}
          onChange={setValues}
          onName={setNamed}
        />
      )}
      <div className={styles.acts}>
        <Button type="submit" look="main" aria-disabled={!isWhole || undefined}>
          {t("filterDone")}
        </Button>
        <Button onClick={() => isWhole && onOr(made)} aria-disabled={!isWhole || undefined}>
          {t("filterOr")}
        </Button>
        <Button look="ghost" onClick={onCancel}>
          {t("cancel")}
        </Button>
      </div>
    </form>
  );
}

function ValueEditor({
  schema,
  field,
  manner,
  op,
  values,
  named,
  onChange,
  onName,
}: {
  schema: Schema;
  field: Field | null;
  manner: Manner;
  op: Op;
  values: readonly FilterValue[];
  named: Readonly<Record<string, string>>;
  onChange: (values: readonly FilterValue[]) => void;
  onName: (named: Readonly<Record<string, string>>) => void;
}): ReactNode {
  const reader = useReader();
  const label = t("filterValue");
  const [first] = values;
  if (op === "during") {
    return (
      <Select
        label={label}
        value={String(first ?? "")}
        options={[
          { value: "", label: t("notChosen") },
          ...spanWords(manner).map((word) => ({ value: word, label: spanWord(word) })),
        ]}
        onChange={(word) => onChange(word ? [word] : [])}
      />
    );
  }
  if (manner === "bool") {
    return (
      <Select
        label={label}
        value={String(first !== false)}
        options={[
          { value: "true", label: t("yes") },
          { value: "false", label: t("no") },
        ]}
        onChange={(word) => onChange([word === "true"])}
      />
    );
  }
  if (manner === "choice" && field && "choices" in field) {
    return (
      <fieldset className={styles.choices}>
        <legend>{label}</legend>
        {field.choices.map(({ name, label: word }) => (
          <Checkbox
            key={name}
            label={word}
            checked={values.includes(name)}
            onChange={(on) =>
              onChange(on ? [...values, name] : values.filter((one) => one !== name))
            }
          />
        ))}
      </fieldset>
    );
  }
  if (manner === "text" || !field) {
    return values.length > 1 ? (
      <TextArea
        label={label}
        value={values.join("\n")}
        onChange={(text) => onChange(text.split("\n").filter(Boolean))}
      />
    ) : (
      <TextField
        label={label}
        autoComplete="off"
        value={String(first ?? "")}
        onChange={(text) => onChange(text === "" ? [] : [text])}
      />
    );
  }
  if (manner === "link" && field.kind === "link") {
    const chosen = values.filter((one) => one !== ME);
    const links = { ...field, kind: "links" as const, label, required: false } as unknown as Field;
    return (
      <div>
        <Control
          field={links}
          schema={schema}
          reader={reader}
          currency={null}
          problems={[]}
          value={chosen.map((id) => ({ id, title: named[String(id)] ?? id }))}
          onChange={(next) => {
            const list = (next ?? []) as { id: string; title?: string }[];
            onName({
              ...named,
              ...Object.fromEntries(list.map(({ id, title }) => [id, title ?? id])),
            });
            onChange([...(values.includes(ME) ? [ME] : []), ...list.map(({ id }) => id)]);
          }}
        />
        {field.target === "users.user" && (
          <Checkbox
            label={t("me")}
            checked={values.includes(ME)}
            onChange={(on) => onChange(on ? [ME] : chosen)}
          />
        )}
      </div>
    );
  }
  return (
    <Control
      field={{ ...field, label, required: false }}
      schema={schema}
      reader={reader}
      currency={null}
      problems={[]}
      value={
        manner === "number" && field.kind === "integer" && first ? Number(first) : (first ?? null)
      }
      onChange={(next) => {
        const value = toFilter(next);
        onChange(value === null ? [] : [value]);
      }}
    />
  );
}
