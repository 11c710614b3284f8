// A cell that two have changed: both values side by side, and the person decides.

import type { ApiRecord } from "@megalith/api";
import { Button, Dialog } from "@megalith/ui";
import { type ReactNode, useState } from "react";
import type { Field } from "../app/catalog";
import { textOf, useReader } from "../app/reader";
import { t } from "../app/words";
import styles from "./edit.module.css";

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
        <fieldset key={field.name} className={styles.versus}>
          <legend>{field.label}</legend>
          {([true, false] as const).map((isOwn) => (
            <label key={String(isOwn)}>
              <input
                type="radio"
                name={field.name}
                checked={own.has(field.name) === isOwn}
                onChange={() => choose(field.name, isOwn)}
              />
              <span>
                <b>{isOwn ? t("mine") : t("theirs")}</b>
                <bdi>{textOf(field, isOwn ? mine : theirs, reader) || t("ui.empty")}</bdi>
              </span>
            </label>
          ))}
        </fieldset>
      ))}
    </Dialog>
  );
}
