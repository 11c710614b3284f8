// Forms about one person: their roles here, and their name.

import type { Person } from "@megalith/api";
import { TextField } from "@megalith/ui";
import { type ReactNode, useState } from "react";
import { api } from "../app/server";
import { t } from "../app/words";
import { FormDialog, useChange } from "./kit";
import { RoleChecks, useRoleChoice } from "./RoleChecks";
import { PEOPLE } from "./useMembers";
import { ta } from "./words";

/** A change of a person, as a form sends it. */
function usePatch(user: string, patch: () => object, done: string, onClose: () => void) {
  return useChange(
    async () => {
      await api.records.command(`${PEOPLE}:change`, { user, ...patch() });
      onClose();
    },
    { paths: [PEOPLE], done: () => done },
  );
}

export function ChangeRoles({
  member,
  known,
  onClose,
}: {
  member: Person;
  known: readonly string[];
  onClose: () => void;
}): ReactNode {
  const roles = useRoleChoice(member.roles);
  const done = ta("rolesChanged", { name: member.name });
  const save = usePatch(member.user, () => ({ roles: roles.chosen }), done, onClose);
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

export function ChangeName({
  member,
  onClose,
}: {
  member: Person;
  onClose: () => void;
}): ReactNode {
  const [name, setName] = useState(member.name);
  const done = ta("renamed", { name: name.trim() });
  const save = usePatch(member.user, () => ({ name: name.trim() }), done, onClose);
  return (
    <FormDialog
      title={ta("renameOf", { name: member.name })}
      act={t("save")}
      change={save}
      onClose={onClose}
    >
      <TextField label={ta("name")} required value={name} onChange={setName} dir="auto" />
    </FormDialog>
  );
}
