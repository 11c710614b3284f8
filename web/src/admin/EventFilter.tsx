// Which events of the log are shown: of which area and person, of which record, and what was done. All
// of it stands in the address.

import { Select, TextField } from "@megalith/ui";
import { type ReactNode, useState } from "react";
import styles from "./Admin.module.css";
import { useAdminSearch } from "./search";
import { useMembers } from "./useMembers";
import { ta } from "./words";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** The id in what somebody typed or pasted, such as the address of a record's page. */
export const idIn = (text: string): string =>
  /[a-z]{2,}_[0-9a-z]{26}/.exec(text)?.[0] ?? text.trim();

export function EventFilter({
  areas,
  seen,
  wrong,
}: {
  areas: readonly Choice[];
  /** Who did what is shown now: all that is known of people where accounts are kept elsewhere. */
  seen: readonly Choice[];
  /** What the server says to the record. */
  wrong: string | undefined;
}): ReactNode {
  const [search, choose] = useAdminSearch();
  const { members } = useMembers();
  const people = new Map(seen.map(({ value, label }) => [value, label]));
  for (const { user, name } of members) people.set(user, name);
  const chosen = search.actor;
  if (chosen && !people.has(chosen)) people.set(chosen, chosen);
  const options = [...people]
    .map(([value, label]) => ({ value, label }))
    .sort((a, b) => a.label.localeCompare(b.label));
  return (
    <div className={styles.filters}>
      <Select
        label={ta("area")}
        value={search.service ?? ""}
        onChange={(service) => choose({ service })}
        options={[{ value: "", label: ta("everyArea") }, ...areas]}
      />
      <Select
        label={ta("person")}
        value={chosen ?? ""}
        onChange={(actor) => choose({ actor })}
        options={[{ value: "", label: ta("everybody") }, ...options]}
      />
      <Typed
        key={`verb ${search.verb}`}
        label={ta("deed")}
        value={search.verb}
        onDone={(text) => choose({ verb: text.trim() })}
      />
      <Typed
        key={`record ${search.record}`}
        label={ta("record")}
        hint={ta("recordHint")}
        wrong={wrong}
        value={search.record}
        onDone={(text) => choose({ record: idIn(text) })}
      />
    </div>
  );
}

/** A text that counts once it is typed: on Enter, or when one goes on. */
function Typed({
  label,
  hint,
  wrong,
  value = "",
  onDone,
}: {
  label: string;
  hint?: string;
  wrong?: string | undefined;
  value: string | undefined;
  onDone: (text: string) => void;
}): ReactNode {
  const [text, setText] = useState(value);
  const done = () => {
    if (text !== value) onDone(text);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        done();
      }}
    >
      <TextField
        label={label}
        hint={hint}
        error={wrong}
        value={text}
        onChange={setText}
        onBlur={done}
        dir="ltr"
      />
    </form>
  );
}
