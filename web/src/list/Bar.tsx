// What stands above a list: search, filter, groups, how many records there are, columns, and making
// a new one.

import { asProblem } from "@megalith/api";
import type { ViewState } from "@megalith/meta";
import { Button, IconButton } from "@megalith/ui";
import { ListFilter } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import type { Entity, Schema } from "../app/catalog";
import { useDeeds } from "../app/deeds";
import { t } from "../app/words";
import { NewButton } from "../engine/NewButton";
import type { Asked } from "./asked";
import { ColumnsMenu } from "./ColumnsMenu";
import { ExportButton } from "./exportButton";
import { FilterBar, type FilterWork, NEW_FILTER, NO_WORK } from "./filter/FilterBar";
import { GroupMenu } from "./GroupMenu";
import { ImportButton } from "./importButton";
import styles from "./List.module.css";
import { kindOf } from "./layouts/kinds";
import { LayoutMenu } from "./layouts/LayoutMenu";
import { usePhone } from "./phone";
import { SearchBox } from "./SearchBox";
import type { ChangeView } from "./state";

interface BarProps {
  entity: Entity;
  schema: Schema;
  view: ViewState;
  change: ChangeView;
  asked: Asked;
  total: number | undefined;
  /** Why the records cannot be shown. */
  error: Error | null;
}

export function Bar({ entity, schema, asked, view, change, total, error }: BarProps): ReactNode {
  const isPhone = usePhone();
  const [work, setWork] = useState<FilterWork>(NO_WORK);
  const add = () => setWork((before) => ({ ...before, editing: NEW_FILTER }));
  useDeeds(entity.label_plural, [
    { id: "filter", label: t("addFilter"), icon: <ListFilter />, keys: "f", run: add },
  ]);
  useEffect(() => {
    const open = () => setWork((before) => ({ ...before, editing: NEW_FILTER }));
    document.addEventListener("megalith:add-filter", open);
    return () => document.removeEventListener("megalith:add-filter", open);
  }, []);
  const refused = error
    ? asProblem(error).errors.find(({ pointer }) => pointer === "?filter")?.message
    : undefined;
  // Groups and columns are a table's.
  const isTable = kindOf(entity, view) === "list";
  const search = <SearchBox entity={entity} q={view.q} onChange={(q) => change({ q }, true)} />;
  return (
    <>
      <div className={styles.toolbar}>
        {isPhone ? (
          <div className={styles.find}>
            {search}
            <NewButton entity={entity} />
          </div>
        ) : (
          search
        )}
        {isPhone ? (
          <IconButton label={t("addFilter")} onClick={add}>
            <ListFilter />
          </IconButton>
        ) : (
          <Button look="ghost" icon={<ListFilter />} aria-keyshortcuts="f" onClick={add}>
            {t("addFilter")}
          </Button>
        )}
        {isTable && <GroupMenu {...{ entity, schema, view, change }} />}
        <span className={styles.count} role="status">
          {total !== undefined && t("records", { count: total })}
        </span>
        <LayoutMenu {...{ entity, view, change }} />
        {isTable && !isPhone && <ColumnsMenu entity={entity} />}
        <ImportButton entity={entity} />
        <ExportButton {...{ entity, asked, total }} />
        {!isPhone && <NewButton entity={entity} />}
      </div>
      <FilterBar
        {...{ entity, schema, work }}
        filter={view.filter}
        refused={refused ?? null}
        onWork={setWork}
        onChange={(filter) => change({ filter })}
      />
    </>
  );
}
