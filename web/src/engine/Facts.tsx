// What a record says: its fields in titled groups, its lines as a table, who and when at the side.

import { keys } from "@megalith/api";
import { formatInstant, formatInteger, type Reader, type Schema } from "@megalith/meta";
import { Button, classes, IconButton, later } from "@megalith/ui";
import { useQuery } from "@tanstack/react-query";
import { Info } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Entity, Field } from "../app/catalog";
import { type Row, textOf, useReader } from "../app/reader";
import { t, type Word } from "../app/words";
import { LinesTable, useLinkTitles } from "./LinesTable";
import styles from "./Record.module.css";
import { countUsers } from "./server";
import {
  differs,
  factsOf,
  filledColumns,
  type GroupName,
  linesOf,
  sideOf,
  totalsOf,
} from "./shape";
import { usersPath } from "./uses";
import { Value } from "./Value";

const Figure = later(() => import("./Figure"));

export const GROUP_WORDS: Readonly<Record<GroupName, Word>> = {
  main: "groupMain",
  amounts: "groupAmounts",
  addresses: "groupAddresses",
  details: "groupDetails",
};

export function Facts({
  entity,
  row,
  schema,
  onEdit,
  today = null,
}: {
  entity: Entity;
  row: Row;
  schema: Schema;
  /** The record as it is now, where `row` is how it was: what differs is marked. */
  today?: Row | null;
  /** Opens the form at a field. */
  onEdit: ((field: string) => void) | null;
}): ReactNode {
  const reader = useReader();
  const [all, setAll] = useState(false);
  const { groups, empty } = factsOf(entity, row, all, today);
  const first = groups.filter((group) => group.name === "main" || group.name === "amounts");
  const rest = groups.filter((group) => !first.includes(group));
  const editable = (field: Field) => onEdit !== null && field.writable && !field.computed;
  const shown = (some: typeof groups) =>
    some.length > 0 && (
      <div className={styles.groups}>
        {some.map((group) => (
          <section
            key={group.name}
            className={classes(styles.group, group.name === "amounts" && styles.sums)}
          >
            <h2>{t(GROUP_WORDS[group.name])}</h2>
            <dl className={styles.facts}>
              {group.fields.map((field) => (
                <div key={field.name} className={styles.fact}>
                  <dt title={field.help || undefined}>
                    {field.label}
                    {field.computed && row[field.name] != null && (
                      <Explain field={field} entity={entity} row={row} schema={schema} />
                    )}
                  </dt>
                  {/* biome-ignore lint/a11y/useKeyWithClickEvents: the key is `e`, for all fields */}
                  <dd
                    className={editable(field) ? styles.editable : undefined}
                    onClick={(event) => {
                      const isOwn = (event.target as Element).closest("a, button");
                      if (!isOwn && !getSelection()?.toString() && editable(field)) {
                        onEdit?.(field.name);
                      }
                    }}
                  >
                    <Value field={field} row={row} reader={reader} schema={schema} />
                    <Today {...{ field, row, today, reader }} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    );
  return (
    <>
      {shown(first)}
      {linesOf(entity, row).map((field) => (
        <Lines key={field.name} {...{ field, row, schema, reader, today }} />
      ))}
      {shown(rest)}
      {empty > 0 && (
        <div className={styles.flush}>
          <Button
            look="ghost"
            size="small"
            aria-expanded={all}
            onClick={() => setAll((now) => !now)}
          >
            {all ? t("hideEmpty") : t("showEmpty", { count: empty })}
          </Button>
        </div>
      )}
    </>
  );
}

/** Child lines as a compact table, with the totals of their amounts. */
function Lines({
  field,
  row,
  schema,
  reader,
  today,
}: {
  field: Field;
  row: Row;
  schema: Schema;
  reader: Reader;
  today: Row | null;
}): ReactNode {
  const rows = (row[field.name] ?? []) as Row[];
  const now = today && new Map(((today[field.name] ?? []) as Row[]).map((one) => [one.id, one]));
  const more = now ? [...now.keys()].filter((id) => !rows.some((one) => one.id === id)).length : 0;
  const filled = filledColumns(schema, field, rows);
  const link = filled.find((one) => one.kind === "link");
  const titles = useLinkTitles(link, rows, schema);
  // A text that only repeats what the link says is left out.
  const columns = filled.filter(
    (one) =>
      !link ||
      one.kind !== "text" ||
      rows.some((line) => line[one.name] !== titles[String(line[link.name])]),
  );
  const money = columns.filter((one) => one.kind === "money");
  const sums = new Map(money.map((one) => [one.name, totalsOf(one, rows)]));
  const beside = (column: Field, line: Row) => (
    <>
      {now && !now.has(line.id) && column === columns[0] && (
        <span className={styles.today}>{t("lineNotToday")}</span>
      )}
      <Today field={column} row={line} today={now?.get(line.id) ?? null} reader={reader} />
    </>
  );
  if (rows.length === 0) {
    return (
      <section className={styles.group}>
        <h2>{field.label}</h2>
        <p className={styles.quiet}>{t("noLines")}</p>
      </section>
    );
  }
  return (
    <section className={styles.group}>
      <h2>
        {field.label} <span className={styles.number}>{rows.length}</span>
      </h2>
      <LinesTable label={field.label} {...{ columns, rows, schema, titles, beside, sums }} />
      {more > 0 && <p className={styles.today}>{t("linesToday", { count: more })}</p>}
    </section>
  );
}

/** What a value is today, where that is something else. */
function Today({
  field,
  row,
  today,
  reader,
}: {
  field: Field;
  row: Row;
  today: Row | null;
  reader: Reader;
}): ReactNode {
  if (!today || !differs(field, row, today)) return null;
  const value = textOf(field, today, reader) || t("empty");
  return (
    <span className={styles.today}>
      <bdi>{t("todayIs", { value })}</bdi>
    </span>
  );
}

/** Opens how a figure is made. */
function Explain(props: { field: Field; entity: Entity; row: Row; schema: Schema }): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <IconButton
        size="small"
        className={styles.how}
        label={t("howMade", { field: props.field.label })}
        onClick={() => setOpen(true)}
      >
        <Info />
      </IconButton>
      {open && <Figure {...props} onClose={() => setOpen(false)} />}
    </>
  );
}

/** Company, people and dates. */
export function Side({
  entity,
  row,
  schema,
}: {
  entity: Entity;
  row: Row;
  schema: Schema;
}): ReactNode {
  const reader = useReader();
  const fields = sideOf(entity, row);
  const others = fields.filter((field) => !/^(created|updated)_(at|by)$/.test(field.name));
  const signed = (["created", "updated"] as const).flatMap((verb) => {
    const at = row[`${verb}_at`];
    if (typeof at !== "string") return [];
    const by = entity.fields.find((field) => field.name === `${verb}_by`);
    return [{ label: entity.fields.find((f) => f.name === `${verb}_at`)?.label ?? verb, at, by }];
  });
  return (
    <aside className={styles.side} aria-label={t("peopleAndDates")}>
      <dl>
        {others.map((field) => (
          <div key={field.name}>
            <dt>{field.label}</dt>
            <dd>
              <Value field={field} row={row} reader={reader} schema={schema} />
            </dd>
          </div>
        ))}
        {signed.map(({ label, at, by }) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <time dateTime={at}>{formatInstant(at, reader)}</time>
              {by && (
                <span className={styles.block}>
                  <Value field={by} row={row} reader={reader} schema={schema} />
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

/** How many records of each kind lead here, with the way to them. */
export function UsedBy({
  entity,
  id,
  schema,
}: {
  entity: Entity;
  id: string;
  schema: Schema;
}): ReactNode {
  const reader = useReader();
  const { data = [] } = useQuery({
    queryKey: [...keys.of(entity.path ?? ""), "used-by", id],
    queryFn: ({ signal }) => countUsers(schema, entity, [id], signal),
    staleTime: 30_000,
  });
  if (data.length === 0) return null;
  return (
    <aside className={styles.side} aria-label={t("whereUsed")}>
      <h2 className={styles.sideTitle}>{t("whereUsed")}</h2>
      <ul className={styles.uses}>
        {data.map((user) => (
          <li key={`${user.entity.name} ${user.field}`}>
            <a className={styles.link} href={usersPath(user.entity, user.field, id)}>
              {user.entity.label_plural}
            </a>
            <span className={styles.number}>{formatInteger(user.count, reader)}</span>
          </li>
        ))}
      </ul>
    </aside>
  );
}
