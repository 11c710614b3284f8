// A table of what gives access and can be ended: sessions or keys, of the organisation or of one
// person.

import type { Person } from "@megalith/api";
import { Button } from "@megalith/ui";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "../app/server";
import { type Col, Sure, Table, useChange } from "./kit";
import { ACCESS } from "./useMembers";

interface Held {
  readonly id: string;
  readonly user: string;
}

interface Props<R extends Held> {
  title: string;
  none: string;
  rows: readonly R[];
  query: Pick<UseQueryResult, "isPending" | "isError" | "error" | "refetch">;
  columns: readonly Col<R>[];
  /** How one is ended, what that is called, what is asked before and said afterwards. */
  ending: {
    path: string;
    body: (one: R) => Readonly<Record<string, string>>;
    act: string;
    sure: (one: R) => string;
    text: string;
    done: (one: R) => string;
    /** What stands in the place of the button; null for the button. */
    instead: (one: R) => ReactNode;
  };
}

/** The column of the person, where not all of the rows are one person's. */
export function personColumn<R extends Held>(
  label: string,
  user: string | undefined,
  members: readonly Person[],
): Col<R>[] {
  if (user) return [];
  const names = new Map(members.map((one) => [one.user, one.name]));
  return [{ id: "user", label, cell: (one) => <bdi>{names.get(one.user) ?? one.user}</bdi> }];
}

export function Revocable<R extends Held>({
  title,
  none,
  rows,
  query,
  columns,
  ending,
}: Props<R>): ReactNode {
  const [asked, setAsked] = useState<R | null>(null);
  const end = useChange(
    async (one: R) => {
      await api.records.command(ending.path, ending.body(one));
      setAsked(null);
    },
    { paths: [ACCESS], done: ending.done },
  );
  return (
    <>
      <Table
        label={title}
        query={query}
        rows={rows}
        keyOf={(one) => one.id}
        none={none}
        columns={[
          ...columns,
          {
            id: "end",
            label: "",
            end: true,
            cell: (one) =>
              ending.instead(one) ?? (
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
          busy={end.isPending}
          error={end.error}
          onDo={() => end.mutate(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}
