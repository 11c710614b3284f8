// What is wrong with a row or a cell, in the person's language.

import type { ReactNode } from "react";
import { inWords } from "../../app/refusals";
import styles from "./Import.module.css";
import type { Problem } from "./server";

export function Problems({ of }: { of: readonly Problem[] }): ReactNode {
  return of.map((problem) => (
    <div className={styles.problem} key={`${problem.pointer} ${problem.code} ${problem.message}`}>
      <bdi>
        {problem.pointer?.includes("/", 1) ? `${problem.pointer.split("/").at(-1)} ` : ""}
        {inWords(problem)}
      </bdi>
    </div>
  ));
}
