// Where the ids of all that match come from.

import type { Entity } from "../app/catalog";
import { records } from "../engine/server";
import type { Source } from "./bulk";

export const sourceOf = (entity: Entity): Source => ({
  list: (query, token, signal) => records.list(entity.path ?? "", query, token, signal),
});
