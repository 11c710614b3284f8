// Shows what cells of a spreadsheet would change before they do, and what of them cannot.

import { Button, Callout, Dialog, Progress } from "@megalith/ui";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import type { Entity } from "../app/catalog";
import { titleText } from "../app/reader";
import { inShort } from "../app/refusals";
import { t } from "../app/words";
import { asProblem } from "../engine/server";
import { resolve } from "../engine/targets";
import styles from "./edit.module.css";
import type { RowChange } from "./editSend";
import { tg } from "./editWords";
import {
  type Found,
  MOST_ROWS,
  MOST_TITLES,
  type Pasted,
  planOf,
  rowChanges,
  titlesIn,
} from "./paste";

/** As many lines are shown; the others are counted. */
const SHOWN = 200;

export default function PasteDialog({
  pasted,
  onSave,
  onClose,
}: {
  pasted: Pasted;
  onSave: (changes: RowChange[]) => void;
  onClose: () => void;
}): ReactNode {
  const { schema } = pasted.given;
  const wanted = useMemo(() => titlesIn(pasted, schema), [pasted, schema]);
  const [found, setFound] = useState<Found | null>(() => (wanted.size === 0 ? new Map() : null));
  const [problem, setProblem] = useState<string | null>(null);
  const count = [...wanted.values()].reduce((sum, titles) => sum + titles.length, 0);
  const isTooMany = count > MOST_TITLES;

  useEffect(() => {
    if (found || isTooMany) return;
    let isOpen = true;
    lookUp(wanted).then(
      (all) => isOpen && setFound(all),
      (error) => isOpen && setProblem(inShort(asProblem(error))),
    );
    return () => {
      isOpen = false;
    };
  }, [wanted, found, isTooMany]);

  const plan = useMemo(
    () => (found ? planOf(pasted, schema, found) : null),
    [pasted, schema, found],
  );
  const saved = useRef(false);
  // One cell that can be changed needs no questions.
  const isPlain =
    plan !== null && plan.changes.length <= 1 && plan.faults.length === 0 && plan.beyond === 0;
  useEffect(() => {
    if (!isPlain || !plan || saved.current) return;
    saved.current = true;
    onSave(rowChanges(plan.changes));
  }, [isPlain, plan, onSave]);
  if (isPlain) return null;

  const cells = plan?.changes.length ?? 0;
  return (
    <Dialog
      open
      width={720}
      title={tg("grid.pasteTitle")}
      onClose={onClose}
      onSubmit={() => plan && cells > 0 && onSave(rowChanges(plan.changes))}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button
            look="main"
            type="submit"
            reason={plan && cells > 0 ? undefined : tg("grid.nothingToChange")}
          >
            {tg("grid.changeCells", { count: cells })}
          </Button>
        </>
      }
    >
      <div className={styles.sheet}>
        {isTooMany && (
          <Callout tone="bad" title={tg("grid.tooManyNames", { count: MOST_TITLES })} />
        )}
        {problem && <Callout tone="bad" title={problem} />}
        {!plan && !isTooMany && !problem && <Progress label={tg("grid.lookingUp")} />}
        {plan && plan.beyond > 0 && (
          <Callout tone="warn" title={tg("grid.beyond", { count: plan.beyond, most: MOST_ROWS })}>
            {tg("grid.beyondText")}
          </Callout>
        )}
        {plan && (
          <p role="status">
            {tg("grid.willChange", { count: cells })}{" "}
            {plan.faults.length > 0 && tg("grid.cannot", { count: plan.faults.length })}{" "}
            {plan.same > 0 && tg("grid.alreadySo", { count: plan.same })}
          </p>
        )}
        {plan && plan.faults.length > 0 && (
          <Rows
            label={tg("grid.cannotTitle")}
            heads={[tg("grid.row"), tg("grid.field"), tg("grid.text"), tg("grid.reason")]}
            rows={plan.faults.map((one) => ({
              key: `${one.at} ${one.field?.name ?? ""}`,
              cells: [
                one.row ? titleText(pasted.entity, one.row) : String(one.at + 1),
                one.field?.label ?? "",
                one.text,
                one.reason,
              ],
            }))}
          />
        )}
        {plan && cells > 0 && (
          <Rows
            label={tg("grid.changesTitle")}
            heads={[tg("grid.row"), tg("grid.field"), tg("grid.before"), tg("grid.after")]}
            rows={plan.changes.map((one) => ({
              key: `${one.row.id} ${one.field.name}`,
              cells: [
                titleText(pasted.entity, one.row),
                one.field.label,
                one.before || t("ui.empty"),
                one.after || t("ui.empty"),
              ],
            }))}
          />
        )}
      </div>
    </Dialog>
  );
}

/** A table that scrolls by itself and shows the first of many rows. */
export function Rows({
  label,
  heads,
  rows,
}: {
  label: string;
  heads: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
}): ReactNode {
  return (
    <section className={styles.part}>
      <h3>{label}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <section className={styles.scroll} aria-label={label} tabIndex={0}>
        <table className={styles.rows}>
          <thead>
            <tr>
              {heads.map((head) => (
                <th key={head} scope="col">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, SHOWN).map(({ key, cells }) => (
              <tr key={key}>
                {cells.map((cell, at) => (
                  <td key={heads[at]}>
                    <bdi>{cell}</bdi>
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length > SHOWN && (
          <p className={styles.quiet}>{tg("grid.andMore", { count: rows.length - SHOWN })}</p>
        )}
      </section>
    </section>
  );
}

/** The records that texts name, entity by entity. */
async function lookUp(wanted: ReadonlyMap<Entity, readonly string[]>): Promise<Found> {
  const found = await Promise.all(
    [...wanted].map(async ([target, texts]) => [target, await resolve(target, texts)] as const),
  );
  return new Map(found);
}
