// Names of what lies in the query cache: everything of an entity begins with its path.

import type { QueryKey } from "@tanstack/react-query";
import type { ListQuery, ViewQuery } from "./records";

export const keys = {
  of: (path: string): QueryKey => ["records", path],
  lists: (path: string): QueryKey => ["records", path, "list"],
  list: (path: string, query: ListQuery): QueryKey => ["records", path, "list", query],
  record: (path: string, id: string, query: ViewQuery): QueryKey => [
    "records",
    path,
    "record",
    id,
    query,
  ],
  groups: (path: string, query: object): QueryKey => ["records", path, "groups", query],
};
