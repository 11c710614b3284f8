// A field that two have changed: what it would be either way, side by side.

import type { ReactNode } from "react";
import styles from "./Versus.module.css";

export interface Way<W> {
  readonly way: W;
  readonly label: string;
  /** What the field would be; none where the label says it. */
  readonly text?: string;
}

export function Versus<W extends string>({
  name,
  label,
  ways,
  chosen,
  onChoose,
}: {
  name: string;
  label: string;
  ways: readonly Way<W>[];
  chosen: W | undefined;
  onChoose: (way: W) => void;
}): ReactNode {
  return (
    <fieldset className={styles.versus}>
      <legend>{label}</legend>
      {ways.map(({ way, label, text }) => (
        <label key={way}>
          <input type="radio" name={name} checked={chosen === way} onChange={() => onChoose(way)} />
          <span>
            <b>{label}</b>
            {text !== undefined && <bdi>{text}</bdi>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
