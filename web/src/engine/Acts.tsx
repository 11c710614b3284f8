// What can be done with a record: the next act in front, the others in a menu, each with the reason
// where it is not possible; deletion and acts without a way back ask first and say what follows.

import { actsFor, may, nextAct, type Permission, type Schema } from "@megalith/meta";
import { Button, Callout, Dialog, IconButton, Menu, type MenuEntry, toast } from "@megalith/ui";
import { useMutation, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Entity } from "../app/catalog";
import { titleText } from "../app/reader";
import { t } from "../app/words";
import styles from "./Record.module.css";
import {
  type ApiProblem,
  type ApiRecord,
  asProblem,
  dependents,
  recordQuery,
  records,
  useSettle,
} from "./server";
import { isFinal } from "./shape";

const stateLabel = (entity: Entity, name: unknown): string =>
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
  const act = useMutation<ApiRecord | null, unknown, string, ApiRecord | undefined>({
    mutationFn: (name) =>
      records.act(entity.path ?? "", row.id, name, undefined, { ifMatch: row.version }),
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
    onSuccess: (answer, name) => {
      setSure(null);
      const label = acts.find((one) => one.name === name)?.label ?? name;
      toast({ text: t("actDone", { act: label, name: titleText(entity, answer ?? row) }) });
      if (answer === null) onGone();
    },
    onSettled: async () => {
      setSure(null);
      await settle();
    },
  });
  const run = (name: string) => {
    if (isFinal(entity, name, row) && name !== next) setSure(name);
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
  ];
  const nextLabel = acts.find((one) => one.name === next)?.label;
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
          onClick={() => run(next)}
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
        <DeleteDialog
          entity={entity}
          row={row}
          schema={schema}
          onClose={() => setSure(null)}
          onGone={onGone}
        />
      ) : (
        <Dialog
          open={sure !== null}
          title={t("actSure", {
            act: acts.find((one) => one.name === sure)?.label ?? "",
            name: titleText(entity, row),
          })}
          text={t("actFinal", {
            state: stateLabel(
              entity,
              entity.states?.moves.find((one) => one.act === sure && one.from === row.state)?.to,
            ),
          })}
          onClose={() => setSure(null)}
          onSubmit={() => sure && act.mutate(sure)}
          actions={
            <>
              <Button onClick={() => setSure(null)}>{t("back")}</Button>
              <Button look="danger" type="submit" busy={act.isPending}>
                {acts.find((one) => one.name === sure)?.label}
              </Button>
            </>
          }
        />
      )}
    </fieldset>
  );
}

/** Asks before a deletion, and says what would happen to the records that use this one. */
function DeleteDialog({
  entity,
  row,
  schema,
  onClose,
  onGone,
}: {
  entity: Entity;
  row: ApiRecord;
  schema: Schema;
  onClose: () => void;
  onGone: () => void;
}): ReactNode {
  const settle = useSettle(entity);
  const users = dependents(schema, entity);
  const counted = useQuery({
    queryKey: ["dependents", entity.name, row.id],
    queryFn: async ({ signal }) => {
      const found = await Promise.all(
        users.map(async (user) => {
          const filter = `${user.field} == '${row.id}'`;
          const query = { filter, page_size: 1, count: true, fields: ["id"] };
          const page = await records.list(user.entity.path ?? "", query, "", signal);
          return { ...user, count: page.total_size ?? page.items.length };
        }),
      );
      return found.filter((user) => user.count > 0);
    },
    staleTime: 0,
    gcTime: 0,
  });
  const remove = useMutation<void, unknown>({
    mutationFn: () => records.remove(entity.path ?? "", row.id, { ifMatch: row.version }),
    onSuccess: async () => {
      toast({ text: t("deleted", { name: titleText(entity, row) }) });
      onClose();
      onGone();
      await settle();
    },
    onError: () => void settle(),
  });
  const holds = counted.data?.filter((user) => user.effect === "restrict") ?? [];
  const follows = counted.data?.filter((user) => user.effect !== "restrict") ?? [];
  const problem = remove.error ? asProblem(remove.error) : null;
  const words = { restrict: "", cascade: "goesToo", set_null: "isEmptied" } as const;
  return (
    <Dialog
      open
      title={t("deleteSure", { name: titleText(entity, row) })}
      text={holds.length > 0 ? t("deleteHeld") : t("deleteText")}
      onClose={onClose}
      onSubmit={() => holds.length === 0 && remove.mutate()}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button
            look="danger"
            type="submit"
            busy={remove.isPending || counted.isPending}
            reason={holds.length > 0 ? t("deleteHeld") : undefined}
          >
            {t("delete")}
          </Button>
        </>
      }
    >
      {(holds.length > 0 || follows.length > 0) && (
        <ul className={styles.consequences}>
          {[...holds, ...follows].map((user) => (
            <li key={`${user.entity.name} ${user.field}`}>
              <b>{user.entity.label_plural}</b> {t("records", { count: user.count })}
              {user.effect !== "restrict" && `: ${t(words[user.effect] as "goesToo")}`}
            </li>
          ))}
        </ul>
      )}
      {problem && (
        <Callout tone="bad" title={problem.message}>
          {problem.errors.map((one) => (
            <div key={one.pointer + one.message}>{one.message}</div>
          ))}
        </Callout>
      )}
    </Dialog>
  );
}
