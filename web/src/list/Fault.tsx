// Why a list cannot be shown, and the ways out.

import { Button, ErrorState, isPassing } from "@megalith/ui";
import type { ReactNode } from "react";
import { problemOf } from "../app/server";
import { t } from "../app/words";

interface FaultProps {
  error: Error;
  onRetry: () => void;
  /** Takes away what was asked for; none where nothing was. */
  onClear: (() => void) | undefined;
}

export function Fault({ error, onRetry, onClear }: FaultProps): ReactNode {
  const problem = problemOf(error);
  return (
    <ErrorState
      problem={problem}
      actions={
        <>
          {isPassing(problem) ? (
            <Button look="main" onClick={onRetry}>
              {t("retry")}
            </Button>
          ) : (
            <Button look="main" onClick={() => history.back()}>
              {t("back")}
            </Button>
          )}
          {onClear && <Button onClick={onClear}>{t("clearSearch")}</Button>}
        </>
      }
    />
  );
}
