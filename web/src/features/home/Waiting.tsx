// What waits for me, the kinds with most of it last changed first; and what is wrong.

import { keys } from "@megalith/api";
import { formatInteger, formatRelative, Instant, type Schema } from "@megalith/meta";
import { Skeleton, StatusDot } from "@megalith/ui";
import { useQueries, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { isAdministrative, listPath } from "../../app/catalog";
import { useCompany } from "../../app/context";
import { presentMs } from "../../app/present";
import { useReader } from "../../app/reader";
import { address, api } from "../../app/server";
import { type Ask, askFilter, askPath, asksOf, inCompany } from "./asks";
import styles from "./Home.module.css";
import { every } from "./span";
import { th } from "./words";

/** How long an import with refused rows is brought to mind. */
const IMPORT_DAYS = 14;
const STALE_MS = 30_000;

interface Counted {
  ask: Ask;
  count: number;
  oldest: string | null;
}

function useAsks(schema: Schema, company: string): { waits: Counted[]; pending: boolean } {
  const asks = schema.entities.flatMap(asksOf);
  const answers = useQueries({
    queries: asks.map((ask) => {
      const path = ask.entity.path ?? "";
      const query = {
        select: "count(),min(updated_at)",
        filter: every(askFilter(ask), inCompany(ask.entity, company)),
      };
      return {
        queryKey: keys.groups(path, query),
        queryFn: ({ signal }: { signal: AbortSignal }) =>
          api.records.aggregate(path, query, signal),
        staleTime: STALE_MS,
      };
    }),
  });
  const waits = asks.flatMap((ask, at) => {
    const found = answers[at]?.data?.items[0];
    const count = Number(found?.["count()"] ?? 0);
    const oldest = found?.["min(updated_at)"];
    return count > 0 ? [{ ask, count, oldest: typeof oldest === "string" ? oldest : null }] : [];
  });
  return { waits, pending: answers.some((answer) => answer.isPending) };
}

/** Imports of the last days of which rows were refused, by whoever may see them. */
function useRefused(schema: Schema) {
  const entity = schema.entity("platform.import");
  const isKnown = entity?.rights?.read && schema.field(entity, "refused") !== null;
  const since = new Date(presentMs() - IMPORT_DAYS * 86_400_000).toISOString().slice(0, 10);
  const filter = `refused > 0 && started_at >= instant('${since}T00:00:00Z')`;
  const query = { select: "count(),sum(refused)", filter };
  const { data } = useQuery({
    queryKey: keys.groups(entity?.path ?? "", query),
    queryFn: ({ signal }) => api.records.aggregate(entity?.path ?? "", query, signal),
    enabled: isKnown === true,
    staleTime: STALE_MS,
  });
  const [found] = data?.items ?? [];
  const count = Number(found?.["count()"] ?? 0);
  if (!entity || count === 0) return null;
  return {
    count,
    rows: Number(found?.["sum(refused)"] ?? 0),
    href: address(listPath(entity), { filter }),
  };
}

export function Waiting({ schema }: { schema: Schema }): ReactNode {
  const reader = useReader();
  const company = useCompany();
  const { waits, pending } = useAsks(schema, company);
  const refused = useRefused(schema);
  const now = Instant.ofMillis(presentMs());
  const wrong = waits.filter(({ ask }) => isAdministrative(ask.entity.service));
  const work = waits.filter(({ ask }) => !isAdministrative(ask.entity.service));
  return (
    <section className={styles.part} aria-labelledby="home-waiting">
      <h2 id="home-waiting">{th("waitingForMe")}</h2>
      {pending && waits.length === 0 ? (
        <Skeleton lines={4} height={18} />
      ) : waits.length === 0 && !refused ? (
        <p className={styles.quiet}>{th("waitingNone")}</p>
      ) : (
        <ul className={`${styles.list} ${styles.waits}`}>
          {[...wrong, ...work].map(({ ask, count, oldest }) => (
            <li key={`${ask.entity.name} ${ask.state}`}>
              <a className={styles.row} href={askPath(ask, company)}>
                <b className={styles.many}>{formatInteger(count, reader)}</b>
                <span className={styles.rowText}>
                  {ask.entity.label_plural}
                  {ask.own && <span className={styles.rowSoft}> · {th("yours")}</span>}
                </span>
                <StatusDot tone={ask.tone}>{ask.label}</StatusDot>
                <span className={styles.rowHint}>
                  {oldest && th("oldest", { ago: formatRelative(oldest, now, reader) })}
                </span>
                <span className={styles.act}>{ask.act}</span>
              </a>
            </li>
          ))}
          {refused && (
            <li>
              <a className={styles.row} href={refused.href}>
                <b className={styles.many}>{formatInteger(refused.count, reader)}</b>
                <span className={styles.rowText}>{th("refusedImports")}</span>
                <StatusDot tone="warn">{th("refusedRows", { count: refused.rows })}</StatusDot>
              </a>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}
