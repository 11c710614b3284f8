// How something went, in the height of a line of text. It says nothing that words do not say beside it.

import type { ReactNode } from "react";
import styles from "./Chart.module.css";
import { sparkPoints } from "./scale";

const WIDTH = 96;
const HEIGHT = 24;

export function Sparkline({ values }: { values: readonly number[] }): ReactNode {
  if (values.length < 2) return null;
  const points = sparkPoints(values, WIDTH, HEIGHT);
  return (
    <svg
      className={styles.spark}
      viewBox={`-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`}
      width={WIDTH}
      height={HEIGHT + 4}
      aria-hidden="true"
      focusable="false"
    >
      <polygon points={`0,${HEIGHT} ${points} ${WIDTH},${HEIGHT}`} />
      <polyline points={points} />
    </svg>
  );
}
