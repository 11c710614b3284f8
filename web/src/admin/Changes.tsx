// Change sets: imports, batches, undos; and taking one back after seeing what that would do.

import type { ApiRecord } from "@megalith/api";
import { formatInteger, titleOf } from "@megalith/meta";
import { Button, StatusDot } from "@megalith/ui";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { catalogQuery, type Entity, listPath } from "../app/catalog";
import { NotFound } from "../app/NotFound";
import { toneOf, useReader } from "../app/reader";
import { t } from "../app/words";
import { AdminPage, MOST, Table, useAll, When } from "./kit";
import TakeBack from "./TakeBack";
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
          {
            id: "who",
            label: ta("person"),
            cell: (one) => <bdi>{titleOf(one.actor) || t("system")}</bdi>,
          },
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
