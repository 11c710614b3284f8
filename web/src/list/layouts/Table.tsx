// Records as rows of a grid; on a phone as cards.

import type { Group, OrderKey } from "@megalith/meta";
import { Callout, later, Skeleton } from "@megalith/ui";
import { DataGrid, type GridRow, NOTHING, type Selection } from "@megalith/ui/grid";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { type Row, useReader } from "../../app/reader";
import { t } from "../../app/words";
import { Cards } from "../Cards";
import { useListColumns } from "../columns";
import { useEditing } from "../edit";
import { Fault } from "../Fault";
import { GroupHead } from "../GroupHead";
import { gridColumn } from "../gridColumns";
import styles from "../List.module.css";
import { FIRST } from "../order";
import { usePhone } from "../phone";
import { useStanding } from "../standing";
import { Total } from "../sums";
import { useTable } from "../useTable";
import type { LayoutProps } from ".";

const BulkBar = later(() => import("../bulkBar"));

/** The same item for the same record, so that rows that stay are not drawn again. */
const items = new WeakMap<Row, GridRow<Row>>();
const WAITING: GridRow<Row> = { kind: "loading", key: "" };
function itemOf(row: Row): GridRow<Row> {
  const known = items.get(row) ?? { kind: "row", key: row.id, row };
  items.set(row, known);
  return known;
}

export function Table(props: LayoutProps): ReactNode {
  const { entity, schema, view, change, asked, total, onOpen } = props;
  const reader = useReader();
  const isPhone = usePhone();
  const standing = useStanding(entity);
  const columns = useListColumns(entity);
  const table = useTable(props, columns);
  const { sections, rows, by, summed, summary, askSums } = table;
  const [chosen, setChosen] = useState({ of: asked, selection: NOTHING });
  // With another filter, what was chosen is no longer what one sees.
  const selected = chosen.of === asked ? chosen.selection : NOTHING;
  const setSelected = (selection: Selection) => setChosen({ of: asked, selection });

  const sort = view.order.length > 0 ? view.order : table.order.slice(0, 1);
  // The titles of linked groups are asked for together.
  const ids = useMemo(() => {
    const found = new Map<string, string[]>();
    const add = (groups: readonly Group[]) => {
      for (const { key, value, inner } of groups) {
        if (typeof value === "string") found.set(key, [...(found.get(key) ?? []), value]);
        add(inner);
      }
    };
    add(summary?.groups ?? []);
    return new Map([...found].map(([key, values]) => [key, [...new Set(values)].sort()]));
  }, [summary]);
  const head = useCallback(
    (group: Group) => {
      const key = by[group.depth];
      return (
        key && <GroupHead {...{ group, schema, summed }} by={key} ids={ids.get(key.key) ?? []} />
      );
    },
    [by, schema, summed, ids],
  );
  const { at } = rows;
  const rowAt = (index: number): GridRow<Row> => {
    const spot = sections.at(index);
    if (spot?.kind === "group") {
      const { group, open } = spot;
      const { id: key, depth } = group;
      return { kind: "group", key, label: head(group), open, depth };
    }
    const row = spot ? at(spot.run, spot.place) : undefined;
    return row ? itemOf(row) : WAITING;
  };
  const { grid, columnsOf, dialogs, undos, refresh, preload } = useEditing({
    entity,
    schema,
    fields: columns.shown,
    rowAt,
    total: sections.count,
  });

  const sums = summary?.sums;
  const shown = useMemo(
    () =>
      columns.shown.map((field, at) => {
        const isSum = summed.includes(field);
        const sum = isSum && sums?.[field.name];
        const total = sum ? (
          <Total field={field} sums={sum} />
        ) : isSum && askSums ? (
          <button type="button" className={styles.sums} onClick={askSums}>
            {t("sumUp")}
          </button>
        ) : undefined;
        return columnsOf(gridColumn(entity, field, at === 0, reader, total), field);
      }),
    [columns.shown, entity, reader, summed, sums, askSums, columnsOf],
  );
  if (table.error) {
    return (
      <Fault
        error={table.error}
        onRetry={table.retry}
        onClear={() => change({ filter: "", q: "", order: [], group: [] })}
      />
    );
  }
  if (table.isWaiting) return <Skeleton lines={8} />;
  return (
    <>
      {table.isSlow && (
        <div className={styles.notice}>
          <Callout tone="info">
            {t("slowOrder", {
              count: FIRST,
              name: entity.fields.find((one) => one.name === table.order[0]?.field)?.label ?? "",
            })}
          </Callout>
        </div>
      )}
      {view.group.length > 0 && by.length === 0 && (
        <div className={styles.notice}>
          <Callout tone="info">{t("noGroups")}</Callout>
        </div>
      )}
      {isPhone ? (
        <Cards
          {...{ entity, sections, at, head }}
          fields={columns.shown}
          onLook={table.lookAt}
          onGroup={table.flip}
        />
      ) : (
        <DataGrid
          label={entity.label_plural}
          columns={shown}
          count={sections.count}
          {...grid}
          {...standing}
          onFocus={() => void preload()}
          total={by.length > 0 ? sections.count : total}
          sort={sort.map(({ field, descending }) => ({ id: field, desc: descending }))}
          onSort={(next) => {
            const [usual] = sort;
            const order = next.map(({ id, desc }): OrderKey => ({ field: id, descending: desc }));
            // From the usual order the way on is the other way round.
            const turned = view.order.length === 0 && order.length === 0 && usual;
            change({ order: turned ? [{ ...usual, descending: !usual.descending }] : order });
          }}
          selected={selected}
          onSelect={setSelected}
          onOpen={(row) => onOpen(row.id)}
          onGroup={table.flip}
          onRange={table.lookAt}
          arrangement={{ ...columns.arrangement, hidden: [] }}
          onArrange={({ order, widths, hidden, pinned }) => {
            if (hidden[0]) columns.toggle(hidden[0]);
            else columns.arrange({ order, widths, ...(pinned !== undefined && { pinned }) });
          }}
        />
      )}
      {(selected.all || selected.keys.size > 0) && (
        <BulkBar
          {...{ entity, schema, asked, total, selected, undos }}
          fields={columns.shown}
          sample={rows.first?.items[0]}
          onSelect={setSelected}
          onChanged={refresh}
        />
      )}
      {dialogs}
    </>
  );
}
