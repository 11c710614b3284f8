// Keys of programs: who they act as, what they may do, when they end; and revoking one.

import { formatInstant } from "@megalith/meta";
import { Chip } from "@megalith/ui";
import type { ReactNode } from "react";
import { useReader } from "../app/reader";
import styles from "./Admin.module.css";
import { When } from "./kit";
import { personColumn, Revocable } from "./Revocable";
import { texts } from "./roles";
import { KEYS } from "./useMembers";
import { ta } from "./words";

/** The keys of the organisation, of one user where one is given. */
export function KeyTable({ user }: { user?: string }): ReactNode {
  const reader = useReader();
  return (
    <Revocable
      entity="auth.api_key"
      path={KEYS}
      user={user}
      title={ta("keys")}
      none={ta("noKeys")}
      states={{ active: ta("keyActive"), ended: ta("keyEnded") }}
      ending={{
        act: ta("revoke"),
        sure: (one) => ta("revokeSure", { name: String(one.name) }),
        text: ta("revokeText"),
        done: (one) => ta("keyRevoked", { name: String(one.name) }),
      }}
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
        ...personColumn(ta("actsAs"), user),
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
      ]}
    />
  );
}
