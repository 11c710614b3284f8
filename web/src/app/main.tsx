// The dashboard: providers, then the router.

import "@megalith/tokens/sheet";
import "@fontsource-variable/inter";
import type { ThemeName } from "@megalith/tokens";
import { pageNonce, UiProvider } from "@megalith/ui";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type ReactNode, StrictMode, useSyncExternalStore } from "react";
import { createRoot } from "react-dom/client";
import { Boundary } from "./Boundary";
import { ProblemError } from "./http";
import { router } from "./router";
import { useSettings } from "./settings";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal stays one; only silence and overload are worth another try.
      retry: (count, error) =>
        count < 2 &&
        error instanceof ProblemError &&
        [undefined, 502, 503, 504].includes(error.problem.status),
      refetchOnWindowFocus: true,
      throwOnError: false,
    },
  },
});

const nonce = pageNonce();
const dark = matchMedia("(prefers-color-scheme: dark)");
const contrast = matchMedia("(prefers-contrast: more)");
const watch = (run: () => void) => {
  for (const query of [dark, contrast]) query.addEventListener("change", run);
  return () => {
    for (const query of [dark, contrast]) query.removeEventListener("change", run);
  };
};
const deviceTheme = (): ThemeName =>
  contrast.matches ? "contrast" : dark.matches ? "dark" : "light";

function App(): ReactNode {
  const { theme, density, locale } = useSettings();
  const device = useSyncExternalStore(watch, deviceTheme);
  const language = locale || navigator.language || "en";
  const rtl = /^(ar|fa|he|ur)\b/.test(language);
  return (
    <UiProvider
      theme={theme === "system" ? device : theme}
      density={density}
      locale={language}
      dir={rtl ? "rtl" : "ltr"}
      nonce={nonce}
    >
      <Boundary>
        <RouterProvider router={router} />
      </Boundary>
    </UiProvider>
  );
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={client}>
        <App />
      </QueryClientProvider>
    </StrictMode>,
  );
}
