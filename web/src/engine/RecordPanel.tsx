// A record beside its list.

import { type ReactNode, useState } from "react";
import type { Entity } from "../app/catalog";
import type { Shown } from "./history";
import { RecordView } from "./Record";

export default function RecordPanel(props: {
  entity: Entity;
  id: string;
  onGo: (id: string | null) => void;
}): ReactNode {
  const [shown, setShown] = useState<Shown>("all");
  return <RecordView key={props.id} at="panel" {...props} shown={shown} onShow={setShown} />;
}
