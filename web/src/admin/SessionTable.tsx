// Where people are signed in, and ending that.

import { Chip } from "@megalith/ui";
import type { ReactNode } from "react";
import { useReader } from "../app/reader";
import { When } from "./kit";
import { personColumn, Revocable } from "./Revocable";
import { useAccess, useMembers } from "./useMembers";
import { ta } from "./words";

/** The sessions of the organisation, of one user where one is given. */
export function SessionTable({ user }: { user?: string }): ReactNode {
  const reader = useReader();
  const { members } = useMembers();
  const query = useAccess(user);
  return (
    <Revocable
      title={ta("sessions")}
      none={ta("noSessions")}
      query={query}
      rows={query.data?.sessions ?? []}
      ending={{
        path: "/api/v1/auth/sessions:end",
        body: ({ id }) => ({ session: id }),
        act: ta("endSession"),
        sure: () => ta("endSessionSure"),
        text: ta("endSessionText"),
        done: () => ta("sessionEnded"),
        instead: ({ current }) => (current ? <Chip>{ta("thisSession")}</Chip> : null),
      }}
      columns={[
        ...personColumn(ta("person"), user, members),
        {
          id: "client",
          label: ta("client"),
          cell: (one) => <bdi>{shortClient(one.client ?? "")}</bdi>,
        },
        { id: "address", label: ta("address"), cell: (one) => one.address ?? "–" },
        {
          id: "began",
          label: ta("began"),
          cell: (one) => <When at={one.began_at} reader={reader} />,
        },
        {
          id: "used",
          label: ta("lastUsed"),
          cell: (one) => <When at={one.used_at} reader={reader} />,
        },
      ]}
    />
  );
}

/** The browser and the system out of what a client calls itself; that itself where there is neither. */
function shortClient(text: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\//.exec(text)?.[1];
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(text)?.[1];
  const names: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS X": "macOS" };
  const named = [browser, system].map((one) => one && (names[one] ?? one)).filter(Boolean);
  return named.length > 0 && browser ? named.join(", ") : text.slice(0, 80);
}
