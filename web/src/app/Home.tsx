// Home: where things stand, what changed, where one was. Every figure opens the list behind it.

import { keys } from "@megalith/api";
import { formatRelative, Instant } from "@megalith/meta";
import { Button, Dialog, Skeleton, StatusDot } from "@megalith/ui";
import { useQueries, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed, Clock, FileText } from "lucide-react";
import { type ReactNode, useState } from "react";
import { catalogQuery, type Entity, isAdministrative, listPath } from "./catalog";
import { Crumbs } from "./context";
import { prefer } from "./mine";
import styles from "./Page.module.css";
import { titleText, toneOf, useReader } from "./reader";
import { address, api } from "./server";
import { useSettings } from "./settings";
import { meQuery, switchOrg } from "./who";
import { t, type Word } from "./words";

const colours = {
  idle: "var(--edge)",
  info: "var(--info)",
  good: "var(--good)",
  warn: "var(--warn)",
  bad: "var(--bad)",
  ended: "color-mix(in srgb, var(--edge) 45%, var(--ground))",
};

function greeting(hour: number): Word {
  return hour < 12 ? "goodMorning" : hour < 18 ? "goodAfternoon" : "goodEvening";
}

export default function Home(): ReactNode {
  const { data: me } = useQuery(meQuery);
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const work = schema.entities.filter(
    (entity) => !isAdministrative(entity.service) && entity.path && entity.rights?.read,
  );
  const reader = useReader();
  const first = me?.user.name.split(" ")[0] ?? "";
  const day = new Intl.DateTimeFormat(reader.locale, { dateStyle: "full" }).format(new Date());
  return (
    <div className={styles.page}>
      <Crumbs items={[{ label: t("home") }]} />
      <div className={styles.hello}>
        <h1>
          <bdi>{t(greeting(new Date().getHours()), { name: first })}</bdi>
        </h1>
        <p>{day}</p>
      </div>
      <FirstSteps work={work} />
      <div className={styles.columns}>
        <Standing work={work} />
        <div style={{ display: "grid", gap: 32 }}>
          <Recent org={me?.org?.id ?? ""} />
          <Changed work={work} />
        </div>
      </div>
    </div>
  );
}

const byState = { select: "count()", group_by: "state" };

/** Records by state, of what has states. */
function Standing({ work }: { work: Entity[] }): ReactNode {
  const reader = useReader();
  const stated = work
    .map((entity) => ({ entity, state: entity.fields.find((field) => field.kind === "state") }))
    .filter(({ state }) => state !== undefined)
    .slice(0, 5);
  const answers = useQueries({
    queries: stated.map(({ entity }) => ({
      queryKey: keys.groups(entity.path ?? "", byState),
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.records.aggregate(entity.path ?? "", byState, signal),
    })),
  });
  const numbers = new Intl.NumberFormat(reader.locale);
  return (
    <section className={styles.part}>
      <h2>{t("waiting")}</h2>
      {stated.map(({ entity, state }, at) => {
        const found = answers[at]?.data?.items;
        if (!found || !state || !("choices" in state)) {
          return answers[at]?.isPending ? <Skeleton key={entity.name} lines={2} /> : null;
        }
        const counts = state.choices
          .map((choice) => ({
            ...choice,
            tone: toneOf(state, choice.name),
            count: Number(found.find((item) => item.state === choice.name)?.["count()"] ?? 0),
          }))
          .filter(({ count }) => count > 0);
        const all = counts.reduce((sum, { count }) => sum + count, 0);
        const filter = (name: string) =>
          address(listPath(entity), { filter: `state == '${name}'` });
        return (
          <div key={entity.name} className={styles.standing}>
            <div className={styles.standingHead}>
              <a href={listPath(entity)}>{entity.label_plural}</a>
              <span className={styles.rowHint}>{numbers.format(all)}</span>
            </div>
            {all > 0 && (
              <div className={styles.bar} aria-hidden="true">
                {counts.map(({ name, count, tone }) => (
                  <span key={name} style={{ flexGrow: count, background: colours[tone] }} />
                ))}
              </div>
            )}
            {all > 0 && (
              <ul className={styles.legend}>
                {counts.map(({ name, label, count, tone }) => (
                  <li key={name}>
                    <a href={filter(name)}>
                      <StatusDot tone={tone}>{label}</StatusDot>
                      <b>{numbers.format(count)}</b>
                    </a>
                  </li>
                ))}
              </ul>
            )}
          </div>
        );
      })}
    </section>
  );
}

/** What was changed last, of whatever kind. */
function Changed({ work }: { work: Entity[] }): ReactNode {
  const reader = useReader();
  // Documents move; what has no states seldom does.
  const hasState = (entity: Entity) => entity.fields.some((field) => field.kind === "state");
  const asked = [...work].sort((a, b) => Number(hasState(b)) - Number(hasState(a))).slice(0, 7);
  const answers = useQueries({
    queries: asked.map((entity) => ({
      queryKey: [...keys.of(entity.path ?? ""), "changed"],
      queryFn: ({ signal }: { signal: AbortSignal }) => {
        const fields = [entity.title, "updated_at"];
        const asked = { page_size: 4, order_by: "updated_at desc", fields };
        return api.records.list(entity.path ?? "", asked, "", signal);
      },
    })),
  });
  const rows = asked
    .flatMap((entity, at) => (answers[at]?.data?.items ?? []).map((row) => ({ entity, row })))
    .sort((a, b) => String(b.row.updated_at).localeCompare(String(a.row.updated_at)))
    .slice(0, 7);
  const now = Instant.ofMillis(Date.now());
  return (
    <section className={styles.part}>
      <h2>{t("changed")}</h2>
      {answers.some((answer) => answer.isPending) ? (
        <Skeleton lines={5} height={18} />
      ) : rows.length === 0 ? (
        <p className={styles.quiet}>{t("changedNone")}</p>
      ) : (
        <ul className={styles.list}>
          {rows.map(({ entity, row }) => (
            <li key={row.id}>
              <a className={styles.row} href={`${listPath(entity)}/${row.id}`}>
                <FileText aria-hidden="true" />
                <bdi className={styles.rowText}>{titleText(entity, row)}</bdi>
                <span className={styles.rowHint}>{entity.label}</span>
                <span className={styles.rowHint}>
                  {formatRelative(String(row.updated_at), now, reader)}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Recent({ org }: { org: string }): ReactNode {
  const list = useSettings().recent[org] ?? [];
  if (list.length === 0) return null;
  return (
    <section className={styles.part}>
      <h2>{t("recent")}</h2>
      <ul className={styles.list}>
        {list.slice(0, 5).map((place) => (
          <li key={place.path}>
            <a className={styles.row} href={place.path}>
              <Clock aria-hidden="true" />
              <bdi className={styles.rowText}>{place.label}</bdi>
              {place.hint && <span className={styles.rowHint}>{place.hint}</span>}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The first steps of a new organisation; it goes when all are done, or when it is hidden. */
function FirstSteps({ work }: { work: Entity[] }): ReactNode {
  const { checklist } = useSettings();
  const { data: me } = useQuery(meQuery);
  const [sample, setSample] = useState(false);
  const steps = work.filter((entity) => entity.rights?.create).slice(0, 5);
  const wanted = checklist === "open" && me?.roles.includes("administrator") === true;
  const answers = useQueries({
    queries: steps.map((entity) => ({
      queryKey: [...keys.of(entity.path ?? ""), "any"],
      enabled: wanted,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.records.list(entity.path ?? "", { page_size: 1, fields: ["id"] }, "", signal),
    })),
  });
  if (!wanted || answers.some((answer) => !answer.isSuccess)) return null;
  const done = answers.map((answer) => (answer.data?.items.length ?? 0) > 0);
  const count = done.filter(Boolean).length + 1;
  if (count === steps.length + 1) return null;
  const demo = me.orgs.find((org) => org.slug === "demo" && org.id !== me.org?.id);
  return (
    <section className={styles.steps} aria-label={t("firstSteps")}>
      <div className={styles.partHead}>
        <h2>{t("firstSteps")}</h2>
        <span className={styles.rowHint}>
          {t("stepsDone", { done: count, all: steps.length + 1 })}
        </span>
      </div>
      <ol className={styles.list}>
        <li className={`${styles.step} ${styles.stepDone}`}>
          <CircleCheck className={styles.stepSign} aria-hidden="true" />
          <span className={styles.rowText}>{t("stepCompany")}</span>
        </li>
        {steps.map((entity, at) => (
          <li key={entity.name} className={`${styles.step} ${done[at] ? styles.stepDone : ""}`}>
            {done[at] ? (
              <CircleCheck className={styles.stepSign} aria-hidden="true" />
            ) : (
              <CircleDashed className={styles.stepSign} aria-hidden="true" />
            )}
            <a className={styles.rowText} href={listPath(entity)}>
              {entity.label_plural}
            </a>
            <span className={styles.rowHint}>{entity.summary}</span>
          </li>
        ))}
      </ol>
      <div className={styles.stepActs} style={{ paddingBlock: "12px 8px" }}>
        <Button onClick={() => setSample(true)}>{t("sampleData")}</Button>
        <Button look="ghost" onClick={() => prefer({ checklist: "done" })}>
          {t("hideSteps")}
        </Button>
      </div>
      <Dialog
        open={sample}
        title={t("sampleData")}
        text={t("sampleText")}
        onClose={() => setSample(false)}
        actions={
          <>
            <Button onClick={() => setSample(false)}>{t("close")}</Button>
            {demo && (
              <Button look="main" onClick={() => switchOrg(demo)}>
                {t("sampleGo")}
              </Button>
            )}
          </>
        }
      >
        {!demo && <p>{t("sampleHow")}</p>}
      </Dialog>
    </section>
  );
}
