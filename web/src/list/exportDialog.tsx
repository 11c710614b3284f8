// Chooses what of a list becomes a file, shows how much of it has come, and can be stopped.

import { Button, Callout, Dialog, Progress, toast } from "@megalith/ui";
import { countChosen, EVERYTHING, type Selection } from "@megalith/ui/grid";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Entity, Field } from "../app/catalog";
import { useReader } from "../app/reader";
import { inWords } from "../app/refusals";
import { t, within } from "../app/words";
import { asProblem, records } from "../engine/server";
import type { Asked } from "./asked";
import { MOST_IN_FILTER } from "./bulk";
import styles from "./edit.module.css";
import { tg } from "./editWords";
import {
  Broken,
  type Come,
  type Format,
  type Order,
  ordersOf,
  receive,
  saveFile,
  sizeText,
} from "./export";

const FORMATS: readonly Format[] = ["csv", "xlsx", "jsonl"];

type Stage =
  | { readonly at: "asking" }
  | { readonly at: "running"; readonly come: Come }
  | { readonly at: "broken"; readonly come: Come; readonly error: unknown };

export default function ExportDialog({
  entity,
  asked,
  total,
  selected,
  fields,
  onClose,
}: {
  entity: Entity;
  asked: Asked;
  total: number | undefined;
  selected: Selection;
  fields: readonly Field[];
  onClose: () => void;
}): ReactNode {
  const reader = useReader();
  const some = selected.keys.size > 0;
  const [isChosen, setChosen] = useState(some);
  const [format, setFormat] = useState<Format>("csv");
  const [isAll, setAll] = useState(false);
  const [stage, setStage] = useState<Stage>({ at: "asking" });
  const stop = useRef(new AbortController());
  useEffect(() => () => stop.current.abort(), []);

  const wanted = isChosen ? selected : EVERYTHING;
  const rows = countChosen(wanted, total);
  const names = isAll ? [] : fields.map((field) => field.name);
  const orders = ordersOf(format, names, wanted, asked);
  const isTooMany = orders === null;
  const size = (bytes: number) => sizeText(bytes, reader.locale);
  const file = `${entity.plural}.${format}`;

  const start = async () => {
    if (orders === null) return;
    stop.current = new AbortController();
    const { signal } = stop.current;
    let come: Come = { bytes: 0, rows: 0 };
    setStage({ at: "running", come });
    try {
      const ask = (order: Order, stopped: AbortSignal) =>
        records.export(entity.path ?? "", { ...order, fields: [...order.fields] }, stopped);
      const parts = await receive(orders, ask, signal, (next) => {
        come = next;
        setStage({ at: "running", come });
      });
      saveFile(file, parts);
      toast({ text: tg("export.finished", { name: file, size: size(come.bytes) }) });
      onClose();
    } catch (error) {
      if (signal.aborted) setStage({ at: "asking" });
      else setStage({ at: "broken", come, error });
    }
  };

  if (stage.at === "running") {
    const { come } = stage;
    const count = new Intl.NumberFormat(reader.locale);
    return (
      <Dialog
        open
        title={tg("export.title", { name: within(entity.label_plural) })}
        actions={<Button onClick={() => stop.current.abort()}>{t("cancel")}</Button>}
      >
        <Progress
          label={tg("export.running")}
          text={
            come.rows === null
              ? size(come.bytes)
              : tg("export.soFar", { rows: count.format(come.rows), size: size(come.bytes) })
          }
          {...(rows && come.rows !== null ? { value: Math.min(1, come.rows / rows) } : {})}
        />
      </Dialog>
    );
  }
  const broken = stage.at === "broken" ? stage : null;
  const parts = broken?.error instanceof Broken ? broken.error.parts : [];
  const cause = broken?.error instanceof Broken ? null : broken?.error;
  const reason = !isTooMany ? undefined : tg("export.tooManyChosen", { most: MOST_IN_FILTER });
  return (
    <Dialog
      open
      title={tg("export.title", { name: within(entity.label_plural) })}
      onClose={onClose}
      onSubmit={() => void start()}
      actions={
        <>
          {/* Of a workbook a part cannot be opened. */}
          {parts.length > 0 && format !== "xlsx" && (
            <Button
              onClick={() => {
                saveFile(`${entity.plural}.${tg("export.partial")}.${format}`, parts);
                onClose();
              }}
            >
              {tg("export.keep")}
            </Button>
          )}
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit" reason={reason}>
            {broken ? tg("export.again") : tg("export.start")}
          </Button>
        </>
      }
    >
      <div className={styles.sheet}>
        {broken && (
          <Callout
            tone="bad"
            title={
              cause
                ? inWords(asProblem(cause))
                : tg("export.broke", { size: size(broken.come.bytes) })
            }
          />
        )}
        {reason && <Callout tone="warn">{reason}</Callout>}
        {some && (
          <Choices
            name="which"
            label={tg("export.which")}
            value={isChosen ? "chosen" : "matching"}
            options={[
              ["chosen", tg("export.chosen", { count: countChosen(selected, total) ?? 0 })],
              ["matching", tg("export.matching", { count: total ?? 0 })],
            ]}
            onChange={(value) => setChosen(value === "chosen")}
          />
        )}
        <Choices
          name="format"
          label={tg("export.format")}
          value={format}
          options={FORMATS.map((one) => [one, tg(`export.${one}`)])}
          onChange={(value) => setFormat(value as Format)}
        />
        <Choices
          name="fields"
          label={tg("export.fields")}
          value={isAll ? "all" : "shown"}
          options={[
            ["shown", tg("export.shownFields")],
            ["all", tg("export.allFields")],
          ]}
          onChange={(value) => setAll(value === "all")}
        />
      </div>
    </Dialog>
  );
}

function Choices({
  name,
  label,
  value,
  options,
  onChange,
}: {
  name: string;
  label: string;
  value: string;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}): ReactNode {
  return (
    <fieldset className={styles.choices}>
      <legend>{label}</legend>
      {options.map(([one, text]) => (
        <label key={one}>
          <input type="radio" name={name} checked={one === value} onChange={() => onChange(one)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
