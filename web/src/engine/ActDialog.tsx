// Asks before an act that cannot be taken back, and says what it would make of the record: the
// server tries it without effect.

import { formatValue, type Schema, sameValue } from "@megalith/meta";
import { Button, Dialog } from "@megalith/ui";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Entity } from "../app/catalog";
import { titleText, useReader } from "../app/reader";
import { inWords } from "../app/refusals";
import { t } from "../app/words";
import { stateLabel } from "./Acts";
import styles from "./Record.module.css";
import { Refused } from "./Refused";
import { type ApiRecord, asProblem, records } from "./server";

/** What always follows and says nothing. */
const FOLLOWS = new Set(["version", "updated_at", "updated_by", "state"]);

export default function ActDialog({
  entity,
  row,
  schema,
  act,
  busy,
  onClose,
  onAct,
}: {
  entity: Entity;
  row: ApiRecord;
  schema: Schema;
  act: string;
  busy: boolean;
  onClose: () => void;
  onAct: () => void;
}): ReactNode {
  const reader = useReader();
  const label = entity.acts.find((one) => one.name === act)?.label ?? act;
  const tried = useQuery({
    queryKey: ["try", entity.name, row.id, row.version, act],
    queryFn: ({ signal }) =>
      records.act(entity.path ?? "", row.id, act, undefined, { dryRun: true, signal }),
    retry: false,
    gcTime: 0,
  });
  const problem = tried.error ? asProblem(tried.error) : null;
  const isRefusal = problem !== null && [403, 409, 422].includes(problem.status);
  const then = tried.data;
  const changes = then
    ? entity.fields.filter(
        (field) =>
          field.name in then &&
          !FOLLOWS.has(field.name) &&
          !["link", "links", "lines"].includes(field.kind) &&
          !sameValue(then[field.name], row[field.name]),
      )
    : [];
  return (
    <Dialog
      open
      title={t("actSure", { act: label, name: titleText(entity, row) })}
      text={t("actFinal", {
        state: stateLabel(
          entity,
          entity.states?.moves.find((one) => one.act === act && one.from === row.state)?.to,
        ),
      })}
      onClose={onClose}
      onSubmit={() => !isRefusal && onAct()}
      actions={
        <>
          <Button onClick={onClose}>{t("back")}</Button>
          <Button
            look="danger"
            type="submit"
            busy={busy}
            reason={isRefusal ? inWords(problem) : undefined}
          >
            {label}
          </Button>
        </>
      }
    >
      {changes.length > 0 && (
        <ul className={styles.consequences}>
          {changes.map((field) => (
            <li key={field.name}>
              {field.label}:{" "}
              <bdi>{formatValue(field, then?.[field.name], reader, then ?? {}) || t("empty")}</bdi>
            </li>
          ))}
        </ul>
      )}
      {isRefusal && <Refused problem={problem} schema={schema} id={row.id} />}
    </Dialog>
  );
}
