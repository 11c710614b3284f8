// What every part of Material UI stands in: our theme, a cache of styles with the page's nonce,
// mirrored where text runs from right to left. It is loaded with the first overlay.

import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import GlobalStyles from "@mui/material/GlobalStyles";
import { ThemeProvider } from "@mui/material/styles";
import rtlPlugin from "@mui/stylis-plugin-rtl";
import { type ReactNode, useMemo } from "react";
import { prefixer } from "stylis";
import { useUi } from "../UiProvider";
import { muiTheme } from "./theme";

type Cache = ReturnType<typeof createCache>;
const caches = new Map<string, Cache>();

function cacheOf(dir: "ltr" | "rtl", nonce: string | undefined): Cache {
  let cache = caches.get(dir);
  if (!cache) {
    const mirrored = dir === "rtl";
    cache = createCache({
      key: mirrored ? "mgr" : "mg",
      ...(nonce ? { nonce } : {}),
      ...(mirrored ? { stylisPlugins: [prefixer, rtlPlugin] } : {}),
    });
    caches.set(dir, cache);
  }
  return cache;
}

// The page's theme is set on the root by the provider of the library; here only the styles of
// all schemes are written, once.
const { colorSchemes: _schemes, ...still } = muiTheme as typeof muiTheme & {
  colorSchemes: unknown;
};
const sheets = (muiTheme as unknown as { generateStyleSheets(): object[] }).generateStyleSheets();

export function Kit({ children }: { children: ReactNode }): ReactNode {
  const { dir, nonce } = useUi();
  const theme = useMemo(() => ({ ...still, direction: dir }), [dir]);
  return (
    <CacheProvider value={cacheOf(dir, nonce)}>
      <GlobalStyles styles={sheets as never} />
      <ThemeProvider theme={theme as typeof muiTheme}>{children}</ThemeProvider>
    </CacheProvider>
  );
}
