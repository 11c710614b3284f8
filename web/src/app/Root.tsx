// Who is there decides what is shown: what a link opens, the sign-in, or the shell.

import { Button, ErrorState, Skeleton } from "@megalith/ui";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { type ReactNode, Suspense, useEffect, useState } from "react";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";
import { problemOf } from "./server";
import { meQuery } from "./who";
import { t } from "./words";

export function Root(): ReactNode {
  const { pathname } = useLocation();
  return pathname === "/setup" || pathname === "/enter" ? (
    <Suspense>
      <Outlet />
    </Suspense>
  ) : (
    <SignedIn />
  );
}

function SignedIn(): ReactNode {
  const me = useQuery(meQuery);
  const client = useQueryClient();
  // In another tab somebody else has signed in, or gone to another organisation: what is shown here
  // is not theirs. A form with entries asks before it is left.
  const whose = me.data && `${me.data.user.id} ${me.data.org?.id}`;
  const [first, setFirst] = useState(whose);
  if (first === undefined && whose !== undefined) setFirst(whose);
  useEffect(() => {
    if (first !== undefined && whose !== undefined && whose !== first) location.assign("/");
  }, [first, whose]);
  useEffect(() => {
    if (me.isError) document.title = `${t("signIn")} · ${t("app")}`;
  }, [me.isError]);
  if (me.data) {
    return (
      <Suspense fallback={<Waiting />}>
        <Shell me={me.data} />
      </Suspense>
    );
  }
  if (me.isPending) return <Waiting />;
  const problem = problemOf(me.error);
  if (problem.status === 401) {
    return <SignIn onDone={() => void client.invalidateQueries()} />;
  }
  return (
    <main>
      <ErrorState
        problem={problem}
        actions={
          <Button look="main" busy={me.isFetching} onClick={() => me.refetch()}>
            {t("retry")}
          </Button>
        }
      />
    </main>
  );
}

function Waiting(): ReactNode {
  return (
    <main style={{ padding: 24, maxWidth: 480 }}>
      <Skeleton lines={3} height={14} />
    </main>
  );
}
