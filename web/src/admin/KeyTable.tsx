// Keys of programs: who they act as, what they may do, when they end; and revoking one.

import type { ApiRecord } from "@megalith/api";
import { formatInstant, titleOf } from "@megalith/meta";
import { Button, Chip, StatusDot } from "@megalith/ui";
import { useSuspenseQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { catalogQuery } from "../app/catalog";
import { useOrg } from "../app/context";
import { useReader } from "../app/reader";
import { api } from "../app/server";
import styles from "./Admin.module.css";
import { Sure, Table, useAll, useChange, When } from "./kit";
import { texts } from "./roles";
import { KEYS } from "./useMembers";
import { ta } from "./words";

export function KeyTable({ user }: { user?: string }): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const reader = useReader();
  const org = useOrg();
  const [ending, setEnding] = useState<ApiRecord | null>(null);
  const may = schema.entity("auth.api_key")?.rights?.read === true;
  const filter = [`org == '${org?.id}'`, user && `user == '${user}'`].filter(Boolean).join(" && ");
  const query = useAll(KEYS, { filter, order_by: "created_at desc", expand: ["user"] }, may);
  const revoke = useChange(
    async (one: ApiRecord) => {
      await api.records.act(KEYS, one.id, "revoke");
      setEnding(null);
    },
    { paths: [KEYS], done: (one) => ta("keyRevoked", { name: String(one.name) }) },
  );
  if (!may) return null;
  return (
    <div className={styles.part}>
      {user && <h2>{ta("keys")}</h2>}
      <Table
        label={ta("keys")}
        query={query}
        rows={query.data ?? []}
        keyOf={(one) => one.id}
        none={ta("noKeys")}
        columns={[
          {
            id: "name",
            label: ta("keyFor"),
            cell: (one) => (
              <>
                <bdi>{String(one.name)}</bdi>{" "}
                <code className={styles.soft} dir="ltr">
                  …{String(one.hint ?? "")}
                </code>
              </>
            ),
          },
          ...(user
            ? []
            : [
                {
                  id: "user",
                  label: ta("actsAs"),
                  cell: (one: ApiRecord) => <bdi>{titleOf(one.user)}</bdi>,
                },
              ]),
          {
            id: "roles",
            label: ta("rolesOf"),
            cell: (one) => (
              <span className={styles.names}>
                {texts(one.roles).map((role) => (
                  <Chip key={role}>{role}</Chip>
                ))}
              </span>
            ),
          },
          {
            id: "made",
            label: ta("made"),
            cell: (one) => <When at={one.created_at} reader={reader} />,
          },
          {
            id: "ends",
            label: ta("ends"),
            cell: (one) =>
              typeof one.expires_at === "string"
                ? formatInstant(one.expires_at, reader)
                : ta("never"),
          },
          {
            id: "state",
            label: ta("state"),
            cell: (one) => (
              <StatusDot tone={one.state === "active" ? "good" : "ended"}>
                {ta(one.state === "active" ? "keyActive" : "keyEnded")}
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
                  {ta("revoke")}
                </Button>
              ),
          },
        ]}
      />
      {ending && (
        <Sure
          title={ta("revokeSure", { name: String(ending.name) })}
          text={ta("revokeText")}
          act={ta("revoke")}
          busy={revoke.isPending}
          error={revoke.error}
          onDo={() => revoke.mutate(ending)}
          onClose={() => setEnding(null)}
        />
      )}
    </div>
  );
}
