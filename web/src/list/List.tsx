// The list of any entity, by the public API alone.

import { useSuspenseQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { catalogQuery, type Entity, type Schema } from "../app/catalog";
import { NotFound } from "../app/NotFound";
import { Records } from "./Records";
import { useAddress } from "./state";
import { useOpening } from "./views/useOpening";

export default function List(): ReactNode {
  const { service, plural } = useAddress();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const entity = schema.at(service, plural);
  return entity ? <Opened key={entity.name} entity={entity} schema={schema} /> : <NotFound />;
}

function Opened(props: { entity: Entity; schema: Schema }): ReactNode {
  return useOpening(props.entity) ? <Records {...props} /> : null;
}
