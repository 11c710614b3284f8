// The addresses of the app. Each page is a file of its own that loads when it is first needed.

import { openPart, type Part } from "@megalith/i18n";
import { knownParams, type ViewParams } from "@megalith/meta";
import { Button, ErrorState, later, Skeleton } from "@megalith/ui";
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
} from "@tanstack/react-router";
import type { ReactNode } from "react";
import { choiceOf } from "../features/home/choice";
import { NotFound } from "./NotFound";
import { Root } from "./Root";
import { problemOf } from "./server";
import { t } from "./words";

/** What went wrong on a page, and the ways out; the shell around it stays. */
function PageFault({ error, reset }: ErrorComponentProps): ReactNode {
  return (
    <ErrorState
      problem={problemOf(error)}
      actions={
        <>
          <Button look="main" onClick={reset}>
            {t("retry")}
          </Button>
          <Button onClick={() => location.assign("/")}>{t("goHome")}</Button>
        </>
      }
    />
  );
}

type Page = { default: () => ReactNode };

/** A page, fetched with the words that it says. */
const page = (load: () => Promise<Page>, part?: Part) =>
  later(
    async () => {
      const [loaded] = await Promise.all([load(), part && openPart(part)]);
      return loaded;
    },
    <Skeleton lines={6} height={16} />,
  );

const text = (value: unknown) => (typeof value === "string" && value ? value : undefined);
const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

/** Parameters are texts, as they stand in the address: `q=007` asks for 007. */
const parseSearch = (text: string): Record<string, string> =>
  Object.fromEntries(new URLSearchParams(text));
const stringifySearch = (search: Record<string, unknown>): string => {
  const given = Object.entries(search).filter(([, value]) => typeof value === "string");
  const text = new URLSearchParams(given as [string, string][]).toString();
  return text === "" ? "" : `?${text}`;
};

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: choiceOf,
  component: page(() => import("../features/home/Home"), "home"),
});
const setUp = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  component: page(() => import("./SetUp")),
});
const enter = createRoute({
  getParentRoute: () => root,
  path: "/enter",
  component: page(() => import("./Enter")),
});
const adminPage = <Path extends string>(path: Path, load: () => Promise<Page>) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: page(load, "admin"),
  });
const admin = [
  adminPage("/admin", () => import("../admin/Overview")),
  adminPage("/admin/people", () => import("../admin/People")),
  adminPage("/admin/people/$user", () => import("../admin/Person")),
  adminPage("/admin/roles", () => import("../admin/Roles")),
  adminPage("/admin/roles/$role", () => import("../admin/Role")),
  adminPage("/admin/keys", () => import("../admin/Keys")),
  adminPage("/admin/sessions", () => import("../admin/Sessions")),
  adminPage("/admin/changes", () => import("../admin/Changes")),
  adminPage("/admin/work", () => import("../admin/Work")),
  adminPage("/admin/log", () => import("../admin/Log")),
  adminPage("/admin/health", () => import("../admin/Health")),
] as const;
const account = adminPage("/account", () => import("../admin/Account"));
const importPage = createRoute({
  getParentRoute: () => root,
  path: "/import",
  validateSearch: (
    search: Record<string, unknown>,
  ): Partial<Record<"entity" | "import" | "table" | "step" | "fields" | "key", string>> => {
    const names = ["entity", "import", "table", "step", "fields", "key"] as const;
    return Object.fromEntries(
      names.flatMap((name) => {
        const value = text(search[name]);
        return value ? [[name, value]] : [];
      }),
    );
  },
  component: page(() => import("../features/import/Import"), "import"),
});
const list = createRoute({
  getParentRoute: () => root,
  path: "/$service/$plural",
  validateSearch: (search: Record<string, unknown>): ViewParams => knownParams(search),
  component: page(() => import("../list/List"), "grid"),
});
const create = createRoute({
  getParentRoute: () => root,
  path: "/$service/$plural/new",
  component: page(() => import("../engine/New")),
});
const record = createRoute({
  getParentRoute: () => root,
  path: "/$service/$plural/$id",
  validateSearch: (search: Record<string, unknown>) => ({
    ...(text(search.known_at) ? { known_at: text(search.known_at) } : {}),
    ...(text(search.history) ? { history: text(search.history) } : {}),
  }),
  component: page(() => import("../engine/Record")),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    setUp,
    enter,
    ...admin,
    account,
    importPage,
    list,
    create,
    record,
  ]),
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultErrorComponent: PageFault,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: false,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
