// Child lines as one types them in a spreadsheet: a row each and an empty one behind them, rows
// pasted from elsewhere, cells filled down, lines doubled and moved by keys. Only the rows that are
// seen are drawn, and a keystroke draws its own row anew.

import {
  type Entity,
  type Field,
  formatInteger,
  initialValues,
  type Reader,
  type Schema,
} from "@megalith/meta";
import { BareFields, Button, classes, toast } from "@megalith/ui";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { Plus } from "lucide-react";
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useMemo,
  useRef,
  useState,
} from "react";
import { isAmount } from "../app/reader";
import { t } from "../app/words";
import { isTable, parseTable, placeTable, readCell } from "./cells";
import { now } from "./clock";
import { type Draft, useKeys, type Values } from "./draft";
import styles from "./Form.module.css";
import { LineRow } from "./LineRow";
import { lineAct } from "./lines";
import { type Wrong, within } from "./problems";
import { columnsOf } from "./shape";
import { resolve } from "./targets";

/** From how many rows on only those that are seen are drawn, in a part that scrolls by itself. */
const MANY = 40;
const ROW_PX = 39;
/** The most lines of one paste: more are looked up, checked and sent in one request for too long. */
const MOST_PASTED = 1_000;

interface LinesProps {
  field: Field;
  draft: Draft;
  schema: Schema;
  reader: Reader;
  currency: string | null;
  wrongs: readonly Wrong[];
  onTouch: (pointer: string) => void;
  onWrong: (wrongs: readonly Wrong[]) => void;
  /** The columns in the order of the work, where it is not that of the record. */
  order?: readonly string[] | undefined;
  /** The columns that Enter leads through before it goes to the next line. */
  flow?: readonly string[] | undefined;
  foot?: ReactNode;
}

export function LinesEditor({
  field,
  draft,
  schema,
  reader,
  currency,
  wrongs,
  onTouch,
  onWrong,
  order,
  flow,
  foot,
}: LinesProps): ReactNode {
  const { name } = field;
  const lines = schema.target(field) as Entity;
  const columns = useMemo(() => {
    const all = columnsOf(schema, field).filter((one) => one.writable || one.kind === "money");
    const place = (one: Field) => {
      const at = order?.indexOf(one.name) ?? -1;
      return at < 0 ? all.length + all.indexOf(one) : at;
    };
    return all.sort((a, b) => place(a) - place(b));
  }, [schema, field, order]);
  const typed = useMemo(() => columns.filter((one) => one.writable && !one.computed), [columns]);
  const keys = useKeys(draft, name);
  const blank = useMemo(() => initialValues(lines, now(), null), [lines]);
  const table = useRef<HTMLTableElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const active = useRef(-1);
  const isLong = keys.length > MANY;
  const virtual = useVirtualizer({
    count: keys.length,
    enabled: isLong,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (at) => keys[at] ?? at,
    overscan: 8,
    rangeExtractor: (range) => {
      const seen = defaultRangeExtractor(range);
      // The row that is typed into stays, wherever the others scroll.
      const own = active.current;
      if (own < 0 || own >= keys.length || seen.includes(own)) return seen;
      return [...seen, own].sort((a, b) => a - b);
    },
  });
  const scrollTo = useRef(virtual.scrollToIndex);
  scrollTo.current = virtual.scrollToIndex;

  const focus = useCallback(
    (row: number, column: string) => {
      const find = () => {
        const cell = table.current?.querySelector(`[data-cell="${row} ${column}"]`);
        return cell?.querySelector<HTMLElement>("input, select, textarea") ?? null;
      };
      const known = find();
      if (known) return known.focus();
      if (isLong) scrollTo.current(row);
      let tries = 0;
      const later = () => {
        const found = find();
        tries += 1;
        if (found) found.focus();
        else if (tries < 20) requestAnimationFrame(later);
      };
      requestAnimationFrame(later);
    },
    [isLong],
  );
  const first = typed[0]?.name ?? "";
  const lead = useMemo(
    () => flow?.filter((one) => typed.some((c) => c.name === one)),
    [flow, typed],
  );

  /** Where Enter leads from a cell. */
  const next = useCallback(
    (row: number, column: string) => {
      const at = lead?.indexOf(column) ?? -1;
      const on = at < 0 ? undefined : lead?.[at + 1];
      if (on) return focus(row, on);
      if (row < draft.rows(name).length) focus(row + 1, lead?.[0] ?? first);
    },
    [draft, name, first, lead, focus],
  );
  const set = useCallback(
    (row: number, column: string, value: unknown) => {
      draft.setCells(name, row, { [column]: value }, blank);
      onTouch(`/${name}/${row}/${column}`);
    },
    [draft, name, blank, onTouch],
  );
  const remove = useCallback(
    (row: number) => {
      const gone = draft.rows(name)[row];
      if (!gone) return;
      draft.splice(name, row, 1, []);
      onTouch(`/${name}`);
      toast({
        text: t("lineRemoved", { number: row + 1 }),
        undo: () => draft.splice(name, Math.min(row, draft.rows(name).length), 0, [gone]),
      });
    },
    [draft, name, onTouch],
  );
  const double = useCallback(
    (row: number) => {
      const { id: _, ...copy } = draft.rows(name)[row] ?? {};
      draft.splice(name, row + 1, 0, [copy]);
      onTouch(`/${name}`);
    },
    [draft, name, onTouch],
  );
  const move = useCallback(
    (row: number, by: number) => {
      draft.move(name, row, row + by);
      onTouch(`/${name}`);
    },
    [draft, name, onTouch],
  );

  const press = (event: KeyboardEvent<HTMLElement>) => {
    if (event.defaultPrevented || event.nativeEvent.isComposing) return;
    const target = event.target as HTMLElement;
    const place = target.closest("[data-cell]")?.getAttribute("data-cell")?.split(" ");
    if (!place || target.closest("button")) return;
    const isOpen = target.getAttribute("aria-expanded") === "true";
    const kind = isOpen
      ? "open"
      : target.getAttribute("role") === "combobox"
        ? "combobox"
        : target.matches("textarea, select")
          ? "lines"
          : "line";
    const found = lineAct(event, kind);
    if (!found) return;
    event.preventDefault();
    const row = Number(place[0]);
    const column = place[1] ?? "";
    const count = draft.rows(name).length;
    if (found.act === "go") {
      if (found.on === "next") next(row, column);
      else if (row + found.by >= 0 && row + found.by <= count) focus(row + found.by, column);
    } else if (found.act === "fill") {
      const above = draft.rows(name)[row - 1];
      if (above) set(row, column, above[column] ?? null);
    } else if (row >= count) {
      return;
    } else if (found.act === "double") {
      double(row);
      after(() => focus(row + 1, column));
    } else if (found.act === "remove") {
      remove(row);
      after(() => focus(row, column));
    } else if (found.act === "move" && row + found.by >= 0 && row + found.by < count) {
      move(row, found.by);
      active.current = row + found.by;
      after(() => focus(row + found.by, column));
    }
  };

  const [reading, setReading] = useState(false);
  const paste = async (event: ClipboardEvent<HTMLElement>) => {
    const text = event.clipboardData.getData("text/plain");
    const place = (event.target as Element).closest("[data-cell]")?.getAttribute("data-cell");
    const isText = (event.target as Element).matches("textarea") && !text.includes("\t");
    if (!place || !isTable(text) || isText) return;
    event.preventDefault();
    const [row = "0", column = ""] = place.split(" ");
    const from = typed.findIndex((one) => one.name === column);
    const found = placeTable(parseTable(text), typed, from);
    if (found.rows.length > MOST_PASTED) {
      toast({
        text: t("linesTooMany", {
          lines: formatInteger(found.rows.length, reader),
          most: formatInteger(MOST_PASTED, reader),
        }),
        tone: "bad",
      });
      return;
    }
    const today = now().today.toString();
    const at = Number(row);
    const held = draft.rows(name);
    const rows = found.rows.map((cells, down) => {
      const own: Record<string, unknown> = { ...(held[at + down] ?? blank) };
      found.columns.forEach((one, across) => {
        if (one) own[one.name] = readCell(one, cells[across] ?? "", reader, currency, today);
      });
      return own;
    });
    draft.splice(name, at, Math.min(rows.length, held.length - at), rows);
    onTouch(`/${name}`);
    const links = found.columns.filter((one): one is Field => one?.kind === "link");
    const pasted = new Set(draft.keysOf(name).slice(at, at + rows.length));
    setReading(true);
    try {
      for (const link of links) await findAll(draft, name, link, schema, pasted, onWrong);
    } finally {
      setReading(false);
    }
    toast({ text: t("linesPasted", { count: rows.length }) });
  };

  const own = useMemo(() => within(wrongs, `/${name}`), [wrongs, name]);
  const seen = isLong ? virtual.getVirtualItems().map((item) => item.index) : null;
  const shown = seen ?? keys.map((_, at) => at);
  const size = virtual.getTotalSize();
  const items = isLong ? virtual.getVirtualItems() : [];
  return (
    <section className={styles.linesEditor} aria-label={field.label}>
      <h2>
        {field.label} <span className={styles.count}>{keys.length - 1}</span>
      </h2>
      {own.some((one) => one.at === "") && (
        <p className={styles.wrong}>{own.find((one) => one.at === "")?.text}</p>
      )}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: keys that move between the fields */}
      <div
        className={classes(styles.scroll, isLong && styles.long)}
        ref={scroller}
        onKeyDown={press}
        onPaste={(event) => void paste(event)}
        onFocus={(event) => {
          const cell = (event.target as Element).closest("[data-cell]");
          active.current = Number(cell?.getAttribute("data-cell")?.split(" ")[0] ?? -1);
        }}
      >
        <table className={styles.table} ref={table} aria-rowcount={keys.length + 1}>
          <colgroup>
            {columns.map((one) => (
              <col key={one.name} style={{ width: widthOf(one) }} />
            ))}
            <col style={{ width: 32 }} />
          </colgroup>
          <thead>
            <tr>
              {columns.map((one) => (
                <th
                  key={one.name}
                  scope="col"
                  title={one.help || undefined}
                  className={isAmount(one) ? styles.end : undefined}
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
              {shown.map((at, order) => {
                const item = items[order];
                const gap = item ? item.start - (items[order - 1]?.end ?? 0) : 0;
                return (
                  <LineRow
                    key={keys[at]}
                    gap={gap}
                    {...{ name, draft, columns, lines, schema, reader, currency }}
                    row={at}
                    rowKey={keys[at] ?? 0}
                    isLast={at === keys.length - 1}
                    wrongs={own.filter((one) => one.at.startsWith(`/${at}/`))}
                    measure={isLong ? virtual.measureElement : undefined}
                    {...{ onSet: set, onNext: next, onRemove: remove, onDouble: double }}
                    onMove={move}
                    onWrong={onWrong}
                  />
                );
              })}
            </BareFields>
            {isLong && (
              <tr className={styles.gap} style={{ height: size - (items.at(-1)?.end ?? 0) }} />
            )}
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
          onClick={() => focus(draft.rows(name).length, lead?.[0] ?? first)}
        >
          {t("addLine")}
        </Button>
        <span className={styles.keysHint} role="status">
          {reading ? t("linesReading") : t("linesKeys")}
        </span>
        {foot}
      </div>
    </section>
  );
}

/** Once the rows are drawn as they now are. */
const after = (then: () => void) => void setTimeout(then);

/** Puts what the pasted names of a link mean into their rows; names of nothing are marked. */
async function findAll(
  draft: Draft,
  name: string,
  link: Field,
  schema: Schema,
  pasted: ReadonlySet<number>,
  onWrong: (wrongs: readonly Wrong[]) => void,
): Promise<void> {
  const target = schema.target(link);
  const textOf = (row: Values | undefined) => {
    const { id, title } = (row?.[link.name] ?? {}) as { id?: string; title?: string };
    return id === "" ? (title ?? "") : "";
  };
  const texts = [...new Set(draft.rows(name).map(textOf))].filter(Boolean);
  if (!target?.path || texts.length === 0) return;
  const found = await resolve(target, texts);
  const wrong: Wrong[] = [];
  draft.keysOf(name).forEach((key, at) => {
    const text = pasted.has(key) ? textOf(draft.rows(name)[at]) : "";
    if (text === "") return;
    const one = found.get(text);
    if (one) draft.setCells(name, at, { [link.name]: { id: one.id, title: one.label } });
    else wrong.push({ pointer: `/${name}/${at}/${link.name}`, text: t("notNamed", { text }) });
  });
  if (wrong.length > 0) onWrong(wrong);
}

const WIDTHS: Partial<Record<Field["kind"], number>> = {
  link: 200,
  quantity: 84,
  price: 96,
  percent: 84,
  money: 104,
  date: 112,
  boolean: 60,
};
/** Texts that may be long share what the others leave. */
const widthOf = (field: Field) => {
  if (field.kind === "text") return field.max <= 60 ? 72 : undefined;
  return field.kind === "long_text" ? undefined : (WIDTHS[field.kind] ?? 120);
};
