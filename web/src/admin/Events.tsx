// What happened, over all logs, the newest first: who did what to which records, and why.

import type { components } from "@megalith/api";
import { formatInteger, type Schema } from "@megalith/meta";
import { Button, Select, TextField } from "@megalith/ui";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { listPath } from "../app/catalog";
import { useReader } from "../app/reader";
import { address, api } from "../app/server";
import styles from "./Admin.module.css";
import { Table, When } from "./kit";
import { useAdminSearch } from "./search";
import { ta } from "./words";

type Page = components["schemas"]["Events"];

const PATH = "/api/v1/platform/log/events";
const SIZE = "25";

export function Events({ schema, services }: { schema: Schema; services: string[] }): ReactNode {
  const reader = useReader();
  const [search, choose] = useAdminSearch();
  const [verb, setVerb] = useState(search.verb ?? "");
  const asked = { service: search.service, verb: search.verb, page_size: SIZE };
  const query = useInfiniteQuery({
    queryKey: ["log-events", asked],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.records.read<Page>(address(PATH, { ...asked, page_token: pageParam }), signal),
    getNextPageParam: (page) => page.next_page_token || null,
  });
  const rows = query.data?.pages.flatMap((page) => page.items) ?? [];
  const labelOf = (name: string) => schema.services.find((one) => one.name === name)?.label ?? name;
  return (
    <div className={styles.part}>
      <h2>{ta("events")}</h2>
      <form
        className={styles.filters}
        onSubmit={(event) => {
          event.preventDefault();
          choose({ verb: verb.trim() || undefined });
        }}
      >
        <Select
          label={ta("area")}
          value={search.service ?? ""}
          onChange={(service) => choose({ service: service || undefined })}
          options={[
            { value: "", label: ta("everyArea") },
            ...services.map((name) => ({ value: name, label: labelOf(name) })),
          ]}
        />
        <TextField
          label={ta("deed")}
          value={verb}
          onChange={setVerb}
          onBlur={() => choose({ verb: verb.trim() || undefined })}
          dir="ltr"
        />
      </form>
      <Table
        label={ta("events")}
        query={query}
        rows={rows}
        keyOf={(one) => one.event}
        none={ta("noEvents")}
        columns={[
          { id: "at", label: ta("when"), cell: (one) => <When at={one.at} reader={reader} /> },
          {
            id: "who",
            label: ta("person"),
            cell: (one) => <bdi>{one.actor.title ?? one.actor.kind}</bdi>,
          },
          { id: "verb", label: ta("deed"), cell: (one) => <code dir="ltr">{one.verb}</code> },
          {
            id: "records",
            label: ta("records"),
            cell: (one) => (
              <span className={styles.names}>
                {one.records.slice(0, 3).map((record) => {
                  const entity = schema.entity(record.entity);
                  const text = record.title ?? record.id;
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
