// The editors of cells by the kind of their field. They load when a grid is first worked in.

import type { Field } from "@megalith/meta";
import { type EditorProps, Line } from "@megalith/ui/grid";
import { Pick, type PickOption } from "@megalith/ui/grid/pick";
import type { ReactNode } from "react";
import type { Row } from "../app/reader";
import { t } from "../app/words";
import { find } from "../engine/targets";
import type { CellGround } from "./edit";
import { currencyOf, editText, isFigure, readCell, wireOf } from "./editValues";

export default function Cell({
  ground,
  ...props
}: EditorProps<Row> & { ground: CellGround }): ReactNode {
  const { field, given } = ground;
  const isOne = field.kind === "choice" || field.kind === "boolean" || field.kind === "link";
  if (isOne) return <PickCell {...props} ground={ground} />;
  const { row } = props;
  // What was refused is corrected where it was left.
  const text = props.fault === undefined ? editText(field, row, given.reader) : props.text;
  return (
    <Line
      {...props}
      text={text}
      numeric={isFigure(field)}
      placeholder={field.kind === "money" ? (currencyOf(field, row) ?? undefined) : undefined}
      read={(typed) => readCell(field, typed, row, given)}
    />
  );
}

/** What can be chosen without asking the server. */
function optionsOf(field: Field): PickOption[] {
  const all =
    field.kind === "boolean"
      ? [
          { id: "true", label: t("yes") },
          { id: "false", label: t("no") },
        ]
      : "choices" in field
        ? field.choices.map(({ name, label }) => ({ id: name, label }))
        : [];
  return field.required ? all : [...all, { id: "", label: t("notChosen") }];
}

const folded = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function PickCell({ ground, ...props }: EditorProps<Row> & { ground: CellGround }): ReactNode {
  const { field, given } = ground;
  const present = props.row[field.name];
  const target = field.kind === "link" ? given.schema.target(field) : null;
  const search = (words: string, signal: AbortSignal) => {
    const wanted = folded(words);
    const own = optionsOf(field).filter((one) => folded(one.label).includes(wanted));
    if (!target?.path) return own.sort((a, b) => rank(a, wanted) - rank(b, wanted));
    return find(target, words, signal).then((found) => [...found, ...(words === "" ? own : [])]);
  };
  const chosenValue = ({ id, label }: PickOption) => {
    if (id === "") return null;
    if (field.kind === "boolean") return id === "true";
    return field.kind === "link" ? { id, title: label } : id;
  };
  return (
    <Pick
      {...props}
      value={String(wireOf(present) ?? "")}
      find={search}
      onPick={(option, then) => props.onCommit(chosenValue(option), then)}
    />
  );
}

/** What begins with the words comes first. */
const rank = (option: PickOption, wanted: string) =>
  folded(option.label).startsWith(wanted) ? 0 : 1;
