// Keys of programs: who they act as, what they may do, when they end; and revoking one.

import { formatInstant } from "@megalith/meta";
import { Chip } from "@megalith/ui";
import type { ReactNode } from "react";
import { presentMs } from "../app/present";
import { useReader } from "../app/reader";
import styles from "./Admin.module.css";
import { When } from "./kit";
import { personColumn, Revocable } from "./Revocable";
import { useAccess, useMembers } from "./useMembers";
import { ta } from "./words";

/** The keys of the organisation, of one user where one is given. */
export function KeyTable({ user, none }: { user?: string; none?: string }): ReactNode {
  const reader = useReader();
  const { members } = useMembers();
  const query = useAccess(user);
  return (
    <Revocable
      title={ta("keys")}
      none={none ?? ta("noKeys")}
      query={query}
      rows={query.data?.api_keys ?? []}
      ending={{
        path: "/api/v1/auth/api-keys:revoke",
        body: ({ id }) => ({ api_key: id }),
        act: ta("revoke"),
        sure: ({ name }) => ta("revokeSure", { name }),
        text: ta("revokeText"),
        done: ({ name }) => ta("keyRevoked", { name }),
        instead: () => null,
      }}
      columns={[
        {
          id: "name",
          label: ta("keyFor"),
          cell: (one) => (
            <>
              <bdi>{one.name}</bdi>{" "}
              <code className={styles.soft} dir="ltr">
                {one.hint}
              </code>
            </>
          ),
        },
        ...personColumn(ta("actsAs"), user, members),
        {
          id: "roles",
          label: ta("rolesOf"),
          cell: (one) => (
            <span className={styles.names}>
              {one.roles.map((role) => (
                <Chip key={role}>{role}</Chip>
              ))}
              {one.roles.length === 0 && <span className={styles.soft}>{ta("noRoles")}</span>}
            </span>
          ),
        },
        {
          id: "made",
          label: ta("made"),
          cell: (one) => <When at={one.made_at} reader={reader} />,
        },
        {
          id: "ends",
          label: ta("ends"),
          cell: ({ expires_at: ends }) => {
            if (ends === null) return ta("never");
            const isOver = Date.parse(ends) <= presentMs();
            return isOver ? <Chip>{ta("keyOver")}</Chip> : formatInstant(ends, reader);
          },
        },
      ]}
    />
  );
}
