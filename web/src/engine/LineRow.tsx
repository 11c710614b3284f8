// One line of a form: a control in each cell, and a menu of what is done with lines.

import {
  conditionsOf,
  type Entity,
  type Field,
  formatMoney,
  type Reader,
  type Schema,
} from "@megalith/meta";
import { IconButton, Menu } from "@megalith/ui";
import { Ellipsis } from "lucide-react";
import { memo, type ReactNode } from "react";
import { t } from "../app/words";
import { Control } from "./Controls";
import { now } from "./clock";
import { type Draft, useForeseenRow, useRow } from "./draft";
import styles from "./Form.module.css";
import type { Wrong } from "./problems";

interface RowProps {
  name: string;
  row: number;
  rowKey: number;
  /** The empty row behind the others. */
  isLast: boolean;
  /** The height of the rows before it that are not drawn. */
  gap: number;
  draft: Draft;
  columns: readonly Field[];
  lines: Entity;
  schema: Schema;
  reader: Reader;
  currency: string | null;
  wrongs: readonly { at: string; text: string }[];
  measure: ((node: Element | null) => void) | undefined;
  onSet: (row: number, column: string, value: unknown) => void;
  onNext: (row: number, column: string) => void;
  onRemove: (row: number) => void;
  onDouble: (row: number) => void;
  onMove: (row: number, by: number) => void;
  onWrong: (wrongs: readonly Wrong[]) => void;
}

/** Drawn anew only when something of it changes; `wrongs` is compared by what it says. */
export const LineRow = memo(
  function LineRow(props: RowProps): ReactNode {
    const { name, row, rowKey, isLast, gap, draft, columns, lines, schema, reader } = props;
    const { currency, wrongs, onSet, onNext } = props;
    const values = useRow(draft, name, row);
    const foreseen = useForeseenRow(draft, rowKey);
    const conditions = conditionsOf(lines, schema);
    const context = conditions.isAny ? now() : null;
    return (
      <>
        {gap > 0 && <tr className={styles.gap} style={{ height: gap }} />}
        <tr
          ref={props.measure}
          data-index={row}
          aria-rowindex={row + 2}
          className={isLast ? styles.blank : undefined}
        >
          {columns.map((field) => {
            const at = `/${row}/${field.name}`;
            const state = context && conditions.of(field, values ?? {}, context);
            return (
              <td key={field.name} data-cell={`${row} ${field.name}`} data-label={field.label}>
                {state && !state.visible ? null : field.writable && !field.computed ? (
                  <Control
                    {...{ field, schema, reader, currency }}
                    value={values?.[field.name] ?? null}
                    foreseen={foreseen?.[field.name]}
                    readOnly={state?.readOnly ?? false}
                    problems={wrongs
                      .filter((one) => one.at === at || one.at.startsWith(`${at}/`))
                      .map((one) => ({ ...one, at: one.at.slice(at.length) }))}
                    onChange={(value) => onSet(row, field.name, value)}
                    onTaken={() => onNext(row, field.name)}
                    onWrong={(text) => props.onWrong([{ pointer: `/${name}${at}`, text }])}
                  />
                ) : (
                  <span className={styles.computed} data-live="">
                    {amountOf((foreseen ?? values)?.[field.name], reader)}
                  </span>
                )}
              </td>
            );
          })}
          <td>
            {!isLast && (
              <Menu
                label={t("lineMenu", { number: row + 1 })}
                items={[
                  { id: "double", label: t("lineDouble"), onSelect: () => props.onDouble(row) },
                  {
                    id: "up",
                    label: t("lineUp"),
                    reason: row === 0 ? t("lineFirst") : undefined,
                    onSelect: () => props.onMove(row, -1),
                  },
                  { id: "down", label: t("lineDown"), onSelect: () => props.onMove(row, 1) },
                  "line",
                  {
                    id: "remove",
                    label: t("removeLine", { number: row + 1 }),
                    danger: true,
                    onSelect: () => props.onRemove(row),
                  },
                ]}
                trigger={(own) => (
                  <IconButton size="small" label={t("lineMenu", { number: row + 1 })} {...own}>
                    <Ellipsis />
                  </IconButton>
                )}
              />
            )}
          </td>
        </tr>
      </>
    );
  },
  (a, b) => {
    const { wrongs: wrongsA, ...restA } = a;
    const { wrongs: wrongsB, ...restB } = b;
    const names = Object.keys(restA) as (keyof typeof restA)[];
    return (
      names.every((one) => restA[one] === restB[one]) &&
      JSON.stringify(wrongsA) === JSON.stringify(wrongsB)
    );
  },
);

/** An amount that the server calculates; a dash while it is not known. */
function amountOf(value: unknown, reader: Reader): string {
  const { amount, currency } = (value ?? {}) as { amount?: string; currency?: string };
  return amount ? formatMoney(amount, currency ?? "", reader) : "–";
}
