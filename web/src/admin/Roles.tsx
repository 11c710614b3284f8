// Roles: what there is, who has them, which have grants of their own.

import { Button } from "@megalith/ui";
import { useRouter } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./Admin.module.css";
import { ADMINISTRATOR } from "./extent";
import { AdminPage, Table } from "./kit";
import { useMembers, useRoles } from "./useMembers";
import { ta } from "./words";

/** What the usual roles are for, where nobody has said so in a record. */
const usual: Record<string, string> = {
  administrator: "role.administrator",
  sales: "role.sales",
  purchasing: "role.purchasing",
  warehouse: "role.warehouse",
  hr_manager: "role.hr_manager",
  viewer: "role.viewer",
};

export const describe = (role: string): string => {
  const key = usual[role];
  return key ? ta(key as "role.sales") : "";
};

export default function Roles(): ReactNode {
  const router = useRouter();
  const { members, may } = useMembers();
  const { names, records, grants, query } = useRoles(members);
  return (
    <AdminPage
      title={ta("roles")}
      intro={ta("rolesIntro")}
      actions={
        <Button look="main" icon={<Plus />} onClick={() => router.history.push("/users/roles/new")}>
          {ta("addRole")}
        </Button>
      }
    >
      <Table
        label={ta("roles")}
        query={query}
        rows={names}
        keyOf={(name) => name}
        none=""
        columns={[
          {
            id: "name",
            label: ta("role"),
            cell: (name) => (
              <a href={`/admin/roles/${encodeURIComponent(name)}`}>
                <bdi>{name}</bdi>
              </a>
            ),
          },
          {
            id: "what",
            label: ta("whatFor"),
            cell: (name) => {
              const record = records.find((one) => one.name === name);
              return <bdi>{String(record?.description ?? describe(name))}</bdi>;
            },
          },
          {
            id: "rights",
            label: ta("rights"),
            cell: (name) => {
              const own = grants.filter((one) => one.role === name).length;
              return name === ADMINISTRATOR
                ? ta("everything")
                : own > 0
                  ? ta("ownGrants", { count: own })
                  : ta("defaultRights");
            },
          },
          ...(may
            ? [
                {
                  id: "people",
                  label: ta("people"),
                  end: true,
                  cell: (name: string) => {
                    const count = members.filter((one) => one.roles.includes(name)).length;
                    return count > 0 ? count : <span className={styles.soft}>–</span>;
                  },
                },
              ]
            : []),
        ]}
      />
    </AdminPage>
  );
}
