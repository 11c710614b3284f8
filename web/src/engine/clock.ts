// The present, as the person's own clock and zone have it.

import { type Context, contextAt, Instant } from "@megalith/meta";

export function now(): Context {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  return contextAt(Instant.parse(new Date().toISOString()) as Instant, zone);
}
