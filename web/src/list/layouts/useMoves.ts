// Moving records by hand: what was moved stands in its new place at once, goes back where the
// server refuses, and can be taken back.

import { asProblem } from "@megalith/api";
import { toast } from "@megalith/ui";
import { useCallback, useState } from "react";
import type { Entity } from "../../app/catalog";
import { type Row, titleText } from "../../app/reader";
import { inShort } from "../../app/refusals";
import { api } from "../../app/server";
import { t } from "../../app/words";
import { useSettle, useUndo } from "../../engine/server";

/** A change of a record that is under way or was just made. */
export interface Moving {
  /** The values that change, as they will be. */
  values: Readonly<Record<string, unknown>>;
  /** Where it goes, in words. */
  to: string;
  /** The act that does it; without one the values are written. */
  act?: string;
}

/** Rows as they will be, and how to move one. */
export function useMoves(entity: Entity): {
  moved: ReadonlyMap<string, Row>;
  move: (row: Row, moving: Moving) => Promise<void>;
} {
  const [moved, setMoved] = useState<ReadonlyMap<string, Row>>(new Map());
  const settle = useSettle(entity);
  const undoing = useUndo();
  const path = entity.path ?? "";
  const move = useCallback(
    async (row: Row, { values, to, act }: Moving) => {
      setMoved((now) => new Map(now).set(row.id, { ...row, ...values }));
      const name = titleText(entity, row);
      try {
        const answer = act
          ? await api.records.act(path, row.id, act, undefined, { ifMatch: row.version })
          : await api.records.update(path, row.id, values, { baseVersion: row.version });
        const before = Object.fromEntries(
          Object.keys(values).map((key) => [key, row[key] ?? null]),
        );
        toast({
          text: t("movedTo", { name, to }),
          ...(!act &&
            answer && {
              undo: undoing(async () => {
                await api.records.update(path, row.id, before, { baseVersion: answer.version });
                await settle();
              }),
            }),
        });
      } catch (error) {
        toast({ text: `${name}: ${inShort(asProblem(error))}`, tone: "bad" });
      }
      await settle();
      setMoved((now) => {
        const next = new Map(now);
        next.delete(row.id);
        return next;
      });
    },
    [entity, path, settle, undoing],
  );
  return { moved, move };
}
