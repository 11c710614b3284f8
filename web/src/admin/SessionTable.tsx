// Where people are signed in, and ending that.

import type { ReactNode } from "react";
import { useReader } from "../app/reader";
import { When } from "./kit";
import { personColumn, Revocable } from "./Revocable";
import { SESSIONS } from "./useMembers";
import { ta } from "./words";

/** The sessions of the organisation, of one user where one is given. */
export function SessionTable({ user }: { user?: string }): ReactNode {
  const reader = useReader();
  return (
    <Revocable
      entity="auth.session"
      path={SESSIONS}
      user={user}
      title={ta("sessions")}
      none={ta("noSessions")}
      states={{ active: ta("signedIn"), ended: ta("signedOut") }}
      ending={{
        act: ta("endSession"),
        sure: () => ta("endSessionSure"),
        text: ta("endSessionText"),
        done: () => ta("sessionEnded"),
      }}
      columns={[
        ...personColumn(ta("person"), user),
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
      ]}
    />
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
