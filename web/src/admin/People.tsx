// The people of the organisation, with their roles; inviting somebody, and the invitations that
// nobody used yet.

import { newKey } from "@megalith/api";
import { Avatar, Button, Callout, Chip, StatusDot, TextField } from "@megalith/ui";
import { UserPlus } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { useReader } from "../app/reader";
import { api } from "../app/server";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { Invited } from "./Invited";
import { AdminPage, FormDialog, Table, useChange, When } from "./kit";
import { EntryLink } from "./Once";
import { RoleChecks, useRoleChoice } from "./RoleChecks";
import { INVITATIONS, useMembers, useRoles } from "./useMembers";
import { ta } from "./words";

export default function People(): ReactNode {
  const { may, members, query } = useMembers();
  const reader = useReader();
  const [adding, setAdding] = useState(false);
  return (
    <AdminPage
      title={ta("people")}
      intro={ta("peopleIntro")}
      actions={
        may && (
          <Button look="main" icon={<UserPlus />} onClick={() => setAdding(true)}>
            {ta("addPerson")}
          </Button>
        )
      }
    >
      {may ? (
        <Table
          label={ta("people")}
          query={query}
          rows={members}
          keyOf={(one) => one.user}
          none={ta("noPeople")}
          columns={[
            {
              id: "name",
              label: ta("name"),
              cell: ({ name, user }) => (
                <a className={styles.named} href={`/admin/people/${user}`}>
                  <Avatar name={name} size={20} />
                  <bdi>{name}</bdi>
                </a>
              ),
            },
            { id: "email", label: t("email"), cell: ({ email }) => <bdi>{email}</bdi> },
            { id: "roles", label: ta("rolesOf"), cell: ({ roles }) => <RoleChips roles={roles} /> },
            {
              id: "active",
              label: ta("access"),
              cell: ({ active }) => (
                <StatusDot tone={active ? "good" : "ended"}>
                  {ta(active ? "active" : "inactive")}
                </StatusDot>
              ),
            },
            {
              id: "last",
              label: ta("lastSignIn"),
              cell: ({ last_sign_in }) => <When at={last_sign_in} reader={reader} />,
            },
          ]}
        />
      ) : (
        <Callout>{ta("peopleElsewhere")}</Callout>
      )}
      {may && <Invited />}
      {adding && <AddPerson onClose={() => setAdding(false)} />}
    </AdminPage>
  );
}

/** The names of roles, or that there are none. */
export function RoleChips({ roles }: { roles: readonly string[] }): ReactNode {
  if (roles.length === 0) return <span className={styles.soft}>{ta("noRoles")}</span>;
  return (
    <span className={styles.names}>
      {roles.map((role) => (
        <Chip key={role}>{role}</Chip>
      ))}
    </span>
  );
}

function AddPerson({ onClose }: { onClose: () => void }): ReactNode {
  const { members } = useMembers();
  const { names } = useRoles(members);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const roles = useRoleChoice();
  const [path, setPath] = useState<string | null>(null);
  // Asking again after an answer that got lost makes the same link.
  const once = useRef(newKey());
  const invite = useChange(
    async () => {
      const link = await api.records.command<{ path: string }>(
        `${INVITATIONS}:issue`,
        { email: email.trim(), name: name.trim(), roles: roles.chosen },
        { idempotencyKey: once.current },
      );
      setPath(link.path);
    },
    { paths: [INVITATIONS] },
  );
  if (path !== null) return <EntryLink path={path} name={name.trim()} onClose={onClose} />;
  return (
    <FormDialog
      title={ta("addPerson")}
      text={ta("addPersonText")}
      act={ta("makeLink")}
      change={invite}
      onClose={onClose}
    >
      <TextField label={ta("name")} required value={name} onChange={setName} dir="auto" />
      <TextField
        label={t("email")}
        required
        type="email"
        autoComplete="off"
        value={email}
        onChange={setEmail}
        dir="ltr"
      />
      <RoleChecks known={names} {...roles.checks} />
    </FormDialog>
  );
}
