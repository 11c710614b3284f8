// A card of a board: what tells most of a record, and the menu that moves it.

import { draggable } from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { IconButton, Menu, type MenuEntry } from "@megalith/ui";
import { ArrowLeftRight } from "lucide-react";
import { memo, type ReactNode, useEffect, useRef } from "react";
import { listPath } from "../../../app/catalog";
import { type Row, textOf, titleText, useReader } from "../../../app/reader";
import { t } from "../../../app/words";
import styles from "./Board.module.css";
import type { ColumnProps } from "./Column";
import { moveTo } from "./move";

type CardProps = Pick<
  ColumnProps,
  "entity" | "field" | "fields" | "columns" | "labelOf" | "onDrag" | "onMove" | "onOpen"
> & { row: Row; isEntry: boolean };

function CardOf({
  entity,
  field,
  fields,
  columns,
  labelOf,
  onDrag,
  onMove,
  onOpen,
  row,
}: CardProps): ReactNode {
  const reader = useReader();
  const card = useRef<HTMLLIElement>(null);
  const drag = useRef({ row, onDrag });
  drag.current = { row, onDrag };
  useEffect(() => {
    if (!card.current) return;
    return draggable({
      element: card.current,
      onDragStart: () => drag.current.onDrag(drag.current.row),
      onDrop: () => drag.current.onDrag(null),
    });
  }, []);
  const items = (): MenuEntry[] =>
    columns
      .filter(({ name }) => String(row[field.name] ?? "") !== name)
      .map(({ name }) => {
        const way = moveTo(entity, field, row, name);
        const names = { name: titleText(entity, row), to: labelOf(name) };
        return {
          id: name || "none",
          label: labelOf(name),
          reason: way.kind === "never" ? t(`never.${way.why}`, names) : undefined,
          danger: way.kind === "act" && way.isFinal,
          onSelect: () => onMove(row, name),
        };
      });
  const title = titleText(entity, row);
  const texts = fields.others.map((one) => textOf(one, row, reader));
  const [first, ...rest] = fields.others
    .map(({ name, label }, at) => ({ name, label, text: texts[at] ?? "" }))
    .filter(({ text }) => text !== "");
  return (
    <li ref={card} className={styles.card}>
      <a
        data-card=""
        href={`${listPath(entity)}/${row.id}`}
        draggable={false}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onOpen(row.id);
        }}
      >
        <span className={styles.title}>
          <bdi>{title}</bdi>
          {fields.amount && (
            <bdi className={styles.amount}>{textOf(fields.amount, row, reader)}</bdi>
          )}
        </span>
        {first && <bdi className={styles.more}>{first.text}</bdi>}
        {rest.length > 0 && (
          <span className={styles.rest}>
            {rest.map(({ name, label, text }) => (
              <bdi key={name} title={label}>
                {text}
              </bdi>
            ))}
          </span>
        )}
      </a>
      <span className={styles.menu}>
        <Menu
          label={t("moveTo", { name: title })}
          items={items()}
          trigger={(trigger) => (
            <IconButton label={t("moveTo", { name: title })} data-move="" {...trigger}>
              <ArrowLeftRight />
            </IconButton>
          )}
        />
      </span>
    </li>
  );
}

export const Card = memo(CardOf);
