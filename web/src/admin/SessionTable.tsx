// Where people are signed in, and ending that.

import type { ApiRecord } from "@megalith/api";
import { titleOf } from "@megalith/meta";
import { Button, StatusDot } from "@megalith/ui";
import { useSuspenseQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { catalogQuery } from "../app/catalog";
import { useOrg } from "../app/context";
import { useReader } from "../app/reader";
import { api } from "../app/server";
import styles from "./Admin.module.css";
import { type Col, Sure, Table, useAll, useChange, When } from "./kit";
import { SESSIONS } from "./useMembers";
import { ta } from "./words";

/** The sessions of the organisation, of one user where one is given. */
export function SessionTable({ user }: { user?: string }): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const reader = useReader();
  const org = useOrg();
  const [ending, setEnding] = useState<ApiRecord | null>(null);
  const may = schema.entity("auth.session")?.rights?.read === true;
  const filter = [`org == '${org?.id}'`, user && `user == '${user}'`].filter(Boolean).join(" && ");
  const query = useAll(SESSIONS, { filter, order_by: "created_at desc", expand: ["user"] }, may);
  const revoke = useChange(
    async (one: ApiRecord) => {
      await api.records.act(SESSIONS, one.id, "revoke");
      setEnding(null);
    },
    { paths: [SESSIONS], done: () => ta("sessionEnded") },
  );
  if (!may) return null;
  const who: Col<ApiRecord> = {
    id: "user",
    label: ta("person"),
    cell: (one) => <bdi>{titleOf(one.user)}</bdi>,
  };
  return (
    <div className={styles.part}>
      {user && <h2>{ta("sessions")}</h2>}
      <Table
        label={ta("sessions")}
        query={query}
        rows={query.data ?? []}
        keyOf={(one) => one.id}
        none={ta("noSessions")}
        columns={[
          ...(user ? [] : [who]),
          {
            id: "client",
            label: ta("client"),
            cell: (one) => <bdi>{shortClient(String(one.client ?? ""))}</bdi>,
          },
          { id: "address", label: ta("address"), cell: (one) => String(one.address ?? "–") },
          {
            id: "began",
            label: ta("began"),
            cell: (one) => <When at={one.created_at} reader={reader} />,
          },
          {
            id: "used",
            label: ta("lastUsed"),
            cell: (one) => <When at={one.updated_at} reader={reader} />,
          },
          {
            id: "state",
            label: ta("state"),
            cell: (one) => (
              <StatusDot tone={one.state === "active" ? "good" : "ended"}>
                {ta(one.state === "active" ? "signedIn" : "signedOut")}
              </StatusDot>
            ),
          },
          {
            id: "end",
            label: "",
            end: true,
            cell: (one) =>
              one.state === "active" && (
                <Button size="small" onClick={() => setEnding(one)}>
                  {ta("endSession")}
                </Button>
              ),
          },
        ]}
      />
      {ending && (
        <Sure
          title={ta("endSessionSure")}
          text={ta("endSessionText")}
          act={ta("endSession")}
          busy={revoke.isPending}
          error={revoke.error}
          onDo={() => revoke.mutate(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </div>
  );
}

/** The browser and the system out of what a client calls itself; that itself where there is neither. */
export function shortClient(text: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(text)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(text)?.[1];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };
  const named = [browser, system].map((one) => one && (names[one] ?? one)).filter(Boolean);
  return named.length > 0 && browser ? named.join(", ") : text.slice(0, 80);
}
