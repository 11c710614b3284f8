// The list of any entity, by the public API alone: pages by cursor as one scrolls, order and search
// in the address.

import { keys } from "@megalith/api";
import {
  Button,
  EmptyState,
  ErrorState,
  Hidden,
  IconButton,
  isPassing,
  Menu,
  SidePanel,
  StatusDot,
  toast,
  useUi,
} from "@megalith/ui";
import { type Column, DataGrid, type GridRow, type Sort } from "@megalith/ui/grid";
import { infiniteQueryOptions, useInfiniteQuery, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Columns3, Maximize2, Search, X } from "lucide-react";
import {
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { NewButton } from "../engine/NewButton";
import { catalogQuery, type Entity, type Field, listPath } from "./catalog";
import { askedFields, columnFields, shownFields, useFilled, usualColumns } from "./columns";
import { Crumbs, useCompany } from "./context";
import { prefer } from "./mine";
import { NotFound } from "./NotFound";
import styles from "./Page.module.css";
import { isAmount, type Row, textOf, titleText, toneOf, useReader, widthOf } from "./reader";
import { api, problemOf } from "./server";
import { type Columns, useSettings } from "./settings";
import { t, within } from "./words";

const RecordPanel = lazy(() => import("../engine/RecordPanel"));

const PAGE = 100;
const SEARCH_MS = 200;
const route = getRouteApi("/$service/$plural");

export const listQuery = (
  entity: Entity,
  fields: Field[],
  order: string,
  q: string,
  filter: string,
) => {
  const path = entity.path ?? "";
  const query = {
    page_size: PAGE,
    order_by: order,
    q,
    filter,
    fields: fields.map((field) => field.name),
    expand: fields.filter((field) => field.kind === "link").map((field) => field.name),
  };
  return infiniteQueryOptions({
    queryKey: keys.list(path, query),
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.records.list(path, { ...query, count: pageParam === "" }, pageParam, signal),
    getNextPageParam: (page) => page.next_page_token || null,
    placeholderData: (before, last) =>
      // Other columns or another order of the same list: what is known stays until it comes.
      last?.queryKey[1] === path ? before : undefined,
  });
};

const orderOf = (sort: readonly Sort[]) =>
  sort.map(({ id, desc }) => (desc ? `${id} desc` : id)).join(", ");
const sortOf = (order: string): Sort[] =>
  order
    .split(",")
    .map((key) => key.trim().split(/ +/))
    .filter(([id]) => id)
    .map(([id = "", way]) => ({ id, desc: way === "desc" }));

export default function List(): ReactNode {
  const { service, plural } = route.useParams();
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const entity = schema.at(service, plural);
  return entity ? <Records key={entity.name} entity={entity} /> : <NotFound />;
}

function Records({ entity }: { entity: Entity }): ReactNode {
  const { order = "", q = "", filter = "", open } = route.useSearch();
  const navigate = route.useNavigate();
  const reader = useReader();
  const wishes = useSettings();
  const { density } = useUi();
  const [phone, setPhone] = useState(() => window.innerWidth < 720);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [words, setWords] = useState(q);
  const field = useRef<HTMLInputElement>(null);
  const { data: schema } = useSuspenseQuery(catalogQuery);
  const service = schema.services.find((one) => one.name === entity.service);

  const arrangement = wishes.columns[entity.name] ?? usualColumns;
  const fields = useMemo(() => askedFields(entity, arrangement.shown), [entity, arrangement.shown]);
  const company = useCompany();
  const limited =
    company && entity.fields.some((one) => one.name === "company")
      ? [filter && `(${filter})`, `company == '${company}'`].filter(Boolean).join(" && ")
      : filter;
  const query = useInfiniteQuery(listQuery(entity, fields, order, q, limited));
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  const total = query.data?.pages[0]?.total_size;
  const opened = rows.find((row) => row.id === open);
  const filled = useFilled(
    entity,
    fields,
    query.isPlaceholderData ? undefined : query.data?.pages[0],
  );
  const shown = useMemo(
    () => shownFields(entity, fields, filled, arrangement),
    [entity, fields, filled, arrangement],
  );

  useEffect(() => {
    const measure = () => setPhone(window.innerWidth < 720);
    window.addEventListener("resize", measure);
    return () => window.removeEventListener("resize", measure);
  }, []);
  useEffect(() => setWords(q), [q]);
  useEffect(() => {
    if (words === q) return;
    const timer = setTimeout(
      () => navigate({ search: (now) => ({ ...now, q: words || undefined }), replace: true }),
      SEARCH_MS,
    );
    return () => clearTimeout(timer);
  }, [words, q, navigate]);
  useEffect(() => {
    const focus = () => field.current?.focus();
    document.addEventListener("megalith:filter", focus);
    return () => document.removeEventListener("megalith:filter", focus);
  }, []);

  const columns = useMemo(
    () =>
      shown.map(
        (one, at): Column<Row> => ({
          id: one.name,
          label: one.label,
          // A number is short, a name is not.
          width: at === 0 ? (one.name === "number" ? 150 : 220) : widthOf(one),
          grow: at === 0,
          align: isAmount(one) ? "end" : "start",
          soft: at > 0 && !isAmount(one),
          sortable: one.sortable,
          text: (row) => (at === 0 ? titleText(entity, row) : textOf(one, row, reader)),
          ...(one.kind === "state"
            ? {
                render: (row: Row) => (
                  <StatusDot tone={toneOf(one, String(row[one.name]))}>
                    {textOf(one, row, reader)}
                  </StatusDot>
                ),
              }
            : {}),
        }),
      ),
    [shown, entity, reader],
  );
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  // Rows that are on their way have a place already, as far as they can be scrolled to.
  const waiting = query.isPending
    ? 20
    : hasNextPage
      ? Math.min(PAGE, (total ?? PAGE * 9) - rows.length)
      : 0;
  const rowAt = useCallback(
    (index: number): GridRow<Row> => {
      const row = rows[index];
      return row ? { kind: "row", key: row.id, row } : { kind: "loading", key: `wait-${index}` };
    },
    [rows],
  );
  const show = useCallback(
    (row: Row) => navigate({ search: (now) => ({ ...now, open: row.id }) }),
    [navigate],
  );
  const arrange = (next: Partial<Columns>) =>
    prefer({ columns: { [entity.name]: { ...arrangement, ...next } } });
  const toggle = (name: string) => {
    const isShown = shown.some((one) => one.name === name);
    const others = (list: string[]) => list.filter((one) => one !== name);
    arrange({
      shown: isShown ? others(arrangement.shown) : [...others(arrangement.shown), name],
      hidden: isShown ? [...others(arrangement.hidden), name] : others(arrangement.hidden),
    });
  };

  const nothing =
    q || filter ? (
      <EmptyState
        title={t("noMatches")}
        actions={<Button onClick={() => navigate({ search: {} })}>{t("clearSearch")}</Button>}
      >
        {t("noMatchesText", { name: within(entity.label_plural) })}
      </EmptyState>
    ) : (
      <EmptyState title={t("noRecords", { name: within(entity.label_plural) })}>
        {entity.summary}
      </EmptyState>
    );
  const isEmpty = query.isSuccess && rows.length === 0;

  return (
    <div className={styles.listPage} data-density={density}>
      <Crumbs
        items={[{ label: service?.label ?? entity.service }, { label: entity.label_plural }]}
        place={{ path: listPath(entity), label: entity.label_plural }}
      />
      <h1>
        <Hidden>{entity.label_plural}</Hidden>
      </h1>
      <div className={styles.toolbar}>
        <label className={styles.searchBox}>
          <Search aria-hidden="true" />
          <input
            ref={field}
            type="search"
            aria-label={t("searchIn", { name: entity.label_plural })}
            placeholder={t("searchIn", { name: within(entity.label_plural) })}
            value={words}
            dir="auto"
            onChange={(event) => setWords(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") {
                if (words) setWords("");
                else event.currentTarget.blur();
              }
            }}
          />
        </label>
        <span className={styles.count} role="status">
          {total !== undefined
            ? t("records", { count: total })
            : rows.length > 0 && t("recordsSome", { count: rows.length })}
        </span>
        {!phone && (
          <Menu
            label={t("columns")}
            trigger={(props) => (
              <IconButton label={t("columns")} {...props}>
                <Columns3 />
              </IconButton>
            )}
            items={[
              ...columnFields(entity).map((one) => ({
                id: one.name,
                label: one.label,
                checked: shown.includes(one),
                stay: true,
                onSelect: () => toggle(one.name),
              })),
              "line" as const,
              {
                id: "reset",
                label: t("reset"),
                onSelect: () => arrange(usualColumns),
              },
            ]}
          />
        )}
        <NewButton entity={entity} />
      </div>
      {query.isError ? (
        <ErrorState
          problem={problemOf(query.error)}
          actions={
            <>
              {isPassing(problemOf(query.error)) ? (
                <Button look="main" onClick={() => query.refetch()}>
                  {t("retry")}
                </Button>
              ) : (
                <Button look="main" onClick={() => history.back()}>
                  {t("back")}
                </Button>
              )}
              {(q || filter || order) && (
                <Button onClick={() => navigate({ search: {} })}>{t("clearSearch")}</Button>
              )}
            </>
          }
        />
      ) : isEmpty ? (
        nothing
      ) : phone ? (
        <Cards entity={entity} rows={rows} fields={shown} onEnd={hasNextPage ? more : undefined} />
      ) : (
        <DataGrid
          label={entity.label_plural}
          columns={columns}
          count={rows.length + waiting}
          rowAt={rowAt}
          total={total}
          sort={sortOf(order)}
          onSort={(next) =>
            navigate({ search: (now) => ({ ...now, order: orderOf(next) || undefined }) })
          }
          selected={selected}
          onSelect={setSelected}
          onOpen={show}
          onEnd={hasNextPage ? more : undefined}
          onCopied={(count) => toast({ text: t("copied", { count }), tone: "info" })}
          arrangement={{ ...arrangement, hidden: [] }}
          onArrange={({ order, widths, hidden }) => {
            if (hidden[0]) toggle(hidden[0]);
            else arrange({ order, widths });
          }}
        />
      )}
      {selected.size > 0 && (
        <div className={styles.bulk} role="status">
          <span>{t("selected", { count: selected.size })}</span>
          <Button size="small" look="ghost" icon={<X />} onClick={() => setSelected(new Set())}>
            {t("clearSelection")}
          </Button>
        </div>
      )}
      <SidePanel
        open={open !== undefined}
        title={opened ? titleText(entity, opened) : entity.label}
        actions={
          <IconButton
            label={t("openPage")}
            onClick={() =>
              navigate({
                to: "/$service/$plural/$id",
                params: { service: entity.service, plural: entity.plural, id: open ?? "" },
              })
            }
          >
            <Maximize2 />
          </IconButton>
        }
        onClose={() => navigate({ search: (now) => ({ ...now, open: undefined }) })}
      >
        {open && (
          <Suspense>
            <RecordPanel
              entity={entity}
              id={open}
              onGo={(id) => navigate({ search: (now) => ({ ...now, open: id ?? undefined }) })}
            />
          </Suspense>
        )}
      </SidePanel>
    </div>
  );
}

/** On a phone: a card for each record instead of a table. */
function Cards({
  entity,
  rows,
  fields,
  onEnd,
}: {
  entity: Entity;
  rows: Row[];
  fields: Field[];
  onEnd: (() => void) | undefined;
}): ReactNode {
  const reader = useReader();
  const last = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!onEnd || !last.current) return;
    const watch = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) onEnd();
      },
      { rootMargin: "600px" },
    );
    watch.observe(last.current);
    return () => watch.disconnect();
  }, [onEnd]);
  const state = fields.find((one) => one.kind === "state");
  const amount = fields.find((one) => one.kind === "money");
  const others = fields
    .slice(1)
    .filter((one) => one !== state && one !== amount)
    .slice(0, 2);
  return (
    <ul className={styles.cards} aria-label={entity.label_plural}>
      {rows.map((row) => (
        <li key={row.id}>
          <a className={styles.card} href={`${listPath(entity)}/${row.id}`}>
            <span className={styles.cardTop}>
              <bdi>{titleText(entity, row)}</bdi>
              {amount && <bdi>{textOf(amount, row, reader)}</bdi>}
            </span>
            <span className={styles.cardMore}>
              {state && (
                <StatusDot tone={toneOf(state, String(row[state.name]))}>
                  {textOf(state, row, reader)}
                </StatusDot>
              )}
              {others.map((one) => {
                const text = textOf(one, row, reader);
                return text && <bdi key={one.name}>{text}</bdi>;
              })}
            </span>
          </a>
        </li>
      ))}
      {onEnd && (
        <li className={styles.more} ref={last}>
          {t("loadingMore")}
        </li>
      )}
    </ul>
  );
}
