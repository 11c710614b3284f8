// On a phone: a card for each record instead of a table.

import { StatusDot } from "@megalith/ui";
import { type ReactNode, useEffect, useRef } from "react";
import { type Entity, type Field, listPath } from "../app/catalog";
import { type Row, textOf, titleText, toneOf, useReader } from "../app/reader";
import { t } from "../app/words";
import styles from "./List.module.css";

export function Cards({
  entity,
  rows,
  fields,
  onEnd,
}: {
  entity: Entity;
  rows: Row[];
  fields: Field[];
  onEnd: (() => void) | undefined;
}): ReactNode {
  const reader = useReader();
  const last = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!onEnd || !last.current) return;
    const watch = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) onEnd();
      },
      { rootMargin: "600px" },
    );
    watch.observe(last.current);
    return () => watch.disconnect();
  }, [onEnd]);
  const state = fields.find((one) => one.kind === "state");
  const amount = fields.find((one) => one.kind === "money");
  const others = fields
    .slice(1)
    .filter((one) => one !== state && one !== amount)
    .slice(0, 2);
  return (
    <ul className={styles.cards} aria-label={entity.label_plural}>
      {rows.map((row) => (
        <li key={row.id}>
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
        </li>
      ))}
      {onEnd && (
        <li className={styles.more} ref={last}>
          {t("loadingMore")}
        </li>
      )}
    </ul>
  );
}
