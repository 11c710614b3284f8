// The ways to show the records of a view. A layout is a component of `LayoutProps`; one that is not
// there yet is shown as a table. All of them are asked with the same filter and words.

import type { ViewKind, ViewState } from "@megalith/meta";
import type { ComponentType } from "react";
import type { Entity, Schema } from "../../app/catalog";
import type { Asked } from "../asked";
import type { ChangeView } from "../state";
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

/** Further layouts are files of their own that load when they are first shown. */
const LAYOUTS: Partial<Record<ViewKind, ComponentType<LayoutProps>>> = { list: Table };

export const layoutOf = (kind: ViewKind): ComponentType<LayoutProps> => LAYOUTS[kind] ?? Table;

/** The layouts that there are, for the menu that chooses one. */
export const layoutKinds = (): ViewKind[] => Object.keys(LAYOUTS) as ViewKind[];
