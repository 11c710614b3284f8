// The button of a list that makes a new record, where that is allowed.

import { may } from "@megalith/meta";
import { Button } from "@megalith/ui";
import { useRouter } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import type { ReactNode } from "react";
import { type Entity, listPath } from "../app/catalog";
import { t } from "../app/words";

export function NewButton({ entity }: { entity: Entity }): ReactNode {
  const router = useRouter();
  if (!may(entity, "create").allowed) return null;
  return (
    <Button
      look="main"
      icon={<Plus />}
      onClick={() => router.history.push(`${listPath(entity)}/new`)}
    >
      {t("create")}
    </Button>
  );
}
