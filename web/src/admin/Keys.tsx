// Keys of programs in the organisation, and making one.

import { Button } from "@megalith/ui";
import { Plus } from "lucide-react";
import { type ReactNode, useState } from "react";
import { KeyTable } from "./KeyTable";
import { AdminPage } from "./kit";
import { MakeKey } from "./MakeKey";
import { ta } from "./words";

export default function Keys(): ReactNode {
  const [making, setMaking] = useState(false);
  return (
    <AdminPage
      title={ta("keys")}
      intro={ta("keysIntro")}
      actions={
        <Button look="main" icon={<Plus />} onClick={() => setMaking(true)}>
          {ta("makeKey")}
        </Button>
      }
    >
      <KeyTable />
      {making && <MakeKey onClose={() => setMaking(false)} />}
    </AdminPage>
  );
}
