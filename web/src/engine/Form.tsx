// The form of any entity: its fields in titled groups, its lines as rows, what is wrong at its
// place. It never loses what was typed: leaving it unsaved asks first.

import type { FormValues, Schema } from "@megalith/meta";
import { validate } from "@megalith/meta";
import { Button, Callout, Dialog, FieldGroup } from "@megalith/ui";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { type Control as FormControl, useController, useForm, useWatch } from "react-hook-form";
import type { Entity, Field } from "../app/catalog";
import { useReader } from "../app/reader";
import { t } from "../app/words";
import { Control } from "./Controls";
import { GROUP_WORDS } from "./Facts";
import styles from "./Form.module.css";
import { LinesEditor } from "./LinesEditor";
import { ofProblem, type Wrong, within, wrongs } from "./problems";
import { type ApiProblem, type ApiRecord, asProblem } from "./server";
import { formGroups, inputsOf, withoutBlank } from "./shape";

type Values = Record<string, unknown>;

export function FormRenderer({
  entity,
  schema,
  record,
  values,
  focus,
  saveLabel,
  onSave,
  onClose,
}: {
  entity: Entity;
  schema: Schema;
  /** The record that is changed; null for a new one. */
  record: ApiRecord | null;
  values: Values;
  /** The field that the form opens at; empty for the first. */
  focus: string;
  saveLabel: string;
  /** Saves; throws a problem that is then shown. Answers what to do once nothing is unsaved. */
  onSave: (values: FormValues) => Promise<() => void>;
  onClose: () => void;
}): ReactNode {
  const reader = useReader();
  const form = useForm<Values>({ defaultValues: values });
  const { control } = form;
  const root = useRef<HTMLFormElement>(null);
  const [found, setFound] = useState<readonly Wrong[]>([]);
  const [above, setAbove] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const saved = useRef(false);
  const { isDirty } = form.formState;
  const blocker = useBlocker({
    shouldBlockFn: () => isDirty && !saved.current,
    enableBeforeUnload: () => isDirty && !saved.current,
    withResolver: true,
  });
  const inputs = inputsOf(entity, record);
  const groups = formGroups(entity, record);
  const lines = inputs.filter((field) => field.kind === "lines");
  const currency = useCurrency(control, inputs, record);

  useEffect(() => {
    const at = focus
      ? `[data-field="${focus}"]`
      : "[data-field]:has(input:not([type=checkbox]), textarea)";
    const place = [...(root.current?.querySelectorAll(at) ?? [])].find(
      (one) => focus || record || !one.querySelector("input")?.value,
    );
    const first = place ?? root.current?.querySelector("[data-field]");
    first?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, [focus, record]);

  const touch = useCallback((pointer: string) => {
    const own = (one: Wrong) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`);
    setFound((all) => (all.some(own) ? all.filter((one) => !own(one)) : all));
  }, []);

  const showWrongs = (all: readonly Wrong[]) => {
    setFound(all);
    setTimeout(() => {
      const wrong = root.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
      wrong?.focus();
    });
  };
  const save = async () => {
    if (busy) return;
    const now = { ...form.getValues() };
    for (const field of lines) {
      const rows = now[field.name];
      if (Array.isArray(rows)) now[field.name] = withoutBlank(schema, field, rows);
    }
    const mistakes = validate(entity, schema, now).filter((one) =>
      inputs.some((field) => one.pointer.split("/")[1] === field.name),
    );
    setAbove([]);
    if (mistakes.length > 0) {
      showWrongs(wrongs(mistakes));
      return;
    }
    setBusy(true);
    try {
      const then = await onSave(now);
      saved.current = true;
      then();
    } catch (error) {
      const problem: ApiProblem = asProblem(error);
      const said = ofProblem(problem, new Set(inputs.map((field) => field.name)));
      setAbove(said.above);
      showWrongs(said.at);
    } finally {
      setBusy(false);
    }
  };
  const [leaving, setLeaving] = useState(false);
  const close = () => (isDirty ? setLeaving(true) : onClose());
  const stay = () => {
    setLeaving(false);
    if (blocker.status === "blocked") blocker.reset();
  };
  const leave = () => {
    saved.current = true;
    setLeaving(false);
    if (blocker.status === "blocked") blocker.proceed();
    else onClose();
  };
  const rendered = groups.map((group) => (
    <FieldGroup key={group.name} title={t(GROUP_WORDS[group.name])}>
      {group.fields.map((field) => (
        <Place
          key={field.name}
          {...{ field, control, schema, reader, currency }}
          problems={within(found, `/${field.name}`)}
          onTouch={touch}
        />
      ))}
    </FieldGroup>
  ));
  return (
    <form
      ref={root}
      className={styles.form}
      noValidate
      aria-label={saveLabel}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        void save();
      }}
      onKeyDown={(event) => {
        if (event.defaultPrevented) return;
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          void save();
        } else if (event.altKey && event.key.toLowerCase() === "n") {
          event.preventDefault();
          root.current?.querySelector<HTMLElement>("[data-add-line]")?.click();
        } else if (event.key === "Escape") {
          if ((event.target as Element).getAttribute("aria-expanded") === "true") return;
          event.preventDefault();
          close();
        }
      }}
    >
      {above.length > 0 && (
        <Callout tone="bad" title={above[0] ?? ""}>
          {above.slice(1).map((text) => (
            <div key={text}>{text}</div>
          ))}
        </Callout>
      )}
      {rendered[0]}
      {lines.map((field) => (
        <LinesEditor
          key={field.name}
          {...{ field, control, schema, reader, currency }}
          wrongs={found}
          onTouch={touch}
        />
      ))}
      {rendered.slice(1)}
      <div className={styles.foot}>
        <Button look="main" type="submit" busy={busy} aria-keyshortcuts="Control+Enter">
          {saveLabel}
        </Button>
        <Button onClick={close}>{t("cancel")}</Button>
        {found.length > 0 && (
          <span role="alert" className={styles.wrong}>
            {t("mistakes", { count: found.length })}
          </span>
        )}
      </div>
      <Dialog
        open={leaving || blocker.status === "blocked"}
        title={t("leaveSure")}
        text={t("leaveText")}
        onClose={stay}
        actions={
          <>
            <Button onClick={leave}>{t("leave")}</Button>
            <Button look="main" onClick={stay}>
              {t("stay")}
            </Button>
          </>
        }
      />
    </form>
  );
}

function Place({
  field,
  control,
  onTouch,
  ...rest
}: {
  field: Field;
  control: FormControl<Values>;
  schema: Schema;
  reader: ReturnType<typeof useReader>;
  currency: string | null;
  problems: readonly { at: string; text: string }[];
  onTouch: (pointer: string) => void;
}): ReactNode {
  const { field: held } = useController({ control, name: field.name });
  const isWide = ["long_text", "json", "texts", "address", "expression"].includes(field.kind);
  return (
    <div data-field={field.name} className={isWide ? styles.wide : undefined}>
      <Control
        {...rest}
        field={field}
        value={held.value}
        onChange={(value) => {
          held.onChange(value);
          onTouch(`/${field.name}`);
        }}
      />
    </div>
  );
}

/** The currency of amounts that say none: the record's own, or that of another of its amounts. */
function useCurrency(
  control: FormControl<Values>,
  inputs: readonly Field[],
  record: ApiRecord | null,
): string | null {
  const own = useWatch({ control, name: "currency" });
  if (typeof own === "string" && /^[A-Z]{3}$/.test(own)) return own;
  const amounts = [...inputs.map((field) => field.name), ...Object.keys(record ?? {})];
  for (const name of amounts) {
    const { currency } = (record?.[name] ?? {}) as { currency?: unknown };
    if (typeof currency === "string") return currency;
  }
  return null;
}
