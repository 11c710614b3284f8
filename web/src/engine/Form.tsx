// The form of any entity: its fields in titled groups, its lines as rows, what is wrong at its
// place. It never loses what was typed: leaving it unsaved asks first, and where the server is away
// it is sent once it answers.

import type { FormValues, Schema } from "@megalith/meta";
import { conditionsOf, formatMoney, validate } from "@megalith/meta";
import { Button, Callout, Dialog, FieldGroup, later } from "@megalith/ui";
import { useBlocker } from "@tanstack/react-router";
import { type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Entity, Field } from "../app/catalog";
import { useReader } from "../app/reader";
import { inWords } from "../app/refusals";
import { lineStore } from "../app/server";
import { t } from "../app/words";
import { Control } from "./Controls";
import { context } from "./clock";
import { Draft, useDraft, useForeseen, useValue } from "./draft";
import { GROUP_WORDS } from "./Facts";
import styles from "./Form.module.css";
import { type Foresee, useForesight } from "./foresee";
import { LinesEditor } from "./LinesEditor";
import { layoutOf } from "./layout";
import { type Make, MakeContext } from "./make";
import { ofProblem, type Wrong, within, wrongs } from "./problems";
import { type ApiProblem, type ApiRecord, asProblem, newKey } from "./server";
import { arranged, filled, formGroups, inputsOf } from "./shape";

const MakeDialog = later(() => import("./MakeDialog"));

/** A record that is being made for a link of this form. */
type Making = { entity: Entity; text: string; onMade: Parameters<Make>[2] };

interface FormProps {
  entity: Entity;
  schema: Schema;
  /** The record that is changed; null for a new one. */
  record: ApiRecord | null;
  values: FormValues;
  /** The field that the form opens at; empty for the first. */
  focus: string;
  saveLabel: string;
  /**
   * Saves, the same only once however often it is sent with a key; throws a problem that is then
   * shown. Answers what to do once nothing is unsaved.
   */
  onSave: (values: FormValues, key: string) => Promise<() => void>;
  onClose: () => void;
  foresee?: Foresee | null;
  /** Only these fields, unless all are asked for. */
  few?: readonly string[];
}

export function FormRenderer({
  entity,
  schema,
  record,
  values,
  focus,
  saveLabel,
  onSave,
  onClose,
  foresee = null,
  few,
}: FormProps): ReactNode {
  const reader = useReader();
  const layout = use(layoutOf(entity));
  const [draft] = useState(() => new Draft(values));
  const root = useRef<HTMLFormElement>(null);
  const [found, setFound] = useState<readonly Wrong[]>([]);
  const [above, setAbove] = useState<readonly string[]>([]);
  const [passing, setPassing] = useState<ApiProblem | null>(null);
  const [busy, setBusy] = useState(false);
  const [all, setAll] = useState(few === undefined);
  const [making, setMaking] = useState<Making | null>(null);
  const saved = useRef(false);
  const isUnsaved = () => !saved.current && draft.isDirty();
  const blocker = useBlocker({
    shouldBlockFn: isUnsaved,
    enableBeforeUnload: isUnsaved,
    withResolver: true,
  });
  useForesight(draft, foresee);
  const inputs = useMemo(
    () => inputsOf(entity, record).filter((field) => all || few?.includes(field.name)),
    [entity, record, all, few],
  );
  const groups = useMemo(
    () => arranged(formGroups(entity, record), inputs, layout),
    [entity, record, inputs, layout],
  );
  const lines = inputs.filter((field) => field.kind === "lines");
  const currency = useCurrency(draft, inputs, record);
  const conditions = conditionsOf(entity, schema);

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
  // Figures are marked while they are calculated anew, without drawing anything again.
  useEffect(
    () =>
      draft.onAny(() => {
        root.current?.toggleAttribute("data-stale", draft.foreseen()?.stale ?? false);
      }),
    [draft],
  );

  const touch = useCallback((pointer: string) => {
    const own = (one: Wrong) => one.pointer === pointer || one.pointer.startsWith(`${pointer}/`);
    setFound((known) => (known.some(own) ? known.filter((one) => !own(one)) : known));
  }, []);
  const mark = useCallback(
    (more: readonly Wrong[]) => setFound((known) => [...known, ...more]),
    [],
  );

  const showWrongs = (some: readonly Wrong[]) => {
    setFound(some);
    setTimeout(() => {
      const wrong = root.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
      wrong?.focus();
    });
  };
  const sent = useRef({ changes: -1, key: "" });
  const sending = useRef(false);
  const save = async () => {
    if (sending.current) return;
    const now = filled(entity, schema, draft.all());
    const names = new Set(inputsOf(entity, record).map((field) => field.name));
    const mistakes = conditions
      .heed(validate(entity, schema, now), now, context())
      .filter((one) => names.has(one.pointer.split("/")[1] ?? ""));
    setAbove([]);
    setPassing(null);
    if (mistakes.length > 0) {
      setAll(true);
      showWrongs(wrongs(mistakes));
      return;
    }
    // The same is sent with the same key, so that a lost answer writes nothing twice.
    if (sent.current.changes !== draft.changes) {
      sent.current = { changes: draft.changes, key: newKey() };
    }
    sending.current = true;
    setBusy(true);
    try {
      const then = await onSave(now, sent.current.key);
      saved.current = true;
      then();
    } catch (error) {
      const problem: ApiProblem = asProblem(error);
      if (problem.isPassing) {
        setPassing(problem);
      } else {
        sent.current.changes = -1;
        const said = ofProblem(problem, names);
        if (said.at.length > 0) setAll(true);
        setAbove(said.above);
        showWrongs(said.at);
      }
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  // What waits for the server goes once it answers.
  const again = useRef(save);
  again.current = save;
  useEffect(() => {
    if (passing?.status !== 0) return;
    return lineStore.subscribe(() => {
      if (lineStore.get() === "good") void again.current();
    });
  }, [passing]);

  const [leaving, setLeaving] = useState(false);
  const close = () => (isUnsaved() ? setLeaving(true) : onClose());
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
  const toLines = () => root.current?.querySelector<HTMLElement>("[data-add-line]")?.click();
  const make = useCallback<Make>((target, text, onMade) => {
    setMaking({ entity: target, text, onMade });
  }, []);
  const titleOf = (name: (typeof groups)[number]["name"]) => {
    if (name === "head") return t("groupMain");
    return layout && name === "main" ? t("ui.more") : t(GROUP_WORDS[name]);
  };
  const rendered = groups.map((group) => (
    <FieldGroup key={group.name} title={titleOf(group.name)}>
      {group.fields.map((field) => (
        <Place
          key={field.name}
          {...{ field, draft, schema, reader, currency, entity }}
          problems={within(found, `/${field.name}`)}
          onTouch={touch}
          onWrong={mark}
          onTaken={field.name === layout?.lead ? toLines : undefined}
        />
      ))}
    </FieldGroup>
  ));
  return (
    <MakeContext value={few ? null : make}>
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
            toLines();
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
            {...{ field, draft, schema, reader, currency }}
            wrongs={found}
            onTouch={touch}
            onWrong={mark}
            order={layout?.lines[field.name]?.order}
            flow={layout?.lines[field.name]?.flow}
            foot={<Sums entity={entity} draft={draft} record={record} reader={reader} />}
          />
        ))}
        {rendered.slice(1)}
        {!all && (
          <div>
            <Button look="ghost" size="small" onClick={() => setAll(true)}>
              {t("allFields")}
            </Button>
          </div>
        )}
        <div className={styles.foot}>
          {passing && (
            <div className={styles.waits}>
              <Callout tone="warn" title={t("saveWaits")}>
                {inWords(passing)}
              </Callout>
            </div>
          )}
          <Button look="main" type="submit" busy={busy} aria-keyshortcuts="Control+Enter">
            {passing ? t("retry") : saveLabel}
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
        {making && (
          <MakeDialog
            {...making}
            schema={schema}
            onClose={(made) => {
              setMaking(null);
              if (made) making.onMade(made);
            }}
          />
        )}
      </form>
    </MakeContext>
  );
}

function Place({
  field,
  draft,
  entity,
  schema,
  onTouch,
  onWrong,
  ...rest
}: {
  field: Field;
  draft: Draft;
  entity: Entity;
  schema: Schema;
  reader: ReturnType<typeof useReader>;
  currency: string | null;
  problems: readonly { at: string; text: string }[];
  onTouch: (pointer: string) => void;
  onWrong: (wrongs: readonly Wrong[]) => void;
  onTaken: (() => void) | undefined;
}): ReactNode {
  const value = useValue(draft, field.name);
  const foreseen = useForeseen(draft)?.[field.name];
  const conditions = conditionsOf(entity, schema);
  const state = useDraft(draft, () => {
    const now = field.conditions ? conditions.of(field, draft.all(), context()) : null;
    return now ? `${now.visible} ${now.required} ${now.readOnly}` : "";
  });
  const [visible = "true", required = "", readOnly = ""] = state.split(" ");
  const known = useMemo(
    () => (required === "" ? field : { ...field, required: required === "true" }),
    [field, required],
  );
  if (state && visible === "false") return null;
  const isWide = ["long_text", "json", "texts", "address", "expression"].includes(field.kind);
  return (
    <div data-field={field.name} className={isWide ? styles.wide : undefined}>
      <Control
        {...rest}
        schema={schema}
        field={known}
        value={value}
        foreseen={foreseen}
        readOnly={readOnly === "true"}
        onWrong={(text) => onWrong([{ pointer: `/${field.name}`, text }])}
        onChange={(next) => {
          draft.set(field.name, next);
          onTouch(`/${field.name}`);
        }}
      />
    </div>
  );
}

/** The amounts of the whole record, as far as they are calculated. */
function Sums({
  entity,
  draft,
  record,
  reader,
}: {
  entity: Entity;
  draft: Draft;
  record: ApiRecord | null;
  reader: ReturnType<typeof useReader>;
}): ReactNode {
  const known = useForeseen(draft) ?? record ?? {};
  const sums = entity.fields.filter((field) => field.computed && field.kind === "money");
  if (sums.length === 0) return null;
  return (
    <dl className={styles.formSums} data-live="" aria-label={t("groupAmounts")}>
      {sums.map((field) => {
        const { amount, currency } = (known[field.name] ?? {}) as Record<string, string>;
        return (
          <div key={field.name}>
            <dt>{field.label}</dt>
            <dd>{amount ? formatMoney(amount, currency ?? "", reader) : "–"}</dd>
          </div>
        );
      })}
    </dl>
  );
}

/** The currency of amounts that say none: the record's own, or that of another of its amounts. */
function useCurrency(
  draft: Draft,
  inputs: readonly Field[],
  record: ApiRecord | null,
): string | null {
  const own = useValue(draft, "currency");
  const coming = useForeseen(draft)?.currency;
  for (const one of [own, coming]) {
    if (typeof one === "string" && /^[A-Z]{3}$/.test(one)) return one;
  }
  const amounts = [...inputs.map((field) => field.name), ...Object.keys(record ?? {})];
  for (const name of amounts) {
    const { currency } = (record?.[name] ?? {}) as { currency?: unknown };
    if (typeof currency === "string") return currency;
  }
  return null;
}
