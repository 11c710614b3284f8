// What the person may do with a record, and why or why not: the rule that decides, the roles that it
// is of, the condition that must hold, the state that it would need.

import { formatValue, may, type Schema } from "@megalith/meta";
import { Dialog, Skeleton, StatusDot } from "@megalith/ui";
import { useQueries } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Entity, listPath } from "../app/catalog";
import { titleText, useReader } from "../app/reader";
import { t } from "../app/words";
import { reasonOf } from "./Acts";
import styles from "./Record.module.css";
import { type ApiRecord, records } from "./server";

export default function Rights({
  entity,
  row,
  schema,
  onClose,
}: {
  entity: Entity;
  row: ApiRecord;
  schema: Schema;
  onClose: () => void;
}): ReactNode {
  const reader = useReader();
  const verbs = [
    { name: "read", label: t("read") },
    { name: "update", label: t("edit") },
    { name: "delete", label: t("delete") },
    ...entity.acts,
  ];
  const answers = useQueries({
    queries: verbs.map((verb) => ({
      queryKey: ["explain", entity.name, row.id, row.version, verb.name],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        records.explain(entity.path ?? "", row.id, verb.name, signal),
      staleTime: 60_000,
    })),
  });
  const grants = schema.entity("users.grant");
  const labelOf = (name: string) =>
    entity.fields.find((field) => field.name === name)?.label ?? name;
  const [read] = answers;
  const fields = (title: string, names: readonly string[] | undefined) =>
    names && names.length > 0 ? (
      <p className={styles.small}>
        <b>{title}</b> {names.map(labelOf).join(", ")}
      </p>
    ) : null;
  return (
    <Dialog
      open
      width={640}
      title={t("rightsOn", { name: titleText(entity, row) })}
      onClose={onClose}
    >
      <div className={styles.scroll}>
        <table className={styles.lines}>
          <thead>
            <tr>
              <th scope="col">{t("verb")}</th>
              <th scope="col">{t("allowed")}</th>
              <th scope="col">{t("because")}</th>
            </tr>
          </thead>
          <tbody>
            {verbs.map((verb, at) => {
              const answer = answers[at]?.data;
              const here = may(entity, verb.name, row);
              const state = here.allowed || here.reason.code === "no_right" ? null : here;
              const isAllowed = answer?.allowed === true && state === null;
              const condition = entity.row_conditions?.[verb.name];
              return (
                <tr key={verb.name}>
                  <th scope="row">{verb.label}</th>
                  <td>
                    {answer ? (
                      <StatusDot tone={isAllowed ? "good" : "bad"}>
                        {t(isAllowed ? "yes" : "no")}
                      </StatusDot>
                    ) : (
                      <Skeleton lines={1} height={14} />
                    )}
                  </td>
                  <td>
                    {state && <div>{reasonOf(entity, state)}</div>}
                    {answer && (
                      <div>
                        {answer.by === "administrator" || answer.by === "default" ? (
                          t(answer.by === "default" ? "byDefault" : "byAdministrator")
                        ) : answer.by ? (
                          grants?.path ? (
                            <a className={styles.link} href={`${listPath(grants)}/${answer.by}`}>
                              {t("byGrant")}
                            </a>
                          ) : (
                            t("byGrant")
                          )
                        ) : (
                          t("byNothing")
                        )}
                        {answer.roles.length > 0 && ` · ${answer.roles.join(", ")}`}
                      </div>
                    )}
                    {condition && <code className={styles.code}>{condition}</code>}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {entity.states && typeof row.state === "string" && (
        <p className={styles.small}>
          <b>{labelOf("state")}</b>{" "}
          {formatValue(
            entity.fields.find((field) => field.kind === "state") ?? ({} as never),
            row.state,
            reader,
          )}
        </p>
      )}
      {fields(t("fieldsHidden"), read?.data?.hidden)}
      {fields(t("fieldsReadOnly"), read?.data?.read_only)}
    </Dialog>
  );
}
