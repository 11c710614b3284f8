// One person: their roles here, what these allow and why, where they are signed in, their keys; and
// the account itself, for whoever decides about it.

import type { Person as Member } from "@megalith/api";
import { Button, Callout, Chip, ErrorState, Skeleton, StatusDot } from "@megalith/ui";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { catalogQuery } from "../app/catalog";
import { useReader } from "../app/reader";
import { api, problemOf } from "../app/server";
import { meQuery } from "../app/who";
import styles from "./Admin.module.css";
import { ChangeName, ChangeRoles } from "./changePerson";
import { KeyTable } from "./KeyTable";
import { AdminPage, Sure, useChange, When } from "./kit";
import { Matrix } from "./Matrix";
import { EntryLink } from "./Once";
import { SessionTable } from "./SessionTable";
import { ACCESS, PEOPLE, useMembers, useRoles } from "./useMembers";
import { ta } from "./words";

const route = getRouteApi("/admin/people/$user");
type Asked = "roles" | "name" | "active" | "reset" | "end";

export default function Person(): ReactNode {
  const { user: id } = route.useParams();
  const { members, query, may } = useMembers();
  const member = members.find((one) => one.user === id);
  const under = { label: ta("people"), href: "/admin/people" };
  if (query.isPending) {
    return (
      <AdminPage title={ta("people")} under={under}>
        <Skeleton lines={6} height={20} />
      </AdminPage>
    );
  }
  if (!may || !member) {
    const problem = query.isError ? problemOf(query.error) : { status: 404, code: "not_found" };
    return (
      <AdminPage title={ta("people")} under={under}>
        <ErrorState problem={problem} />
      </AdminPage>
    );
  }
  return <Found member={member} members={members} />;
}

function Found({ member, members }: { member: Member; members: readonly Member[] }): ReactNode {
  const { user, name, active, manageable } = member;
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const { data: me } = useQuery(meQuery);
  const reader = useReader();
  const router = useRouter();
  const { names, grants } = useRoles(members);
  const [asks, setAsks] = useState<Asked | null>(null);
  const [link, setLink] = useState<string | null>(null);
  const isMe = me?.user.id === user;
  const elsewhere = manageable ? undefined : ta("accountElsewhere");
  const close = () => setAsks(null);
  const activate = useChange(
    async (next: boolean) => {
      await api.records.command(`${PEOPLE}:change`, { user, active: next });
      close();
    },
    {
      paths: [PEOPLE, ACCESS],
      done: (next) => ta(next ? "isActive" : "isInactive", { name }),
    },
  );
  const reset = useChange(
    async () => {
      const made = await api.records.command<{ path: string }>("/api/v1/auth/password:reset", {
        user,
      });
      close();
      setLink(made.path);
    },
    { paths: [] },
  );
  const end = useChange(
    async () => {
      await api.records.command(`${PEOPLE}:end`, { user });
      router.history.push("/admin/people");
    },
    { paths: [PEOPLE], done: () => ta("membershipEnded", { name }) },
  );
  return (
    <AdminPage
      title={name}
      under={{ label: ta("people"), href: "/admin/people" }}
      intro={
        <>
          <bdi>{member.email}</bdi> ·{" "}
          <StatusDot tone={active ? "good" : "ended"}>
            {ta(active ? "active" : "inactive")}
          </StatusDot>{" "}
          · {ta("lastSignIn")}: <When at={member.last_sign_in} reader={reader} />
        </>
      }
      actions={
        <>
          <Button onClick={() => setAsks("roles")}>{ta("changeRoles")}</Button>
          <Button reason={elsewhere} onClick={() => setAsks("name")}>
            {ta("rename")}
          </Button>
          <Button
            reason={
              isMe ? ta("notOwnPassword") : (elsewhere ?? (active ? undefined : ta("inactiveText")))
            }
            onClick={() => setAsks("reset")}
          >
            {ta("resetPassword")}
          </Button>
          {active ? (
            <Button
              look="danger"
              reason={isMe ? ta("notYourself") : elsewhere}
              onClick={() => setAsks("active")}
            >
              {ta("deactivate")}
            </Button>
          ) : (
            <Button
              reason={elsewhere}
              busy={activate.isPending}
              onClick={() => activate.mutate(true)}
            >
              {ta("activate")}
            </Button>
          )}
          <Button
            look="danger"
            reason={isMe ? ta("notOwnMembership") : undefined}
            onClick={() => setAsks("end")}
          >
            {ta("endMembership")}
          </Button>
        </>
      }
    >
      {!active && <Callout tone="warn">{ta("inactiveText")}</Callout>}
      {elsewhere && <Callout>{elsewhere}</Callout>}
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
      <Matrix schema={schema} who={name} roles={member.roles} grants={grants} />
      <div className={styles.part}>
        <h2>{ta("sessions")}</h2>
        <SessionTable user={user} />
      </div>
      <div className={styles.part}>
        <h2>{ta("keys")}</h2>
        <KeyTable user={user} />
      </div>
      {asks === "roles" && <ChangeRoles member={member} known={names} onClose={close} />}
      {asks === "name" && <ChangeName member={member} onClose={close} />}
      {asks === "active" && (
        <Sure
          title={ta("deactivateSure", { name })}
          text={ta("deactivateText")}
          act={ta("deactivate")}
          busy={activate.isPending}
          error={activate.error}
          onDo={() => activate.mutate(false)}
          onClose={close}
        />
      )}
      {asks === "reset" && (
        <Sure
          title={ta("resetSure", { name })}
          text={ta("resetText")}
          act={ta("makeLink")}
          busy={reset.isPending}
          error={reset.error}
          onDo={() => reset.mutate(undefined)}
          onClose={close}
        />
      )}
      {asks === "end" && (
        <Sure
          title={ta("endSure", { name })}
          text={ta("endText")}
          act={ta("endMembership")}
          busy={end.isPending}
          error={end.error}
          onDo={() => end.mutate(undefined)}
          onClose={close}
        />
      )}
      {link && <EntryLink isReset path={link} name={name} onClose={() => setLink(null)} />}
    </AdminPage>
  );
}
