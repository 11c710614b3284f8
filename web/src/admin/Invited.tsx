// The invitations that nobody used yet: another link for one, and taking one back.

import { Button, StatusDot } from "@megalith/ui";
import { type ReactNode, useState } from "react";
import { useReader } from "../app/reader";
import { api } from "../app/server";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { Table, useChange, When, Wrong } from "./kit";
import { EntryLink } from "./Once";
import { RoleChips } from "./People";
import { INVITATIONS, type Invitation, useInvitations } from "./useMembers";
import { ta } from "./words";

export function Invited(): ReactNode {
  const query = useInvitations(true);
  const reader = useReader();
  const [link, setLink] = useState<{ path: string; name: string } | null>(null);
  const renew = useChange(
    async ({ email, name, roles }: Invitation) => {
      const made = await api.records.command<{ path: string }>(`${INVITATIONS}:issue`, {
        email,
        name,
        roles,
      });
      setLink({ path: made.path, name });
    },
    { paths: [INVITATIONS] },
  );
  const withdraw = useChange(
    ({ id }: Invitation) => api.records.command(`${INVITATIONS}:withdraw`, { invitation: id }),
    { paths: [INVITATIONS], done: ({ name }) => ta("withdrawn", { name }) },
  );
  if (!link && (query.data ?? []).length === 0) return null;
  return (
    <div className={styles.part}>
      <h2>{ta("invited")}</h2>
      <Wrong error={renew.error ?? withdraw.error} />
      <Table
        label={ta("invited")}
        query={query}
        rows={query.data ?? []}
        keyOf={(one) => one.id}
        none=""
        columns={[
          { id: "name", label: ta("name"), cell: ({ name }) => <bdi>{name}</bdi> },
          { id: "email", label: t("email"), cell: ({ email }) => <bdi>{email}</bdi> },
          { id: "roles", label: ta("rolesOf"), cell: ({ roles }) => <RoleChips roles={roles} /> },
          {
            id: "ends",
            label: ta("linkEnds"),
            cell: ({ expires_at }) =>
              Date.parse(expires_at) < Date.now() ? (
                <StatusDot tone="ended">{ta("linkEnded")}</StatusDot>
              ) : (
                <When at={expires_at} reader={reader} />
              ),
          },
          {
            id: "acts",
            label: "",
            end: true,
            cell: (one) => (
              <span className={styles.names}>
                <Button size="small" onClick={() => renew.mutate(one)}>
                  {ta("newLink")}
                </Button>
                <Button size="small" onClick={() => withdraw.mutate(one)}>
                  {ta("withdraw")}
                </Button>
              </span>
            ),
          },
        ]}
      />
      {link && <EntryLink {...link} onClose={() => setLink(null)} />}
    </div>
  );
}
