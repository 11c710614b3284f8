// Choosing how the app looks: it takes effect at once, and the notice takes it back.

import { LANGUAGES } from "@megalith/i18n";
import { toast } from "@megalith/ui";
import { prefer } from "./mine";
import type { Pending, Settings } from "./settings";
import { t, type Word } from "./words";

const themes: Record<Settings["theme"], Word> = {
  system: "themeSystem",
  light: "themeLight",
  dark: "themeDark",
  contrast: "themeContrast",
};

function said({ theme, density, locale, shortcuts }: Pending): string {
  if (theme) return `${t("theme")}: ${t(themes[theme])}`;
  if (density) return `${t("density")}: ${t(density)}`;
  if (locale !== undefined) {
    const language = LANGUAGES.find(({ tag }) => tag === locale)?.name;
    return `${t("language")}: ${language ?? t("languageSystem")}`;
  }
  return `${t("shortcutsOn")}: ${t(shortcuts ? "yes" : "no")}`;
}

/** Chooses, says what, and offers the way back. */
export function choose(change: Pending): void {
  const undo = prefer(change);
  toast({ text: said(change), undo });
}
