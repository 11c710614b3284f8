// What goes on in the background: jobs, with trying again and putting off, and imports.

import type { ApiRecord } from "@megalith/api";
import { formatInteger } from "@megalith/meta";
import { Button, StatusDot } from "@megalith/ui";
import { useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { catalogQuery, type Entity, listPath } from "../app/catalog";
import { NotFound } from "../app/NotFound";
import { presentMs } from "../app/present";
import { toneOf, useReader } from "../app/reader";
import { api } from "../app/server";
import styles from "./Admin.module.css";
import { AdminPage, type Col, MOST, Table, useAll, useChange, When, Wrong } from "./kit";
import { ta } from "./words";

const HOUR_MS = 3_600_000;

export default function Work(): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const jobs = schema.entity("platform.job");
  const imports = schema.entity("platform.import");
  const sees = [jobs, imports].filter((one) => one?.rights?.read);
  if (sees.length === 0) return <NotFound />;
  return (
    <AdminPage title={ta("work")} intro={ta("workIntro")}>
      {jobs?.rights?.read && <Jobs entity={jobs} />}
      {imports?.rights?.read && <Imports entity={imports} />}
    </AdminPage>
  );
}

function stateColumn(entity: Entity): Col<ApiRecord> {
  const field = entity.fields.find((one) => one.kind === "state");
  const choices = field && "choices" in field ? field.choices : [];
  return {
    id: "state",
    label: ta("state"),
    cell: (one) => (
      <StatusDot tone={field ? toneOf(field, String(one.state)) : "idle"}>
        {choices.find((choice) => choice.name === one.state)?.label ?? String(one.state)}
      </StatusDot>
    ),
  };
}

function Jobs({ entity }: { entity: Entity }): ReactNode {
  const reader = useReader();
  const path = entity.path ?? "";
  const query = useAll(path, { order_by: "created_at desc" });
  const retry = useChange((one: ApiRecord) => api.records.act(path, one.id, "retry"), {
    paths: [path],
    done: () => ta("retried"),
  });
  const later = useChange(
    (one: ApiRecord) =>
      api.records.update(
        path,
        one.id,
        { run_at: new Date(presentMs() + HOUR_MS).toISOString() },
        { ifMatch: one.version },
      ),
    { paths: [path], done: () => ta("putOff") },
  );
  return (
    <div className={styles.part}>
      <h2>{entity.label_plural}</h2>
      <Wrong error={retry.error ?? later.error} />
      <Table
        label={entity.label_plural}
        query={query}
        rows={query.data ?? []}
        keyOf={(one) => one.id}
        none={ta("noJobs")}
        columns={[
          {
            id: "kind",
            label: ta("kind"),
            cell: (one) => <a href={`${listPath(entity)}/${one.id}`}>{String(one.kind)}</a>,
          },
          stateColumn(entity),
          {
            id: "made",
            label: ta("made"),
            cell: (one) => <When at={one.created_at} reader={reader} />,
          },
          {
            id: "attempts",
            label: ta("attempts"),
            end: true,
            cell: (one) => formatInteger(Number(one.attempts ?? 0), reader),
          },
          {
            id: "error",
            label: ta("why"),
            cell: (one) => <bdi>{String(one.error ?? "")}</bdi>,
          },
          {
            id: "acts",
            label: "",
            end: true,
            cell: (one) =>
              one.state === "failed" && entity.rights?.retry ? (
                <Button
                  size="small"
                  busy={retry.isPending && retry.variables === one}
                  onClick={() => retry.mutate(one)}
                >
                  {ta("retry")}
                </Button>
              ) : one.state === "queued" && entity.rights?.update ? (
                <Button
                  size="small"
                  busy={later.isPending && later.variables === one}
                  onClick={() => later.mutate(one)}
                >
                  {ta("postpone")}
                </Button>
              ) : null,
          },
        ]}
      />
      {(query.data?.length ?? 0) >= MOST && <a href={listPath(entity)}>{ta("wholeList")}</a>}
    </div>
  );
}

function Imports({ entity }: { entity: Entity }): ReactNode {
  const reader = useReader();
  const query = useAll(entity.path ?? "", { order_by: "started_at desc" });
  const count = (name: string, label: string): Col<ApiRecord> => ({
    id: name,
    label,
    end: true,
    cell: (one) => formatInteger(Number(one[name] ?? 0), reader),
  });
  return (
    <div className={styles.part}>
      <h2>{entity.label_plural}</h2>
      <Table
        label={entity.label_plural}
        query={query}
        rows={query.data ?? []}
        keyOf={(one) => one.id}
        none={ta("noImports")}
        columns={[
          {
            id: "title",
            label: ta("what"),
            cell: (one) => (
              <a href={one.filename ? `/import?import=${one.id}` : `${listPath(entity)}/${one.id}`}>
                <bdi>{String(one.title || one.source || one.id)}</bdi>
              </a>
            ),
          },
          stateColumn(entity),
          {
            id: "began",
            label: ta("began"),
            cell: (one) => <When at={one.started_at} reader={reader} />,
          },
          count("read", ta("read")),
          count("created", ta("created")),
          count("updated", ta("updated")),
          count("refused", ta("refused")),
        ]}
      />
    </div>
  );
}
