// A new record in a few fields, from where it is needed.

import type { FormValues, Schema } from "@megalith/meta";
import { Dialog, toast } from "@megalith/ui";
import { type ReactNode, useMemo } from "react";
import type { Entity } from "../app/catalog";
import { titleText } from "../app/reader";
import { t, within } from "../app/words";
import { FormRenderer } from "./Form";
import styles from "./Form.module.css";
import { bodyOf, startOf } from "./make";
import { records, useSettle } from "./server";
import { inputsOf } from "./shape";
import { rememberTarget } from "./targets";

/** The kinds of field by which a new record is told apart from others. */
const TELLING = new Set(["email", "phone"]);

export default function MakeDialog({
  entity,
  text,
  schema,
  onClose,
}: {
  entity: Entity;
  /** What was typed: the title of the new record. */
  text: string;
  schema: Schema;
  onClose: (made: { id: string; title: string } | null) => void;
}): ReactNode {
  const settle = useSettle(entity);
  const inputs = useMemo(() => inputsOf(entity, null), [entity]);
  const few = useMemo(
    () =>
      inputs
        .filter(
          (field) =>
            field.name === entity.title ||
            field.required ||
            (field.unique && field.kind === "text") ||
            (TELLING.has(field.kind) && inputs.find((one) => one.kind === field.kind) === field),
        )
        .map((field) => field.name),
    [inputs, entity],
  );
  const values = useMemo(
    () => ({ ...startOf(entity, inputs), [entity.title]: text }),
    [inputs, entity, text],
  );
  const save = async (typed: FormValues, key: string) => {
    const record = await records.create(entity.path ?? "", bodyOf(inputs, typed, schema), {
      idempotencyKey: key,
    });
    const title = titleText(entity, record);
    rememberTarget(entity, record.id);
    void settle();
    return () => {
      toast({ text: t("created", { name: title }) });
      onClose({ id: record.id, title });
    };
  };
  return (
    <Dialog open width={560} title={t("newRecord", { name: within(entity.label) })}>
      <div className={styles.inDialog}>
        <FormRenderer
          entity={entity}
          schema={schema}
          record={null}
          values={values}
          focus=""
          saveLabel={t("createRecord", { name: within(entity.label) })}
          onSave={save}
          onClose={() => onClose(null)}
          few={few}
        />
      </div>
    </Dialog>
  );
}
