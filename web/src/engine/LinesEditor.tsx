// Child lines as one types them: a row each, Tab to the next cell, Enter and the arrows to the row
// below or above, a new row behind the last.

import type { Entity, Field, Reader, Schema } from "@megalith/meta";
import { formatMoney, initialValues } from "@megalith/meta";
import { BareFields, Button, IconButton } from "@megalith/ui";
import { Plus, X } from "lucide-react";
import { type KeyboardEvent, memo, type ReactNode, useCallback, useRef } from "react";
import {
  type Control as FormControl,
  useController,
  useFieldArray,
  useWatch,
} from "react-hook-form";
import { isAmount } from "../app/reader";
import { t } from "../app/words";
import { Control } from "./Controls";
import { now } from "./clock";
import styles from "./Form.module.css";
import { type Wrong, within } from "./problems";
import { columnsOf, totalsOf } from "./shape";

type Values = Record<string, unknown>;

export function LinesEditor({
  field,
  control,
  schema,
  reader,
  currency,
  wrongs,
  onTouch,
}: {
  field: Field;
  control: FormControl<Values>;
  schema: Schema;
  reader: Reader;
  currency: string | null;
  wrongs: readonly Wrong[];
  onTouch: (pointer: string) => void;
}): ReactNode {
  const lines = schema.target(field) as Entity;
  const columns = columnsOf(schema, field).filter((one) => one.writable || one.kind === "money");
  const table = useRef<HTMLTableElement>(null);
  const { fields, append, remove } = useFieldArray({
    control,
    name: field.name as never,
    keyName: "_key",
  });
  const count = fields.length;
  const focus = useCallback((row: number, column: string) => {
    const cell = table.current?.querySelector(`[data-cell="${row} ${column}"]`);
    cell?.querySelector<HTMLElement>("input, select, textarea")?.focus();
  }, []);
  const add = useCallback(
    (column: string) => {
      append(initialValues(lines, now(), null) as never, { shouldFocus: false });
      setTimeout(() => focus(count, column));
    },
    [append, lines, focus, count],
  );
  const firstColumn = columns.find((one) => one.writable)?.name ?? "";
  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.defaultPrevented || event.nativeEvent.isComposing) return;
    const target = event.target as HTMLElement;
    if (target.getAttribute("aria-expanded") === "true" || target.closest("button")) return;
    const isTall = target.matches("textarea, select");
    const place = target.closest("[data-cell]")?.getAttribute("data-cell")?.split(" ");
    if (!place || event.altKey || event.ctrlKey || event.metaKey) return;
    const row = Number(place[0]);
    const [, column = ""] = place;
    const isCombo = target.getAttribute("role") === "combobox";
    const way =
      event.key === "Enter"
        ? event.shiftKey
          ? -1
          : 1
        : isTall || isCombo
          ? 0
          : event.key === "ArrowDown"
            ? 1
            : event.key === "ArrowUp"
              ? -1
              : 0;
    if (way === 0) return;
    event.preventDefault();
    const next = row + way;
    if (next >= count && event.key === "Enter") add(firstColumn);
    else if (next >= 0) focus(next, column);
  };
  const own = within(wrongs, `/${field.name}`);
  return (
    <section className={styles.linesEditor} aria-label={field.label}>
      <h2>{field.label}</h2>
      {own.some((one) => one.at === "") && (
        <p className={styles.wrong}>{own.find((one) => one.at === "")?.text}</p>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys that move between the fields */}
      <div className={styles.scroll} onKeyDown={press} hidden={count === 0}>
        <table className={styles.table} ref={table}>
          <thead>
            <tr>
              {columns.map((one) => (
                <th
                  key={one.name}
                  scope="col"
                  className={isAmount(one) ? styles.end : undefined}
                  style={{ minWidth: widthOf(one) }}
                >
                  {one.label}
                  {one.required && <span aria-hidden="true"> *</span>}
                </th>
              ))}
              <td />
            </tr>
          </thead>
          <tbody>
            <BareFields>
              {fields.map((row, at) => (
                <LineRow
                  key={row._key}
                  name={field.name}
                  row={at}
                  columns={columns}
                  control={control}
                  schema={schema}
                  reader={reader}
                  currency={currency}
                  wrongs={own.filter((one) => one.at.startsWith(`/${at}/`))}
                  onTouch={onTouch}
                  onRemove={remove}
                />
              ))}
            </BareFields>
          </tbody>
        </table>
      </div>
      <div className={styles.linesFoot}>
        <Button
          size="small"
          look="ghost"
          icon={<Plus />}
          data-add-line=""
          aria-keyshortcuts="Alt+N"
          onClick={() => add(firstColumn)}
        >
          {t("addLine")}
        </Button>
        <Totals name={field.name} columns={columns} control={control} reader={reader} />
      </div>
    </section>
  );
}

const WIDTHS: Partial<Record<Field["kind"], number>> = {
  link: 190,
  text: 130,
  quantity: 84,
  price: 100,
  percent: 84,
  money: 100,
  date: 112,
};
const widthOf = (field: Field) => WIDTHS[field.kind] ?? 120;

/** Drawn anew only when something of it changes; `wrongs` is compared by what it says. */
const LineRow = memo(
  function LineRow({
    name,
    row,
    columns,
    control,
    schema,
    reader,
    currency,
    wrongs,
    onTouch,
    onRemove,
  }: {
    name: string;
    row: number;
    columns: readonly Field[];
    control: FormControl<Values>;
    schema: Schema;
    reader: Reader;
    currency: string | null;
    wrongs: readonly { at: string; text: string }[];
    onTouch: (pointer: string) => void;
    onRemove: (row: number) => void;
  }): ReactNode {
    return (
      <tr>
        {columns.map((field) => (
          <td key={field.name} data-cell={`${row} ${field.name}`}>
            {field.writable && !field.computed ? (
              <Cell
                {...{ field, control, schema, reader, currency, onTouch }}
                path={`${name}.${row}.${field.name}`}
                pointer={`/${name}/${row}/${field.name}`}
                problems={wrongs
                  .filter((one) => one.at.startsWith(`/${row}/${field.name}`))
                  .map((one) => ({ ...one, at: one.at.slice(`/${row}/${field.name}`.length) }))}
              />
            ) : (
              <Computed path={`${name}.${row}.${field.name}`} control={control} reader={reader} />
            )}
          </td>
        ))}
        <td>
          <IconButton
            size="small"
            label={t("removeLine", { number: row + 1 })}
            onClick={() => onRemove(row)}
          >
            <X />
          </IconButton>
        </td>
      </tr>
    );
  },
  (a, b) =>
    a.row === b.row &&
    a.control === b.control &&
    a.currency === b.currency &&
    JSON.stringify(a.wrongs) === JSON.stringify(b.wrongs),
);

function Cell({
  field,
  control,
  path,
  pointer,
  onTouch,
  ...rest
}: {
  field: Field;
  control: FormControl<Values>;
  path: string;
  pointer: string;
  schema: Schema;
  reader: Reader;
  currency: string | null;
  problems: readonly { at: string; text: string }[];
  onTouch: (pointer: string) => void;
}): ReactNode {
  const { field: held } = useController({ control, name: path });
  return (
    <Control
      {...rest}
      field={field}
      value={held.value}
      onChange={(value) => {
        held.onChange(value);
        onTouch(pointer);
      }}
    />
  );
}

/** What the server calculated when the line was last saved. */
function Computed({
  path,
  control,
  reader,
}: {
  path: string;
  control: FormControl<Values>;
  reader: Reader;
}): ReactNode {
  const value = useWatch({ control, name: path }) as { amount?: string; currency?: string } | null;
  return (
    <span className={styles.computed}>
      {value?.amount ? formatMoney(value.amount, value.currency ?? "", reader) : t("onSave")}
    </span>
  );
}

function Totals({
  name,
  columns,
  control,
  reader,
}: {
  name: string;
  columns: readonly Field[];
  control: FormControl<Values>;
  reader: Reader;
}): ReactNode {
  const rows = (useWatch({ control, name }) ?? []) as Values[];
  const last = columns.filter((one) => one.kind === "money").at(-1);
  const sums = last ? totalsOf(last, rows) : [];
  if (sums.length === 0) return null;
  return (
    <span className={styles.computed}>
      {last?.label}:{" "}
      {sums.map(({ amount, currency }) => formatMoney(amount, currency, reader)).join(" + ")}
    </span>
  );
}
