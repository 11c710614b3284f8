// What was changed last, of whatever kind, and by whom; and where one was.

import { keys } from "@megalith/api";
import { type Entity, formatRelative, Instant, titleOf } from "@megalith/meta";
import { Skeleton } from "@megalith/ui";
import { useQueries } from "@tanstack/react-query";
import { Clock } from "lucide-react";
import type { ReactNode } from "react";
import { listPath } from "../../app/catalog";
import { useCompany, useOrg } from "../../app/context";
import { iconOf } from "../../app/icons";
import { presentMs } from "../../app/present";
import { titleText, useReader } from "../../app/reader";
import { api } from "../../app/server";
import { useSettings } from "../../app/settings";
import { t } from "../../app/words";
import { inCompany } from "./asks";
import styles from "./Home.module.css";

const KINDS = 8;
const SHOWN = 8;

export function Changed({ work }: { work: Entity[] }): ReactNode {
  const reader = useReader();
  const company = useCompany();
  // Documents move; what has no states seldom does.
  const hasState = (entity: Entity) => entity.states !== null;
  const asked = [...work].sort((a, b) => Number(hasState(b)) - Number(hasState(a))).slice(0, KINDS);
  const answers = useQueries({
    queries: asked.map((entity) => {
      const path = entity.path ?? "";
      const filter = inCompany(entity, company);
      const query = {
        page_size: 5,
        order_by: "updated_at desc",
        fields: [entity.title, "updated_at", "updated_by"],
        expand: ["updated_by"],
        filter,
      };
      return {
        queryKey: [...keys.of(path), "changed", filter],
        queryFn: ({ signal }: { signal: AbortSignal }) => api.records.list(path, query, "", signal),
      };
    }),
  });
  const rows = asked
    .flatMap((entity, at) => (answers[at]?.data?.items ?? []).map((row) => ({ entity, row })))
    .sort((a, b) => String(b.row.updated_at).localeCompare(String(a.row.updated_at)))
    .slice(0, SHOWN);
  const now = Instant.ofMillis(presentMs());
  const who = (value: unknown) => {
    const title = titleOf(value);
    return /^usr_/.test(title) ? "" : title;
  };
  return (
    <section className={styles.part} aria-labelledby="home-changed">
      <h2 id="home-changed">{t("changed")}</h2>
      {answers.some((answer) => answer.isPending) ? (
        <Skeleton lines={5} height={18} />
      ) : rows.length === 0 ? (
        <p className={styles.quiet}>{t("changedNone")}</p>
      ) : (
        <ul className={styles.list}>
          {rows.map(({ entity, row }) => {
            const Icon = iconOf(entity);
            return (
              <li key={row.id}>
                <a className={styles.row} href={`${listPath(entity)}/${row.id}`}>
                  <Icon aria-hidden="true" />
                  <bdi className={styles.rowText}>
                    {titleText(entity, row)}
                    <span className={styles.rowSoft}> · {entity.label}</span>
                  </bdi>
                  <bdi className={styles.rowHint}>{who(row.updated_by)}</bdi>
                  <span className={styles.rowHint}>
                    {formatRelative(String(row.updated_at), now, reader)}
                  </span>
                </a>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}

export function Recent(): ReactNode {
  const org = useOrg();
  const list = useSettings().recent[org?.id ?? ""] ?? [];
  if (list.length === 0) return null;
  return (
    <section className={styles.part} aria-labelledby="home-recent">
      <h2 id="home-recent">{t("recent")}</h2>
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
