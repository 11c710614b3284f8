// Writes packages/tokens/src/tokens.css from the tokens.
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createServer } from "vite";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const vite = await createServer({
  configFile: at("../vite.config.ts"),
  server: { middlewareMode: true, hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true },
  appType: "custom",
});
const { tokensCss } = await vite.ssrLoadModule("@megalith/tokens");
writeFileSync(at("../../packages/tokens/src/tokens.css"), tokensCss());
await vite.close();
