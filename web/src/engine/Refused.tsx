// What the server did not do with a record and why, with the way to the records that stand in the way.

import type { Schema } from "@megalith/meta";
import { Callout } from "@megalith/ui";
import type { ReactNode } from "react";
import type { Entity } from "../app/catalog";
import { inWords } from "../app/refusals";
import { t } from "../app/words";
import styles from "./Record.module.css";
import type { ApiProblem } from "./server";
import { usesOf } from "./uses";

export function Refused({
  problem,
  schema,
  id,
  entity,
  actions,
}: {
  problem: ApiProblem;
  schema: Schema;
  id: string;
  /** Whose fields are named before what is said of them. */
  entity?: Entity;
  actions?: ReactNode;
}): ReactNode {
  const { uses, others } = usesOf(problem, schema, id);
  return (
    <Callout
      tone="bad"
      title={problem.status === 412 ? t("changedMeanwhile") : inWords(problem)}
      actions={actions}
    >
      {uses.map((use) => (
        <div key={use.href}>
          <a className={styles.link} href={use.href}>
            {use.entity.label_plural}
          </a>{" "}
          {t("records", { count: use.count })}
        </div>
      ))}
      {others.map((one) => (
        <div key={one.pointer + one.code + one.message}>
          {entity && <b>{labelAt(entity, one.pointer)}</b>} {inWords(one)}
        </div>
      ))}
    </Callout>
  );
}

/** The label of the field that a pointer leads to. */
function labelAt(entity: Entity, pointer: string): string {
  const name = pointer.split("/")[1] ?? "";
  return entity.fields.find((field) => field.name === name)?.label ?? "";
}
