// Administration at a glance: its pages, and the bare lists behind them.

import { Button } from "@megalith/ui";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { catalogQuery, isAdministrative, listPath, sections } from "../app/catalog";
import { prefer } from "../app/mine";
import { useSettings } from "../app/settings";
import { meQuery } from "../app/who";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { AdminPage } from "./kit";
import { adminPlaces } from "./places";
import { ta } from "./words";

export default function Overview(): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const { data: me } = useQuery(meQuery);
  const { checklist } = useSettings();
  const isAdministrator = me?.roles.includes("administrator") === true;
  const lists = sections(schema).filter((part) => isAdministrative(part.name));
  return (
    <AdminPage
      isTop
      title={t("administration")}
      intro={ta("overviewIntro")}
      actions={
        isAdministrator &&
        checklist === "done" && (
          <Button onClick={() => prefer({ checklist: "open" })}>{ta("showSteps")}</Button>
        )
      }
    >
      <ul className={styles.cards}>
        {adminPlaces(schema, isAdministrator).map((place) => {
          const Icon = place.icon;
          return (
            <li key={place.path}>
              <a className={styles.card} href={place.path}>
                <Icon aria-hidden="true" />
                <b>{place.label}</b>
                <span>{place.hint}</span>
              </a>
            </li>
          );
        })}
      </ul>
      {lists.map((part) => (
        <section key={part.name} className={styles.part}>
          <h2>{ta("listsOf", { name: part.label })}</h2>
          <ul className={styles.links}>
            {part.entities.map((entity) => (
              <li key={entity.name}>
                <a href={listPath(entity)}>{entity.label_plural}</a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </AdminPage>
  );
}
