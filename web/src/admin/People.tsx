// The people of the organisation, with their roles; and adding one.

import { Avatar, Button, Callout, Chip, Dialog, StatusDot, TextField } from "@megalith/ui";
import { useSuspenseQuery } from "@tanstack/react-query";
import { UserPlus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { catalogQuery } from "../app/catalog";
import { useOrg } from "../app/context";
import { api } from "../app/server";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { AdminPage, FormDialog, Table, useChange } from "./kit";
import { RoleChecks, useRoleChoice } from "./RoleChecks";
import { MEMBERSHIPS, USERS, useMembers, useRoles } from "./useMembers";
import { ta } from "./words";

export default function People(): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const { may, members, query } = useMembers(schema);
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
          keyOf={(one) => one.membership.id}
          none={ta("noPeople")}
          columns={[
            {
              id: "name",
              label: ta("name"),
              cell: ({ name, membership }) => (
                <a className={styles.named} href={`/admin/people/${String(membership.user)}`}>
                  <Avatar name={name} size={20} />
                  <bdi>{name}</bdi>
                </a>
              ),
            },
            {
              id: "email",
              label: t("email"),
              cell: ({ user }) => <bdi>{String(user?.email ?? "")}</bdi>,
            },
            {
              id: "roles",
              label: ta("rolesOf"),
              cell: ({ roles }) =>
                roles.length > 0 ? (
                  <span className={styles.names}>
                    {roles.map((role) => (
                      <Chip key={role}>{role}</Chip>
                    ))}
                  </span>
                ) : (
                  <span className={styles.soft}>{ta("noRoles")}</span>
                ),
            },
            {
              id: "active",
              label: ta("access"),
              cell: ({ user }) => (
                <StatusDot tone={user?.active === false ? "ended" : "good"}>
                  {ta(user?.active === false ? "inactive" : "active")}
                </StatusDot>
              ),
            },
          ]}
        />
      ) : (
        <Callout title={ta("peopleElsewhere")}>{ta("peopleElsewhereText")}</Callout>
      )}
      {adding && <AddPerson onClose={() => setAdding(false)} />}
    </AdminPage>
  );
}

interface Added {
  readonly email: string;
  /** Whether the account is new, so that it has no password yet. */
  readonly isNew: boolean;
}

function AddPerson({ onClose }: { onClose: () => void }): ReactNode {
  const org = useOrg();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const { members } = useMembers(schema);
  const { names } = useRoles(members);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const roles = useRoleChoice();
  const [added, setAdded] = useState<Added | null>(null);
  const add = useChange(
    async () => {
      // Whoever has an account already, in another organisation, keeps it.
      const address = email.trim().toLowerCase();
      const filter = `email == '${address.replace(/\\/g, "\\\\").replace(/'/g, "\\'")}'`;
      const { items } = await api.records.list(USERS, { filter, page_size: 1 });
      const user =
        items[0] ?? (await api.records.create(USERS, { email: address, name: name.trim() }));
      await api.records.create(MEMBERSHIPS, {
        user: user.id,
        org: org?.id,
        roles: roles.chosen,
      });
      setAdded({ email: address, isNew: items.length === 0 });
    },
    { paths: [USERS, MEMBERSHIPS] },
  );
  if (added) {
    return (
      <Dialog
        open
        title={ta("personAdded", { email: added.email })}
        text={ta(added.isNew ? "personAddedText" : "personKnownText")}
        onClose={onClose}
        actions={
          <Button look="main" onClick={onClose}>
            {t("close")}
          </Button>
        }
      >
        {added.isNew && (
          <code className={styles.secret} dir="ltr">
            megalith user reset-password {added.email}
          </code>
        )}
      </Dialog>
    );
  }
  return (
    <FormDialog title={ta("addPerson")} act={ta("add")} change={add} onClose={onClose}>
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
