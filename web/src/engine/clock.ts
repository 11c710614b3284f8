// The present, as the person's own clock and zone have it, and who they are.

import { type Context, contextAt, fromJson, Instant, types } from "@megalith/meta";
import { present } from "../app/present";
import { settings } from "../app/settings";

export function now(): Context {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  return contextAt(Instant.parse(present().toISOString()) as Instant, zone);
}

/** The same with `user.id`, which conditions may ask for. */
export function context(): Context {
  const { now: at, zone } = now();
  const user = settings.get().owner.split("/")[1] ?? null;
  return contextAt(at, zone, [fromJson(user, types.idOf("users.user", "usr"), () => null)]);
}
