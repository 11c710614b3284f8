// What stands around records below their parents, as an outline or a chart: the buttons above, and
// that not all of them are there.

import { Callout } from "@megalith/ui";
import type { ReactNode } from "react";
import type { Entity } from "../../../app/catalog";
import { t } from "../../../app/words";
import styles from "./Frame.module.css";
import { MOST } from "./useForest";

export function Frame({
  entity,
  tools,
  isCut = false,
  children,
}: {
  entity: Entity;
  tools: ReactNode;
  /** Whether there are more records than are read. */
  isCut?: boolean | undefined;
  children: ReactNode;
}): ReactNode {
  return (
    <section className={styles.frame} aria-label={entity.label_plural}>
      <div className={styles.tools}>{tools}</div>
      {isCut && <Callout tone="info" title={t("treeCut", { count: MOST })} />}
      {children}
    </section>
  );
}
