// What a calendar asks in a dialog: which of a day's records, and to which day one goes.

import { Button, DateField, Dialog, IconButton } from "@megalith/ui";
import { CalendarClock } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Entity, Field } from "../../../app/catalog";
import { type Row, titleText } from "../../../app/reader";
import { t } from "../../../app/words";
import styles from "./Calendar.module.css";
import { type DayProps, DayRecord } from "./DayCell";

/** All records of a day. */
export function DayDialog({
  day,
  name,
  rows,
  onMove,
  onClose,
  ...props
}: DayProps & {
  day: string | null;
  name: string;
  rows: readonly Row[];
  onMove: (row: Row) => void;
  onClose: () => void;
}): ReactNode {
  const { entity, canMove, onOpen } = props;
  return (
    <Dialog
      open={day !== null}
      title={name}
      text={rows.length === 0 ? t("nothingThisDay") : undefined}
      onClose={onClose}
      actions={<Button onClick={onClose}>{t("ui.close")}</Button>}
    >
      <ul className={styles.list}>
        {rows.map((row) => (
          <li key={row.id}>
            <DayRecord
              {...props}
              row={row}
              onOpen={(id) => {
                onClose();
                onOpen(id);
              }}
            />
            {canMove && (
              <IconButton
                label={t("moveTo", { name: titleText(entity, row) })}
                onClick={() => {
                  onClose();
                  onMove(row);
                }}
              >
                <CalendarClock />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

/** To which day a record goes. */
export function MoveDialog({
  entity,
  field,
  row,
  day,
  onMove,
  onClose,
}: {
  entity: Entity;
  field: Field;
  row: Row | null;
  day: string;
  onMove: (row: Row, day: string) => void;
  onClose: () => void;
}): ReactNode {
  const [chosen, setChosen] = useState(day);
  useEffect(() => setChosen(day), [day]);
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(chosen);
  return (
    <Dialog
      open={row !== null}
      title={row ? t("moveTo", { name: titleText(entity, row) }) : ""}
      onClose={onClose}
      onSubmit={() => row && isDay && onMove(row, chosen)}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit" reason={isDay ? undefined : t("missing")}>
            {t("move")}
          </Button>
        </>
      }
    >
      <DateField label={field.label} value={chosen} onChange={(value) => setChosen(value ?? "")} />
    </Dialog>
  );
}
