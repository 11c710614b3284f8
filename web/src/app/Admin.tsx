// Administration: what is about the installation and who works with it.

import { useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { catalogQuery, isAdministrative, listPath, sections } from "./catalog";
import { Crumbs } from "./context";
import { iconOf } from "./icons";
import styles from "./Page.module.css";
import { t } from "./words";

export default function Admin(): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  return (
    <div className={styles.page}>
      <Crumbs items={[{ label: t("administration") }]} />
      <div className={styles.titleRow}>
        <h1>{t("administration")}</h1>
      </div>
      <div className={styles.columns}>
        {sections(schema)
          .filter((part) => isAdministrative(part.name))
          .map((part) => (
            <section key={part.name} className={styles.part}>
              <h2>{part.label}</h2>
              <ul className={styles.list}>
                {part.entities.map((entity) => {
                  const Icon = iconOf(entity);
                  return (
                    <li key={entity.name}>
                      <a className={styles.row} href={listPath(entity)}>
                        <Icon aria-hidden="true" />
                        <span className={styles.rowText}>{entity.label_plural}</span>
                      </a>
                    </li>
                  );
                })}
              </ul>
            </section>
          ))}
      </div>
    </div>
  );
}
