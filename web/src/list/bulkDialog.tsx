// Asks before many records are changed and says what would follow; then how far it is; then what
// was refused and why, row by row, with the way back.

import { type ApiProblem, type Command, keys } from "@megalith/api";
import { checkValue, type Field, toWire } from "@megalith/meta";
import { Button, Callout, Dialog, Progress as ProgressBar, Select } from "@megalith/ui";
import { NOTHING } from "@megalith/ui/grid";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { listPath, type Schema } from "../app/catalog";
import { useReader } from "../app/reader";
import { inWords } from "../app/refusals";
import { t } from "../app/words";
import { Control } from "../engine/Controls";
import { wrongs } from "../engine/problems";
import { asProblem, countUsers, records, titlesQuery } from "../engine/server";
import { FATES } from "../engine/uses";
import { chosenIds, filterOf, type Outcome, type Progress, runBulk } from "./bulk";
import type { BulkProps, Deed } from "./bulkBar";
import { sourceOf } from "./bulkSource";
import styles from "./edit.module.css";
import { currencyOf, isEditable } from "./editValues";
import { tg } from "./editWords";
import { Rows } from "./pasteDialog";
import { mayUndoSets, undoSets } from "./undo";

type Stage =
  | { readonly at: "asking" }
  | { readonly at: "running"; readonly progress: Progress; readonly isStopping: boolean }
  | { readonly at: "ended"; readonly outcome: Outcome };

export default function BulkDialog(
  props: BulkProps & { deed: Deed; count: number | undefined; onClose: () => void },
): ReactNode {
  const { entity, schema, asked, selected, deed, count, undos, onSelect, onChanged } = props;
  const [stage, setStage] = useState<Stage>({ at: "asking" });
  const [field, setField] = useState<Field | null>(null);
  const [value, setValue] = useState<unknown>(null);
  const [fault, setFault] = useState<string>();
  const stop = useRef(new AbortController());
  const reader = useReader();
  const path = entity.path ?? "";
  const number = count ?? 0;

  const commandOf = (id: string): Command => {
    if (deed.verb === "delete") return { delete: { id } };
    if (deed.verb === "act") return { act: { id, act: deed.act } };
    return { update: { id, [field?.name ?? ""]: field && toWire(field, value, schema) } };
  };
  const run = async () => {
    stop.current = new AbortController();
    const { signal } = stop.current;
    const progress = { done: 0, refused: [], changeSets: [] };
    setStage({ at: "running", progress, isStopping: false });
    const outcome = await runBulk(
      chosenIds(selected, asked, sourceOf(entity), signal),
      commandOf,
      (commands) => records.batch(path, commands, false),
      signal,
      (next) => setStage({ at: "running", progress: next, isStopping: signal.aborted }),
    );
    if (outcome.done > 0) {
      const said = tg("bulk.done", { count: outcome.done });
      const tone = outcome.refused.length > 0 ? "bad" : "done";
      if (mayTakeBack(props) && outcome.changeSets.length > 0) {
        undos.push(
          said,
          async () => {
            const left = await undoSets(outcome.changeSets);
            await onChanged();
            return left;
          },
          tone,
        );
      }
      await onChanged();
    }
    const isWhole = outcome.refused.length === 0 && !outcome.isStopped && !outcome.broke;
    if (isWhole) {
      if (deed.verb === "delete") onSelect(NOTHING);
      props.onClose();
    } else setStage({ at: "ended", outcome });
  };

  if (stage.at === "running") {
    const { progress, isStopping } = stage;
    const looked = progress.done + progress.refused.length;
    const text =
      count === undefined
        ? tg("bulk.soFar", { done: looked })
        : tg("bulk.ofTotal", { done: looked, total: count });
    return (
      <Dialog
        open
        title={tg("bulk.working")}
        actions={
          <Button
            busy={isStopping}
            onClick={() => {
              stop.current.abort();
              setStage({ ...stage, isStopping: true });
            }}
          >
            {isStopping ? tg("bulk.stopping") : tg("bulk.stop")}
          </Button>
        }
      >
        <div className={styles.sheet}>
          <ProgressBar
            label={deed.verb === "act" ? deed.label : t(deed.verb === "delete" ? "delete" : "edit")}
            text={text}
            {...(count ? { value: looked / count } : {})}
          />
          {progress.refused.length > 0 && (
            <p>{tg("bulk.refused", { count: progress.refused.length })}</p>
          )}
        </div>
      </Dialog>
    );
  }
  if (stage.at === "ended") return <Ended {...props} outcome={stage.outcome} />;

  const close = props.onClose;
  if (deed.verb === "delete" || deed.verb === "act") {
    const isAct = deed.verb === "act";
    return (
      <Dialog
        open
        title={
          isAct
            ? tg("bulk.actTitle", { count: number, act: deed.label })
            : tg("bulk.deleteTitle", { count: number })
        }
        text={isAct ? undefined : tg("bulk.deleteText")}
        onClose={close}
        onSubmit={() => void run()}
        actions={
          <>
            <Button onClick={close}>{t("cancel")}</Button>
            <Button look={isAct ? "main" : "danger"} type="submit">
              {isAct ? deed.label : t("delete")}
            </Button>
          </>
        }
      >
        {isAct ? <States {...props} act={deed.act} /> : <Users {...props} />}
      </Dialog>
    );
  }
  const editable = entity.fields.filter(
    (one) => isEditable(entity, one, null) || (one.kind === "long_text" && one.writable),
  );
  const save = () => {
    if (!field) return;
    const [found] = checkValue(field, value, schema);
    const [wrong] = found ? wrongs([{ ...found, pointer: `/${field.name}` }]) : [];
    if (wrong) setFault(wrong.text);
    else void run();
  };
  const { sample } = props;
  return (
    <Dialog
      open
      title={tg("bulk.editTitle", { count: number })}
      text={tg("bulk.newValue")}
      onClose={close}
      onSubmit={save}
      actions={
        <>
          <Button onClick={close}>{t("cancel")}</Button>
          <Button
            look="main"
            type="submit"
            reason={
              field ? undefined : editable.length > 0 ? tg("bulk.chooseField") : tg("bulk.noField")
            }
          >
            {tg("bulk.apply", { count: number })}
          </Button>
        </>
      }
    >
      <div className={styles.sheet}>
        <Select
          label={tg("grid.field")}
          value={field?.name ?? ""}
          options={[
            { value: "", label: tg("bulk.chooseField") },
            ...editable.map((one) => ({ value: one.name, label: one.label })),
          ]}
          onChange={(name) => {
            setField(editable.find((one) => one.name === name) ?? null);
            setValue(null);
            setFault(undefined);
          }}
        />
        {field && (
          <Control
            key={field.name}
            field={field}
            value={value}
            onChange={(next) => {
              setValue(next);
              setFault(undefined);
            }}
            problems={fault ? [{ at: "", text: fault }] : []}
            schema={schema}
            reader={reader}
            currency={sample ? currencyOf(field, sample) : null}
          />
        )}
      </div>
    </Dialog>
  );
}

/** In which states the chosen records are, and which of them an act leads on from. */
function States({ entity, asked, selected, act }: BulkProps & { act: string }): ReactNode {
  const path = entity.path ?? "";
  const from = (entity.states?.moves ?? []).filter((one) => one.act === act).map((one) => one.from);
  const filter = filterOf(selected, asked);
  // What is chosen one by one need not hold the words.
  const q = selected.all ? asked.q : "";
  const query = { filter: filter ?? "", q, group_by: "state", select: "count()" };
  const isKnown = from.length > 0 && filter !== null;
  const { data } = useQuery({
    queryKey: keys.groups(path, query),
    queryFn: ({ signal }) => records.aggregate(path, query, signal),
    enabled: isKnown,
    staleTime: 0,
  });
  if (!data) return null;
  const groups = countsOf(data);
  const can = groups.filter(({ state }) => from.includes(state));
  const cannot = groups.filter(({ state }) => !from.includes(state));
  const sum = (some: typeof groups) => some.reduce((total, one) => total + one.count, 0);
  const label = (state: string) =>
    entity.states?.names.find((one) => one.name === state)?.label ?? state;
  return (
    <div className={styles.sheet} role="status">
      <p>{tg("bulk.actCan", { count: sum(can) })}</p>
      {entity.number?.at === act && <p>{tg("bulk.drawsNumber")}</p>}
      {cannot.length > 0 && (
        <Callout tone="warn">
          {tg("bulk.actCannot", {
            count: sum(cannot),
            states: cannot.map((one) => `${label(one.state)} ${one.count}`).join(", "),
          })}
        </Callout>
      )}
    </div>
  );
}

/** The counts by state of an answer with groups. */
function countsOf(groups: unknown): { state: string; count: number }[] {
  const { items = [] } = groups as { items?: readonly Readonly<Record<string, unknown>>[] };
  return items.map((one) => {
    const numbers = Object.values(one).filter((cell) => typeof cell === "number");
    return { state: String(one.state ?? ""), count: Number(one["count()"] ?? numbers[0] ?? 0) };
  });
}

/** Which records use those that would go. */
function Users({ entity, schema, selected }: BulkProps): ReactNode {
  const ids = selected.all || selected.keys.size > 100 ? [] : [...selected.keys];
  const { data } = useQuery({
    queryKey: ["dependents", entity.name, ids],
    queryFn: ({ signal }) => countUsers(schema, entity, ids, signal),
    enabled: ids.length > 0,
    staleTime: 0,
    gcTime: 0,
  });
  if (!data || data.length === 0) return null;
  return (
    <Callout tone="warn" title={tg("bulk.usedBy")}>
      <ul className={styles.list}>
        {data.map(({ entity: user, field, effect, count }) => (
          <li key={`${user.name} ${field}`}>
            <b>{user.label_plural}</b> {t("records", { count })}
            {effect !== "restrict" && `: ${t(FATES[effect])}`}
          </li>
        ))}
      </ul>
    </Callout>
  );
}

/** Whether what is done can be taken back: a number that a document has drawn stays drawn. */
const mayTakeBack = ({ entity, schema, deed }: BulkProps & { deed: Deed }): boolean =>
  mayUndoSets(schema) && !(deed.verb === "act" && entity.number?.at === deed.act);

/** What was refused and why, row by row. */
function Ended(
  props: BulkProps & { deed: Deed; outcome: Outcome; onClose: () => void },
): ReactNode {
  const { entity, schema, outcome, undos, onSelect, onClose } = props;
  const client = useQueryClient();
  const { done, refused, isStopped, broke, changeSets } = outcome;
  const { data: titles = {} } = useQuery({
    queryKey: ["bulk titles", refused.map((one) => one.id)],
    queryFn: () =>
      client.fetchQuery(
        titlesQuery(
          entity,
          refused.slice(0, 200).map((one) => one.id),
        ),
      ),
    enabled: refused.length > 0,
    throwOnError: false,
  });
  return (
    <Dialog
      open
      width={680}
      title={tg("bulk.resultTitle")}
      onClose={onClose}
      actions={
        <>
          {done > 0 && changeSets.length > 0 && mayTakeBack(props) && (
            <Button
              onClick={() => {
                onClose();
                undos.last();
              }}
            >
              {tg("bulk.undo")}
            </Button>
          )}
          {refused.length > 0 && (
            <Button
              onClick={() => {
                onSelect({ all: false, keys: new Set(refused.map((one) => one.id)) });
                onClose();
              }}
            >
              {tg("bulk.chooseRefused")}
            </Button>
          )}
          <Button look="main" onClick={onClose}>
            {tg("bulk.close")}
          </Button>
        </>
      }
    >
      <div className={styles.sheet}>
        <p role="status">
          {tg("bulk.done", { count: done })}
          {refused.length > 0 && `, ${tg("bulk.refused", { count: refused.length })}`}.{" "}
          {isStopped && tg("bulk.stopped")}
        </p>
        {broke !== null && broke !== undefined && (
          <Callout tone="bad" title={tg("bulk.broke", { reason: inWords(asProblem(broke)) })} />
        )}
        {refused.length > 0 && (
          <Rows
            label={tg("bulk.refused", { count: refused.length })}
            heads={[tg("grid.row"), tg("grid.reason")]}
            rows={refused.map(({ id, problem }) => ({
              key: id,
              cells: [
                <a key={id} href={`${listPath(entity)}/${id}`}>
                  {titles[id] ?? id}
                </a>,
                reasonsOf(problem, schema),
              ],
            }))}
          />
        )}
      </div>
    </Dialog>
  );
}

/** A refusal in one text; kinds of record stand in it with their words. */
function reasonsOf(problem: ApiProblem, schema: Schema): string {
  const own = wrongs(problem.errors).map((one) => one.text);
  const head = inWords(problem);
  const all = [head, ...own.filter((text) => !head.includes(text))].join(" ");
  const first = all.charAt(0).toUpperCase() + all.slice(1);
  return first.replace(
    /\b[a-z_]+\.[a-z_]+\b/g,
    (name) => schema.entity(name)?.label_plural ?? name,
  );
}
