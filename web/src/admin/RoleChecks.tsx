// Choosing roles: those that are known, and another by its name.

import { Checkbox, TextField } from "@megalith/ui";
import type { ReactNode } from "react";
import styles from "./Admin.module.css";
import { ta } from "./words";

export function RoleChecks({
  known,
  value,
  onChange,
  other,
  onOther,
}: {
  known: readonly string[];
  value: readonly string[];
  onChange: (roles: string[]) => void;
  /** The name of a role that is not known yet. */
  other: string;
  onOther: (name: string) => void;
}): ReactNode {
  return (
    <fieldset className={styles.checks}>
      <legend>{ta("rolesOf")}</legend>
      {known.map((role) => (
        <Checkbox
          key={role}
          label={<bdi>{role}</bdi>}
          checked={value.includes(role)}
          onChange={(is) => onChange(is ? [...value, role] : value.filter((one) => one !== role))}
        />
      ))}
      <TextField
        label={ta("otherRole")}
        hint={ta("otherRoleHint")}
        value={other}
        onChange={onOther}
        dir="ltr"
      />
    </fieldset>
  );
}

/** The roles that are chosen, with the other one. */
export const chosenRoles = (value: readonly string[], other: string): string[] => [
  ...new Set([...value, ...(other.trim() ? [other.trim()] : [])]),
];
