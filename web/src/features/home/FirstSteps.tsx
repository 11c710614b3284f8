// The first steps of a new organisation. What is done is seen from the data, so that one can stop
// and go on; they go when all are done, or when they are hidden.

import { keys } from "@megalith/api";
import type { Entity, Schema } from "@megalith/meta";
import { may } from "@megalith/meta";
import { Button, toast } from "@megalith/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleDashed } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { listPath } from "../../app/catalog";
import { prefer } from "../../app/mine";
import { api, problemOf } from "../../app/server";
import { useSettings } from "../../app/settings";
import { meQuery } from "../../app/who";
import { within } from "../../app/words";
import styles from "./Home.module.css";
import { fillSample, isMoving, removeSample, type Sample, sampleQuery } from "./sample";
import { th } from "./words";

interface Step {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly href: string;
  readonly done: boolean;
}

/** The first records of an entity, a few fields of them; nothing where it may not be read. */
function useFirst(
  entity: Entity | null | undefined,
  asked: boolean,
  fields: string[],
  size = 1,
  filter = "",
) {
  const path = entity?.path ?? "";
  const enabled = asked && entity?.rights?.read === true;
  const query = useQuery({
    queryKey: [...keys.of(path), "first", size, filter],
    enabled,
    queryFn: ({ signal }) =>
      api.records.list(path, { page_size: size, fields, filter }, "", signal),
  });
  return { rows: query.data?.items ?? [], ready: !enabled || query.isSuccess };
}

export function FirstSteps({
  work,
  schema,
  at,
}: {
  work: Entity[];
  schema: Schema;
  /** Where on the page: they stand first until there is a record, and last from then on. */
  at: "first" | "last";
}): ReactNode {
  const { checklist } = useSettings();
  const { data: me } = useQuery(meQuery);
  const asked = checklist === "open" && me?.roles.includes("administrator") === true;
  const company = schema.entity("platform.company");
  const members = schema.entity("users.membership");
  const imports = schema.entity("platform.import");
  // Trees are made of what one knows already; the rest is what work is about.
  const made = work.find((entity) => entity.kind !== "tree" && may(entity, "create").allowed);
  const companies = useFirst(company, asked, ["name"]);
  const people = useFirst(members, asked, ["user"], 2, `org == '${me?.org?.id}'`);
  const brought = useFirst(imports, asked, ["state"]);
  const records = useFirst(made, asked, ["id"]);
  const { data: sample } = useQuery({ ...sampleQuery, enabled: asked });
  const ready = [companies, people, brought, records].every((one) => one.ready);
  if (!asked || !ready) return null;
  const [own] = companies.rows;
  const steps: Step[] = [
    ...(company && own && may(company, "update").allowed
      ? [
          {
            id: "company",
            label: th("stepCompany"),
            hint: th("stepCompanyHint"),
            href: `${listPath(company)}/${own.id}`,
            // The record is as it was set up until somebody looked it over.
            done: own.version > 1,
          },
        ]
      : []),
    ...(members && may(members, "create").allowed
      ? [
          {
            id: "people",
            label: th("stepPeople"),
            hint: th("stepPeopleHint"),
            href: "/admin/people",
            done: people.rows.length > 1,
          },
        ]
      : []),
    ...(imports
      ? [
          {
            id: "import",
            label: th("stepImport"),
            hint: th("stepImportHint"),
            href: listPath(imports),
            done: brought.rows.length > 0,
          },
        ]
      : []),
    ...(made
      ? [
          {
            id: "first",
            label: th("stepFirst", { name: within(made.label) }),
            hint: made.summary,
            href: `${listPath(made)}/new`,
            done: records.rows.length > 0,
          },
        ]
      : []),
  ];
  const count = steps.filter((step) => step.done).length;
  if (count === steps.length && !isMoving(sample)) return null;
  if (records.rows.length > 0 !== (at === "last")) return null;
  return (
    <section className={styles.steps} aria-labelledby="home-steps">
      <div className={styles.partHead}>
        <h2 id="home-steps">{th("firstSteps")}</h2>
        <span className={styles.rowHint}>
          {th("stepsDone", { done: count, all: steps.length })}
        </span>
      </div>
      <ol>
        {steps.map((step) => (
          <li key={step.id} className={step.done ? styles.stepDone : undefined}>
            {step.done ? (
              <CircleCheck role="img" aria-label={th("stepDone")} />
            ) : (
              <CircleDashed role="img" aria-label={th("stepOpen")} />
            )}
            <span className={styles.stepText}>
              <a href={step.href}>{step.label}</a>
              <span>{step.hint}</span>
            </span>
          </li>
        ))}
      </ol>
      <div className={styles.stepActs}>
        {sample && <SampleData sample={sample} />}
        <Button look="ghost" onClick={() => prefer({ checklist: "done" })}>
          {th("hideSteps")}
        </Button>
      </div>
    </section>
  );
}

/** Sample data in, and out again. */
function SampleData({ sample }: { sample: Sample }): ReactNode {
  const client = useQueryClient();
  const before = useRef(sample.state);
  const moving = isMoving(sample);
  useEffect(() => {
    const was = before.current;
    before.current = sample.state;
    // What the job made or took away shows everywhere.
    if ((was === "filling" || was === "removing") && !moving) void client.invalidateQueries();
  }, [sample.state, moving, client]);
  const run = (act: typeof fillSample) => () =>
    void act(client).catch((error: unknown) =>
      toast({ text: problemOf(error).detail ?? problemOf(error).title ?? "", tone: "bad" }),
    );
  const isIn = sample.state === "present" || sample.state === "removing";
  return (
    <>
      <p role="status">
        {moving
          ? th(sample.state === "filling" ? "sampleFilling" : "sampleRemoving", {
              count: sample.records,
            })
          : isIn
            ? th("samplePresent", { count: sample.records })
            : th("sampleText")}
      </p>
      {isIn ? (
        <Button busy={moving} onClick={run(removeSample)}>
          {th("sampleRemove")}
        </Button>
      ) : (
        <Button busy={moving} onClick={run(fillSample)}>
          {th("sampleLoad")}
        </Button>
      )}
    </>
  );
}
