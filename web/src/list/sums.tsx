// Sums as people read them: each currency for itself.

import { formatDecimal, formatMoney, type Reader } from "@megalith/meta";
import { Menu } from "@megalith/ui";
import type { ReactNode } from "react";
import type { Field } from "../app/catalog";
import { useReader } from "../app/reader";
import { t } from "../app/words";
import styles from "./List.module.css";

/** The sums of a field, the largest first. */
export function sumText(
  sums: Readonly<Record<string, string>>,
  field: Field,
  reader: Reader,
): string[] {
  return Object.entries(sums)
    .sort(([, a], [, b]) => Math.abs(Number(b)) - Math.abs(Number(a)))
    .map(([currency, text]) =>
      currency ? formatMoney(text, currency, reader) : formatDecimal(text, reader),
    )
    .filter((text) => text !== "" || field.kind !== "money");
}

/** A cell of the row of totals: one sum, or the largest of several and the way to the others. */
export function Total({
  field,
  sums,
}: {
  field: Field;
  sums: Readonly<Record<string, string>>;
}): ReactNode {
  const reader = useReader();
  const texts = sumText(sums, field, reader);
  if (texts.length < 2) return <bdi>{texts[0] ?? ""}</bdi>;
  const label = t("sumsOf", { name: field.label });
  return (
    <Menu
      label={label}
      items={[
        { heading: label },
        ...texts.map((text) => ({ id: text, label: text, onSelect: () => {} })),
      ]}
      trigger={(props) => (
        <button type="button" className={styles.sums} {...props}>
          <bdi>{texts[0]}</bdi>
          <span>+{texts.length - 1}</span>
        </button>
      )}
    />
  );
}
