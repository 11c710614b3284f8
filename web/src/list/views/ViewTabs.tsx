// The tabs of a list: all records, and the saved views. Each is a link; what differs from the view
// that was saved is said, and can be kept or thrown away.

import type { ViewState } from "@megalith/meta";
import {
  Button,
  Checkbox,
  classes,
  copyText,
  Dialog,
  IconButton,
  Menu,
  type MenuEntry,
  TextField,
  toast,
} from "@megalith/ui";
import { ArrowLeft, ArrowRight, Ellipsis, Plus, Star, Users } from "lucide-react";
import { type ReactNode, useState } from "react";
import { type Entity, listPath } from "../../app/catalog";
import { address } from "../../app/server";
import { t } from "../../app/words";
import { useViews } from "./useViews";
import styles from "./Views.module.css";
import { viewSearch } from "./views";

interface Naming {
  act: "make" | "rename";
  name: string;
  shared: boolean;
}

export function ViewTabs({ entity, view }: { entity: Entity; view: ViewState }): ReactNode {
  const own = useViews(entity, view);
  const { views, current, isMine, isChanged, usual } = own;
  const [naming, setNaming] = useState<Naming | null>(null);
  const [busy, setBusy] = useState(false);
  const base = listPath(entity);
  const make = (name: string) => setNaming({ act: "make", name, shared: false });
  const submit = async () => {
    if (!naming || naming.name.trim() === "") return;
    const { act, shared } = naming;
    const name = naming.name.trim();
    setBusy(true);
    const done = await (act === "make" || !current
      ? own.make(name, shared)
      : own.rename(current, name, shared));
    setBusy(false);
    if (done) setNaming(null);
  };
  const items: MenuEntry[] = !current
    ? []
    : [
        ...(isMine
          ? [
              {
                id: "rename",
                label: t("viewRename"),
                onSelect: () =>
                  setNaming({ act: "rename", name: current.name, shared: current.shared }),
              },
            ]
          : []),
        {
          id: "copy",
          label: t("viewDuplicate"),
          onSelect: () => make(t("viewCopy", { name: current.name })),
        },
        {
          id: "link",
          label: t("viewLink"),
          onSelect: () => {
            void copyText(location.href).then(
              (done) => done && toast({ text: t("viewLinked"), tone: "info" }),
            );
          },
        },
        {
          id: "begin",
          label: t("viewBegin"),
          checked: usual === current.id,
          onSelect: () => own.begin(usual === current.id ? null : current.id),
        },
        ...(isMine
          ? [
              {
                id: "earlier",
                label: t("viewEarlier"),
                icon: <ArrowLeft />,
                onSelect: () => void own.move(current, -1),
              },
              {
                id: "later",
                label: t("viewLater"),
                icon: <ArrowRight />,
                onSelect: () => void own.move(current, 1),
              },
              "line" as const,
              {
                id: "delete",
                label: t("viewDelete"),
                danger: true,
                onSelect: () => void own.remove(current),
              },
            ]
          : []),
      ];

  return (
    <div className={styles.tabs}>
      <nav aria-label={t("views")} className={styles.list}>
        <a
          className={styles.tab}
          href={usual ? `${base}?kind=list` : base}
          aria-current={current ? undefined : "page"}
        >
          {t("viewAll")}
        </a>
        {views.map((saved) => (
          <a
            key={saved.id}
            className={styles.tab}
            href={address(base, viewSearch(saved))}
            aria-current={saved.id === current?.id ? "page" : undefined}
          >
            {usual === saved.id && <Star aria-hidden="true" />}
            {saved.shared && <Users aria-label={t("viewShared")} />}
            <bdi>{saved.name}</bdi>
            {saved.id === current?.id && isChanged && (
              <span className={styles.changed} role="img" aria-label={t("viewUnsaved")} />
            )}
          </a>
        ))}
      </nav>
      {current && (
        <Menu
          label={t("viewMenu", { name: current.name })}
          items={items}
          trigger={(props) => (
            <IconButton size="small" label={t("viewMenu", { name: current.name })} {...props}>
              <Ellipsis />
            </IconButton>
          )}
        />
      )}
      <IconButton size="small" label={t("viewNew")} onClick={() => make("")}>
        <Plus />
      </IconButton>
      {current && isChanged && (
        <span className={classes(styles.unsaved)}>
          {isMine ? (
            <Button size="small" onClick={() => void own.save(current)}>
              {t("viewSave")}
            </Button>
          ) : (
            <Button size="small" onClick={() => make(t("viewCopy", { name: current.name }))}>
              {t("viewDuplicate")}
            </Button>
          )}
          <Button size="small" look="ghost" onClick={() => own.go(current)}>
            {t("viewDiscard")}
          </Button>
        </span>
      )}
      <Dialog
        open={naming !== null}
        title={t(naming?.act === "rename" ? "viewRename" : "viewNew")}
        width={420}
        onClose={() => setNaming(null)}
        onSubmit={() => void submit()}
        actions={
          <>
            <Button onClick={() => setNaming(null)}>{t("cancel")}</Button>
            <Button type="submit" look="main" busy={busy}>
              {t("save")}
            </Button>
          </>
        }
      >
        {naming && (
          <>
            <TextField
              label={t("viewName")}
              required
              maxLength={120}
              autoFocus
              value={naming.name}
              onChange={(name) => setNaming({ ...naming, name })}
            />
            <Checkbox
              label={t("viewShare")}
              hint={t("viewShareHint")}
              checked={naming.shared}
              onChange={(shared) => setNaming({ ...naming, shared })}
            />
          </>
        )}
      </Dialog>
    </div>
  );
}
