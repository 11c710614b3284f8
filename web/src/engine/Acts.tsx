// What can be done with a record: the next act in front, the others in a menu, each with the reason
// where it is not possible. What can be taken back is done at once, with the way back in the notice;
// deletion and acts without a way back ask first and say what follows.

import { actsFor, may, nextAct, type Permission, type Schema } from "@megalith/meta";
import { Button, IconButton, later, Menu, type MenuEntry, toast } from "@megalith/ui";
import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { CircleHelp, Ellipsis, Pencil, Play, Trash2 } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import type { Entity } from "../app/catalog";
import { useDeeds } from "../app/deeds";
import { titleText } from "../app/reader";
import { t } from "../app/words";
import styles from "./Record.module.css";
import {
  type ApiProblem,
  type ApiRecord,
  asProblem,
  recordQuery,
  records,
  useSettle,
  useUndo,
} from "./server";
import { isFinal } from "./shape";
import { act as doAct, isUndoable } from "./undoable";

/** A second press within this is that of a double click: it does not do what comes next. */
const TWICE_MS = 500;

const ActDialog = later(() => import("./ActDialog"));
const DeleteDialog = later(() => import("./DeleteDialog"));
const Rights = later(() => import("./Rights"));

export const stateLabel = (entity: Entity, name: unknown): string =>
  entity.states?.names.find((state) => state.name === name)?.label ?? String(name ?? "");

/** Why something is not possible, in the words of the person. */
export function reasonOf(entity: Entity, permission: Permission): string | undefined {
  if (permission.allowed) return undefined;
  const { reason } = permission;
  if (reason.code !== "wrong_state") return t(`refusal.${reason.code}`);
  return t("refusal.wrong_state", {
    from: reason.from.map((state) => stateLabel(entity, state)).join(", "),
    state: stateLabel(entity, reason.state),
  });
}

export function Acts({
  entity,
  row,
  schema,
  onEdit,
  onGone,
  onProblem,
}: {
  entity: Entity;
  row: ApiRecord;
  schema: Schema;
  onEdit: () => void;
  onGone: () => void;
  onProblem: (problem: ApiProblem | null) => void;
}): ReactNode {
  const client = useQueryClient();
  const settle = useSettle(entity);
  const [asked, setAsked] = useState(false);
  const [sure, setSure] = useState<string | null>(null);
  const acts = actsFor(entity, row);
  const next = nextAct(entity, row);
  const verbs = [...acts.map((act) => act.name), "update", "delete"];
  // What the rights say of this very record is asked when somebody reaches for it.
  const explained = useQueries({
    queries: verbs.map((verb) => ({
      queryKey: ["explain", entity.name, row.id, row.version, verb],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        records.explain(entity.path ?? "", row.id, verb, signal),
      enabled: asked,
      staleTime: 60_000,
    })),
  });
  const reason = (verb: string): string | undefined => {
    const known = reasonOf(entity, may(entity, verb, row));
    const answer = explained[verbs.indexOf(verb)]?.data;
    return known ?? (answer?.allowed === false ? t("refusal.no_right") : undefined);
  };
  const key = recordQuery(entity, row.id).queryKey;
  const undo = useUndo();
  const act = useMutation<
    Awaited<ReturnType<typeof doAct>>,
    unknown,
    string,
    ApiRecord | undefined
  >({
    mutationFn: (name) => doAct(entity, schema, row, name),
    onMutate: async (name) => {
      onProblem(null);
      await client.cancelQueries({ queryKey: key });
      const before = client.getQueryData<ApiRecord>(key);
      const to = entity.states?.moves.find((one) => one.act === name && one.from === row.state)?.to;
      if (before && to) client.setQueryData<ApiRecord>(key, { ...before, state: to });
      return before;
    },
    onError: (error, _name, before) => {
      if (before) client.setQueryData(key, before);
      onProblem(asProblem(error));
    },
    onSuccess: (done, name) => {
      const label = acts.find((one) => one.name === name)?.label ?? name;
      toast({
        text: t("actDone", { act: label, name: titleText(entity, done.record ?? row) }),
        undo: done.undo
          ? undo(async () => {
              await done.undo?.();
              await settle();
            })
          : undefined,
      });
      if (done.record === null) onGone();
    },
    onSettled: async () => {
      setSure(null);
      await settle();
    },
  });
  const pressed = useRef(Number.NEGATIVE_INFINITY);
  const run = (name: string) => {
    if (act.isPending) return;
    const isLasting = isFinal(entity, name, row) && !isUndoable(entity, schema, row, name);
    if (isLasting && name !== next) setSure(name);
    else act.mutate(name);
  };
  const others = acts.filter((one) => one.name !== next);
  const items: MenuEntry[] = [
    ...others.map((one) => ({
      id: one.name,
      label: one.label,
      reason: reason(one.name),
      danger: isFinal(entity, one.name, row),
      onSelect: () => run(one.name),
    })),
    ...(others.length > 0 ? (["line"] as const) : []),
    {
      id: "delete",
      label: t("delete"),
      icon: <Trash2 />,
      danger: true,
      reason: reason("delete"),
      onSelect: () => setSure("delete"),
    },
    "line",
    {
      id: "rights",
      label: t("whatMayI"),
      icon: <CircleHelp />,
      onSelect: () => setSure("rights"),
    },
  ];
  const nextLabel = acts.find((one) => one.name === next)?.label;
  const foremost = acts.filter((one) => one.name === next);
  useDeeds(titleText(entity, row), [
    ...[...foremost, ...others].map(({ name, label }) => ({
      id: name,
      label,
      icon: <Play />,
      ...(name === next ? { keys: "a" } : {}),
      reason: reason(name),
      run: () => run(name),
    })),
    {
      id: "update",
      label: t("edit"),
      icon: <Pencil />,
      keys: "e",
      reason: reason("update"),
      run: onEdit,
    },
    {
      id: "delete",
      label: t("delete"),
      icon: <Trash2 />,
      reason: reason("delete"),
      run: () => setSure("delete"),
    },
    { id: "rights", label: t("whatMayI"), icon: <CircleHelp />, run: () => setSure("rights") },
  ]);
  return (
    <fieldset
      className={styles.acts}
      aria-label={t("act")}
      onPointerEnter={() => setAsked(true)}
      onFocus={() => setAsked(true)}
    >
      {next && nextLabel && (
        <Button
          look="main"
          data-next-act=""
          aria-keyshortcuts="a"
          busy={act.isPending}
          reason={reason(next)}
          onClick={({ timeStamp }) => {
            if (timeStamp - pressed.current < TWICE_MS) return;
            pressed.current = timeStamp;
            run(next);
          }}
        >
          {nextLabel}
        </Button>
      )}
      <Button icon={<Pencil />} reason={reason("update")} onClick={onEdit} aria-keyshortcuts="e">
        {t("edit")}
      </Button>
      <Menu
        label={t("ui.more")}
        items={items}
        trigger={(props) => (
          <IconButton label={t("ui.more")} look="plain" {...props}>
            <Ellipsis />
          </IconButton>
        )}
      />
      {sure === "delete" ? (
        <DeleteDialog {...{ entity, row, schema, onGone }} onClose={() => setSure(null)} />
      ) : sure === "rights" ? (
        <Rights {...{ entity, row, schema }} onClose={() => setSure(null)} />
      ) : (
        sure !== null && (
          <ActDialog
            {...{ entity, row, schema }}
            act={sure}
            busy={act.isPending}
            onClose={() => setSure(null)}
            onAct={() => !act.isPending && act.mutate(sure)}
          />
        )
      )}
    </fieldset>
  );
}
