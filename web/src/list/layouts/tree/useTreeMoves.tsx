// Moving a record below another one: by dragging, or by a dialog.

import { type ReactNode, useCallback, useState } from "react";
import type { Entity, Field } from "../../../app/catalog";
import type { Row } from "../../../app/reader";
import { t } from "../../../app/words";
import { useMoves } from "../useMoves";
import { UnderDialog } from "./UnderDialog";

export function useTreeMoves(entity: Entity, parent: Field) {
  const { moved, move } = useMoves(entity);
  const [asked, setAsked] = useState<Row | null>(null);
  const canMove = parent.writable && entity.rights?.update === true;
  const moveUnder = useCallback(
    (row: Row, under: { id: string; label: string } | null) => {
      setAsked(null);
      const to = under?.label ?? t("theTop");
      void move(row, { values: { [parent.name]: under?.id ?? null }, to });
    },
    [move, parent],
  );
  const dialog: ReactNode = (
    <UnderDialog
      {...{ entity, parent }}
      row={asked}
      onMove={moveUnder}
      onClose={() => setAsked(null)}
    />
  );
  return { moved, canMove, moveUnder, ask: setAsked, dialog };
}
