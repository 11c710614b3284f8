// Choosing roles: those that are known, and another by its name.

import { Checkbox, TextField } from "@megalith/ui";
import { type ReactNode, useState } from "react";
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

/** A choice of roles: what the boxes are given, and what is chosen, with the other one. */
export function useRoleChoice(initial: readonly string[] = []) {
  const [value, onChange] = useState([...initial]);
  const [other, onOther] = useState("");
  const name = other.trim();
  return {
    checks: { value, onChange, other, onOther },
    chosen: [...new Set([...value, ...(name ? [name] : [])])],
  };
}
