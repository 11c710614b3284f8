// Making a key for a program: for oneself, and for others as administrator. It is shown once.

import { newKey } from "@megalith/api";
import { Select, TextField } from "@megalith/ui";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useRef, useState } from "react";
import { presentMs } from "../app/present";
import { api } from "../app/server";
import { meQuery } from "../app/who";
import { FormDialog, useChange } from "./kit";
import { Once } from "./Once";
import { RoleChecks, useRoleChoice } from "./RoleChecks";
import { ACCESS, KEYS, useMembers } from "./useMembers";
import { ta } from "./words";

/** After how many days a key ends; none for never. */
const SPANS = ["30", "90", "365", ""] as const;
const DAY_MS = 86_400_000;

export function MakeKey({
  own = false,
  onClose,
}: {
  /** Whether it is for oneself in any case. */
  own?: boolean;
  onClose: () => void;
}): ReactNode {
  const { data: me } = useQuery(meQuery);
  const { members } = useMembers();
  const [name, setName] = useState("");
  const [user, setUser] = useState("");
  const roles = useRoleChoice();
  const [span, setSpan] = useState<string>("90");
  const [key, setKey] = useState<string | null>(null);
  // Asking again after an answer that got lost makes the same key.
  const once = useRef(newKey());
  const chosen = members.find((one) => one.user === user);
  const known = chosen?.roles ?? me?.roles ?? [];
  const make = useChange(
    async () => {
      const ends = span === "" ? null : new Date(presentMs() + Number(span) * DAY_MS);
      const answer = await api.records.command<{ key: string }>(
        `${KEYS}:issue`,
        {
          name: name.trim(),
          roles: roles.chosen,
          ...(user && { user }),
          ...(ends && { expires_at: ends.toISOString() }),
        },
        { idempotencyKey: once.current },
      );
      setKey(answer.key);
    },
    { paths: [ACCESS] },
  );
  if (key !== null) {
    return (
      <Once
        title={ta("keyMade")}
        text={ta("keyMadeText")}
        copied={ta("keyCopied")}
        secret={key}
        name="key"
        onClose={onClose}
      />
    );
  }
  return (
    <FormDialog title={ta("makeKey")} act={ta("makeKey")} change={make} onClose={onClose}>
      <TextField
        label={ta("keyFor")}
        hint={ta("keyForHint")}
        required
        value={name}
        onChange={setName}
        dir="auto"
      />
      {!own && members.length > 1 && (
        <Select
          label={ta("actsAs")}
          value={user}
          onChange={(next) => {
            setUser(next);
            roles.checks.onChange([]);
          }}
          options={[
            { value: "", label: ta("you") },
            ...members
              .filter((one) => one.user !== me?.user.id)
              .map((one) => ({ value: one.user, label: one.name })),
          ]}
        />
      )}
      <RoleChecks known={known} {...roles.checks} />
      <Select
        label={ta("ends")}
        value={span}
        onChange={setSpan}
        options={SPANS.map((days) => ({
          value: days,
          label: days === "" ? ta("never") : ta("inDays", { count: Number(days) }),
        }))}
      />
    </FormDialog>
  );
}
