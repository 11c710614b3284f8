// The record that is open beside its list.

import type { ViewState } from "@megalith/meta";
import { IconButton, later, SidePanel } from "@megalith/ui";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Maximize2 } from "lucide-react";
import type { ReactNode } from "react";
import { type Entity, listPath } from "../app/catalog";
import { titleText } from "../app/reader";
import { t } from "../app/words";
import { knownRow } from "./rows";
import type { ChangeView } from "./state";

const RecordPanel = later(() => import("../engine/RecordPanel"));

export function Side({
  entity,
  view,
  change,
}: {
  entity: Entity;
  view: ViewState;
  change: ChangeView;
}): ReactNode {
  const router = useRouter();
  const client = useQueryClient();
  const { open } = view;
  const row = open === null ? undefined : knownRow(client, entity, open);
  return (
    <SidePanel
      open={open !== null}
      title={row ? titleText(entity, row) : entity.label}
      actions={
        <IconButton
          label={t("openPage")}
          onClick={() => router.history.push(`${listPath(entity)}/${open}`)}
        >
          <Maximize2 />
        </IconButton>
      }
      onClose={() => change({ open: null })}
    >
      {open && <RecordPanel entity={entity} id={open} onGo={(id) => change({ open: id })} />}
    </SidePanel>
  );
}
