// Controls for links: found as one types, made in place where there is none yet.

import { type Field, type Schema, titleOf } from "@megalith/meta";
import { Chip, TextField } from "@megalith/ui";
import { Combobox } from "@megalith/ui/combobox";
import { type ReactNode, use } from "react";
import { t } from "../app/words";
import { MakeContext, makes } from "./make";
import { find, rememberTarget } from "./targets";

/** What every control is told of its field. */
export interface Common {
  label: string;
  required: boolean;
  error: string | undefined;
  readOnly: boolean;
}

interface LinkProps {
  field: Field;
  common: Common;
  value: unknown;
  onChange: (value: unknown) => void;
  schema: Schema;
}

export function LinkControl({
  field,
  common,
  value,
  onChange,
  schema,
  placeholder,
  onTaken,
  onWrong,
}: LinkProps & {
  placeholder?: string | undefined;
  onTaken?: (() => void) | undefined;
  onWrong?: ((text: string) => void) | undefined;
}): ReactNode {
  const make = use(MakeContext);
  const target = schema.target(field);
  if (!target?.path) {
    return (
      <TextField
        {...common}
        value={typeof value === "string" ? value : titleOf(value)}
        onChange={(text) => onChange(text === "" ? null : text)}
      />
    );
  }
  const id = typeof value === "string" ? value : (value as { id?: string } | null)?.id;
  const label = titleOf(value);
  return (
    <Combobox
      {...common}
      placeholder={placeholder}
      value={id || label ? { id: id ?? "", label } : null}
      search={(words, signal) => find(target, words, signal)}
      onTaken={onTaken}
      onMiss={(text) => {
        onChange({ id: "", title: text });
        onWrong?.(t("notNamed", { text }));
      }}
      onCreate={make && makes(target) ? (text) => make(target, text, onChange) : undefined}
      onChange={(option) => {
        if (option) rememberTarget(target, option.id);
        onChange(option ? { id: option.id, title: option.label } : null);
      }}
    />
  );
}

export function LinksControl({ field, common, value, onChange, schema }: LinkProps): ReactNode {
  const target = schema.target(field);
  const chosen = (Array.isArray(value) ? value : []) as readonly ({ id: string } | string)[];
  const idOf = (one: { id: string } | string) => (typeof one === "string" ? one : one.id);
  return (
    <div>
      <Combobox
        {...common}
        key={chosen.length}
        value={null}
        search={async (words, signal) => (target?.path ? find(target, words, signal) : [])}
        onChange={(option) => {
          if (option && !chosen.some((one) => idOf(one) === option.id)) {
            onChange([...chosen, { id: option.id, title: option.label }]);
          }
        }}
      />
      {chosen.map((one) => (
        <Chip
          key={idOf(one)}
          onRemove={() => onChange(chosen.filter((other) => idOf(other) !== idOf(one)))}
        >
          {titleOf(one)}
        </Chip>
      ))}
    </div>
  );
}
