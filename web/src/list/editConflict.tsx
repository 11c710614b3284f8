// A cell that two have changed: both values side by side, and the person decides.

import type { ApiRecord } from "@megalith/api";
import { Button, Dialog } from "@megalith/ui";
import { type ReactNode, useState } from "react";
import type { Field } from "../app/catalog";
import { textOf, useReader } from "../app/reader";
import { t } from "../app/words";
import { Versus } from "../engine/Versus";

export interface Conflict {
  readonly title: string;
  readonly fields: readonly Field[];
  /** The record as the person wants it, and as it is now. */
  readonly mine: ApiRecord;
  readonly theirs: ApiRecord;
  /** Writes the person's own values of some fields. */
  readonly keep: (mine: readonly string[]) => void;
}

export default function ConflictDialog({
  conflict: { title, fields, mine, theirs, keep },
  onClose,
}: {
  conflict: Conflict;
  onClose: () => void;
}): ReactNode {
  const reader = useReader();
  const [own, setOwn] = useState<ReadonlySet<string>>(new Set(fields.map((one) => one.name)));
  const shown = (field: Field, of: ApiRecord) => textOf(field, of, reader) || t("ui.empty");
  const choose = (name: string, isOwn: boolean) =>
    setOwn((now) => new Set([...now].filter((one) => one !== name).concat(isOwn ? [name] : [])));
  return (
    <Dialog
      open
      width={560}
      title={`${t("conflict")}: ${title}`}
      text={t("conflictText")}
      onClose={onClose}
      onSubmit={() => {
        onClose();
        keep([...own]);
      }}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit">
            {t("save")}
          </Button>
        </>
      }
    >
      {fields.map((field) => (
        <Versus
          key={field.name}
          name={field.name}
          label={field.label}
          ways={[
            { way: "mine", label: t("mine"), text: shown(field, mine) },
            { way: "theirs", label: t("theirs"), text: shown(field, theirs) },
          ]}
          chosen={own.has(field.name) ? "mine" : "theirs"}
          onChoose={(way) => choose(field.name, way === "mine")}
        />
      ))}
    </Dialog>
  );
}
