// The grid with ten thousand rows, or `?rows=N`; groups, totals, rows on their way.

import { StatusDot, type Tone, toast } from "@megalith/ui";
import {
  type Arrangement,
  type Column,
  DataGrid,
  type EditorProps,
  type GridRow,
  Line,
  type Mark,
  type Marks,
  type Selection,
  type Sort,
  spread,
} from "@megalith/ui/grid";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import styles from "./Gallery.module.css";

interface Order {
  id: string;
  number: string;
  customer: string;
  state: string;
  day: string;
  total: number;
}

const asked = new URLSearchParams(location.search);
const ROWS = Number(asked.get("rows") ?? 10_000);
const GROUPED = asked.has("groups");
const customers = ["Vins et alcools Chevalier", "Toms Spezialitäten", "Hanari Carnes", "مقهى فاس"];
const tones: [string, Tone][] = [
  ["Draft", "idle"],
  ["Confirmed", "info"],
  ["Shipped", "good"],
  ["Late", "warn"],
  ["Cancelled", "ended"],
];

const money = new Intl.NumberFormat("en", { minimumFractionDigits: 2 });

function order(at: number): Order {
  return {
    id: `so_${at}`,
    number: `SO-2026-${String(at + 1).padStart(5, "0")}`,
    customer: customers[(at * 7) % customers.length] ?? "",
    state: tones[(at * 3) % tones.length]?.[0] ?? "",
    day: `2026-${String((at % 12) + 1).padStart(2, "0")}-${String((at % 28) + 1).padStart(2, "0")}`,
    total: ((at * 7919) % 500_000) / 100,
  };
}

/** An editor of figures: what is none is said, and stays to be corrected. */
function Amount(props: EditorProps<Order>): ReactNode {
  return (
    <Line
      {...props}
      numeric
      read={(text) => {
        const value = Number(text.replaceAll(",", ""));
        return Number.isFinite(value) ? { value } : { fault: "Write a figure such as 12.50." };
      }}
    />
  );
}

/** A cell that is being saved, and one whose new text was refused. */
const firstMarks: Marks = new Map<string, ReadonlyMap<string, Mark>>([
  ["so_4", new Map<string, Mark>([["customer", { state: "saving" }]])],
  [
    "so_5",
    new Map<string, Mark>([
      ["total", { state: "wrong", text: "12,5x", message: "Write a figure such as 12.50." }],
    ]),
  ],
]);

const changed = new Map<string, Partial<Order>>();
const columns: Column<Order>[] = [
  {
    id: "number",
    label: "Number",
    width: 160,
    grow: true,
    sortable: true,
    text: (row) => row.number,
  },
  {
    id: "customer",
    label: "Customer",
    width: 240,
    sortable: true,
    text: (row) => row.customer,
    editable: () => true,
    typing: "text",
  },
  {
    id: "state",
    label: "State",
    width: 130,
    text: (row) => row.state,
    reason: () => "The state changes by what is done with the order.",
    render: (row) => (
      <StatusDot tone={tones.find(([name]) => name === row.state)?.[1] ?? "idle"}>
        {row.state}
      </StatusDot>
    ),
  },
  {
    id: "day",
    label: "Ordered on",
    width: 120,
    soft: true,
    sortable: true,
    text: (row) => row.day,
  },
  {
    id: "total",
    label: "Total",
    width: 140,
    align: "end",
    sortable: true,
    text: (row) => money.format(row.total),
    editable: (row) => row.state !== "Cancelled",
    reason: () => "A cancelled order is not changed.",
    typing: "number",
    editor: Amount,
    total: `EUR ${money.format(1_234_567.89)}`,
  },
];

export function GridSection(): ReactNode {
  const [sort, setSort] = useState<Sort[]>([{ id: "day", desc: true }]);
  const [selected, setSelected] = useState<Selection>({
    all: false,
    keys: new Set(["so_2", "so_3"]),
  });
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [arrangement, setArrangement] = useState<Arrangement>({
    order: [],
    hidden: [],
    widths: {},
  });
  const [edits, setEdits] = useState(0);
  const [marks, setMarks] = useState(firstMarks);
  const mark = (row: string, column: string, next: Mark | null) =>
    setMarks((now) => {
      const cells = new Map(now.get(row));
      if (next) cells.set(column, next);
      else cells.delete(column);
      return new Map(now).set(row, cells);
    });
  const put = (row: Order, column: string, value: unknown) => {
    changed.set(row.id, { ...changed.get(row.id), [column]: value });
    mark(row.id, column, null);
    setEdits((now) => now + 1);
  };
  const groups = useMemo(() => {
    if (!GROUPED) return null;
    const rows: (number | string)[] = [];
    for (const customer of customers) {
      rows.push(customer);
      if (closed.has(customer)) continue;
      for (let at = 0; at < 200; at++) if (order(at).customer === customer) rows.push(at);
    }
    return rows;
  }, [closed]);
  const rowAt = useCallback(
    (index: number): GridRow<Order> => {
      const found = groups ? groups[index] : index;
      if (typeof found === "string") {
        return { kind: "group", key: found, label: found, count: 50, open: !closed.has(found) };
      }
      const at = found ?? 0;
      if (!groups && at >= ROWS) return { kind: "loading", key: `wait_${at}` };
      const row = { ...order(at), ...(edits ? changed.get(`so_${at}`) : undefined) };
      return { kind: "row", key: row.id, row };
    },
    [groups, closed, edits],
  );
  return (
    <main className={styles.gridPage}>
      <h1>Orders</h1>
      <DataGrid
        label="Orders"
        columns={columns}
        count={groups ? groups.length : ROWS + 5}
        rowAt={rowAt}
        total={ROWS}
        sort={sort}
        onSort={setSort}
        selected={selected}
        onSelect={setSelected}
        onOpen={(row) => toast({ text: row.number, tone: "info" })}
        onGroup={(key) => {
          const next = new Set(closed);
          if (!next.delete(key)) next.add(key);
          setClosed(next);
        }}
        onEdit={put}
        onWrong={(row, column, wrong) =>
          mark(row.id, column, wrong && { state: "wrong", ...wrong })
        }
        marks={marks}
        onPaste={(area, cells) =>
          spread(cells, area.rows, area.columns.length).forEach((texts, down) => {
            const item = rowAt(area.row + down);
            for (const [across, text] of texts.entries()) {
              if (item.kind === "row" && area.reach[across] === "customer") {
                put(item.row, "customer", text);
              }
            }
          })
        }
        onFill={({ row, rows, columns: filled }) => {
          const first = rowAt(row);
          for (let down = 1; down < rows; down++) {
            const item = rowAt(row + down);
            if (first.kind !== "row" || item.kind !== "row") continue;
            if (filled.includes("customer")) put(item.row, "customer", first.row.customer);
          }
        }}
        onCopied={(cells) => toast({ text: `${cells} cells copied` })}
        arrangement={arrangement}
        onArrange={setArrangement}
      />
    </main>
  );
}
