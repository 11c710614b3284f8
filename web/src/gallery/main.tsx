// The gallery: every component in every state, on one page. `?theme=dark&dir=rtl&density=compact`
// choose how; it is also what the tests of looks and of access read.

import "@megalith/tokens/sheet";
import "@fontsource-variable/inter";
import type { DensityName, ThemeName } from "@megalith/tokens";
import { UiProvider } from "@megalith/ui";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Gallery } from "./Gallery";
import { GridSection } from "./GridSection";
import { ShellSection } from "./ShellSection";

const asked = new URLSearchParams(location.search);
const pages = { parts: Gallery, grid: GridSection, shell: ShellSection };
const Page = pages[(asked.get("page") ?? "parts") as keyof typeof pages] ?? Gallery;

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <UiProvider
        theme={(asked.get("theme") ?? "light") as ThemeName}
        density={(asked.get("density") ?? "regular") as DensityName}
        dir={asked.get("dir") === "rtl" ? "rtl" : "ltr"}
        locale={asked.get("dir") === "rtl" ? "ar" : "en"}
      >
        <Page />
      </UiProvider>
    </StrictMode>,
  );
}
