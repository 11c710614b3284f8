// Asks before a deletion, and says what would happen to the records that use this one, with the way
// to each of them.

import type { Schema } from "@megalith/meta";
import { Button, Dialog, toast } from "@megalith/ui";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Entity } from "../app/catalog";
import { titleText } from "../app/reader";
import { t } from "../app/words";
import styles from "./Record.module.css";
import { Refused } from "./Refused";
import { type ApiRecord, asProblem, countUsers, useSettle, useUndo } from "./server";
import { remove } from "./undoable";
import { FATES, usersPath } from "./uses";

export default function DeleteDialog({
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
  const undo = useUndo();
  const counted = useQuery({
    queryKey: ["dependents", entity.name, row.id],
    queryFn: ({ signal }) => countUsers(schema, entity, [row.id], signal),
    staleTime: 0,
    gcTime: 0,
  });
  const gone = useMutation({
    mutationFn: () => remove(entity, schema, row),
    onSuccess: async (done) => {
      toast({
        text: t("deleted", { name: titleText(entity, row) }),
        undo: done.undo
          ? undo(async () => {
              await done.undo?.();
              await settle();
            })
          : undefined,
      });
      onClose();
      onGone();
      await settle();
    },
    onError: () => void settle(),
  });
  const holds = counted.data?.filter((user) => user.effect === "restrict") ?? [];
  const follows = counted.data?.filter((user) => user.effect !== "restrict") ?? [];
  const problem = gone.error ? asProblem(gone.error) : null;
  return (
    <Dialog
      open
      title={t("deleteSure", { name: titleText(entity, row) })}
      text={holds.length > 0 ? t("deleteHeld") : t("deleteText")}
      onClose={onClose}
      onSubmit={() => holds.length === 0 && !gone.isPending && gone.mutate()}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button
            look="danger"
            type="submit"
            busy={gone.isPending || counted.isPending}
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
              <a className={styles.link} href={usersPath(user.entity, user.field, row.id)}>
                {user.entity.label_plural}
              </a>{" "}
              {t("records", { count: user.count })}
              {user.effect !== "restrict" && `: ${t(FATES[user.effect])}`}
            </li>
          ))}
        </ul>
      )}
      {problem && <Refused problem={problem} schema={schema} id={row.id} />}
    </Dialog>
  );
}
