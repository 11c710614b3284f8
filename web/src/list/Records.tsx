// A list as a page: what stands above the records, the records in one of the layouts, and the
// record that is open beside them.

import { Button, EmptyState, Hidden, useUi } from "@megalith/ui";
import type { ReactNode } from "react";
import { type Entity, listPath, type Schema } from "../app/catalog";
import { Crumbs } from "../app/context";
import { t, within } from "../app/words";
import { useAsked, useTotal } from "./asked";
import { Bar } from "./Bar";
import { Fault } from "./Fault";
import { ImportButton } from "./importButton";
import styles from "./List.module.css";
import { layoutOf } from "./layouts";
import { Side } from "./Side";
import { useView } from "./state";
import { ViewTabs } from "./views/ViewTabs";

export function Records({ entity, schema }: { entity: Entity; schema: Schema }): ReactNode {
  const { view, change } = useView();
  const { density } = useUi();
  const service = schema.services.find((one) => one.name === entity.service);
  const asked = useAsked(entity, view);
  const total = useTotal(entity, asked);
  const Layout = layoutOf(entity, view);
  const clear = () => change({ filter: "", q: "", order: [] });
  const isNarrowed = view.q !== "" || view.filter !== "";
  const name = within(entity.label_plural);

  return (
    <div className={styles.listPage} data-density={density}>
      <Crumbs
        items={[{ label: service?.label ?? entity.service }, { label: entity.label_plural }]}
        place={{ path: listPath(entity), label: entity.label_plural }}
      />
      <h1>
        <Hidden>{entity.label_plural}</Hidden>
      </h1>
      <ViewTabs entity={entity} view={view} />
      <Bar {...{ entity, schema, view, change, asked }} total={total.data} error={total.error} />
      {total.isError ? (
        <Fault
          error={total.error}
          onRetry={() => void total.refetch()}
          onClear={isNarrowed || view.order.length > 0 ? clear : undefined}
        />
      ) : total.data !== 0 ? (
        <Layout
          {...{ entity, schema, view, change, asked }}
          total={total.data}
          onOpen={(id) => change({ open: id })}
        />
      ) : isNarrowed ? (
        <EmptyState
          title={t("noMatches")}
          actions={<Button onClick={clear}>{t("clearSearch")}</Button>}
        >
          {t(view.q === "" ? "noFilterMatches" : "noMatchesText", { name })}
        </EmptyState>
      ) : (
        <EmptyState
          title={t("noRecords", { name })}
          actions={<ImportButton entity={entity} wide />}
        >
          {entity.summary}
        </EmptyState>
      )}
      <Side {...{ entity, view, change }} />
    </div>
  );
}
