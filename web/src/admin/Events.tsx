// What happened, over all logs, the newest first: who did what to which records, and why.

import type { components } from "@megalith/api";
import { formatInstant, formatInteger, type Schema } from "@megalith/meta";
import { Button } from "@megalith/ui";
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { listPath } from "../app/catalog";
import { useReader } from "../app/reader";
import { address, api, problemOf } from "../app/server";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { EventFilter } from "./EventFilter";
import { Table } from "./kit";
import { useAdminSearch } from "./search";
import { ta } from "./words";

type Page = components["schemas"]["Events"];

const PATH = "/api/v1/platform/log/events";
const SIZE = "25";

export function Events({ schema, services }: { schema: Schema; services: string[] }): ReactNode {
  const reader = useReader();
  const [{ service, actor, verb, record }] = useAdminSearch();
  const asked = { service, actor, verb, record, page_size: SIZE };
  const query = useInfiniteQuery({
    queryKey: ["log-events", asked],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.records.read<Page>(address(PATH, { ...asked, page_token: pageParam }), signal),
    getNextPageParam: (page) => page.next_page_token || null,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const wrong =
    query.isError &&
    problemOf(query.error).errors.find(({ pointer }) => pointer === "?record")?.message;
  const labelOf = (name: string) => schema.services.find((one) => one.name === name)?.label ?? name;
  return (
    <div className={styles.part}>
      <h2>{ta("events")}</h2>
      <EventFilter
        areas={services.map((value) => ({ value, label: labelOf(value) }))}
        seen={rows.flatMap(({ actor: { id, title } }) =>
          id ? [{ value: id, label: title ?? id }] : [],
        )}
        wrong={wrong || undefined}
      />
      {!wrong && (
        <Table
          label={ta("events")}
          query={query}
          rows={rows}
          keyOf={(one) => one.event}
          none={ta("noEvents")}
          columns={[
            {
              id: "at",
              label: ta("when"),
              cell: (one) => <time dateTime={one.at}>{formatInstant(one.at, reader)}</time>,
            },
            {
              id: "who",
              label: ta("person"),
              cell: (one) => (
                <bdi>
                  {one.actor.title ?? (one.actor.kind === "system" ? t("system") : one.actor.kind)}
                </bdi>
              ),
            },
            { id: "verb", label: ta("deed"), cell: (one) => <code dir="ltr">{one.verb}</code> },
            {
              id: "records",
              label: ta("records"),
              cell: (one) => (
                <span className={styles.names}>
                  {one.record_count === 0 && <span className={styles.soft}>–</span>}
                  {one.records.slice(0, 3).map((record, at) => {
                    const entity = schema.entity(record.entity);
                    const title = record.title ?? record.id;
                    // Some are called after another: the moves of an order after the order.
                    const isSame =
                      one.records.findIndex((other) => other.title === record.title) < at;
                    const text = isSame && entity ? `${entity.label} ${title}` : title;
                    return entity ? (
                      <a key={record.id} href={`${listPath(entity)}/${record.id}`}>
                        <bdi>{text}</bdi>
                      </a>
                    ) : (
                      <bdi key={record.id}>{text}</bdi>
                    );
                  })}
                  {one.record_count > 3 &&
                    ta("andMore", { value: formatInteger(one.record_count - 3, reader) })}
                </span>
              ),
            },
            {
              id: "why",
              label: ta("why"),
              cell: (one) => <bdi>{one.reason ?? ""}</bdi>,
            },
            {
              id: "position",
              label: ta("area"),
              cell: (one) => `${labelOf(one.service)}, ${formatInteger(one.position, reader)}`,
            },
          ]}
        />
      )}
      {query.hasNextPage && (
        <div>
          <Button busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {ta("moreEvents")}
          </Button>
        </div>
      )}
    </div>
  );
}
