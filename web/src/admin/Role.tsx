// One role: what it may do and why, its grants, who has it.

import { Button, Callout, Chip } from "@megalith/ui";
import { useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { catalogQuery } from "../app/catalog";
import styles from "./Admin.module.css";
import { ADMINISTRATOR } from "./extent";
import { AdminPage, Table } from "./kit";
import { Matrix } from "./Matrix";
import { describe } from "./Roles";
import { useMembers, useRoles } from "./useMembers";
import { ta } from "./words";

const route = getRouteApi("/admin/roles/$role");

export default function Role(): ReactNode {
  const { role } = route.useParams();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const router = useRouter();
  const { members } = useMembers();
  const { records, grants, query } = useRoles(members);
  const own = grants.filter((one) => one.role === role);
  const record = records.find((one) => one.name === role);
  const having = members.filter((one) => one.roles.includes(role));
  const isAdministrator = role === ADMINISTRATOR;
  const subject = (name: unknown) =>
    name === "*" ? ta("allRecords") : (schema.entity(String(name))?.label_plural ?? String(name));
  return (
    <AdminPage
      title={role}
      under={{ label: ta("roles"), href: "/admin/roles" }}
      intro={<bdi>{String(record?.description ?? describe(role))}</bdi>}
      actions={
        !isAdministrator && (
          <Button
            look="main"
            icon={<Plus />}
            onClick={() =>
              router.history.push(`/users/grants/new?role=${encodeURIComponent(role)}`)
            }
          >
            {ta("addGrant")}
          </Button>
        )
      }
    >
      {!isAdministrator && own.length === 0 && <Callout>{ta("firstGrant")}</Callout>}
      <Matrix schema={schema} who={role} roles={[role]} grants={grants} />
      {!isAdministrator && (
        <div className={styles.part}>
          <h2>{ta("grants")}</h2>
          <Table
            label={ta("grants")}
            query={query}
            rows={own}
            keyOf={(one) => one.id}
            none={ta("noGrants")}
            columns={[
              {
                id: "what",
                label: ta("records"),
                cell: (one) => <a href={`/users/grants/${one.id}`}>{subject(one.subject)}</a>,
              },
              { id: "verb", label: ta("verb"), cell: (one) => <code>{String(one.verb)}</code> },
              {
                id: "effect",
                label: ta("effect"),
                cell: (one) => ta(one.effect === "deny" ? "denies" : "allows"),
              },
              {
                id: "where",
                label: ta("onlyWhere"),
                cell: (one) =>
                  one.condition ? (
                    <code className={styles.mono}>{String(one.condition)}</code>
                  ) : (
                    <span className={styles.soft}>–</span>
                  ),
              },
            ]}
          />
        </div>
      )}
      {having.length > 0 && (
        <div className={styles.part}>
          <h2>{ta("people")}</h2>
          <span className={styles.names}>
            {having.map((one) => (
              <a key={one.user} href={`/admin/people/${one.user}`}>
                <Chip>{one.name}</Chip>
              </a>
            ))}
          </span>
        </div>
      )}
    </AdminPage>
  );
}
