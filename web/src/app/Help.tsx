// The sheet of shortcuts.

import { Dialog, Kbd, Switch } from "@megalith/ui";
import type { ReactNode } from "react";
import styles from "./Page.module.css";
import { settings, useSettings } from "./settings";
import type { Shortcut } from "./shortcuts";
import { t } from "./words";

export default function Help({
  shortcuts,
  onClose,
}: {
  shortcuts: readonly Shortcut[];
  onClose: () => void;
}): ReactNode {
  const { shortcuts: on } = useSettings();
  const inGrid: Pick<Shortcut, "keys" | "label" | "group">[] = [
    { keys: "j", label: t("moveRows"), group: t("inGrid") },
    { keys: "x", label: t("selectRow"), group: t("inGrid") },
    { keys: "enter", label: t("openRow"), group: t("inGrid") },
    { keys: "mod+a", label: t("selectAllRows"), group: t("inGrid") },
    { keys: "f2", label: t("editCell"), group: t("inGrid") },
    { keys: "mod+c", label: t("copyCells"), group: t("inGrid") },
    { keys: "mod+shift+c", label: t("copyWithHeads"), group: t("inGrid") },
    { keys: "mod+v", label: t("pasteCells"), group: t("inGrid") },
    { keys: "mod+d", label: t("fillDown"), group: t("inGrid") },
    { keys: "mod+z", label: t("ui.undo"), group: t("inGrid") },
    { keys: "e", label: t("edit"), group: t("inRecord") },
    { keys: "a", label: t("doNextAct"), group: t("inRecord") },
    { keys: "j", label: t("nextRecord"), group: t("inRecord") },
    { keys: "k", label: t("previousRecord"), group: t("inRecord") },
    { keys: "mod+z", label: t("ui.undo"), group: t("inRecord") },
    { keys: "mod+enter", label: t("save"), group: t("inRecord") },
    { keys: "alt+n", label: t("addLine"), group: t("inRecord") },
  ];
  const all = [...shortcuts, ...inGrid];
  const groups = [...new Set(all.map((one) => one.group))];
  return (
    <Dialog open title={t("shortcuts")} width={680} onClose={onClose}>
      <div className={styles.sheet}>
        <Switch
          label={t("shortcutsOn")}
          hint={t("shortcutsHint")}
          checked={on}
          onChange={(shortcuts) => settings.set({ shortcuts })}
        />
        {groups.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {all
                .filter((one) => one.group === group)
                .map((one) => (
                  <div key={one.keys}>
                    <dt>{one.label}</dt>
                    <dd>
                      <Kbd keys={one.keys} />
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
