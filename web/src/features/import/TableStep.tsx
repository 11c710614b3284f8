// The second step: what the rows become, and which table of the file it is.

import type { Entity, Schema } from "@megalith/meta";
import { Button, Select } from "@megalith/ui";
import { type ReactNode, useState } from "react";
import styles from "./Import.module.css";
import type { Import, Table } from "./server";
import { type Go, importable } from "./state";
import { ti } from "./words";

export function TableStep({
  schema,
  one,
  entity,
  table,
  tables,
  go,
}: {
  schema: Schema;
  one: Import;
  entity: Entity | null;
  table: Table | undefined;
  tables: readonly Table[];
  go: Go;
}): ReactNode {
  const [name, setName] = useState(entity?.name ?? "");
  const [chosen, setChosen] = useState(table?.name ?? tables[0]?.name ?? "");
  const service = (of: Entity) =>
    schema.services.find((known) => known.name === of.service)?.label ?? of.service;
  const seen = tables.find((known) => known.name === chosen);
  const isNew = name !== entity?.name || chosen !== table?.name;
  return (
    <form
      className={styles.part}
      onSubmit={(event) => {
        event.preventDefault();
        if (!name) return;
        const anew = isNew ? { fields: "", key: "" } : {};
        go({ entity: name, table: tables.length > 1 ? chosen : "", step: "map", ...anew });
      }}
    >
      <p className={styles.soft}>
        <bdi>{one.filename}</bdi>
      </p>
      <div className={styles.narrow}>
        <Select
          label={ti("entity")}
          hint={ti("entityHint")}
          required
          value={name}
          onChange={setName}
          options={[
            { value: "", label: ti("chooseEntity"), disabled: true },
            ...importable(schema).map((known) => ({
              value: known.name,
              label: `${known.label_plural} (${service(known)})`,
            })),
          ]}
        />
      </div>
      {tables.length > 1 && (
        <fieldset className={styles.choices}>
          <legend>{ti("tables")}</legend>
          <p className={styles.soft}>{ti("tablesHint")}</p>
          {tables.map((known) => (
            <label key={known.name}>
              <input
                type="radio"
                name="table"
                checked={known.name === chosen}
                onChange={() => setChosen(known.name)}
              />
              <bdi>{known.name}</bdi>
              <span className={styles.soft}>
                {known.rows !== null && `${ti("rowsKnown", { count: known.rows })} · `}
                {ti("columns", { count: known.columns.length })}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {seen && <Samples table={seen} />}
      <div className={styles.acts}>
        <Button onClick={() => go({ import: "", step: "", table: "", fields: "", key: "" })}>
          {ti("before")}
        </Button>
        <Button look="main" type="submit" reason={name ? undefined : ti("entity")}>
          {ti("next")}
        </Button>
      </div>
    </form>
  );
}

/** The columns of a table, each with some of what stands in it. */
function Samples({ table }: { table: Table }): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
    <section className={styles.scroll} tabIndex={0} aria-label={ti("sampleHead")}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{ti("column")}</th>
            <th scope="col">{ti("sampleHead")}</th>
          </tr>
        </thead>
        <tbody>
          {table.columns.map((column) => (
            <tr key={column.name}>
              <th scope="row">
                <bdi>{column.name}</bdi>
              </th>
              <td className={styles.cells}>
                {column.samples.slice(0, 4).map((text) => (
                  <span key={text}>
                    <bdi>{text}</bdi>
                  </span>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
