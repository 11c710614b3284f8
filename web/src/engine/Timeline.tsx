// The timeline of a record: what happened, who did it and when, before and after; each moment leads
// to the record as it was then.

import { formatDate, formatValue, type Reader, type Schema } from "@megalith/meta";
import { Avatar, Button, classes, ErrorState, isPassing, Skeleton } from "@megalith/ui";
import { useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { type Entity, type Field, listPath } from "../app/catalog";
import { useReader } from "../app/reader";
import { problemOf } from "../app/server";
import { t, type Word } from "../app/words";
import {
  byDay,
  type Change,
  type Happening,
  historyQuery,
  type LineChange,
  linkedIds,
  type Shown,
  titled,
} from "./history";
import { titlesQuery } from "./server";
import styles from "./Timeline.module.css";

const SHOWN: readonly { name: Shown; word: Word }[] = [
  { name: "all", word: "historyAll" },
  { name: "changes", word: "historyChanges" },
  { name: "acts", word: "historyActs" },
];
/** How many fields of a new record are told at once. */
const FEW = 5;

export default function Timeline({
  entity,
  id,
  schema,
  shown,
  onShow,
}: {
  entity: Entity;
  id: string;
  schema: Schema;
  shown: Shown;
  onShow: (shown: Shown) => void;
}): ReactNode {
  const reader = useReader();
  const query = useInfiniteQuery(historyQuery(entity, id));
  const items = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const ids = useMemo(() => linkedIds(items, entity, schema), [items, entity, schema]);
  const targets = [...ids].flatMap(([name, some]) => {
    const target = schema.entity(name);
    return target ? [{ target, some }] : [];
  });
  const found = useQueries({
    queries: targets.map(({ target, some }) => titlesQuery(target, some)),
  });
  const titles: Record<string, string> = Object.assign({}, ...found.map((one) => one.data ?? {}));
  const days = byDay(items, shown, reader.zone);
  return (
    <section className={styles.timeline} aria-label={t("history")}>
      <div className={styles.head}>
        <h2>{t("history")}</h2>
        <fieldset className={styles.filter} aria-label={t("historyShow")}>
          {SHOWN.map(({ name, word }) => (
            <button
              key={name}
              type="button"
              aria-pressed={shown === name}
              onClick={() => onShow(name)}
            >
              {t(word)}
            </button>
          ))}
        </fieldset>
      </div>
      {query.isPending && <Skeleton lines={4} height={14} />}
      {query.error && items.length === 0 && (
        <ErrorState
          problem={problemOf(query.error)}
          actions={
            isPassing(problemOf(query.error)) && (
              <Button onClick={() => query.refetch()}>{t("retry")}</Button>
            )
          }
        />
      )}
      {query.data && days.length === 0 && <p className={styles.quiet}>{t("historyNone")}</p>}
      {days.map(({ day, items: some }) => (
        <section key={day} className={styles.day} aria-label={formatDate(day, reader, "long")}>
          <h3>
            <time dateTime={day}>{formatDate(day, reader, "long")}</time>
          </h3>
          <ol>
            {some.map((one) => (
              <Event key={one.event} {...{ one, entity, id, schema, reader, titles }} />
            ))}
          </ol>
        </section>
      ))}
      {query.hasNextPage && (
        <Button
          look="ghost"
          size="small"
          busy={query.isFetchingNextPage}
          onClick={() => query.fetchNextPage()}
        >
          {t("historyMore")}
        </Button>
      )}
    </section>
  );
}

const VERBS: Readonly<Record<string, Word>> = {
  create: "didCreate",
  update: "didUpdate",
  delete: "didDelete",
};
const THROUGH: Readonly<Record<string, Word>> = {
  import: "throughImport",
  undo: "throughUndo",
};

/** Who did it: a person by name, else what sort of actor it was. */
function actorText(one: Happening): string {
  const { id, kind, title } = one.actor;
  if (kind === "system" || (id && /^usr_0+$/.test(id))) return t("system");
  if (kind === "service") return title ?? t("system");
  return title ?? t("somebody");
}

function Event({
  one,
  entity,
  id,
  schema,
  reader,
  titles,
}: {
  one: Happening;
  entity: Entity;
  id: string;
  schema: Schema;
  reader: Reader;
  titles: Readonly<Record<string, string>>;
}): ReactNode {
  const [all, setAll] = useState(false);
  const act = entity.acts.find((each) => each.name === one.verb);
  const verb = VERBS[one.verb];
  const isNew = one.verb === "create";
  const known = one.changes.filter((change) => schema.field(entity, change.field));
  // Of a new record only what was filled in says something.
  const told = isNew ? known.filter((change) => change.erased || !isNothing(change.after)) : known;
  const many = isNew || told.length > FEW * 2 ? FEW : told.length;
  const some = all ? told : told.slice(0, many);
  const sets = schema.entity("platform.change_set");
  const through = one.through ? THROUGH[one.through] : undefined;
  const who = actorText(one);
  const moment = new URLSearchParams({ known_at: one.at });
  const rest = told.length - many + (isNew ? one.lines.length : 0);
  return (
    <li className={styles.event} data-verb={one.verb}>
      <Avatar name={who} />
      <div className={styles.body}>
        <p className={styles.what}>
          <b>
            <bdi>{who}</bdi>
          </b>{" "}
          <span className={classes(styles.verb, act && styles.act)}>
            {act ? act.label : verb ? t(verb) : one.verb}
          </span>
          {through && (
            <>
              {" · "}
              {one.change_set && sets?.path ? (
                <a className={styles.link} href={`${listPath(sets)}/${one.change_set}`}>
                  {t(through)}
                </a>
              ) : (
                t(through)
              )}
            </>
          )}
          {one.actor.kind === "api_key" && ` · ${t("throughKey")}`}{" "}
          <a
            className={styles.moment}
            href={`${listPath(entity)}/${id}?${moment}`}
            title={t("asItWasThen")}
          >
            <time dateTime={one.at}>{timeOf(one.at, reader)}</time>
            <span className={styles.heard}>{t("asItWasThen")}</span>
          </a>
        </p>
        {one.reason && !(one.through === "undo" && /^undo of cs_\w+$/.test(one.reason)) && (
          <p className={styles.reason}>
            <bdi>{one.reason}</bdi>
          </p>
        )}
        {some.length > 0 && (
          <dl className={styles.changes}>
            {some.map((change) => (
              <ChangeRow
                key={change.field}
                {...{ change, entity, schema, reader, titles, isNew }}
              />
            ))}
          </dl>
        )}
        {(!isNew || all) &&
          one.lines.map((line) => (
            <LineRow key={line.field + line.id} {...{ line, entity, schema, reader, titles }} />
          ))}
        {rest > 0 && (
          <Button
            className={styles.flush}
            look="ghost"
            size="small"
            aria-expanded={all}
            onClick={() => setAll(!all)}
          >
            {all ? t("showLess") : t("showMore", { count: rest })}
          </Button>
        )}
      </div>
    </li>
  );
}

/** The time of day: the day stands above. */
const timeOf = (at: string, { locale, zone }: Reader) =>
  new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(
    new Date(at),
  );

const isNothing = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === "" ||
  (typeof value === "object" && Object.keys(value as object).length === 0);

function textOf(
  field: Field,
  value: unknown,
  reader: Reader,
  titles: Readonly<Record<string, string>>,
): string {
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (isNothing(value)) return t("empty");
  if (typeof value === "string" && /^usr_0+$/.test(value)) return t("system");
  try {
    return formatValue(field, titled(value, titles), reader) || t("empty");
  } catch {
    return JSON.stringify(value);
  }
}

function ChangeRow({
  change,
  entity,
  schema,
  reader,
  titles,
  isNew,
}: {
  change: Change;
  entity: Entity;
  schema: Schema;
  reader: Reader;
  titles: Readonly<Record<string, string>>;
  isNew: boolean;
}): ReactNode {
  const field = schema.field(entity, change.field);
  if (!field) return null;
  const text = (value: unknown) => textOf(field, value, reader, titles);
  return (
    <div>
      <dt>{field.label}</dt>
      <dd>
        {change.erased ? (
          <i>{t("erased")}</i>
        ) : (
          <>
            {!isNew && "before" in change && !(isNothing(change.before) && "after" in change) && (
              <>
                <del>
                  <bdi>{text(change.before)}</bdi>
                </del>
                <span className={styles.arrow} role="img" aria-label={t("becomes")}>
                  →
                </span>
              </>
            )}
            {"after" in change && (
              <ins>
                <bdi>{text(change.after)}</bdi>
              </ins>
            )}
          </>
        )}
      </dd>
    </div>
  );
}

const LINE_WORDS = {
  added: "lineAdded",
  changed: "lineChanged",
  removed: "lineGone",
} as const satisfies Record<LineChange["change"], Word>;

function LineRow({
  line,
  entity,
  schema,
  reader,
  titles,
}: {
  line: LineChange;
  entity: Entity;
  schema: Schema;
  reader: Reader;
  titles: Readonly<Record<string, string>>;
}): ReactNode {
  const field = schema.field(entity, line.field);
  const lines = field && schema.target(field);
  if (!lines) return null;
  const isChange = line.change === "changed";
  const told = line.changes.filter(
    (one) => isChange || !isNothing(line.change === "added" ? one.after : one.before),
  );
  return (
    <div className={styles.line} data-change={line.change}>
      <span className={styles.lineVerb}>{t(LINE_WORDS[line.change])}</span>{" "}
      {isChange ? (
        <dl className={styles.changes}>
          {told.map((change) => (
            <ChangeRow
              key={change.field}
              {...{ change, schema, reader, titles }}
              entity={lines}
              isNew={false}
            />
          ))}
        </dl>
      ) : (
        told
          .map((change) => {
            const own = schema.field(lines, change.field);
            const value = line.change === "added" ? change.after : change.before;
            return own ? `${own.label} ${textOf(own, value, reader, titles)}` : "";
          })
          .filter(Boolean)
          .map((text) => (
            <bdi key={text} className={styles.part}>
              {text}
            </bdi>
          ))
      )}
    </div>
  );
}
