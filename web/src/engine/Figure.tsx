// How a figure is made: its rule in words, and the fields or lines that it comes from.

import { formatInstant, type Schema } from "@megalith/meta";
import { Dialog } from "@megalith/ui";
import type { ReactNode } from "react";
import type { Entity, Field } from "../app/catalog";
import { type Row, useReader } from "../app/reader";
import { t } from "../app/words";
import { LinesTable, useLinkTitles } from "./LinesTable";
import { madeOf } from "./made";
import styles from "./Record.module.css";
import { Value } from "./Value";

export default function Figure({
  field,
  entity,
  row,
  schema,
  onClose,
}: {
  field: Field;
  entity: Entity;
  row: Row;
  schema: Schema;
  onClose: () => void;
}): ReactNode {
  const reader = useReader();
  const made = madeOf(field, entity, row, schema);
  const rows = made.of === "lines" ? ((row[made.lines.name] ?? []) as Row[]) : [];
  const link =
    made.of === "lines"
      ? schema.target(made.lines)?.fields.find((one) => one.kind === "link" && !one.system)
      : undefined;
  const titles = useLinkTitles(link, rows, schema);
  const columns = made.of === "lines" ? [...(link ? [link] : []), ...made.columns] : [];
  return (
    <Dialog open width={640} title={t("howMade", { field: field.label })} onClose={onClose}>
      <p className={styles.figure}>
        <Value field={field} row={row} reader={reader} schema={schema} />
      </p>
      {field.help && <p>{field.help}</p>}
      {made.of === "fields" && (
        <>
          <p className={styles.small}>{t("madeOfFields")}</p>
          <dl className={styles.facts}>
            {made.fields.map((one) => (
              <div key={one.name} className={styles.fact}>
                <dt>{one.label}</dt>
                <dd className={styles.end}>
                  {row[one.name] == null ? (
                    t("empty")
                  ) : (
                    <Value field={one} row={row} reader={reader} schema={schema} />
                  )}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      {made.of === "lines" && (
        <>
          <p className={styles.small}>{t(made.isSum ? "madeOfLines" : "madeFrom")}</p>
          <LinesTable label={made.lines.label} {...{ columns, rows, schema, titles }} />
        </>
      )}
      {typeof row.updated_at === "string" && (
        <p className={styles.small}>
          {t("madeAt", { date: formatInstant(row.updated_at, reader) })}
        </p>
      )}
    </Dialog>
  );
}
