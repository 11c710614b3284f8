// The API as one value: typed paths for screens of one entity, records of any entity, the session.

import createFetchClient, { type Client } from "openapi-fetch";
import { Records } from "./records";
import type { paths } from "./schema";
import { browserOutside, type Outside, Sender } from "./send";
import { Session } from "./session";

export interface Api {
  /** Typed by the API's description: `api.typed.GET("/api/v1/operations/customers", …)`. */
  readonly typed: Client<paths>;
  readonly records: Records;
  readonly session: Session;
}

/** What a client needs to know; a browser's own origin and means where nothing is said. */
export interface ApiOptions {
  readonly origin?: string;
  readonly outside?: Partial<Outside>;
  /** See `Outside`; nobody signs in again where nothing is given. */
  readonly signedOut?: Outside["signedOut"];
}

export function createApi(options: ApiOptions = {}): Api {
  const origin = options.origin ?? globalThis.location.origin;
  const outside = {
    ...browserOutside(options.signedOut ?? (async () => false)),
    ...options.outside,
  };
  const sender = new Sender(outside, origin);
  const typed = createFetchClient<paths>({ baseUrl: origin, fetch: sender.send });
  const records = new Records(sender, origin);
  return { typed, records, session: new Session(records) };
}
