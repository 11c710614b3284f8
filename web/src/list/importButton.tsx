// The way from a list to bringing more of its records in from a file.

import { Button, IconButton } from "@megalith/ui";
import { useNavigate } from "@tanstack/react-router";
import { Upload } from "lucide-react";
import type { ReactNode } from "react";
import type { Entity } from "../app/catalog";
import { t, within } from "../app/words";

export function ImportButton({
  entity,
  wide = false,
}: {
  entity: Entity;
  /** With words beside the sign. */
  wide?: boolean;
}): ReactNode {
  const navigate = useNavigate();
  if (!entity.importable) return null;
  const open = () => void navigate({ to: "/import", search: { entity: entity.name } });
  const label = t("importRecords", { name: within(entity.label_plural) });
  return wide ? (
    <Button icon={<Upload />} onClick={open}>
      {label}
    </Button>
  ) : (
    <IconButton label={label} onClick={open}>
      <Upload />
    </IconButton>
  );
}
