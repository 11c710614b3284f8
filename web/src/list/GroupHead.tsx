// The head of a group: what its records share, and what they come to.

import { type Group, groupKey, type Sums } from "@megalith/meta";
import { StatusDot } from "@megalith/ui";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Field, Schema } from "../app/catalog";
import { textOf, toneOf, useReader } from "../app/reader";
import { t } from "../app/words";
import { titlesQuery } from "../engine/server";
import type { GroupBy } from "./groups";
import styles from "./List.module.css";
import { sumText } from "./sums";

export function GroupHead({
  group,
  by,
  schema,
  summed,
  ids,
}: {
  group: Group;
  by: GroupBy;
  schema: Schema;
  summed: readonly Field[];
  /** The linked records of all groups, whose titles are asked for together. */
  ids: readonly string[];
}): ReactNode {
  const { locale } = useReader();
  const count = new Intl.NumberFormat(locale);
  return (
    <span className={styles.groupHead}>
      <GroupName {...{ group, by, schema, ids }} />
      <span className={styles.groupCount}>{count.format(group.count)}</span>
      <SumsLine sums={group.sums} fields={summed} />
    </span>
  );
}

export function GroupName({
  group,
  by: { field },
  schema,
  ids,
}: {
  group: Group;
  by: GroupBy;
  schema: Schema;
  ids: readonly string[];
}): ReactNode {
  const reader = useReader();
  const { value, key } = group;
  if (value === null || value === undefined) return <bdi>{t("groupNone")}</bdi>;
  if (field.kind === "link") return <LinkName {...{ schema, field, ids }} id={String(value)} />;
  const bucket = groupKey(key)?.bucket;
  if (bucket) return <bdi>{spanText(String(value), reader.locale)}</bdi>;
  const text = textOf(field, { id: "", version: 0, [field.name]: value }, reader);
  return field.kind === "state" ? (
    <StatusDot tone={toneOf(field, String(value))}>{text}</StatusDot>
  ) : (
    <bdi>{field.kind === "boolean" ? `${field.label}: ${text}` : text}</bdi>
  );
}

function LinkName({
  schema,
  field,
  id,
  ids,
}: {
  schema: Schema;
  field: Field;
  id: string;
  ids: readonly string[];
}): ReactNode {
  const target = schema.target(field);
  const titles = useQuery(titlesQuery(target, ids));
  return <bdi>{titles.data?.[id] ?? (titles.isPending && target ? "…" : id)}</bdi>;
}

/** A year or a month as it is said. */
function spanText(text: string, locale: string): string {
  const [year, month] = text.split("-").map(Number);
  if (month === undefined) return text;
  return new Intl.DateTimeFormat(locale, {
    calendar: "gregory",
    year: "numeric",
    month: "long",
    timeZone: "UTC",
  }).format(Date.UTC(year ?? 0, month - 1, 1));
}

function SumsLine({ sums, fields }: { sums: Sums; fields: readonly Field[] }): ReactNode {
  const reader = useReader();
  const parts = fields.flatMap((field) => {
    const texts = sumText(sums[field.name] ?? {}, field, reader);
    return texts.length > 0
      ? [`${field.label} ${texts.slice(0, 2).join(" + ")}${texts.length > 2 ? " + …" : ""}`]
      : [];
  });
  return parts.length > 0 && <span className={styles.groupSums}>{parts.join(" · ")}</span>;
}
