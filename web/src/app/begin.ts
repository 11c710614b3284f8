// What the first page needs, fetched before anything is drawn. React would draw a placeholder for
// each part that is awaited, and holds a placeholder for 300 ms once it is there.

import type { QueryClient } from "@tanstack/react-query";
import { catalogQuery } from "./catalog";
import { router } from "./router";
import { meQuery } from "./who";

/** After this long placeholders are better than nothing. */
const PATIENCE_MS = 1_000;

/** Ends when who is there, what records there are and the page's script are known, or are late. */
export async function begin(client: QueryClient): Promise<void> {
  const known = client.fetchQuery(meQuery).then(() => client.fetchQuery(catalogQuery));
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  await Promise.race([Promise.allSettled([known, router.load()]), late]);
}
