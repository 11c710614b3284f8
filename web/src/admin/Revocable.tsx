// A table of what gives access and can be ended: the sessions or keys of the organisation, or of one
// person.

import type { ApiRecord } from "@megalith/api";
import { titleOf } from "@megalith/meta";
import { Button, StatusDot } from "@megalith/ui";
import { useSuspenseQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { catalogQuery } from "../app/catalog";
import { useOrg } from "../app/context";
import { api } from "../app/server";
import styles from "./Admin.module.css";
import { type Col, Sure, Table, useAll, useChange } from "./kit";
import { ta } from "./words";

interface Props {
  /** The entity, and the path of its records. */
  entity: string;
  path: string;
  /** Whose; all of the organisation without. */
  user: string | undefined;
  title: string;
  none: string;
  columns: readonly Col<ApiRecord>[];
  /** What its state is called. */
  states: { active: string; ended: string };
  /** What ending one is called, and what is asked before and said afterwards. */
  ending: {
    act: string;
    sure: (one: ApiRecord) => string;
    text: string;
    done: (one: ApiRecord) => string;
  };
}

/** The column of the person, where not all of the rows are one person's. */
export const personColumn = (label: string, user: string | undefined): Col<ApiRecord>[] =>
  user ? [] : [{ id: "user", label, cell: (one) => <bdi>{titleOf(one.user)}</bdi> }];

export function Revocable({
  entity,
  path,
  user,
  title,
  none,
  columns,
  states,
  ending,
}: Props): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const org = useOrg();
  const [asked, setAsked] = useState<ApiRecord | null>(null);
  const may = schema.entity(entity)?.rights?.read === true;
  const filter = [`org == '${org?.id}'`, user && `user == '${user}'`].filter(Boolean).join(" && ");
  const query = useAll(path, { filter, order_by: "created_at desc", expand: ["user"] }, may);
  const revoke = useChange(
    async (one: ApiRecord) => {
      await api.records.act(path, one.id, "revoke");
      setAsked(null);
    },
    { paths: [path], done: ending.done },
  );
  if (!may) return null;
  return (
    <div className={styles.part}>
      {user && <h2>{title}</h2>}
      <Table
        label={title}
        query={query}
        rows={query.data ?? []}
        keyOf={(one) => one.id}
        none={none}
        columns={[
          ...columns,
          {
            id: "state",
            label: ta("state"),
            cell: (one) => (
              <StatusDot tone={one.state === "active" ? "good" : "ended"}>
                {one.state === "active" ? states.active : states.ended}
              </StatusDot>
            ),
          },
          {
            id: "end",
            label: "",
            end: true,
            cell: (one) =>
              one.state === "active" && (
                <Button size="small" onClick={() => setAsked(one)}>
                  {ending.act}
                </Button>
              ),
          },
        ]}
      />
      {asked && (
        <Sure
          title={ending.sure(asked)}
          text={ending.text}
          act={ending.act}
          busy={revoke.isPending}
          error={revoke.error}
          onDo={() => revoke.mutate(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </div>
  );
}
