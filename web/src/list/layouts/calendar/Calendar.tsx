// Records on the days of a month. A record goes to another day by dragging or by its dialog; the
// arrows go from day to day, Page Up and Page Down from month to month.

import { keys } from "@megalith/api";
import { Button, Callout, IconButton } from "@megalith/ui";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import {
  type KeyboardEvent,
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { listPath } from "../../../app/catalog";
import { present } from "../../../app/present";
import { type Row, useReader } from "../../../app/reader";
import { api } from "../../../app/server";
import { t } from "../../../app/words";
import { useTotal } from "../../asked";
import { Fault } from "../../Fault";
import { usePhone } from "../../phone";
import type { LayoutProps } from "..";
import { cardFields } from "../cards";
import { placeOf } from "../kinds";
import { useMoves } from "../useMoves";
import { Agenda } from "./Agenda";
import styles from "./Calendar.module.css";
import { DayCell } from "./DayCell";
import { DayDialog, MoveDialog } from "./Dialogs";
import { EmptyMonth } from "./EmptyMonth";
import { addDays, addMonths, beginning, dayIn, firstDayOf, monthName, weeksOf } from "./month";

/** The most records that a month shows. */
const MOST = 1000;

export default function Calendar(props: LayoutProps): ReactNode {
  const { entity, view, change, asked, onOpen } = props;
  const reader = useReader();
  const isPhone = usePhone();
  const field = placeOf(entity, view);
  const today = dayIn(present().toISOString(), reader.zone);
  const shown = /^\d{4}-\d{2}-\d{2}$/.test(view.at ?? "") ? (view.at as string) : today;
  const firstDay = firstDayOf(reader.locale);
  const weeks = useMemo(() => weeksOf(shown, firstDay), [shown, firstDay]);
  const fields = useMemo(() => cardFields(entity, field), [entity, field]);
  const { moved, move } = useMoves(entity);
  const [dragged, setDragged] = useState<Row | null>(null);
  const [opened, setOpened] = useState<string | null>(null);
  const [moving, setMoving] = useState<Row | null>(null);
  const grid = useRef<HTMLTableElement>(null);
  const wants = useRef(false);

  const from = weeks[0]?.[0]?.day ?? shown;
  const to = addDays(weeks.at(-1)?.at(-1)?.day ?? shown, 1);
  const name = field?.name ?? "";
  const isInstant = field?.kind === "instant";
  const literal = (day: string) =>
    isInstant ? `instant('${beginning(day, reader.zone)}')` : `date('${day}')`;
  const within = `${name} >= ${literal(from)} && ${name} < ${literal(to)}`;
  const all = (own: string) => (asked.filter ? `(${asked.filter}) && ${own}` : own);
  const path = entity.path ?? "";
  const query = {
    filter: all(within),
    q: asked.q,
    order_by: asked.q ? "" : name,
    page_size: MOST,
    fields: fields.asked.map((one) => one.name),
    expand: fields.asked.filter((one) => one.kind === "link").map((one) => one.name),
  };
  const found = useQuery({
    queryKey: [...keys.of(path), "days", query],
    queryFn: ({ signal }) => api.records.list(path, query, "", signal),
    placeholderData: keepPreviousData,
    enabled: field !== undefined,
  });
  const without = useTotal(entity, { filter: all(`${name} == null`), q: asked.q });

  const dayOf = useCallback(
    (value: string) => (isInstant ? dayIn(value, reader.zone) : value),
    [isInstant, reader.zone],
  );
  const byDay = useMemo(() => {
    const days = new Map<string, Row[]>();
    for (const one of found.data?.items ?? []) {
      const row = moved.get(one.id) ?? one;
      const value = row[name];
      if (typeof value !== "string") continue;
      const day = dayOf(value);
      days.set(day, [...(days.get(day) ?? []), row]);
    }
    return days;
  }, [found.data, moved, name, dayOf]);

  const go = (day: string) => {
    wants.current = true;
    change({ at: day }, true);
  };
  useEffect(() => {
    if (!wants.current) return;
    wants.current = false;
    grid.current?.querySelector<HTMLElement>(`[data-day="${shown}"]`)?.focus();
  }, [shown]);

  if (!field) return null;
  if (found.isError) {
    const clear = () => change({ filter: "", q: "" });
    return <Fault error={found.error} onRetry={() => void found.refetch()} onClear={clear} />;
  }
  const dayName = (day: string) =>
    new Intl.DateTimeFormat(reader.locale, { dateStyle: "full", timeZone: "UTC" }).format(
      new Date(`${day}T00:00:00Z`),
    );
  const moveTo = (row: Row, day: string) => {
    setMoving(null);
    const before = row[name];
    const value =
      isInstant && typeof before === "string"
        ? new Date(
            Date.parse(before) +
              Date.parse(beginning(day, reader.zone)) -
              Date.parse(beginning(dayIn(before, reader.zone), reader.zone)),
          ).toISOString()
        : day;
    void move(row, { values: { [name]: value }, to: dayName(day) });
  };
  const canMove = field.writable && entity.rights?.update === true;
  const onKeyDown = (event: KeyboardEvent) => {
    const day = (event.target as HTMLElement).dataset.day;
    if (!day || event.ctrlKey || event.metaKey || event.altKey) return;
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const weekday = weeks.flat().findIndex((one) => one.day === day) % 7;
    const steps: Record<string, () => string> = {
      ArrowRight: () => addDays(day, isRtl ? -1 : 1),
      ArrowLeft: () => addDays(day, isRtl ? 1 : -1),
      ArrowDown: () => addDays(day, 7),
      ArrowUp: () => addDays(day, -7),
      Home: () => addDays(day, -weekday),
      End: () => addDays(day, 6 - weekday),
      PageDown: () => addMonths(day, 1),
      PageUp: () => addMonths(day, -1),
      t: () => today,
    };
    const step = steps[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      go(step());
    } else if (event.key === "Enter") {
      event.preventDefault();
      setOpened(day);
    }
  };
  const isEmpty = !weeks.flat().some(({ day, isOutside }) => !isOutside && byDay.has(day));
  const cell = { entity, fields, reader, canMove, dragged, onOpen };
  return (
    <section className={styles.calendar} aria-label={`${entity.label_plural}: ${field.label}`}>
      <header className={styles.head}>
        <h2 aria-live="polite">{monthName(shown, reader.locale)}</h2>
        <Button onClick={() => change({ at: null }, true)} aria-keyshortcuts="t">
          {t("today")}
        </Button>
        <IconButton label={t("monthBefore")} onClick={() => change({ at: addMonths(shown, -1) })}>
          <ChevronLeft className={styles.flip} />
        </IconButton>
        <IconButton label={t("monthAfter")} onClick={() => change({ at: addMonths(shown, 1) })}>
          <ChevronRight className={styles.flip} />
        </IconButton>
        {(without.data ?? 0) > 0 && (
          <a
            className={styles.without}
            href={`${listPath(entity)}?${new URLSearchParams({ filter: all(`${name} == null`) })}`}
          >
            {t("withoutDay", { count: without.data ?? 0, name: field.label })}
          </a>
        )}
      </header>
      {found.data?.next_page_token && (
        <Callout tone="info" title={t("tooManyDays", { count: MOST })} />
      )}
      {isEmpty && found.isSuccess && !found.isPlaceholderData && (
        <EmptyMonth
          {...{ entity, field, asked, literal }}
          month={shown}
          dayOf={dayOf}
          onGo={(day) => change({ at: day })}
        />
      )}
      {isPhone ? (
        <Agenda {...cell} {...{ weeks, byDay, dayName }} today={view.at ? null : today} />
      ) : (
        <table ref={grid} className={styles.grid} onKeyDown={onKeyDown}>
          <thead>
            <tr>
              {weeks[0]?.map(({ day }) => (
                <th key={day} scope="col">
                  {new Intl.DateTimeFormat(reader.locale, {
                    weekday: "short",
                    timeZone: "UTC",
                  }).format(new Date(`${day}T00:00:00Z`))}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {weeks.map((week) => (
              <tr key={week[0]?.day}>
                {week.map((one) => (
                  <DayCell
                    key={one.day}
                    {...cell}
                    {...one}
                    rows={byDay.get(one.day) ?? []}
                    isToday={one.day === today}
                    isEntry={one.day === shown}
                    name={dayName(one.day)}
                    onMore={() => setOpened(one.day)}
                    onDrag={setDragged}
                    onDrop={moveTo}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <DayDialog
        {...cell}
        day={opened}
        name={opened ? dayName(opened) : ""}
        rows={byDay.get(opened ?? "") ?? []}
        onMove={setMoving}
        onClose={() => setOpened(null)}
      />
      <MoveDialog
        entity={entity}
        field={field}
        row={moving}
        day={moving ? dayOf(String(moving[name])) : ""}
        onMove={moveTo}
        onClose={() => setMoving(null)}
      />
    </section>
  );
}
