// The list as a file, also where nothing is chosen.

import { IconButton, later } from "@megalith/ui";
import { NOTHING } from "@megalith/ui/grid";
import { Download } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { Entity } from "../app/catalog";
import { useDeeds } from "../app/deeds";
import type { Asked } from "./asked";
import { useListColumns } from "./columns";
import { tg } from "./editWords";

const ExportDialog = later(() => import("./exportDialog"));

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
  const open = () => setOpen(true);
  useDeeds(entity.label_plural, [
    { id: "export", label: tg("bulk.export"), icon: <Download />, run: open },
  ]);
  return (
    <>
      <IconButton label={tg("bulk.export")} onClick={open}>
        <Download />
      </IconButton>
      {isOpen && (
        <ExportDialog
          {...{ entity, asked, total }}
          selected={NOTHING}
          fields={shown}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
