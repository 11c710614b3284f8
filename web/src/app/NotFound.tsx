// Where nothing is.

import { Button, EmptyState, Mark } from "@megalith/ui";
import type { ReactNode } from "react";
import { t } from "./words";

export function NotFound(): ReactNode {
  return (
    <EmptyState
      heading="h1"
      title={t("notFound")}
      art={<Mark size={56} fallen />}
      actions={
        <>
          <Button look="main" onClick={() => history.back()}>
            {t("back")}
          </Button>
          <Button
            onClick={() => {
              location.assign("/");
            }}
          >
            {t("goHome")}
          </Button>
        </>
      }
    >
      {t("notFoundText")}
    </EmptyState>
  );
}
