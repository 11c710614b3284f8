// Below which record another one goes.

import { Button, Dialog } from "@megalith/ui";
import { Combobox } from "@megalith/ui/combobox";
import { type ReactNode, useEffect, useState } from "react";
import type { Entity, Field } from "../../../app/catalog";
import { type Row, titleText } from "../../../app/reader";
import { t } from "../../../app/words";
import { find } from "../../../engine/targets";

interface Chosen {
  id: string;
  label: string;
}

export function UnderDialog({
  entity,
  parent,
  row,
  onMove,
  onClose,
}: {
  entity: Entity;
  parent: Field;
  row: Row | null;
  onMove: (row: Row, under: Chosen | null) => void;
  onClose: () => void;
}): ReactNode {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another record, another choice
  useEffect(() => setChosen(null), [row]);
  return (
    <Dialog
      open={row !== null}
      title={row ? t("moveTo", { name: titleText(entity, row) }) : ""}
      text={t("underNone", { name: parent.label })}
      onClose={onClose}
      onSubmit={() => row && onMove(row, chosen)}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit">
            {t("move")}
          </Button>
        </>
      }
    >
      <Combobox
        label={parent.label}
        value={chosen}
        onChange={setChosen}
        search={async (words, signal) =>
          (await find(entity, words, signal)).filter((one) => one.id !== row?.id)
        }
      />
    </Dialog>
  );
}
