// A record of any entity, on a page of its own or beside the list that it was opened from: one
// anatomy for both, from the schema alone.

import { formatInstant, may } from "@megalith/meta";
import {
  Button,
  Callout,
  ErrorState,
  IconButton,
  isPassing,
  later,
  Skeleton,
  StatusDot,
  toasts,
} from "@megalith/ui";
import { useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { ChevronDown, ChevronUp, Star } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { catalogQuery, type Entity, listPath } from "../app/catalog";
import { Crumbs, useOrg } from "../app/context";
import { toggleFavourite } from "../app/mine";
import { NotFound } from "../app/NotFound";
import { textOf, titleText, toneOf, useReader } from "../app/reader";
import { problemOf } from "../app/server";
import { isFavourite, settings, useSettings, visit } from "../app/settings";
import { isTyping } from "../app/shortcuts";
import { t } from "../app/words";
import { Acts } from "./Acts";
import { Facts, Side, UsedBy } from "./Facts";
import type { Shown } from "./history";
import styles from "./Record.module.css";
import { Refused } from "./Refused";
import { type ApiProblem, neighbours, recordQuery } from "./server";

const EditForm = later(() => import("./Edit"), <Skeleton lines={8} height={16} />);
const Timeline = later(() => import("./Timeline"), <Skeleton lines={3} height={14} />);

const route = getRouteApi("/$service/$plural/$id");

export default function RecordPage(): ReactNode {
  const { service, plural, id } = route.useParams();
  const { known_at, history } = route.useSearch();
  const navigate = route.useNavigate();
  const router = useRouter();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const entity = schema.at(service, plural);
  if (!entity?.path) return <NotFound />;
  const go = (other: string | null) =>
    router.history.push(other ? `${listPath(entity)}/${other}` : listPath(entity));
  const show = (history: Shown) =>
    navigate({
      search: (now) => ({ ...now, history: history === "all" ? undefined : history }),
      replace: true,
    });
  return (
    <RecordView
      key={`${id} ${known_at ?? ""}`}
      entity={entity}
      id={id}
      at="page"
      onGo={go}
      {...(known_at ? { knownAt: known_at } : {})}
      shown={history === "acts" || history === "changes" ? history : "all"}
      onShow={show}
    />
  );
}

/** A record; `onGo` shows another one, or the list where the record is gone. */
export function RecordView({
  entity,
  id,
  at,
  onGo,
  knownAt,
  shown,
  onShow,
}: {
  entity: Entity;
  id: string;
  at: "page" | "panel";
  onGo: (id: string | null) => void;
  /** The instant of which the record is shown; now without it. */
  knownAt?: string;
  /** What of the timeline is shown. */
  shown: Shown;
  onShow: (shown: Shown) => void;
}): ReactNode {
  const reader = useReader();
  const org = useOrg();
  const wishes = useSettings();
  const client = useQueryClient();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const { data: row, error, isPending, refetch } = useQuery(recordQuery(entity, id, knownAt));
  const present = useQuery({ ...recordQuery(entity, id), enabled: knownAt !== undefined });
  const [editing, setEditing] = useState<string | null>(null);
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const path = `${listPath(entity)}/${id}`;
  const title = row ? titleText(entity, row) : "";

  useEffect(() => {
    if (title && org && !knownAt) visit(org.id, { path, label: title, hint: entity.label });
  }, [title, org, path, entity, knownAt]);

  const { before, after } = neighbours(client, entity, id);
  const mayEdit = knownAt === undefined && row !== undefined && may(entity, "update", row).allowed;
  const isEditing = editing !== null;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isEditing || isTyping(event.target)) return;
      if ((event.ctrlKey || event.metaKey) && event.key === "z") {
        const last = toasts.get().find((one) => one.undo);
        if (last) toasts.undo(last.id);
        return;
      }
      if (event.ctrlKey || event.metaKey || event.altKey || !settings.get().shortcuts) return;
      if ((event.target as Element | null)?.closest?.("[role=dialog], [role=menu], [role=grid]")) {
        return;
      }
      const to = event.key === "j" ? after : event.key === "k" ? before : null;
      if (to) onGo(to);
      else if (event.key === "e" && mayEdit) setEditing("");
      else if (event.key === "a" && !event.repeat) {
        document.querySelector<HTMLElement>("[data-next-act]")?.click();
      } else return;
      event.preventDefault();
    };
    // After the shell, whose sequences such as `g e` come first.
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [before, after, onGo, mayEdit, isEditing]);

  const crumbs = at === "page" && (
    <Crumbs
      items={[
        { label: entity.label_plural, href: listPath(entity) },
        { label: title || entity.label },
      ]}
      place={row ? { path, label: title, hint: entity.label } : null}
    />
  );
  if (isPending) {
    return (
      <div className={styles[at]}>
        {crumbs}
        <Skeleton lines={8} height={16} />
      </div>
    );
  }
  if (error && !row) {
    const told = problemOf(error);
    return (
      <div className={styles[at]}>
        {crumbs}
        {at === "page" && <h1 className={styles.newTitle}>{entity.label}</h1>}
        <ErrorState
          problem={told}
          actions={
            isPassing(told) ? (
              <Button onClick={() => refetch()}>{t("retry")}</Button>
            ) : knownAt ? (
              <Button onClick={() => onGo(id)}>{t("backToNow")}</Button>
            ) : (
              <Button onClick={() => onGo(null)}>{t("back")}</Button>
            )
          }
        />
      </div>
    );
  }
  const state = entity.fields.find((field) => field.kind === "state");
  const Heading = at === "page" ? "h1" : "h3";
  const starred = isFavourite(wishes, path);
  const place = { path, label: title, hint: entity.label };
  return (
    <article className={styles[at]} aria-label={title}>
      {crumbs}
      <header className={styles.head}>
        <div className={styles.title}>
          <Heading>
            <bdi>{title}</bdi>
          </Heading>
          {state && row[state.name] != null && (
            <StatusDot tone={toneOf(state, String(row[state.name]))}>
              {textOf(state, row, reader)}
            </StatusDot>
          )}
          {state && knownAt && present.data && present.data[state.name] !== row[state.name] && (
            <span className={styles.today}>
              {t("todayIs", { value: textOf(state, present.data, reader) })}
            </span>
          )}
          {at === "panel" && (
            <IconButton
              size="small"
              label={t(starred ? "removeFavourite" : "addFavourite")}
              aria-pressed={starred}
              onClick={() => toggleFavourite(place)}
            >
              <Star fill={starred ? "currentColor" : "none"} />
            </IconButton>
          )}
          {(before || after) && (
            <span className={styles.steps}>
              <IconButton
                size="small"
                label={t("previousRecord")}
                keys="k"
                disabled={!before}
                onClick={() => before && onGo(before)}
              >
                <ChevronUp />
              </IconButton>
              <IconButton
                size="small"
                label={t("nextRecord")}
                keys="j"
                disabled={!after}
                onClick={() => after && onGo(after)}
              >
                <ChevronDown />
              </IconButton>
            </span>
          )}
        </div>
        {!isEditing && !knownAt && (
          <Acts
            entity={entity}
            row={row}
            schema={schema}
            onEdit={() => setEditing("")}
            onGone={() => onGo(null)}
            onProblem={setProblem}
          />
        )}
      </header>
      {knownAt && (
        <Callout
          tone="warn"
          title={t("asOf", { date: formatInstant(knownAt, reader) })}
          actions={
            <Button size="small" onClick={() => onGo(id)}>
              {t("backToNow")}
            </Button>
          }
        >
          {t(
            present.data
              ? present.data.version === row.version
                ? "asOfSame"
                : "asOfText"
              : present.error
                ? "asOfGone"
                : "asOfText",
          )}
        </Callout>
      )}
      {problem && (
        <Refused
          {...{ problem, schema, id, entity }}
          actions={
            <Button size="small" onClick={() => setProblem(null)}>
              {t("ui.dismiss")}
            </Button>
          }
        />
      )}
      {isEditing ? (
        <EditForm
          entity={entity}
          schema={schema}
          record={row}
          focus={editing}
          onClose={() => setEditing(null)}
        />
      ) : (
        <div className={styles.columns}>
          <div className={styles.main}>
            <Facts
              {...{ entity, row, schema }}
              today={(knownAt && present.data) || null}
              onEdit={mayEdit ? setEditing : null}
            />
            {!knownAt && <Timeline {...{ entity, id, schema, shown, onShow }} />}
          </div>
          <div className={styles.beside}>
            <Side entity={entity} row={row} schema={schema} />
            {!knownAt && <UsedBy entity={entity} id={id} schema={schema} />}
          </div>
        </div>
      )}
    </article>
  );
}
