// Records as rows of a grid; on a phone as cards.

import type { OrderKey } from "@megalith/meta";
import { Button, StatusDot, toast } from "@megalith/ui";
import {
  type Column,
  countChosen,
  DataGrid,
  type GridRow,
  NOTHING,
  type Selection,
} from "@megalith/ui/grid";
import { X } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import {
  isAmount,
  type Row,
  textOf,
  titleText,
  toneOf,
  useReader,
  widthOf,
} from "../../app/reader";
import { t } from "../../app/words";
import { Cards } from "../Cards";
import { noteFilled, useListColumns } from "../columns";
import { Fault } from "../Fault";
import styles from "../List.module.css";
import { usePhone } from "../phone";
import { useRows } from "../rows";
import type { LayoutProps } from ".";

export function Table({ entity, view, change, asked, total, onOpen }: LayoutProps): ReactNode {
  const reader = useReader();
  const isPhone = usePhone();
  const columns = useListColumns(entity);
  const { query, rows, waiting, more } = useRows(entity, columns.asked, view.order, asked);
  const [selected, setSelected] = useState<Selection>(NOTHING);
  const chosen = countChosen(selected, total) ?? 0;
  const first = query.isPlaceholderData ? undefined : query.data?.pages[0];
  useEffect(() => {
    if (first) noteFilled(entity, columns.asked, first);
  }, [entity, columns.asked, first]);

  const shown = useMemo(
    () =>
      columns.shown.map(
        (one, at): Column<Row> => ({
          id: one.name,
          label: one.label,
          // A number is short, a name is not.
          width: at === 0 ? (one.name === "number" ? 150 : 220) : widthOf(one),
          grow: at === 0,
          align: isAmount(one) ? "end" : "start",
          soft: at > 0 && !isAmount(one),
          sortable: one.sortable,
          text: (row) => (at === 0 ? titleText(entity, row) : textOf(one, row, reader)),
          ...(one.kind === "state"
            ? {
                render: (row: Row) => (
                  <StatusDot tone={toneOf(one, String(row[one.name]))}>
                    {textOf(one, row, reader)}
                  </StatusDot>
                ),
              }
            : {}),
        }),
      ),
    [columns.shown, entity, reader],
  );
  const rowAt = useCallback(
    (index: number): GridRow<Row> => {
      const row = rows[index];
      return row ? { kind: "row", key: row.id, row } : { kind: "loading", key: `wait-${index}` };
    },
    [rows],
  );

  if (query.isError) {
    return (
      <Fault
        error={query.error}
        onRetry={() => void query.refetch()}
        onClear={() => change({ filter: "", q: "", order: [] })}
      />
    );
  }
  if (isPhone) return <Cards {...{ entity, rows }} fields={columns.shown} onEnd={more} />;
  return (
    <>
      <DataGrid
        label={entity.label_plural}
        columns={shown}
        count={rows.length + waiting}
        rowAt={rowAt}
        total={total}
        sort={view.order.map(({ field, descending }) => ({ id: field, desc: descending }))}
        onSort={(next) =>
          change({
            order: next.map(({ id, desc }): OrderKey => ({ field: id, descending: desc })),
          })
        }
        selected={selected}
        onSelect={setSelected}
        onOpen={(row) => onOpen(row.id)}
        onEnd={more}
        onCopied={(count) => toast({ text: t("copied", { count }), tone: "info" })}
        arrangement={{ ...columns.arrangement, hidden: [] }}
        onArrange={({ order, widths, hidden }) => {
          if (hidden[0]) columns.toggle(hidden[0]);
          else columns.arrange({ order, widths });
        }}
      />
      {chosen > 0 && (
        <div className={styles.bulk} role="status">
          <span>{t("selected", { count: chosen })}</span>
          <Button size="small" look="ghost" icon={<X />} onClick={() => setSelected(NOTHING)}>
            {t("clearSelection")}
          </Button>
        </div>
      )}
    </>
  );
}
