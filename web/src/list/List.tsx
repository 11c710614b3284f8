// The list of any entity, by the public API alone.

import { useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { catalogQuery } from "../app/catalog";
import { NotFound } from "../app/NotFound";
import { Records } from "./Records";
import { useAddress } from "./state";

export default function List(): ReactNode {
  const { service, plural } = useAddress();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const entity = schema.at(service, plural);
  return entity ? <Records key={entity.name} entity={entity} schema={schema} /> : <NotFound />;
}
