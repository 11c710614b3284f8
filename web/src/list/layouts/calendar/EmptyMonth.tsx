// What stands in for a month without records: the way to the nearest month that has some, before it
// and after it.

import { keys, type ListQuery } from "@megalith/api";
import { Button } from "@megalith/ui";
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft, ArrowRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Entity, Field } from "../../../app/catalog";
import { useReader } from "../../../app/reader";
import { api } from "../../../app/server";
import { t } from "../../../app/words";
import type { Asked } from "../../asked";
import styles from "./Calendar.module.css";
import { addMonths, monthName } from "./month";

/** What words find comes in an order of its own; so many of it are looked through for the nearest. */
const FOUND = 100;

interface Props {
  entity: Entity;
  field: Field;
  asked: Asked;
  /** A day of the month that is empty. */
  month: string;
  /** The beginning of a day as a filter writes it. */
  literal: (day: string) => string;
  /** The day of a value of the field. */
  dayOf: (value: string) => string;
  onGo: (day: string) => void;
}

/** The nearest day with a record before or after the month; undefined while it is asked for. */
function useNearest(
  { entity, field, asked, month, literal, dayOf }: Props,
  way: "before" | "after",
): string | null | undefined {
  const path = entity.path ?? "";
  const first = `${month.slice(0, 7)}-01`;
  const own =
    way === "before"
      ? `${field.name} < ${literal(first)}`
      : `${field.name} >= ${literal(addMonths(first, 1))}`;
  const query: ListQuery = {
    filter: asked.filter ? `(${asked.filter}) && ${own}` : own,
    q: asked.q,
    order_by: asked.q ? "" : way === "before" ? `${field.name} desc` : field.name,
    page_size: asked.q ? FOUND : 1,
    fields: [field.name],
  };
  const { data } = useQuery({
    queryKey: [...keys.of(path), "nearest", query],
    queryFn: ({ signal }) => api.records.list(path, query, "", signal),
  });
  if (!data) return undefined;
  const days = data.items.map((row) => dayOf(String(row[field.name]))).sort();
  return (way === "before" ? days.at(-1) : days[0]) ?? null;
}

export function EmptyMonth(props: Props): ReactNode {
  const { locale } = useReader();
  const before = useNearest(props, "before");
  const after = useNearest(props, "after");
  return (
    <div className={styles.empty}>
      <span role="status">{t("nothingThisMonth")}</span>
      {before && (
        <Button icon={<ArrowLeft className={styles.flip} />} onClick={() => props.onGo(before)}>
          {t("backToMonth", { month: monthName(before, locale) })}
        </Button>
      )}
      {after && (
        <Button icon={<ArrowRight className={styles.flip} />} onClick={() => props.onGo(after)}>
          {t("onToMonth", { month: monthName(after, locale) })}
        </Button>
      )}
    </div>
  );
}
