// How the organisation fares: what is checked, and the work in the background.

import type { components } from "@megalith/api";
import { formatInstant, formatInteger } from "@megalith/meta";
import { Button, StatusDot, type Tone } from "@megalith/ui";
import { useQuery } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import type { ReactNode } from "react";
import { useReader } from "../app/reader";
import { api } from "../app/server";
import styles from "./Admin.module.css";
import { AdminPage, Table, When } from "./kit";
import { ta } from "./words";

type HealthAnswer = components["schemas"]["Health"];

const EVERY_MS = 15_000;

const healthQuery = {
  queryKey: ["health"],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api.records.read<HealthAnswer>("/api/v1/platform/health", signal),
};

type State = HealthAnswer["checks"][number]["state"];
export const tones: Record<State, Tone> = { ok: "good", degraded: "warn", down: "bad" };

export default function Health(): ReactNode {
  const reader = useReader();
  const query = useQuery({ ...healthQuery, refetchInterval: EVERY_MS });
  const { data } = query;
  const number = (value: number) => formatInteger(value, reader);
  return (
    <AdminPage
      title={ta("health")}
      intro={ta("healthIntro")}
      actions={
        <Button icon={<RefreshCw />} busy={query.isFetching} onClick={() => void query.refetch()}>
          {ta("askAgain")}
        </Button>
      }
    >
      <Table
        label={ta("checks")}
        query={query}
        rows={data?.checks ?? []}
        keyOf={(one) => one.name}
        none=""
        columns={[
          { id: "name", label: ta("checks"), cell: (one) => one.name.replace(/_/g, " ") },
          {
            id: "state",
            label: ta("state"),
            cell: (one) => (
              <StatusDot tone={tones[one.state]}>{ta(`check.${one.state}`)}</StatusDot>
            ),
          },
          { id: "detail", label: ta("detail"), cell: (one) => <bdi>{one.detail}</bdi> },
        ]}
      />
      {data && (
        <dl className={styles.facts}>
          <dt>{ta("jobs")}</dt>
          <dd>
            <a href="/admin/work">
              {ta("jobCounts", {
                waiting: number(data.jobs.waiting),
                running: number(data.jobs.running),
                failed: number(data.jobs.failed),
              })}
            </a>
          </dd>
          <dt>{ta("version")}</dt>
          <dd dir="ltr">{data.version}</dd>
          <dt>{ta("runsSince")}</dt>
          <dd>
            {formatInstant(data.started_at, reader)} (
            <When at={data.started_at} reader={reader} />)
          </dd>
        </dl>
      )}
    </AdminPage>
  );
}
