// Where people are signed in to the organisation.

import type { ReactNode } from "react";
import { AdminPage } from "./kit";
import { SessionTable } from "./SessionTable";
import { ta } from "./words";

export default function Sessions(): ReactNode {
  return (
    <AdminPage title={ta("sessions")} intro={ta("sessionsIntro")}>
      <SessionTable />
    </AdminPage>
  );
}
