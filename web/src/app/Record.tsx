// A record as it is: every field that may be seen, and its lines.

import { keys } from "@megalith/api";
import { Button, ErrorState, Skeleton, StatusDot } from "@megalith/ui";
import { queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { catalogQuery, type Entity, listPath } from "./catalog";
import { Crumbs, useOrg } from "./context";
import { NotFound } from "./NotFound";
import styles from "./Page.module.css";
import { type Row, textOf, titleText, toneOf, useReader } from "./reader";
import { api, problemOf } from "./server";
import { visit } from "./settings";
import { t } from "./words";

export const recordQuery = (entity: Entity, id: string) => {
  const links = entity.fields.filter((field) => field.kind === "link");
  const query = { expand: links.map((field) => field.name) };
  const path = entity.path ?? "";
  return queryOptions({
    queryKey: keys.record(path, id, query),
    queryFn: ({ signal }): Promise<Row> => api.records.get(path, id, query, signal),
  });
};

export function RecordFacts({ entity, id }: { entity: Entity; id: string }): ReactNode {
  const reader = useReader();
  const org = useOrg();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const { data: row, error, isPending, refetch } = useQuery(recordQuery(entity, id));
  useEffect(() => {
    if (!row || !org) return;
    visit(org.id, {
      path: `${listPath(entity)}/${row.id}`,
      label: titleText(entity, row),
      hint: entity.label,
    });
  }, [row, org, entity]);
  if (isPending) return <Skeleton lines={8} height={16} />;
  if (error) {
    return (
      <ErrorState
        problem={problemOf(error)}
        actions={<Button onClick={() => refetch()}>{t("retry")}</Button>}
      />
    );
  }
  const shown = entity.fields.filter(
    (field) =>
      field.name in row && !["id", "version", "custom", "external_ids"].includes(field.name),
  );
  const facts = shown.filter((field) => field.kind !== "lines");
  return (
    <div className={styles.part}>
      <dl className={styles.facts}>
        {facts.map((field) => {
          const text = textOf(field, row, reader);
          const target = field.kind === "link" ? schema.target(field) : null;
          const link = row[field.name] as { id?: string } | string | null;
          const to = target && link ? listPath(target) : null;
          return [
            <dt key={`${field.name}-name`}>{field.label}</dt>,
            <dd key={field.name} className={text ? "" : styles.none}>
              {field.kind === "state" ? (
                <StatusDot tone={toneOf(field, String(row[field.name]))}>{text}</StatusDot>
              ) : to && link ? (
                <a href={`${to}/${typeof link === "string" ? link : link.id}`}>
                  <bdi>{text}</bdi>
                </a>
              ) : (
                <bdi>{text || t("empty")}</bdi>
              )}
            </dd>,
          ];
        })}
      </dl>
      {shown
        .filter((field) => field.kind === "lines")
        .map((field) => (
          <Lines key={field.name} label={field.label} rows={(row[field.name] ?? []) as Row[]} />
        ))}
    </div>
  );
}

const plain = (value: unknown): string => {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  const { title, amount, currency, id } = value as Record<string, string | undefined>;
  return title ?? (amount ? `${amount} ${currency ?? ""}`.trim() : (id ?? ""));
};

/** Child lines as a table. */
function Lines({ label, rows }: { label: string; rows: Row[] }): ReactNode {
  const hidden = new Set(["id", "version", "custom", "external_ids"]);
  const names = Object.keys(rows[0] ?? {}).filter(
    (name) => !hidden.has(name) && rows.some((row) => plain(row[name]) !== ""),
  );
  if (names.length === 0) return null;
  return (
    <section className={styles.part} style={{ marginBlockStart: 20 }}>
      <h2>{label}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section className={styles.scroll} aria-label={label} tabIndex={0}>
        <table className={styles.lines}>
          <thead>
            <tr>
              {names.map((name) => (
                <th key={name}>{name.replaceAll("_", " ")}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                {names.map((name) => (
                  <td key={name}>
                    <bdi>{plain(row[name])}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

const route = getRouteApi("/$service/$plural/$id");

export default function RecordPage(): ReactNode {
  const { service, plural, id } = route.useParams();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const entity = schema.at(service, plural);
  return entity ? <Whole key={id} entity={entity} id={id} /> : <NotFound />;
}

function Whole({ entity, id }: { entity: Entity; id: string }): ReactNode {
  const { data: row } = useQuery(recordQuery(entity, id));
  const title = row ? titleText(entity, row) : entity.label;
  return (
    <div className={styles.page}>
      <Crumbs
        items={[{ label: entity.label_plural, href: listPath(entity) }, { label: title }]}
        place={{ path: `${listPath(entity)}/${id}`, label: title, hint: entity.label }}
      />
      <div className={styles.titleRow}>
        <h1>
          <bdi>{title}</bdi>
        </h1>
      </div>
      <RecordFacts entity={entity} id={id} />
    </div>
  );
}
