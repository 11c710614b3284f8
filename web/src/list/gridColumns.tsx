// The columns of a list as the grid draws them.

import { StatusDot } from "@megalith/ui";
import type { Column } from "@megalith/ui/grid";
import type { ReactNode } from "react";
import type { Entity, Field } from "../app/catalog";
import {
  isAmount,
  type Row,
  textOf,
  titleText,
  toneOf,
  type useReader,
  widthOf,
} from "../app/reader";

export function gridColumn(
  entity: Entity,
  field: Field,
  isFirst: boolean,
  reader: ReturnType<typeof useReader>,
  total: ReactNode,
): Column<Row> {
  return {
    id: field.name,
    label: field.label,
    // A number is short, a name is not.
    width: isFirst ? (field.name === "number" ? 150 : 220) : widthOf(field),
    grow: isFirst,
    align: isAmount(field) ? "end" : "start",
    soft: !isFirst && !isAmount(field),
    sortable: field.sortable,
    text: (row) => (isFirst ? titleText(entity, row) : textOf(field, row, reader)),
    ...(total !== undefined && { total }),
    ...(field.kind === "state" && {
      render: (row: Row) => (
        <StatusDot tone={toneOf(field, String(row[field.name]))}>
          {textOf(field, row, reader)}
        </StatusDot>
      ),
    }),
  };
}
