// The dashboard: providers, then the router.

import "@megalith/tokens/sheet";
import "@fontsource-variable/inter";
import { ApiProblem } from "@megalith/api";
import {
  chooseLanguage,
  chooseLocale,
  directionOf,
  type LanguageTag,
  libraryWords,
  speak,
} from "@megalith/i18n";
import type { ThemeName } from "@megalith/tokens";
import { type Labels, pageNonce, UiProvider } from "@megalith/ui";
import {
  MutationCache,
  QueryCache,
  QueryClient,
  QueryClientProvider,
  type QueryKey,
} from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import {
  type ReactNode,
  StrictMode,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { createRoot } from "react-dom/client";
import { Boundary } from "./Boundary";
import { begin } from "./begin";
import { catalogQuery } from "./catalog";
import { router } from "./router";
import { useSettings } from "./settings";

/** A refusal that was not expected: the rights have changed, so the schema has. */
const onError = (error: unknown, key?: QueryKey) => {
  const isRefusal = error instanceof ApiProblem && error.status === 403;
  if (isRefusal && key?.[0] !== catalogQuery.queryKey[0]) {
    void client.invalidateQueries({ queryKey: catalogQuery.queryKey });
  }
};
// Whether the server is there is found out by asking, not by what the browser believes.
const networkMode = "always";
const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError: (error, query) => onError(error, query.queryKey) }),
  mutationCache: new MutationCache({ onError: (error) => onError(error) }),
  defaultOptions: {
    // The sender has tried again already where that makes sense.
    queries: { retry: false, staleTime: 5_000, networkMode },
    mutations: { networkMode },
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
  const wanted = locale ? [locale] : navigator.languages;
  const language = chooseLanguage(wanted);
  const [spoken, setSpoken] = useState<LanguageTag | null>(language === "en" ? "en" : null);
  useEffect(() => {
    let stale = false;
    const done = () => {
      if (!stale) setSpoken(language);
    };
    // English stands where a language cannot be fetched.
    speak(language).then(done, done);
    return () => {
      stale = true;
    };
  }, [language]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the words are those of the language
  const labels = useMemo(() => libraryWords() as unknown as Labels, [spoken]);
  if (spoken === null) return null;
  return (
    <UiProvider
      key={spoken}
      theme={theme === "system" ? device : theme}
      density={density}
      locale={chooseLocale(spoken, locale ? [locale, ...navigator.languages] : navigator.languages)}
      dir={directionOf(spoken)}
      labels={labels}
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
  void begin(client).then(() =>
    createRoot(root).render(
      <StrictMode>
        <QueryClientProvider client={client}>
          <App />
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}
