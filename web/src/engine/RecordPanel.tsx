// A record beside its list.

import type { ReactNode } from "react";
import type { Entity } from "../app/catalog";
import { RecordView } from "./Record";

export default function RecordPanel(props: {
  entity: Entity;
  id: string;
  onGo: (id: string | null) => void;
}): ReactNode {
  return <RecordView key={props.id} at="panel" {...props} />;
}
