// How the app looks and behaves for whoever uses it; takes effect at once.

import { LANGUAGES } from "@megalith/i18n";
import { Dialog, Select, Switch } from "@megalith/ui";
import type { ReactNode } from "react";
import { choose } from "./choose";
import styles from "./Page.module.css";
import { type Settings, useSettings } from "./settings";
import { t } from "./words";

export default function Preferences({ onClose }: { onClose: () => void }): ReactNode {
  const wishes = useSettings();
  return (
    <Dialog open title={t("settings")} width={420} onClose={onClose}>
      <div className={styles.sheet}>
        <Select
          label={t("theme")}
          value={wishes.theme}
          onChange={(theme) => choose({ theme: theme as Settings["theme"] })}
          options={[
            { value: "system", label: t("themeSystem") },
            { value: "light", label: t("themeLight") },
            { value: "dark", label: t("themeDark") },
            { value: "contrast", label: t("themeContrast") },
          ]}
        />
        <Select
          label={t("density")}
          value={wishes.density}
          onChange={(density) => choose({ density: density as Settings["density"] })}
          options={[
            { value: "compact", label: t("compact") },
            { value: "regular", label: t("regular") },
            { value: "comfortable", label: t("comfortable") },
          ]}
        />
        <Select
          label={t("language")}
          value={wishes.locale}
          onChange={(locale) => choose({ locale })}
          options={[
            { value: "", label: t("languageSystem") },
            ...LANGUAGES.map(({ tag, name }) => ({ value: tag, label: name })),
          ]}
        />
        <Switch
          label={t("shortcutsOn")}
          hint={t("shortcutsHint")}
          checked={wishes.shortcuts}
          onChange={(shortcuts) => choose({ shortcuts })}
        />
      </div>
    </Dialog>
  );
}
