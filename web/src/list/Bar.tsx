// What stands above a list: search, how many records there are, columns, and making a new one.

import type { ViewState } from "@megalith/meta";
import type { ReactNode } from "react";
import type { Entity, Schema } from "../app/catalog";
import { t } from "../app/words";
import { NewButton } from "../engine/NewButton";
import type { Asked } from "./asked";
import { ColumnsMenu } from "./ColumnsMenu";
import { ExportButton } from "./exportButton";
import { GroupMenu } from "./GroupMenu";
import styles from "./List.module.css";
import { LayoutMenu } from "./layouts/LayoutMenu";
import { SearchBox } from "./SearchBox";
import type { ChangeView } from "./state";

export interface BarProps {
  entity: Entity;
  schema: Schema;
  view: ViewState;
  change: ChangeView;
  asked: Asked;
  total: number | undefined;
}

export function Bar({ entity, schema, asked, view, change, total }: BarProps): ReactNode {
  return (
    <div className={styles.toolbar}>
      <SearchBox entity={entity} q={view.q} onChange={(q) => change({ q }, true)} />
      <span className={styles.count} role="status">
        {total !== undefined && t("records", { count: total })}
      </span>
      <GroupMenu {...{ entity, schema, view, change }} />
      <LayoutMenu {...{ entity, view, change }} />
      <ColumnsMenu entity={entity} />
      <ExportButton {...{ entity, asked, total }} />
      <NewButton entity={entity} />
    </div>
  );
}
