// What the pages of administration are made of: a head, a table, a question before something that
// cannot be taken back, and reading and writing with words for what goes wrong.

import { type ApiRecord, keys, type ListQuery } from "@megalith/api";
import { formatInstant, formatRelative, Instant, type Reader } from "@megalith/meta";
import {
  Button,
  Callout,
  Dialog,
  ErrorState,
  Hidden,
  problemWords,
  Skeleton,
  toast,
  useLabels,
} from "@megalith/ui";
import { type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Crumbs } from "../app/context";
import { presentMs } from "../app/present";
import { api, problemOf } from "../app/server";
import { t } from "../app/words";
import styles from "./Admin.module.css";
import { ta } from "./words";

/** The most rows that a page of administration shows; beyond them there is the list. */
export const MOST = 200;

export function AdminPage({
  title,
  under,
  intro,
  actions,
  isTop = false,
  children,
}: {
  title: string;
  /** Whether it is the first page of administration. */
  isTop?: boolean;
  /** The page that this one is opened from. */
  under?: { label: string; href: string };
  intro?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}): ReactNode {
  return (
    <div className={styles.page}>
      <Crumbs
        items={[
          ...(isTop ? [] : [{ label: t("administration"), href: "/admin" }]),
          ...(under ? [under] : []),
          { label: title },
        ]}
      />
      <div className={styles.head}>
        <div>
          <h1>
            <bdi>{title}</bdi>
          </h1>
          {intro && <p>{intro}</p>}
        </div>
        {actions && <div className={styles.acts}>{actions}</div>}
      </div>
      {children}
    </div>
  );
}

export interface Col<R> {
  readonly id: string;
  readonly label: string;
  readonly cell: (row: R) => ReactNode;
  readonly end?: boolean;
}

/** A table of what was asked for: waiting, a fault, nothing, or rows. */
export function Table<R>({
  label,
  columns,
  rows,
  keyOf,
  none,
  query,
}: {
  label: string;
  columns: readonly Col<R>[];
  rows: readonly R[];
  keyOf: (row: R) => string;
  /** What stands where there are no rows. */
  none: ReactNode;
  /** Where the rows come from. */
  query?: Pick<UseQueryResult, "isPending" | "isError" | "error" | "refetch"> | undefined;
}): ReactNode {
  if (query?.isError) {
    return (
      <ErrorState
        problem={problemOf(query.error)}
        actions={
          <Button look="main" onClick={() => void query.refetch()}>
            {t("retry")}
          </Button>
        }
      />
    );
  }
  if (query?.isPending) return <Skeleton lines={6} height={20} />;
  if (rows.length === 0) return <p className={styles.quiet}>{none}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
    <section className={styles.scroll} tabIndex={0} aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={column.end ? styles.end : undefined}>
                {column.label || <Hidden>{ta("acts")}</Hidden>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td
                  key={column.id}
                  data-label={column.label}
                  className={column.end ? styles.end : undefined}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Up to `MOST` records of a collection. */
export function useAll(path: string, query: ListQuery = {}, enabled = true) {
  return useQuery({
    queryKey: [...keys.of(path), "admin", query],
    enabled: enabled && path !== "",
    queryFn: async ({ signal }): Promise<ApiRecord[]> => {
      const found: ApiRecord[] = [];
      for await (const one of api.records.all(path, { page_size: 100, ...query }, signal)) {
        found.push(one);
        if (found.length >= MOST) break;
      }
      return found;
    },
  });
}

/** A change; what it touched is read anew, and what went wrong is said. */
export function useChange<V>(
  run: (value: V) => Promise<unknown>,
  { paths, done }: { paths: readonly string[]; done?: (value: V) => string },
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (_, value) => {
      if (done) toast({ text: done(value) });
    },
    onSettled: () =>
      Promise.all(paths.map((path) => client.invalidateQueries({ queryKey: keys.of(path) }))),
  });
}

/** What went wrong with a change, in the place where it was made. */
export function Wrong({ error }: { error: unknown }): ReactNode {
  const labels = useLabels();
  if (!error) return null;
  const problem = problemOf(error);
  const { title, text } = problemWords(problem, labels);
  const { errors } = problem;
  return (
    <Callout tone="bad" title={title}>
      {text}
      {errors.length > 0 && (
        <ul>
          {errors.map((one) => (
            <li key={`${one.pointer} ${one.code}`}>
              <code>{one.pointer}</code> {one.message}
            </li>
          ))}
        </ul>
      )}
    </Callout>
  );
}

/** Asks before something that ends somebody's access or takes work back. */
export function Sure({
  title,
  text,
  act,
  busy,
  error,
  children,
  onDo,
  onClose,
}: {
  title: string;
  text: ReactNode;
  act: string;
  busy: boolean;
  error: unknown;
  children?: ReactNode;
  onDo: () => void;
  onClose: () => void;
}): ReactNode {
  return (
    <Dialog
      open
      title={title}
      text={text}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="danger" busy={busy} onClick={onDo}>
            {act}
          </Button>
        </>
      }
    >
      {children}
      <Wrong error={error} />
    </Dialog>
  );
}

/** Asks for what a change needs, and makes it. */
export function FormDialog({
  title,
  text,
  act,
  change,
  children,
  onClose,
}: {
  title: string;
  text?: string | undefined;
  act: string;
  change: { isPending: boolean; error: unknown; mutate: (value: undefined) => void };
  children: ReactNode;
  onClose: () => void;
}): ReactNode {
  return (
    <Dialog
      open
      title={title}
      text={text}
      width={460}
      onClose={onClose}
      onSubmit={() => change.mutate(undefined)}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button look="main" type="submit" busy={change.isPending}>
            {act}
          </Button>
        </>
      }
    >
      <div className={styles.form}>
        {children}
        <Wrong error={change.error} />
      </div>
    </Dialog>
  );
}

/** A time, and how long ago that was. */
export function When({ at, reader }: { at: unknown; reader: Reader }): ReactNode {
  if (typeof at !== "string" || at === "") return <span className={styles.soft}>–</span>;
  return (
    <time dateTime={at} title={formatInstant(at, reader, "second")}>
      {formatRelative(at, Instant.ofMillis(presentMs()), reader)}
    </time>
  );
}
