// The fourth step: the first rows as they would be, each problem at its cell.

import { asProblem } from "@megalith/api";
import type { Entity, Field, Schema } from "@megalith/meta";
import { Button, Callout, StatusDot, type Tone, toast } from "@megalith/ui";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useReader } from "../../app/reader";
import { Value } from "../../engine/Value";
import { Fault } from "./Import";
import styles from "./Import.module.css";
import { Problems } from "./Problems";
import { planNow, specsNow, useProposal } from "./plan";
import { type Import, importQuery, type Plan, type Previewed, previewQuery, start } from "./server";
import { type Go, useStand } from "./state";
import { ti } from "./words";

const TONES: Readonly<Record<Previewed["would"], Tone>> = {
  create: "good",
  update: "info",
  nothing: "idle",
  refuse: "bad",
};

/** Begins a run; one that was begun elsewhere in the meantime is shown instead. */
export function useStart(one: Import, go: Go) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (plan: Plan) => start(one.id, plan),
    onSuccess: async (begun, plan) => {
      await client.cancelQueries({ queryKey: importQuery(one.id).queryKey, exact: true });
      client.setQueryData(importQuery(one.id).queryKey, begun);
      go({ step: plan.dry_run ? "check" : "run" });
    },
    onError: (error) => {
      // Somebody began it on another page; from here on this one follows it too.
      if (isRunning(error)) toast({ text: ti("running"), tone: "info" });
      return client.invalidateQueries({ queryKey: importQuery(one.id).queryKey });
    },
  });
}

export function Preview({
  schema,
  entity,
  one,
  plan: base,
  go,
}: {
  schema: Schema;
  entity: Entity;
  one: Import;
  plan: Plan;
  go: Go;
}): ReactNode {
  const reader = useReader();
  const { stand } = useStand();
  const proposal = useProposal(one.id, base);
  const plan = planNow(base, proposal, stand);
  const preview = useQuery(previewQuery(one.id, plan));
  const begin = useStart(one, go);
  if (preview.isError) {
    return <Fault error={preview.error} go={go} onRetry={() => void preview.refetch()} />;
  }
  if (!preview.data) return <p role="status">…</p>;
  const rows = preview.data;
  const filled = new Set(
    Object.entries(specsNow(proposal, stand))
      .filter(([, spec]) => spec !== null)
      .map(([name]) => name.split(".")[0]),
  );
  const fields = entity.fields.filter((field) => filled.has(field.name));
  const bad = rows.filter((row) => row.would === "refuse").length;
  return (
    <section className={styles.part}>
      {rows.length === 0 ? (
        <Callout tone="warn" title={ti("noRows")} />
      ) : (
        <p role="status">
          {ti("previewIntro", { count: rows.length })}
          {bad > 0 && (
            <>
              {" "}
              <strong className={styles.bad}>{ti("previewProblems", { count: bad })}</strong>
            </>
          )}
        </p>
      )}
      {rows.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
        <section className={styles.scroll} tabIndex={0} aria-label={ti("step.preview")}>
          <table className={styles.table}>
            <thead>
              <tr>
                <th scope="col">{ti("row")}</th>
                <th scope="col">{ti("would")}</th>
                {fields.map((field) => (
                  <th key={field.name} scope="col">
                    {field.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a row of a file may stand twice
                <tr key={`${row.row} ${at}`} data-would={row.would}>
                  <th scope="row">{row.row}</th>
                  <td>
                    <StatusDot tone={TONES[row.would]}>{ti(`would.${row.would}`)}</StatusDot>
                    <Problems
                      of={row.problems.filter((problem) => !placed(problem.pointer, fields))}
                    />
                  </td>
                  {fields.map((field) => {
                    const own = row.problems.filter((problem) => isAt(problem.pointer, field));
                    return (
                      <td
                        key={field.name}
                        className={own.length > 0 ? styles.wrong : undefined}
                        data-wrong={own.length > 0 ? field.name : undefined}
                      >
                        {row.record && <Value {...{ field, schema, reader }} row={row.record} />}
                        <Problems of={own} />
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {begin.error && <StartFault error={begin.error} go={go} />}
      <div className={styles.acts}>
        <Button onClick={() => go({ step: "map" })}>{ti("toMap")}</Button>
        <Button
          busy={begin.isPending && begin.variables?.dry_run === false}
          onClick={() => begin.mutate({ ...plan, dry_run: false })}
        >
          {ti("importNow")}
        </Button>
        <Button
          look="main"
          busy={begin.isPending && begin.variables?.dry_run === true}
          onClick={() => begin.mutate({ ...plan, dry_run: true })}
        >
          {ti("tryRun")}
        </Button>
      </div>
    </section>
  );
}

const isAt = (pointer: string | null, field: Field) => pointer?.split("/")[1] === field.name;
const placed = (pointer: string | null, fields: readonly Field[]) =>
  fields.some((field) => isAt(pointer, field));

const isRunning = (error: unknown) => asProblem(error).code === "import_running";

/** Why a run was not begun; of one that is under way the page shows how far it is. */
export function StartFault({ error, go }: { error: unknown; go: Go }): ReactNode {
  if (isRunning(error)) return null;
  return <Fault error={error} go={go} onRetry={() => go({ step: "preview" })} />;
}
