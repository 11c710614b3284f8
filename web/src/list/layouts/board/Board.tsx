// Records as cards in columns, one for each state or choice. A card moves by dragging, by its menu
// or by keys; where no act leads, the column says so.

import { Button, Dialog, toast } from "@megalith/ui";
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { type Row, titleText } from "../../../app/reader";
import { t } from "../../../app/words";
import type { LayoutProps } from "..";
import { cardFields } from "../cards";
import { placeOf } from "../kinds";
import { useMoves } from "../useMoves";
import styles from "./Board.module.css";
import { Column } from "./Column";
import { columnsOf, moveTo } from "./move";
import { step } from "./step";

export default function Board({ entity, view, asked, onOpen }: LayoutProps): ReactNode {
  const field = placeOf(entity, view);
  const fields = useMemo(() => cardFields(entity, field), [entity, field]);
  const columns = useMemo(() => (field ? columnsOf(field) : []), [field]);
  const { moved, move } = useMoves(entity);
  const [dragged, setDragged] = useState<Row | null>(null);
  const [sure, setSure] = useState<{ row: Row; column: string } | null>(null);
  const board = useRef<HTMLElement>(null);
  if (!field) return null;
  const labelOf = (column: string) =>
    columns.find((one) => one.name === column)?.label ?? t("noneChosen", { name: field.label });

  const go = (row: Row, column: string) => {
    const way = moveTo(entity, field, row, column);
    const to = labelOf(column);
    if (way.kind === "never") {
      const name = titleText(entity, row);
      toast({ text: t(`never.${way.why}`, { name, to }), tone: "info" });
    } else if (way.kind === "act") {
      void move(row, { values: { [field.name]: column }, to, act: way.act });
    } else if (way.kind === "change") {
      void move(row, { values: { [field.name]: column || null }, to });
    }
  };
  const ask = (row: Row, column: string) => {
    const way = moveTo(entity, field, row, column);
    if (way.kind === "act" && way.isFinal) setSure({ row, column });
    else go(row, column);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (board.current && step(board.current, event.key)) event.preventDefault();
  };
  return (
    <section
      ref={board}
      className={styles.board}
      aria-label={t("boardOf", { name: entity.label_plural, by: field.label })}
      onKeyDown={onKeyDown}
    >
      {columns.map(({ name }, at) => (
        <Column
          key={name}
          {...{ entity, field, fields, view, asked, moved, dragged, columns, labelOf }}
          name={name}
          isFirst={at === 0}
          onDrag={setDragged}
          onMove={ask}
          onOpen={onOpen}
        />
      ))}
      <Dialog
        open={sure !== null}
        title={
          sure ? t("moveSure", { name: titleText(entity, sure.row), to: labelOf(sure.column) }) : ""
        }
        text={sure ? t("actFinal", { state: labelOf(sure.column) }) : ""}
        onClose={() => setSure(null)}
        onSubmit={() => {
          if (sure) go(sure.row, sure.column);
          setSure(null);
        }}
        actions={
          <>
            <Button onClick={() => setSure(null)}>{t("back")}</Button>
            <Button look="danger" type="submit">
              {sure ? labelOf(sure.column) : ""}
            </Button>
          </>
        }
      />
    </section>
  );
}
