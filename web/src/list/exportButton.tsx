// The list as a file, also where nothing is chosen.

import { IconButton } from "@megalith/ui";
import { NOTHING } from "@megalith/ui/grid";
import { Download } from "lucide-react";
import { lazy, type ReactNode, Suspense, useState } from "react";
import type { Entity } from "../app/catalog";
import type { Asked } from "./asked";
import { useListColumns } from "./columns";
import { tg } from "./editWords";

const ExportDialog = lazy(() => import("./exportDialog"));

export function ExportButton({
  entity,
  asked,
  total,
}: {
  entity: Entity;
  asked: Asked;
  total: number | undefined;
}): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { shown } = useListColumns(entity);
  return (
    <>
      <IconButton label={tg("bulk.export")} onClick={() => setOpen(true)}>
        <Download />
      </IconButton>
      {isOpen && (
        <Suspense>
          <ExportDialog
            {...{ entity, asked, total }}
            selected={NOTHING}
            fields={shown}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </>
  );
}
