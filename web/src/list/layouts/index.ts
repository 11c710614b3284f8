// The ways to show the records of a view. A layout is a component of `LayoutProps`; one that an
// entity does not have is shown as a table. All of them are asked with the same filter and words.

import type { ViewKind, ViewState } from "@megalith/meta";
import { later } from "@megalith/ui";
import type { ComponentType } from "react";
import type { Entity, Schema } from "../../app/catalog";
import type { Asked } from "../asked";
import type { ChangeView } from "../state";
import { kindOf } from "./kinds";
import { Table } from "./Table";

export interface LayoutProps {
  entity: Entity;
  schema: Schema;
  view: ViewState;
  change: ChangeView;
  /** The records to show: filter and words, the company of the person included. */
  asked: Asked;
  /** How many there are; undefined until that is known. */
  total: number | undefined;
  /** Opens a record beside the list. */
  onOpen: (id: string) => void;
}

/** All but the table are files of their own that load when they are first shown. */
const LAYOUTS: Record<ViewKind, ComponentType<LayoutProps>> = {
  list: Table,
  board: later(() => import("./board/Board")),
  calendar: later(() => import("./calendar/Calendar")),
  tree: later(() => import("./tree/Tree")),
  chart: later(() => import("./tree/Chart")),
};

export const layoutOf = (entity: Entity, view: ViewState): ComponentType<LayoutProps> =>
  LAYOUTS[kindOf(entity, view)];
