// The shell around every page: sidebar by rights, header, palette, keys, and what is said when the
// server is away or the session has ended.

import { openPart } from "@megalith/i18n";
import {
  AppShell,
  Avatar,
  Breadcrumb,
  classes,
  Dialog,
  Hidden,
  IconButton,
  later,
  Menu,
  type MenuEntry,
  NavItem,
  NavSection,
  preloadOverlays,
  toast,
} from "@megalith/ui";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Outlet, useLocation, useRouter } from "@tanstack/react-router";
import {
  ChevronsUpDown,
  CircleHelp,
  CircleUser,
  House,
  LayoutList,
  Menu as MenuIcon,
  PanelLeft,
  Search,
  Settings2,
  ShieldCheck,
  Star,
  TriangleAlert,
} from "lucide-react";
import {
  type ReactNode,
  useCallback,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { createShortcuts } from "../engine/create";
import { catalogQuery, isAdministrative, isAdminPath, listPath, sections } from "./catalog";
import { type Here, HereContext, useCompanies } from "./context";
import { iconOf } from "./icons";
import { keep, Mine, prefer, resync, toggleFavourite } from "./mine";
import styles from "./Page.module.css";
import { inShort } from "./refusals";
import { SignInForm } from "./SignIn";
import { api, lineStore, signInStore } from "./server";
import { isFavourite, settings, useSettings } from "./settings";
import { isTyping, Keys, keysFor, type Shortcut } from "./shortcuts";
import { type Me, signOut, switchOrg } from "./who";
import { t } from "./words";

const Palette = later(() => import("./Palette"));
const Preferences = later(() => import("./Preferences"));
const Help = later(() => import("./Help"));
const AdminNav = later(async () => {
  const [nav] = await Promise.all([import("../admin/AdminNav"), openPart("admin")]);
  return nav;
});

/** What the first page itself needs goes before what is fetched ahead. */
const AHEAD_MS = 1_000;
const nowhere: Here = { items: [], place: null };

export function Shell({ me }: { me: Me }): ReactNode {
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const router = useRouter();
  const client = useQueryClient();
  const { pathname } = useLocation();
  const wishes = useSettings();
  const [here, setHere] = useState<Here>(nowhere);
  const [open, setOpen] = useState(false);
  const [over, setOver] = useState<"" | "palette" | "help" | "settings">("");
  const line = useSyncExternalStore(lineStore.subscribe, lineStore.get);
  const mustSignIn = useSyncExternalStore(signInStore.subscribe, signInStore.get);
  const org = me.org;
  const parts = useMemo(() => sections(schema), [schema]);
  const { favourites } = wishes;
  // Administration has a sidebar of its own; work does not carry its lists.
  const isAdmin = isAdminPath(pathname);
  const workParts = isAdmin ? [] : parts.filter((part) => !isAdministrative(part.name));
  // On a phone the bar leads to where most of the work is.
  const busiest = parts.reduce<(typeof parts)[number] | undefined>(
    (most, part) => (part.entities.length > (most?.entities.length ?? 0) ? part : most),
    undefined,
  );
  const first = busiest?.entities.find((entity) => entity.states) ?? busiest?.entities[0];
  const isStarred = here.place !== null && isFavourite(wishes, here.place.path);

  useKept(me, line !== "away");
  const go = useCallback((to: string) => router.history.push(to), [router]);
  const star = useCallback(() => {
    if (!here.place) return;
    const { place } = here;
    const added = toggleFavourite(place);
    toast({
      text: t(added ? "favouriteAdded" : "favouriteRemoved", { name: place.label }),
      undo: () => toggleFavourite(place),
    });
  }, [here]);

  const goKeys = useMemo(() => {
    const names = parts.flatMap((part) => part.entities.map((entity) => entity.label_plural));
    return keysFor(names, ["h"]);
  }, [parts]);

  const shortcuts = useMemo<Shortcut[]>(() => {
    const any = t("anywhere");
    return [
      { keys: "mod+k", label: t("openPalette"), group: any, run: () => setOver("palette") },
      { keys: "?", label: t("openHelp"), group: any, run: () => setOver("help") },
      {
        keys: "/",
        label: t("filterList"),
        group: any,
        run: () => document.dispatchEvent(new CustomEvent("megalith:filter")),
      },
      {
        keys: "f",
        label: t("filterByField"),
        group: any,
        run: () => document.dispatchEvent(new CustomEvent("megalith:add-filter")),
      },
      {
        keys: "[",
        label: t("toggleSidebar"),
        group: any,
        run: () => prefer({ collapsed: !settings.get().collapsed }),
      },
      ...createShortcuts(parts, goKeys, go),
      { keys: "g h", label: t("home"), group: t("goTo"), run: () => go("/") },
      ...parts.flatMap((part) =>
        part.entities.flatMap((entity) => {
          const key = goKeys.get(entity.label_plural);
          return key
            ? [
                {
                  keys: `g ${key}`,
                  label: entity.label_plural,
                  group: t("goTo"),
                  run: () => go(listPath(entity)),
                },
              ]
            : [];
        }),
      ),
    ];
  }, [parts, goKeys, go]);

  useEffect(() => {
    const keys = new Keys();
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const single = wishes.shortcuts && !isTyping(event.target);
      const found = keys.press(event, shortcuts, event.timeStamp, single);
      if (!found) return;
      if (found === "wait") return;
      event.preventDefault();
      found.run();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [shortcuts, wishes.shortcuts]);

  // Links are plain; the router takes those that stay here.
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      if (event.defaultPrevented || event.button !== 0) return;
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = (event.target as Element).closest("a");
      if (!link || link.target || link.origin !== location.origin) return;
      if (link.hash && link.pathname === location.pathname) return;
      if (link.pathname.startsWith("/api/")) return;
      event.preventDefault();
      setOpen(false);
      go(link.pathname + link.search + link.hash);
    };
    document.addEventListener("click", follow);
    return () => document.removeEventListener("click", follow);
  }, [go]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page is announced by its focus
  useEffect(() => {
    document.getElementById("main")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [pathname]);
  useEffect(() => {
    const idle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 500));
    const ahead = () => {
      preloadOverlays();
      void Palette.preload();
      import("../list/List").catch(() => {});
    };
    const timer = setTimeout(() => idle(ahead), AHEAD_MS);
    return () => clearTimeout(timer);
  }, []);

  const fold = (name: string) =>
    prefer({
      folded: wishes.folded.includes(name)
        ? wishes.folded.filter((one) => one !== name)
        : [...wishes.folded, name],
    });

  const companies = useCompanies();
  // A company that is gone, or not seen any more, limits nothing.
  const chosen = companies.some(({ id }) => id === wishes.company) ? wishes.company : "";
  const choose = (company: string) => prefer({ company });
  // A person with one company never sees the word.
  const companyItems: MenuEntry[] =
    companies.length < 2
      ? []
      : [
          { heading: t("companies") },
          {
            id: "all",
            label: t("allCompanies"),
            checked: chosen === "",
            onSelect: () => choose(""),
          },
          ...companies.map(({ id, name }) => ({
            id,
            label: name,
            checked: id === chosen,
            onSelect: () => choose(id),
          })),
          "line",
        ];
  const orgItems: MenuEntry[] = [
    { heading: t("organisations") },
    ...me.orgs.map((one) => ({
      id: one.id,
      label: one.name,
      checked: one.id === org?.id,
      onSelect: () => {
        if (one.id !== org?.id) void switchOrg(one);
      },
    })),
    "line",
    ...companyItems,
    { heading: me.user.name },
    { id: "account", label: t("account"), icon: <CircleUser />, onSelect: () => go("/account") },
    {
      id: "settings",
      label: t("settings"),
      icon: <Settings2 />,
      onSelect: () => setOver("settings"),
    },
    { id: "out", label: t("signOut"), onSelect: () => void signOut() },
  ];

  return (
    <HereContext value={setHere}>
      <AppShell
        collapsed={wishes.collapsed}
        open={open}
        onOpen={setOpen}
        brand={
          <Menu
            label={t("organisations")}
            items={orgItems}
            trigger={(props) => (
              <button
                type="button"
                className={classes(styles.org, wishes.collapsed && !open && styles.orgBare)}
                {...props}
              >
                <Avatar name={org?.name ?? "?"} square size={24} />
                <Hidden>{t("organisation")}: </Hidden>
                {wishes.collapsed && !open && <Hidden>{org?.name}</Hidden>}
                {(!wishes.collapsed || open) && (
                  <>
                    <bdi>{org?.name}</bdi>
                    <ChevronsUpDown aria-hidden="true" />
                  </>
                )}
              </button>
            )}
          />
        }
        sidebar={
          <>
            <NavSection>
              <NavItem
                label={t("search")}
                icon={<Search />}
                keys="mod+k"
                onSelect={() => setOver("palette")}
              />
              {!isAdmin && (
                <NavItem
                  href="/"
                  label={t("home")}
                  icon={<House />}
                  keys="g h"
                  current={pathname === "/"}
                />
              )}
            </NavSection>
            {!isAdmin && favourites.length > 0 && (
              <NavSection
                title={t("favourites")}
                open={!wishes.folded.includes("favourites")}
                onToggle={() => fold("favourites")}
              >
                {favourites.map((place) => (
                  <NavItem key={place.path} href={place.path} label={place.label} icon={<Star />} />
                ))}
              </NavSection>
            )}
            {isAdmin && (
              <AdminNav
                schema={schema}
                pathname={pathname}
                isAdministrator={me.roles.includes("administrator")}
              />
            )}
            {workParts.map((part) => (
              <NavSection
                key={part.name}
                title={part.label}
                open={!wishes.folded.includes(part.name)}
                onToggle={() => fold(part.name)}
              >
                {part.entities.map((entity) => {
                  const key = goKeys.get(entity.label_plural);
                  const Icon = iconOf(entity);
                  return (
                    <NavItem
                      key={entity.name}
                      href={listPath(entity)}
                      label={entity.label_plural}
                      icon={<Icon />}
                      keys={key ? `g ${key}` : undefined}
                      current={
                        pathname === listPath(entity) || pathname.startsWith(`${listPath(entity)}/`)
                      }
                    />
                  );
                })}
              </NavSection>
            ))}
            {!isAdmin && workParts.length < parts.length && (
              <NavSection>
                <NavItem href="/admin" label={t("administration")} icon={<ShieldCheck />} />
              </NavSection>
            )}
          </>
        }
        foot={
          <div className={wishes.collapsed && !open ? styles.footStack : styles.foot}>
            <IconButton
              label={t("toggleSidebar")}
              keys="["
              onClick={() => prefer({ collapsed: !wishes.collapsed })}
            >
              <PanelLeft />
            </IconButton>
            <IconButton label={t("shortcuts")} keys="?" onClick={() => setOver("help")}>
              <CircleHelp />
            </IconButton>
            <IconButton label={t("settings")} onClick={() => setOver("settings")}>
              <Settings2 />
            </IconButton>
          </div>
        }
        crumbs={<Breadcrumb items={here.items} />}
        actions={
          here.place && (
            <IconButton
              label={t(isStarred ? "removeFavourite" : "addFavourite")}
              aria-pressed={isStarred}
              onClick={star}
            >
              <Star fill={isStarred ? "currentColor" : "none"} />
            </IconButton>
          )
        }
        waiting={line === "waiting" ? t("ui.loading") : line === "slow" ? t("slow") : ""}
        banner={
          line === "away" && (
            <div className={styles.banner} role="status">
              <TriangleAlert aria-hidden="true" />
              {t(line)}
            </div>
          )
        }
        bottom={[
          { id: "home", label: t("home"), icon: <House />, href: "/", current: pathname === "/" },
          {
            id: "search",
            label: t("search"),
            icon: <Search />,
            onSelect: () => setOver("palette"),
          },
          ...(busiest && first
            ? [
                {
                  id: "first",
                  label: busiest.label,
                  icon: <LayoutList />,
                  href: listPath(first),
                  current: pathname.startsWith(`/${busiest.name}/`),
                },
              ]
            : []),
          { id: "menu", label: t("menu"), icon: <MenuIcon />, onSelect: () => setOpen(true) },
        ]}
      >
        <Outlet />
      </AppShell>

      {over === "palette" && (
        <Palette
          parts={parts}
          goKeys={goKeys}
          here={here}
          org={org?.id ?? ""}
          onGo={go}
          onStar={star}
          onOver={setOver}
          onClose={() => setOver("")}
        />
      )}
      {over === "help" && <Help shortcuts={shortcuts} onClose={() => setOver("")} />}
      {over === "settings" && <Preferences onClose={() => setOver("")} />}

      <Dialog open={mustSignIn} title={t("signInAgain")} text={t("signInAgainText")} width={400}>
        <SignInForm
          email={me.user.email}
          {...(org ? { org: org.slug } : {})}
          onDone={() => {
            signInStore.done();
            void client.invalidateQueries();
          }}
        />
      </Dialog>
    </HereContext>
  );
}

/** Keeps preferences and favourites the same here and at the server while the shell is there. */
function useKept(me: Me, isThere: boolean): void {
  const { id: user } = me.user;
  const org = me.org?.id ?? "";
  useEffect(() => {
    const mine = new Mine(api.records, { org, user }, (problem) =>
      toast({ text: inShort(problem), tone: "bad" }),
    );
    keep(mine);
    // What another browser changed shows when one comes back to this one.
    const back = () => {
      if (document.visibilityState === "visible") void mine.sync();
    };
    document.addEventListener("visibilitychange", back);
    return () => {
      document.removeEventListener("visibilitychange", back);
      keep(null);
    };
  }, [org, user]);
  useEffect(() => {
    if (isThere) resync();
  }, [isThere]);
}
