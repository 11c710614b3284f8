// Taking a change set back after seeing what that would do.

import type { ApiRecord } from "@megalith/api";
import { formatInteger } from "@megalith/meta";
import { Button, Dialog, Skeleton } from "@megalith/ui";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useReader } from "../app/reader";
import { api } from "../app/server";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { useChange, Wrong } from "./kit";
import { ta } from "./words";

interface Undone {
  readonly undone: number;
  readonly conflicts: readonly { readonly record: string; readonly reason: string }[];
}

/** Says what would be taken back and what not, then does it. */
export default function TakeBack({
  path,
  set,
  onClose,
}: {
  path: string;
  set: ApiRecord;
  onClose: () => void;
}): ReactNode {
  const reader = useReader();
  const preview = useQuery({
    queryKey: ["undo-preview", set.id, set.version],
    queryFn: () => api.records.command<Undone>(`${path}/${set.id}:undo?preview=true`, undefined),
    gcTime: 0,
  });
  const undo = useChange(
    async () => {
      await api.records.act(path, set.id, "undo", undefined, { ifMatch: set.version });
      onClose();
    },
    { paths: [path], done: () => ta("takingBack", { name: String(set.title) }) },
  );
  const { conflicts = [], undone = 0 } = preview.data ?? {};
  return (
    <Dialog
      open
      width={520}
      title={ta("takeBackSure", { name: String(set.title) })}
      text={ta("takeBackText")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button
            look="danger"
            busy={undo.isPending || preview.isPending}
            reason={preview.isSuccess && undone === 0 ? ta("nothingToTakeBack") : undefined}
            onClick={() => undo.mutate(undefined)}
          >
            {ta("takeBack")}
          </Button>
        </>
      }
    >
      {preview.isPending ? (
        <Skeleton lines={2} />
      ) : (
        preview.isSuccess && (
          <div className={styles.form} role="status">
            <p>{ta("wouldUndo", { count: undone })}</p>
            {conflicts.length > 0 && (
              <>
                <p>{ta("wouldStay", { count: conflicts.length })}</p>
                <ul>
                  {conflicts.slice(0, 8).map((one) => (
                    <li key={one.record}>
                      <code className={styles.mono}>{one.record}</code> {one.reason}
                    </li>
                  ))}
                </ul>
                {conflicts.length > 8 && (
                  <p className={styles.soft}>
                    {ta("andMore", { value: formatInteger(conflicts.length - 8, reader) })}
                  </p>
                )}
              </>
            )}
          </div>
        )
      )}
      <Wrong error={preview.error ?? undo.error} />
    </Dialog>
  );
}
