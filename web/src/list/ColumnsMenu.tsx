// Which columns a list shows.

import { IconButton, Menu } from "@megalith/ui";
import { Columns3 } from "lucide-react";
import type { ReactNode } from "react";
import type { Entity } from "../app/catalog";
import { t } from "../app/words";
import { columnFields, useListColumns } from "./columns";

export function ColumnsMenu({ entity }: { entity: Entity }): ReactNode {
  const { shown, toggle, reset } = useListColumns(entity);
  return (
    <Menu
      label={t("columns")}
      trigger={(props) => (
        <IconButton label={t("columns")} {...props}>
          <Columns3 />
        </IconButton>
      )}
      items={[
        ...columnFields(entity).map((one) => ({
          id: one.name,
          label: one.label,
          checked: shown.includes(one),
          stay: true,
          onSelect: () => toggle(one.name),
        })),
        "line" as const,
        { id: "reset", label: t("reset"), onSelect: reset },
      ]}
    />
  );
}
