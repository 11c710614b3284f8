// Change sets: imports, batches, undos; and taking one back after seeing what that would do.

import type { ApiRecord } from "@megalith/api";
import { formatInteger, titleOf } from "@megalith/meta";
import { Button, Dialog, Skeleton, StatusDot } from "@megalith/ui";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { catalogQuery, type Entity, listPath } from "../app/catalog";
import { NotFound } from "../app/NotFound";
import { toneOf, useReader } from "../app/reader";
import { api } from "../app/server";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { AdminPage, MOST, Table, useAll, useChange, When, Wrong } from "./kit";
import { ta } from "./words";

/** How often an undo under way is looked at. */
const EVERY_MS = 1_500;

export default function Changes(): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const entity = schema.entity("platform.change_set");
  return entity?.rights?.read ? <ChangeSets entity={entity} /> : <NotFound />;
}

function ChangeSets({ entity }: { entity: Entity }): ReactNode {
  const reader = useReader();
  const path = entity.path ?? "";
  const [back, setBack] = useState<ApiRecord | null>(null);
  const query = useAll(path, { order_by: "started_at desc", expand: ["actor"] });
  const rows = query.data ?? [];
  // While one is being taken back the table follows it.
  useQuery({
    queryKey: ["undoing", path],
    enabled: rows.some((one) => one.state === "undoing"),
    refetchInterval: EVERY_MS,
    queryFn: () => query.refetch().then(() => Date.now()),
  });
  const state = entity.fields.find((field) => field.kind === "state");
  const kind = entity.fields.find((field) => field.name === "kind");
  const word = (field: typeof state, name: unknown) =>
    (field && "choices" in field && field.choices.find((one) => one.name === name)?.label) ||
    String(name);
  const number = (value: unknown) => formatInteger(Number(value ?? 0), reader);
  const mayUndo = (one: ApiRecord) =>
    entity.rights?.undo === true &&
    (entity.states?.moves ?? []).some(
      (move) => move.act === "undo" && move.from === one.state && one.state !== "undone",
    );
  return (
    <AdminPage title={ta("changes")} intro={ta("changesIntro")}>
      <Table
        label={ta("changes")}
        query={query}
        rows={rows}
        keyOf={(one) => one.id}
        none={ta("noChanges")}
        columns={[
          {
            id: "title",
            label: ta("what"),
            cell: (one) => (
              <a href={`${listPath(entity)}/${one.id}`}>
                <bdi>{String(one.title || one.id)}</bdi>
              </a>
            ),
          },
          { id: "kind", label: ta("kind"), cell: (one) => word(kind, one.kind) },
          {
            id: "state",
            label: ta("state"),
            cell: (one) => (
              <StatusDot tone={state ? toneOf(state, String(one.state)) : "idle"}>
                {word(state, one.state)}
              </StatusDot>
            ),
          },
          { id: "who", label: ta("person"), cell: (one) => <bdi>{titleOf(one.actor)}</bdi> },
          {
            id: "when",
            label: ta("began"),
            cell: (one) => <When at={one.started_at} reader={reader} />,
          },
          { id: "created", label: ta("created"), end: true, cell: (one) => number(one.created) },
          { id: "updated", label: ta("updated"), end: true, cell: (one) => number(one.updated) },
          { id: "refused", label: ta("refused"), end: true, cell: (one) => number(one.refused) },
          {
            id: "undo",
            label: "",
            end: true,
            cell: (one) =>
              mayUndo(one) && (
                <Button size="small" onClick={() => setBack(one)}>
                  {ta("takeBack")}
                </Button>
              ),
          },
        ]}
      />
      {rows.length >= MOST && <a href={listPath(entity)}>{ta("wholeList")}</a>}
      {back && <TakeBack path={path} set={back} onClose={() => setBack(null)} />}
    </AdminPage>
  );
}

interface Undone {
  readonly undone: number;
  readonly conflicts: readonly { readonly record: string; readonly reason: string }[];
}

/** Says what would be taken back and what not, then does it. */
function TakeBack({
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
