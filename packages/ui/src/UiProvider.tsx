// Theme, density, direction and words for everything below it.

import type { DensityName, ThemeName } from "@megalith/tokens";
import { createContext, type ReactNode, useContext, useLayoutEffect, useMemo } from "react";
import "./base.css";
import { defaultLabels, type Labels } from "./labels";
import { ToastHost } from "./Toast";
import { TipHost } from "./Tooltip";

export interface Ui {
  theme: ThemeName;
  density: DensityName;
  dir: "ltr" | "rtl";
  locale: string;
  labels: Labels;
  /** What styles made at run time carry, so that the content security policy lets them in. */
  nonce: string | undefined;
}

const fallback: Ui = {
  theme: "light",
  density: "regular",
  dir: "ltr",
  locale: "en",
  labels: defaultLabels,
  nonce: undefined,
};

const UiContext = createContext<Ui>(fallback);

export const useUi = () => useContext(UiContext);
export const useLabels = () => useContext(UiContext).labels;

/** The nonce that the server wrote into the page. */
export function pageNonce(): string | undefined {
  const holder = document.querySelector<HTMLElement>("meta[property=csp-nonce], script[nonce]");
  return holder?.nonce || holder?.getAttribute("nonce") || undefined;
}

export function UiProvider({
  children,
  ...given
}: Partial<Ui> & { children: ReactNode }): ReactNode {
  const { theme, density, dir, locale, labels, nonce } = { ...fallback, ...given };
  const ui = useMemo(
    () => ({ theme, density, dir, locale, labels, nonce }),
    [theme, density, dir, locale, labels, nonce],
  );
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.dataset.theme = theme;
    root.dataset.density = density;
    root.dir = dir;
    root.lang = locale;
  }, [theme, density, dir, locale]);
  return (
    <UiContext value={ui}>
      {children}
      <TipHost />
      <ToastHost />
    </UiContext>
  );
}
