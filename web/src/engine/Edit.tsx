// Changing a record where it stands. Others' changes of other fields are merged; of the same fields
// they are shown beside one's own, and the person decides.

import {
  changedFields,
  type FormValues,
  formatValue,
  formValues,
  type Schema,
} from "@megalith/meta";
import { Button, Dialog, Skeleton, toast } from "@megalith/ui";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import type { Entity, Field } from "../app/catalog";
import { titleText, useReader } from "../app/reader";
import { inShort } from "../app/refusals";
import { t } from "../app/words";
import { FormRenderer } from "./Form";
import {
  type ApiRecord,
  asProblem,
  recordQuery,
  records,
  titlesQuery,
  useSettle,
  useUndo,
} from "./server";
import { calculates, filled } from "./shape";
import { Versus, type Way } from "./Versus";

type Values = Record<string, unknown>;

interface Conflict {
  /** The record as it is now. */
  readonly theirs: ApiRecord;
  readonly patch: Readonly<Record<string, unknown>>;
  readonly values: FormValues;
  readonly fields: readonly string[];
}

export default function Edit({
  entity,
  schema,
  record,
  focus,
  onClose,
}: {
  entity: Entity;
  schema: Schema;
  record: ApiRecord;
  focus: string;
  onClose: () => void;
}): ReactNode {
  const client = useQueryClient();
  const settle = useSettle(entity);
  const undo = useUndo();
  // What was there when the form was opened; others may change the record meanwhile.
  const [base] = useState(record);
  const before = useTitled(entity, schema, base);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const path = entity.path ?? "";

  const write = async (
    patch: Readonly<Record<string, unknown>>,
    values: FormValues,
    version: number,
    earlier: Readonly<Record<string, unknown>>,
    idempotencyKey?: string,
  ) => {
    const answer = await records.update(path, record.id, patch, {
      baseVersion: version,
      ...(idempotencyKey ? { idempotencyKey } : {}),
    });
    const links = entity.fields.filter((field) => field.kind === "link");
    const titled = Object.fromEntries(
      links.flatMap((field) => {
        const chosen = (values[field.name] ?? base[field.name]) as { id?: string } | null;
        const isSame = chosen?.id !== undefined && chosen.id === answer[field.name];
        return isSame ? [[field.name, chosen]] : [];
      }),
    );
    client.setQueryData<ApiRecord>(recordQuery(entity, record.id).queryKey, {
      ...answer,
      ...titled,
    });
    void settle();
    toast({
      text: t("saved", { name: titleText(entity, answer) }),
      undo: undo(async () => {
        await records.update(path, record.id, earlier, { baseVersion: answer.version });
        await settle();
      }),
    });
  };

  if (!before) return <Skeleton lines={8} height={16} />;
  const save = async (values: FormValues, key: string) => {
    const patch = changedFields(entity, before, values, schema);
    if (Object.keys(patch).length === 0) return onClose;
    const back = changedFields(entity, values, before, schema);
    const earlier = Object.fromEntries(
      Object.keys(patch).map((name) => [name, back[name] ?? null]),
    );
    try {
      await write(patch, values, base.version, earlier, key);
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code !== "merge_conflict") throw error;
      const expand = entity.fields.filter((one) => one.kind === "link").map((one) => one.name);
      const theirs = await records.get(path, record.id, { expand });
      const named = problem.errors.map((one) => one.pointer.split("/")[1] ?? "");
      const fields = [...new Set(named)].filter((name) => name in patch);
      setConflict({ theirs, patch, values, fields });
      throw error;
    }
    return onClose;
  };

  return (
    <>
      <FormRenderer
        entity={entity}
        schema={schema}
        record={base}
        values={before}
        focus={focus}
        saveLabel={t("save")}
        onSave={save}
        onClose={onClose}
        foresee={
          calculates(entity, schema)
            ? (values, signal) => {
                const now = filled(entity, schema, values);
                const patch = changedFields(entity, before, now, schema);
                const options = { baseVersion: base.version, dryRun: true, signal };
                return records.update(path, record.id, patch, options);
              }
            : null
        }
      />
      {conflict && (
        <ConflictDialog
          entity={entity}
          conflict={conflict}
          onClose={() => setConflict(null)}
          onSave={async (chosen) => {
            const decided: Values = { ...conflict.values };
            for (const [name, stays] of chosen) {
              const field = entity.fields.find((one) => one.name === name);
              if (stays === "theirs") delete decided[name];
              else if (stays === "both" && field) {
                decided[name] = both(
                  field,
                  before[name],
                  conflict.values[name],
                  conflict.theirs[name],
                );
              }
            }
            const old = formValues(entity, conflict.theirs);
            const all = changedFields(entity, old, decided, schema);
            const kept = Object.entries(all).filter(([name]) => name in conflict.patch);
            const patch = Object.fromEntries(kept);
            if (kept.length > 0) {
              const back = changedFields(entity, decided, old, schema);
              const earlier = Object.fromEntries(kept.map(([name]) => [name, back[name] ?? null]));
              await write(patch, decided, conflict.theirs.version, earlier);
            } else {
              await settle();
            }
            setConflict(null);
            onClose();
          }}
        />
      )}
    </>
  );
}

/** The values of a form whose lines name what they link to; null until the names are known. */
function useTitled(entity: Entity, schema: Schema, record: ApiRecord): Values | null {
  const held = entity.fields
    .filter((field) => field.kind === "lines")
    .flatMap((lines) => {
      const rows = (record[lines.name] ?? []) as Values[];
      return (schema.target(lines)?.fields ?? []).flatMap((link) => {
        const target = link.kind === "link" ? schema.target(link) : null;
        if (!target?.path) return [];
        const ids = rows.map((row) => row[link.name]).filter((id) => typeof id === "string");
        return [{ lines: lines.name, link: link.name, target, ids: [...new Set(ids)].sort() }];
      });
    });
  const found = useQueries({
    queries: held.map(({ target, ids }) => titlesQuery(target, ids)),
  });
  if (found.some((one) => one.isPending && one.fetchStatus !== "idle")) return null;
  const values: Values = formValues(entity, record);
  held.forEach(({ lines, link }, at) => {
    const titles = found[at]?.data ?? {};
    values[lines] = ((values[lines] ?? []) as Values[]).map((row) => {
      const id = row[link];
      return typeof id === "string" ? { ...row, [link]: { id, title: titles[id] ?? id } } : row;
    });
  });
  return values;
}

type Stays = "mine" | "theirs" | "both";

/** Whether two values can stand together. */
const canBoth = (field: Field) => ["long_text", "links", "lines"].includes(field.kind);

/** What both wrote, together: one text below the other, all links, the lines of both. */
export function both(field: Field, before: unknown, mine: unknown, theirs: unknown): unknown {
  if (field.kind === "long_text") return [theirs, mine].filter(Boolean).join("\n");
  const idOf = (one: unknown) => (typeof one === "string" ? one : (one as { id?: string }).id);
  const list = (value: unknown) => (Array.isArray(value) ? value : []);
  const ids = new Set([...list(before), ...list(theirs)].map(idOf));
  return [...list(theirs), ...list(mine).filter((one) => !idOf(one) || !ids.has(idOf(one)))];
}

/** Two values of each field that both have changed, side by side. */
function ConflictDialog({
  entity,
  conflict,
  onSave,
  onClose,
}: {
  entity: Entity;
  conflict: Conflict;
  onSave: (chosen: ReadonlyMap<string, Stays>) => Promise<void>;
  onClose: () => void;
}): ReactNode {
  const reader = useReader();
  const [chosen, setChosen] = useState<ReadonlyMap<string, Stays>>(
    new Map(conflict.fields.map((name) => [name, "mine"])),
  );
  const [busy, setBusy] = useState(false);
  const choose = (name: string, stays: Stays) => setChosen((now) => new Map(now).set(name, stays));
  const save = async () => {
    setBusy(true);
    try {
      await onSave(chosen);
    } catch (error) {
      toast({ text: inShort(asProblem(error)), tone: "bad" });
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      width={680}
      title={t("conflict")}
      text={t("conflictText")}
      onClose={onClose}
      onSubmit={() => void save()}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit" busy={busy}>
            {t("save")}
          </Button>
        </>
      }
    >
      {conflict.fields.map((name) => {
        const field = entity.fields.find((one) => one.name === name);
        if (!field) return null;
        const shown = (of: Values | ApiRecord) =>
          field.kind === "lines"
            ? t("lineCount", { count: ((of[name] ?? []) as unknown[]).length })
            : formatValue(field, of[name], reader, of) || "—";
        const ways: readonly Way<Stays>[] = [
          { way: "mine", label: t("mine"), text: shown(conflict.values) },
          { way: "theirs", label: t("theirs"), text: shown(conflict.theirs) },
          ...(canBoth(field) ? [{ way: "both", label: t("keepBoth") } as const] : []),
        ];
        return (
          <Versus
            key={name}
            {...{ name, ways }}
            label={field.label}
            chosen={chosen.get(name)}
            onChoose={(way) => choose(name, way)}
          />
        );
      })}
    </Dialog>
  );
}
