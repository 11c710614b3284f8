// The log of every service: how far it is sealed, by which key, and whether it was found as it was
// sealed. A verification runs as a job.

import type { ApiRecord, components } from "@megalith/api";
import { formatInstant, formatInteger } from "@megalith/meta";
import { Button, Callout, Progress, StatusDot } from "@megalith/ui";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { ShieldCheck } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { catalogQuery } from "../app/catalog";
import { useReader } from "../app/reader";
import { api } from "../app/server";
import { Events } from "./Events";
import { AdminPage, Table, useChange, When, Wrong } from "./kit";
import { ta } from "./words";

const PATH = "/api/v1/platform/log";
const JOBS = "/api/v1/platform/jobs";
const EVERY_MS = 700;
/** Hexadecimal digits by which people tell keys and roots apart. */
const SHORT = 12;

type Logs = components["schemas"]["Logs"];
type Begun = components["schemas"]["BegunJob"];

const logsQuery = {
  queryKey: ["log"],
  queryFn: ({ signal }: { signal: AbortSignal }) => api.records.read<Logs>(PATH, signal),
};

export default function Log(): ReactNode {
  const reader = useReader();
  const client = useQueryClient();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const query = useQuery(logsQuery);
  const [begun, setBegun] = useState<string | null>(null);
  const verify = useChange(
    async () => setBegun((await api.records.command<Begun>(`${PATH}:verify`, undefined)).id),
    { paths: [JOBS] },
  );
  const job = useQuery<ApiRecord>({
    queryKey: ["log-job", begun],
    enabled: begun !== null,
    refetchInterval: ({ state }) =>
      ["done", "failed"].includes(String(state.data?.state)) ? false : EVERY_MS,
    queryFn: ({ signal }): Promise<ApiRecord> => api.records.get(JOBS, begun ?? "", {}, signal),
  });
  const isOver = ["done", "failed"].includes(String(job.data?.state));
  useEffect(() => {
    if (isOver) void client.invalidateQueries({ queryKey: logsQuery.queryKey });
  }, [isOver, client]);
  const rows = query.data?.items ?? [];
  const running = verify.isPending || (begun !== null && !isOver && !job.isError);
  const findings = rows.flatMap((one) =>
    (one.verified?.findings ?? []).map((finding) => ({ service: one.service, ...finding })),
  );
  const checked = rows.filter((one) => one.verified);
  const isGood = rows.length > 0 && checked.length === rows.length && findings.length === 0;
  const named = (name: string) => schema.services.find((one) => one.name === name)?.label ?? name;
  return (
    <AdminPage
      title={ta("log")}
      intro={ta("logIntro")}
      actions={
        <Button
          look="main"
          icon={<ShieldCheck />}
          busy={running}
          onClick={() => verify.mutate(undefined)}
        >
          {ta("verify")}
        </Button>
      }
    >
      <Wrong error={verify.error ?? job.error} />
      {running && <Progress label={ta("verifying")} />}
      {!running && isGood && (
        <Callout tone="good" title={ta("logGood")}>
          {ta("logGoodText")}
        </Callout>
      )}
      {findings.length > 0 && (
        <Callout tone="bad" title={ta("logBad")}>
          <ul>
            {findings.map((one) => (
              <li key={`${one.service} ${one.position} ${one.code}`}>
                {named(one.service)}, {formatInteger(one.position, reader)}
                {one.last > one.position && `–${formatInteger(one.last, reader)}`}: {one.message}
              </li>
            ))}
          </ul>
        </Callout>
      )}
      <Table
        label={ta("log")}
        query={query}
        rows={rows}
        keyOf={(one) => one.service}
        none={ta("noLogs")}
        columns={[
          { id: "service", label: ta("area"), cell: (one) => named(one.service) },
          {
            id: "events",
            label: ta("events"),
            end: true,
            cell: (one) => formatInteger(one.position, reader),
          },
          {
            id: "sealed",
            label: ta("sealed"),
            cell: (one) => <When at={one.sealed_at} reader={reader} />,
          },
          {
            id: "root",
            label: ta("root"),
            cell: (one) => (
              <code dir="ltr" title={one.root ?? ""}>
                {one.root?.slice(0, SHORT) ?? "–"}
              </code>
            ),
          },
          {
            id: "key",
            label: ta("signedBy"),
            cell: (one) => (
              <code dir="ltr" title={one.signed_by ?? ""}>
                {one.signed_by?.slice(0, SHORT) ?? "–"}
              </code>
            ),
          },
          {
            id: "verified",
            label: ta("verified"),
            cell: (one) =>
              one.verified ? (
                <span title={formatInstant(one.verified.at, reader, "second")}>
                  <StatusDot tone={one.verified.ok ? "good" : "bad"}>
                    {one.verified.ok
                      ? ta("verifiedTo", { value: formatInteger(one.verified.position, reader) })
                      : ta("findings", { count: one.verified.count })}
                  </StatusDot>
                </span>
              ) : (
                <StatusDot tone="idle">{ta("notVerified")}</StatusDot>
              ),
          },
        ]}
      />
      <Events schema={schema} services={rows.map((one) => one.service)} />
    </AdminPage>
  );
}
