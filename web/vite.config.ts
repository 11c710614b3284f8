import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const manifest = JSON.parse(readFileSync(here("./package.json"), "utf8")) as {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};

// The packages beside this folder are plain source without modules of their own: they are read
// where they stand, and what they import is looked up here.
const shared = Object.keys(manifest.dependencies).filter((name) => name.startsWith("@megalith/"));
const outside = [
  ...Object.keys(manifest.dependencies),
  ...Object.keys(manifest.devDependencies),
].filter((name) => !shared.includes(name));

const server = process.env.MEGALITH_SERVER ?? "http://127.0.0.1:8080";

/** What dialogs, menus and notices are made of. */
const KIT = /node_modules\/(@mui|@emotion|stylis)\/|\/ui\/src\/kit\//;

export default defineConfig({
  plugins: [react()],
  resolve: {
    alias: [
      { find: /^@megalith\/([a-z0-9]+)$/, replacement: here("../packages/$1/src/index.ts") },
      {
        find: /^@megalith\/([a-z0-9]+)\/(.+)$/,
        replacement: here("../packages/$1/src/$2/index.ts"),
      },
    ],
    dedupe: outside,
  },
  server: {
    fs: { allow: [here("..")] },
    proxy: {
      "/api": { target: server, changeOrigin: false },
      "/graphql": { target: server, changeOrigin: false },
      "/.well-known": { target: server, changeOrigin: false },
    },
  },
  // The server writes a new nonce into each page that it sends.
  html: { cspNonce: "{{nonce}}" },
  build: {
    outDir: here("./build/app"),
    emptyOutDir: true,
    target: ["chrome111", "firefox114", "safari16.4"],
    sourcemap: false,
    // One sheet: another request for each part of it would cost more than its few kilobytes.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Few files: each is a request before the first row is seen. What every page starts with is
        // one, and what several pages share another: parts of that would import each other in circles.
        codeSplitting: {
          groups: [
            { name: "base", tags: ["$initial"], priority: 2 },
            {
              name: "shared",
              test: (id: string) => !KIT.test(id),
              minShareCount: 2,
              priority: 1,
            },
            // Overlays come later than the page, and their kit with them.
            { name: "kit", test: KIT },
          ],
        },
      },
      input: { dashboard: here("./index.html"), admin: here("./admin/index.html") },
    },
  },
  test: {
    dir: here(".."),
    projects: [
      {
        extends: true,
        test: {
          name: "logic",
          environment: "node",
          include: ["packages/*/src/**/*.test.ts", "web/src/**/*.test.ts", "web/test/**/*.test.ts"],
          exclude: ["**/node_modules/**", "target/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "screen",
          environment: "happy-dom",
          setupFiles: [here("./test/screen.ts")],
          include: ["packages/*/src/**/*.test.tsx", "web/src/**/*.test.tsx"],
          exclude: ["**/node_modules/**", "target/**"],
        },
      },
    ],
  },
});
