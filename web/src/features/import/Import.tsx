// Brings a file in, step by step: file, table, mapping, preview, trial run, import. Where one is and
// what was changed stand in the address, so that a reload or a link goes on there.

import { asProblem } from "@megalith/api";
import { Button, Callout, ErrorState, Skeleton } from "@megalith/ui";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { catalogQuery, listPath, type Schema } from "../../app/catalog";
import { Crumbs } from "../../app/context";
import { problemOf } from "../../app/server";
import { t, within } from "../../app/words";
import { File } from "./File";
import styles from "./Import.module.css";
import { Mapping } from "./Mapping";
import { Preview } from "./Preview";
import { Checked, Ended, Running } from "./Run";
import { type Import, importQuery, tablesQuery } from "./server";
import { type Go, importable, STEPS, type Step, useStand } from "./state";
import { TableStep } from "./TableStep";
import { ti } from "./words";

export default function ImportPage(): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const { stand, go } = useStand();
  const record = useQuery(importQuery(stand.import));
  const entity = schema.entity(stand.entity || record.data?.subject || "");
  const title = entity ? ti("titleOf", { name: within(entity.label_plural) }) : ti("title");
  const step = stand.import === "" ? "file" : record.data ? stepOf(record.data, stand.step) : null;
  return (
    <div className={styles.page}>
      <Crumbs
        items={[
          ...(entity ? [{ label: entity.label_plural, href: listPath(entity) }] : []),
          { label: ti("title") },
        ]}
      />
      <header className={styles.head}>
        <h1>
          <bdi>{title}</bdi>
        </h1>
        <p>{ti("intro")}</p>
      </header>
      <Steps at={step ?? "file"} />
      {importable(schema).length === 0 ? (
        <Callout tone="warn" title={ti("nothingImportable")} />
      ) : step === "file" ? (
        <File entity={stand.entity} go={go} />
      ) : record.data && step ? (
        <>
          {record.isError && <Callout tone="warn" title={ti("away")} />}
          <Opened
            {...{ schema, go, step }}
            one={record.data}
            entity={stand.entity || record.data.subject || ""}
          />
        </>
      ) : record.isError ? (
        <Fault error={record.error} go={go} onRetry={() => void record.refetch()} />
      ) : (
        <Skeleton lines={6} height={20} />
      )}
    </div>
  );
}

/** Where an import is: what runs or is over is shown, whatever the address says. */
function stepOf(one: Import, asked: Step | ""): Step {
  if (one.state === "running") return one.dry_run ? "check" : "run";
  if (one.state === "finished" && !one.dry_run) return "run";
  const isBefore = asked === "table" || asked === "map" || asked === "preview";
  if (isBefore) return asked;
  if (one.state === "uploaded") return "table";
  return one.dry_run ? "check" : "run";
}

function Opened({
  schema,
  one,
  entity: name,
  step,
  go,
}: {
  schema: Schema;
  one: Import;
  entity: string;
  step: Step;
  go: Go;
}): ReactNode {
  const { stand } = useStand();
  const isMapped = step === "table" || step === "map" || step === "preview";
  const tables = useQuery({ ...tablesQuery(one.id), enabled: isMapped });
  const entity = schema.entity(name);
  if (one.state === "running") return <Running {...{ one, go }} />;
  if (!isMapped) {
    if (one.state === "finished" && one.dry_run && entity) {
      return <Checked {...{ one, entity, schema, go }} />;
    }
    return <Ended {...{ one, entity, schema, go }} />;
  }
  if (tables.isError) {
    return <Fault error={tables.error} go={go} onRetry={() => void tables.refetch()} />;
  }
  if (!tables.data) return <Skeleton lines={6} height={20} />;
  const wanted = stand.table || one.table_name || "";
  const table =
    tables.data.find((known) => known.name === wanted) ??
    (tables.data.length === 1 ? tables.data[0] : undefined);
  if (step === "table" || !entity || !table) {
    return <TableStep {...{ schema, entity, table, go }} one={one} tables={tables.data} />;
  }
  // The table is named only where there are several.
  const plan = { entity: entity.name, ...(tables.data.length > 1 && { table: table.name }) };
  return step === "map" ? (
    <Mapping
      key={`${one.id} ${name} ${table.name}`}
      {...{ schema, entity, table, one, plan, go }}
    />
  ) : (
    <Preview {...{ schema, entity, one, plan, go }} />
  );
}

/** What stands in the way of an import that was begun, and the way out. */
export function Fault({
  error,
  go,
  onRetry,
}: {
  error: unknown;
  go: Go;
  onRetry: () => void;
}): ReactNode {
  const problem = problemOf(error);
  const again = (
    <Button
      look="main"
      onClick={() => go({ import: "", step: "", table: "", fields: "", key: "" })}
    >
      {ti("choose")}
    </Button>
  );
  if (problem.code === "upload_gone" || problem.code === "no_upload") {
    return (
      <Callout tone="warn" title={ti("gone")} actions={again}>
        {ti("goneText")}
      </Callout>
    );
  }
  if (problem.code === "uploaded_elsewhere") {
    return (
      <Callout tone="warn" title={ti("elsewhere")} actions={again}>
        {ti("elsewhereText")}
      </Callout>
    );
  }
  if (asProblem(error).status === 404) {
    return <Callout tone="warn" title={ti("notFound")} actions={again} />;
  }
  return (
    <ErrorState
      problem={problem}
      actions={
        <>
          <Button look="main" onClick={onRetry}>
            {t("retry")}
          </Button>
          <Button onClick={() => go({ step: "map" })}>{ti("toMap")}</Button>
        </>
      }
    />
  );
}

function Steps({ at }: { at: Step }): ReactNode {
  const now = STEPS.indexOf(at);
  return (
    <ol className={styles.steps} aria-label={ti("steps")}>
      {STEPS.map((step, place) => (
        <li
          key={step}
          aria-current={step === at ? "step" : undefined}
          data-done={place < now || undefined}
        >
          <span aria-hidden="true">{place + 1}</span>
          {ti(`step.${step}`)}
        </li>
      ))}
    </ol>
  );
}
