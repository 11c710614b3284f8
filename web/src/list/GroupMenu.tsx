// What a list is grouped by.

import type { ViewState } from "@megalith/meta";
import { Button, IconButton, Menu } from "@megalith/ui";
import { Layers } from "lucide-react";
import type { ReactNode } from "react";
import type { Entity, Schema } from "../app/catalog";
import { t } from "../app/words";
import { groupables, groupsBy } from "./groups";
import { usePhone } from "./phone";
import type { ChangeView } from "./state";

/** The most keys: what stands deeper is read by nobody. */
const MOST = 3;

export function GroupMenu({
  entity,
  schema,
  view,
  change,
}: {
  entity: Entity;
  schema: Schema;
  view: ViewState;
  change: ChangeView;
}): ReactNode {
  const isPhone = usePhone();
  const by = groupsBy(schema, entity, view.group);
  const offered = groupables(entity);
  const others = by
    .filter(({ key }) => !offered.some((one) => one.key === key))
    .map(({ key, label }) => ({ key, label, span: false }));
  const choices = [
    ...offered.map(({ key, field, span }) => ({ key, label: field.label, span })),
    ...others,
  ];
  const toggle = (key: string) =>
    change({
      group: view.group.includes(key)
        ? view.group.filter((one) => one !== key)
        : [...view.group, key].slice(-MOST),
    });
  return (
    <Menu
      label={t("groupBy")}
      items={[
        ...choices.map(({ key, label, span }) => ({
          id: key,
          label: span ? t("byMonth", { name: label }) : label,
          checked: view.group.includes(key),
          stay: true,
          onSelect: () => toggle(key),
        })),
        ...(by.length > 0
          ? [
              "line" as const,
              { id: "none", label: t("groupOff"), onSelect: () => change({ group: [] }) },
            ]
          : []),
      ]}
      trigger={(props) =>
        isPhone ? (
          <IconButton label={t("groupBy")} {...props}>
            <Layers />
          </IconButton>
        ) : (
          <Button look="ghost" icon={<Layers />} {...props}>
            {by.length > 0 ? by.map(({ label }) => label).join(" › ") : t("groupBy")}
          </Button>
        )
      }
    />
  );
}
