// One person: their roles here, what these allow and why, where they are signed in, their keys.

import { Button, Callout, Chip, ErrorState, Skeleton, StatusDot } from "@megalith/ui";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { catalogQuery } from "../app/catalog";
import { api, problemOf } from "../app/server";
import { meQuery } from "../app/who";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { KeyTable } from "./KeyTable";
import { AdminPage, FormDialog, Sure, useChange } from "./kit";
import { Matrix } from "./Matrix";
import { RoleChecks, useRoleChoice } from "./RoleChecks";
import { SessionTable } from "./SessionTable";
import { MEMBERSHIPS, type Member, SESSIONS, USERS, useMembers, useRoles } from "./useMembers";
import { ta } from "./words";

const route = getRouteApi("/admin/people/$user");

export default function Person(): ReactNode {
  const { user: id } = route.useParams();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const { data: me } = useQuery(meQuery);
  const { members, query, may } = useMembers(schema);
  const { names, grants } = useRoles(members);
  const [asks, setAsks] = useState<"roles" | "active" | null>(null);
  const member = members.find(({ membership }) => membership.user === id);
  const user = member?.user;
  const isActive = user?.active !== false;
  const isMe = me?.user.id === id;
  const activate = useChange(
    async (active: boolean) => {
      if (user) await api.records.update(USERS, user.id, { active }, { ifMatch: user.version });
      setAsks(null);
    },
    {
      paths: [USERS, SESSIONS],
      done: (active) => ta(active ? "isActive" : "isInactive", { name: member?.name ?? "" }),
    },
  );
  const under = { label: ta("people"), href: "/admin/people" };
  if (query.isPending) {
    return (
      <AdminPage title={ta("people")} under={under}>
        <Skeleton lines={6} height={20} />
      </AdminPage>
    );
  }
  if (!may || !member || !user) {
    const problem = query.isError ? problemOf(query.error) : { status: 404, code: "not_found" };
    return (
      <AdminPage title={ta("people")} under={under}>
        <ErrorState problem={problem} />
      </AdminPage>
    );
  }
  return (
    <AdminPage
      title={member.name}
      under={under}
      intro={
        <>
          <bdi>{String(user.email)}</bdi> ·{" "}
          <StatusDot tone={isActive ? "good" : "ended"}>
            {ta(isActive ? "active" : "inactive")}
          </StatusDot>
        </>
      }
      actions={
        <>
          <Button onClick={() => setAsks("roles")}>{ta("changeRoles")}</Button>
          {isActive ? (
            <Button
              look="danger"
              reason={isMe ? ta("notYourself") : undefined}
              onClick={() => setAsks("active")}
            >
              {ta("deactivate")}
            </Button>
          ) : (
            <Button busy={activate.isPending} onClick={() => activate.mutate(true)}>
              {ta("activate")}
            </Button>
          )}
        </>
      }
    >
      {!isActive && <Callout tone="warn">{ta("inactiveText")}</Callout>}
      <section className={styles.part} aria-labelledby="admin-roles">
        <h2 id="admin-roles">{ta("rolesOf")}</h2>
        <span className={styles.names}>
          {member.roles.map((role) => (
            <a key={role} href={`/admin/roles/${encodeURIComponent(role)}`}>
              <Chip>{role}</Chip>
            </a>
          ))}
          {member.roles.length === 0 && <span className={styles.soft}>{ta("noRoles")}</span>}
        </span>
      </section>
      <Matrix schema={schema} who={member.name} roles={member.roles} grants={grants} />
      <SessionTable user={id} />
      <KeyTable user={id} />
      {asks === "roles" && (
        <ChangeRoles member={member} known={names} onClose={() => setAsks(null)} />
      )}
      {asks === "active" && (
        <Sure
          title={ta("deactivateSure", { name: member.name })}
          text={ta("deactivateText")}
          act={ta("deactivate")}
          busy={activate.isPending}
          error={activate.error}
          onDo={() => activate.mutate(false)}
          onClose={() => setAsks(null)}
        />
      )}
    </AdminPage>
  );
}

function ChangeRoles({
  member,
  known,
  onClose,
}: {
  member: Member;
  known: readonly string[];
  onClose: () => void;
}): ReactNode {
  const roles = useRoleChoice(member.roles);
  const { membership } = member;
  const save = useChange(
    async () => {
      const patch = { roles: roles.chosen };
      await api.records.update(MEMBERSHIPS, membership.id, patch, { ifMatch: membership.version });
      onClose();
    },
    { paths: [MEMBERSHIPS], done: () => ta("rolesChanged", { name: member.name }) },
  );
  return (
    <FormDialog
      title={ta("changeRolesOf", { name: member.name })}
      act={t("save")}
      change={save}
      onClose={onClose}
    >
      <RoleChecks known={known} {...roles.checks} />
    </FormDialog>
  );
}
