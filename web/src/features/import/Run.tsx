// The last steps: a run under way, what a trial run found, and how an import ended.

import { type ApiRecord, keys } from "@megalith/api";
import { openPart } from "@megalith/i18n";
import { type Entity, formatInteger, type Schema } from "@megalith/meta";
import { Button, Callout, later, Progress } from "@megalith/ui";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { listPath } from "../../app/catalog";
import { useReader } from "../../app/reader";
import { address, api, problemOf } from "../../app/server";
import styles from "./Import.module.css";
import { StartFault, useStart } from "./Preview";
import { planNow, useProposal } from "./plan";
import { RefusedRows } from "./RefusedRows";
import { cancel, type Import, importQuery, type Plan } from "./server";
import { type Go, useStand } from "./state";
import { ti } from "./words";

const TakeBack = later(async () => {
  const [page] = await Promise.all([import("../../admin/TakeBack"), openPart("admin")]);
  return page;
});

const EVERY_MS = 1_000;

/** How far a run is; it goes on without this page. */
export function Running({ one, go }: { one: Import; go: Go }): ReactNode {
  const reader = useReader();
  const client = useQueryClient();
  const { dry_run: isTrial } = one;
  // Whoever came with the address of an earlier step stays here when the run ends.
  useEffect(() => go({ step: isTrial ? "check" : "run" }, true), [go, isTrial]);
  const stop = useMutation({
    mutationFn: () => cancel(one.id),
    onSettled: () => client.invalidateQueries({ queryKey: importQuery(one.id).queryKey }),
  });
  const number = (value: number) => formatInteger(value, reader);
  const isStopping = one.cancelling || stop.isPending;
  return (
    <section className={styles.part}>
      <div className={styles.card}>
        <Progress
          label={isStopping ? ti("stopping") : ti(isTrial ? "checking" : "importing")}
          text={
            one.total
              ? ti("ofRows", { read: number(one.read), total: number(one.total) })
              : ti("soMany", { read: number(one.read) })
          }
          {...(one.total ? { value: Math.min(1, one.read / one.total) } : {})}
        />
        <Counts one={one} />
        <p className={styles.soft}>{ti("canLeave")}</p>
        {stop.error && <Callout tone="bad" title={problemOf(stop.error).detail ?? ""} />}
        <div className={styles.acts}>
          <Button busy={isStopping} onClick={() => stop.mutate()}>
            {ti("stop")}
          </Button>
        </div>
      </div>
    </section>
  );
}

/** The counts of a run, which add up. */
function Counts({ one }: { one: Import }): ReactNode {
  const reader = useReader();
  const isTrial = one.dry_run;
  const counts = [
    ["read", ti("read"), one.read],
    ["created", ti(isTrial ? "wouldCreated" : "created"), one.created],
    ["updated", ti(isTrial ? "wouldUpdated" : "updated"), one.updated],
    ["unchanged", ti("unchanged"), one.unchanged],
    ["refused", ti(isTrial ? "wouldRefused" : "refused"), one.refused],
  ] as const;
  return (
    <dl className={styles.counts}>
      {counts.map(([name, label, value]) => (
        <div key={name} data-count={name} data-some={value > 0 || undefined}>
          <dt>{label}</dt>
          <dd>{formatInteger(value, reader)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The counts as a sum in words. */
function Sum({ one }: { one: Import }): ReactNode {
  const reader = useReader();
  const number = (value: number) => formatInteger(value, reader);
  return (
    <p className={styles.soft}>
      {ti("sum", {
        read: number(one.read),
        created: number(one.created),
        updated: number(one.updated),
        unchanged: number(one.unchanged),
        refused: number(one.refused),
      })}
    </p>
  );
}

interface EndProps {
  one: Import;
  entity: Entity;
  schema: Schema;
  go: Go;
}

/** What a trial run found, and the way on. */
export function Checked({ one, entity, go }: EndProps): ReactNode {
  const { stand } = useStand();
  const base = { entity: entity.name, ...(stand.table && { table: stand.table }) };
  return (
    <section className={styles.part}>
      <Callout tone={one.refused > 0 ? "warn" : "good"} title={ti("checked")}>
        {ti("checkedText")}
      </Callout>
      <Counts one={one} />
      <Sum one={one} />
      {one.refused > 0 && <RefusedRows one={one} />}
      <Begin {...{ one, go, base }} />
    </section>
  );
}

function Begin({ one, go, base }: { one: Import; go: Go; base: Plan }): ReactNode {
  const { stand } = useStand();
  const proposal = useProposal(one.id, base);
  const begin = useStart(one, go);
  return (
    <>
      {begin.error && <StartFault error={begin.error} go={go} />}
      <div className={styles.acts}>
        <Button onClick={() => go({ step: "map" })}>{ti("toMap")}</Button>
        <Button
          look="main"
          busy={begin.isPending}
          onClick={() => begin.mutate({ ...planNow(base, proposal, stand), dry_run: false })}
        >
          {ti("importNow")}
        </Button>
      </div>
    </>
  );
}

/** How an import ended: what it made, what it refused, and the way back. */
export function Ended({
  one,
  entity,
  schema,
  go,
}: Omit<EndProps, "entity"> & { entity: Entity | null }): ReactNode {
  const sets = schema.entity("platform.change_set");
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const path = sets?.path ?? "";
  const id = one.change_set ?? "";
  const set = useQuery({
    queryKey: keys.record(path, id, {}),
    enabled: id !== "" && path !== "" && sets?.rights?.read === true,
    queryFn: ({ signal }): Promise<ApiRecord> => api.records.get(path, id, {}, signal),
    refetchInterval: ({ state }) => (state.data?.state === "undoing" ? EVERY_MS : false),
  });
  // What was imported or taken back is read anew wherever it is shown.
  const now = `${one.state} ${set.data?.state}`;
  const collection = entity?.path ?? "";
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of state reads anew
  useEffect(() => {
    if (collection) void client.invalidateQueries({ queryKey: keys.of(collection) });
  }, [client, collection, now]);
  const isUndone = set.data?.state === "undone";
  const isUndoing = set.data?.state === "undoing";
  const mayUndo =
    set.data !== undefined &&
    sets?.rights?.undo === true &&
    !isUndone &&
    (sets.states?.moves ?? []).some((move) => move.act === "undo" && move.from === set.data.state);
  const isDone = one.state === "finished";
  const words =
    one.state === "cancelled"
      ? (["cancelled", "cancelledDry"] as const)
      : (["failed", "failedDry"] as const);
  const title = ti(isDone ? "done" : words[one.dry_run ? 1 : 0]);
  return (
    <section className={styles.part}>
      {isUndone ? (
        <Callout tone="good" title={ti("wasUndone")} />
      ) : isUndoing ? (
        <Callout title={ti("beingUndone")} />
      ) : (
        <Callout tone={isDone ? (one.refused > 0 ? "warn" : "good") : "bad"} title={title}>
          {one.error && (
            <p>
              <bdi>{one.error}</bdi>
            </p>
          )}
          {!isDone && ti(one.change_set ? "keptText" : "nothingWritten")}
        </Callout>
      )}
      <Counts one={one} />
      <Sum one={one} />
      {entity && (
        <ul className={styles.links}>
          {one.created > 0 && !isUndone && (
            <li>
              <a href={listOf(entity, one, "created_at")}>{ti("showCreated")}</a>
            </li>
          )}
          {one.updated > 0 && !isUndone && (
            <li>
              <a href={listOf(entity, one, "updated_at")}>{ti("showUpdated")}</a>
            </li>
          )}
          <li>
            <a href={listPath(entity)}>{ti("showList")}</a>
          </li>
          {sets && id && (
            <li>
              <a href={`${listPath(sets)}/${id}`}>{ti("changeSet")}</a>
            </li>
          )}
        </ul>
      )}
      {one.refused > 0 && <RefusedRows one={one} />}
      <div className={styles.acts}>
        {mayUndo && <Button onClick={() => setAsking(true)}>{ti("undo")}</Button>}
        {!isDone && <Button onClick={() => go({ step: "map" })}>{ti("toMap")}</Button>}
        <Button onClick={() => go({ import: "", step: "", table: "", fields: "", key: "" })}>
          {ti("another")}
        </Button>
      </div>
      {isAsking && set.data && (
        <TakeBack path={path} set={set.data} onClose={() => setAsking(false)} />
      )}
    </section>
  );
}

/** The list of what an import made or changed: by who did it, between its begin and its end. */
function listOf(entity: Entity, one: Import, at: "created_at" | "updated_at"): string {
  const by = at === "created_at" ? "created_by" : "updated_by";
  const parts = [
    one.started_at && `${at} >= instant('${one.started_at}')`,
    one.finished_at && `${at} <= instant('${one.finished_at}')`,
    at === "updated_at" && one.started_at && `created_at < instant('${one.started_at}')`,
    one.begun_by && `${by} == '${one.begun_by}'`,
  ];
  return address(listPath(entity), { filter: parts.filter(Boolean).join(" && ") });
}
