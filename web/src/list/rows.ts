// The rows of a list by their places: pieces of it are fetched where one looks, also far from the
// beginning, and in each group apart.

import { keys, type ListQuery, type Page } from "@megalith/api";
import { type OrderKey, orderBy } from "@megalith/meta";
import {
  type InfiniteData,
  type QueryClient,
  useQueries,
  useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import type { Entity, Field } from "../app/catalog";
import type { Row } from "../app/reader";
import { api } from "../app/server";
import type { Asked } from "./asked";

const PIECE = 100;
/** How long a token of a piece leads on without being read anew. */
const FRESH_MS = 30_000;
/** Pieces that are kept for copying and for going back. */
const MOST_PIECES = 150;

type Pages = InfiniteData<Page, string>;

/** A run of rows that one condition finds. */
export interface Run {
  readonly id: string;
  /** What must hold besides what the list is asked for; empty for nothing. */
  readonly filter: string;
  /** How many rows it has; undefined until that is known. */
  readonly count: number | undefined;
}

/** Both conditions; an empty one is none. */
export const both = (a: string, b: string): string => (a && b ? `(${a}) && (${b})` : a || b);

interface Question {
  path: string;
  query: ListQuery;
}

/** One piece of a run, in the shape in which the cache keeps lists. */
function pieceQuery(client: QueryClient, { path, query }: Question, piece: number) {
  const key = (at: number) => [...keys.list(path, query), at];
  return {
    queryKey: key(piece),
    staleTime: FRESH_MS,
    gcTime: 2 * 60_000,
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<Pages> => {
      const before = client.getQueryState<Pages>(key(piece - 1));
      const isFresh =
        before?.data && !before.isInvalidated && Date.now() - before.dataUpdatedAt < FRESH_MS;
      const token = isFresh ? (before.data?.pages[0]?.next_page_token ?? "") : "";
      const size = query.page_size ?? PIECE;
      const asked = token || piece === 0 ? query : { ...query, skip: piece * size };
      const page = await api.records.list(path, asked, token, signal);
      return { pages: [page], pageParams: [""] };
    },
  };
}

interface Wanted {
  readonly run: string;
  readonly piece: number;
}

/** Whether all that is wanted next is asked for already, and hardly more: the list is not drawn again. */
function isEnough(before: readonly Wanted[], next: readonly Wanted[]): boolean {
  const has = ({ run, piece }: Wanted) =>
    before.some((one) => one.run === run && one.piece === piece);
  return before.length <= next.length + 1 && next.every(has);
}

interface Kept {
  of: unknown;
  pieces: Map<string, readonly Row[]>;
  /** Of the question before: shown until the first answer of this one is there. */
  old: Map<string, readonly Row[]>;
  reached: Map<string, number>;
}

export interface Rows {
  /** The row at a place of a run, if it is there. */
  at: (run: string, place: number) => Row | undefined;
  /** Says which rows of which runs are seen. */
  look: (seen: readonly { run: string; first: number; last: number }[]) => void;
  /** How many rows a run is found to have, where its end was read. */
  ends: ReadonlyMap<string, number>;
  /** How many rows of a run have been read. */
  reached: ReadonlyMap<string, number>;
  error: Error | null;
  isPending: boolean;
  first: Page | undefined;
  retry: () => void;
}

export function useRows(
  entity: Entity,
  fields: readonly Field[],
  order: readonly OrderKey[],
  asked: Asked,
  runs: readonly Run[],
  size = PIECE,
): Rows {
  const client = useQueryClient();
  const path = entity.path ?? "";
  const ordered = orderBy(order);
  const question = useCallback(
    (run: Run): Question => ({
      path,
      query: {
        q: asked.q,
        filter: both(asked.filter, run.filter),
        page_size: size,
        order_by: ordered,
        // The version says what a change was made on.
        fields: ["version", ...fields.map((field) => field.name)],
        expand: fields.filter((field) => field.kind === "link").map((field) => field.name),
      },
    }),
    [path, asked, ordered, fields, size],
  );
  const [wanted, setWanted] = useState<readonly Wanted[]>([]);
  const byId = useMemo(() => new Map(runs.map((run) => [run.id, run])), [runs]);
  const first = runs[0];
  const all = useMemo(() => {
    const known = wanted.filter((one) => byId.has(one.run));
    // The beginning is asked for before anybody has looked.
    return known.length > 0 || !first ? known : [{ run: first.id, piece: 0 }];
  }, [wanted, byId, first]);
  const answers = useQueries({
    queries: all.map(({ run, piece }) => pieceQuery(client, question(byId.get(run) as Run), piece)),
  });

  const kept = useRef<Kept>({ of: null, pieces: new Map(), old: new Map(), reached: new Map() });
  if (kept.current.of !== question) {
    const { pieces, old } = kept.current;
    kept.current = {
      of: question,
      pieces: new Map(),
      old: pieces.size > 0 ? pieces : old,
      reached: new Map(),
    };
  }
  const { pieces, reached } = kept.current;
  const ends = new Map<string, number>();
  all.forEach(({ run, piece }, index) => {
    const page = answers[index]?.data?.pages[0];
    if (!page) return;
    const id = `${run}\n${piece}`;
    pieces.delete(id);
    pieces.set(id, page.items);
    kept.current.old = new Map();
    const end = piece * size + page.items.length;
    reached.set(run, Math.max(reached.get(run) ?? 0, end));
    if (page.next_page_token === "" && (piece === 0 || page.items.length > 0)) ends.set(run, end);
  });
  for (const id of pieces.keys()) {
    if (pieces.size <= MOST_PIECES) break;
    pieces.delete(id);
  }

  const at = (run: string, place: number): Row | undefined => {
    const id = `${run}\n${Math.floor(place / size)}`;
    return (pieces.get(id) ?? kept.current.old.get(id))?.[place % size];
  };
  const look = useCallback<Rows["look"]>(
    (seen) => {
      const next = seen.flatMap(({ run, first, last }) => {
        // A quarter of a piece ahead and behind, so that what comes into sight is there.
        const from = Math.floor(Math.max(0, first - size / 4) / size);
        const to = Math.floor((last + size / 4) / size);
        return Array.from({ length: to - from + 1 }, (_, index) => ({ run, piece: from + index }));
      });
      setWanted((before) => (isEnough(before, next) ? before : next));
    },
    [size],
  );
  return {
    at,
    look,
    ends,
    reached,
    error: answers.find((one) => one.isError)?.error ?? null,
    isPending: answers.some((one) => one.isPending),
    first: answers.find((one) => one.data)?.data?.pages[0],
    retry: () => {
      for (const one of answers) if (one.isError) void one.refetch();
    },
  };
}

/** A record as some list of its entity shows it. */
export function knownRow(client: QueryClient, entity: Entity, id: string): Row | undefined {
  const lists = client.getQueriesData<Pages>({ queryKey: keys.lists(entity.path ?? "") });
  for (const [, data] of lists) {
    const row = data?.pages?.flatMap((page) => page.items).find((one) => one.id === id);
    if (row) return row;
  }
  return undefined;
}
