// On a phone: a card for each record instead of a table.

import type { Group } from "@megalith/meta";
import { StatusDot } from "@megalith/ui";
import { ChevronDown } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Entity, type Field, listPath } from "../app/catalog";
import { type Row, textOf, titleText, toneOf, useReader } from "../app/reader";
import { t } from "../app/words";
import styles from "./List.module.css";
import type { Sections } from "./sections";

const PAGE = 50;

export function Cards({
  entity,
  fields,
  sections,
  at,
  head,
  onLook,
  onGroup,
}: {
  entity: Entity;
  fields: Field[];
  sections: Sections;
  at: (run: string, place: number) => Row | undefined;
  head: (group: Group) => ReactNode;
  onLook: (first: number, last: number) => void;
  onGroup: (id: string) => void;
}): ReactNode {
  const [most, setMost] = useState(PAGE);
  const last = useRef<HTMLLIElement>(null);
  const shown = Math.min(most, sections.count);
  const hasMore = shown < sections.count;
  useEffect(() => onLook(0, Math.max(1, shown - 1)), [onLook, shown]);
  useEffect(() => {
    if (!hasMore || !last.current) return;
    const watch = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) setMost((before) => before + PAGE);
      },
      { rootMargin: "600px" },
    );
    watch.observe(last.current);
    return () => watch.disconnect();
  }, [hasMore]);
  return (
    <ul className={styles.cards} aria-label={entity.label_plural}>
      {Array.from({ length: shown }, (_, index) => {
        const spot = sections.at(index);
        if (spot?.kind === "group") {
          return (
            <li key={spot.group.id}>
              <button
                type="button"
                className={styles.cardGroup}
                aria-expanded={spot.open}
                style={{ paddingInlineStart: 16 + spot.group.depth * 16 }}
                onClick={() => onGroup(spot.group.id)}
              >
                <ChevronDown aria-hidden="true" />
                {head(spot.group)}
              </button>
            </li>
          );
        }
        const row = spot ? at(spot.run, spot.place) : undefined;
        return (
          <li key={row?.id ?? `wait-${index}`}>
            {row ? <Card {...{ entity, fields, row }} /> : <div className={styles.card} />}
          </li>
        );
      })}
      {hasMore && (
        <li className={styles.more} ref={last}>
          {t("loadingMore")}
        </li>
      )}
    </ul>
  );
}

function Card({ entity, fields, row }: { entity: Entity; fields: Field[]; row: Row }): ReactNode {
  const reader = useReader();
  const state = fields.find((one) => one.kind === "state");
  const amount = fields.find((one) => one.kind === "money");
  const others = fields
    .slice(1)
    .filter((one) => one !== state && one !== amount)
    .slice(0, 2);
  return (
    <a className={styles.card} href={`${listPath(entity)}/${row.id}`}>
      <span className={styles.cardTop}>
        <bdi>{titleText(entity, row)}</bdi>
        {amount && <bdi>{textOf(amount, row, reader)}</bdi>}
      </span>
      <span className={styles.cardMore}>
        {state && (
          <StatusDot tone={toneOf(state, String(row[state.name]))}>
            {textOf(state, row, reader)}
          </StatusDot>
        )}
        {others.map((one) => {
          const text = textOf(one, row, reader);
          return text && <bdi key={one.name}>{text}</bdi>;
        })}
      </span>
    </a>
  );
}
