// The last one to hear of a fault in the app itself: it says so and shows the way out.

import { Button, EmptyState, Mark } from "@megalith/ui";
import { Component, type ReactNode } from "react";
import { t } from "./words";

export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <main>
        <EmptyState
          title={t("faultTitle")}
          art={<Mark size={56} fallen />}
          actions={
            <>
              <Button look="main" onClick={() => location.reload()}>
                {t("reload")}
              </Button>
              <Button onClick={() => location.assign("/")}>{t("goHome")}</Button>
            </>
          }
        />
      </main>
    );
  }
}
