// What a table shows: its rows and groups by their places, its sums, and where more is fetched.

import type { Group, OrderKey } from "@megalith/meta";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Field } from "../app/catalog";
import { noteFilled } from "./columns";
import { groupsBy, isSummed, useSummary } from "./groups";
import type { LayoutProps } from "./layouts";
import { FIRST, HUGE, isSlowOrder, usualOrder } from "./order";
import { type Run, useRows } from "./rows";
import { runsOf, Sections } from "./sections";

/** Groups that are open before anybody has closed one. */
const FEW_GROUPS = 12;
const ALL: readonly Run[] = [{ id: "", filter: "", count: undefined }];
const PIECE = 100;
/** Rows that flash by are not asked for. */
const SETTLE_MS = 70;
const NONE: readonly Group[] = [];

export function useTable(
  { entity, schema, view, asked, total }: LayoutProps,
  fields: { asked: Field[]; shown: Field[] },
) {
  const order = useMemo<readonly OrderKey[]>(
    () => (view.order.length > 0 ? view.order : usualOrder(entity)),
    [view.order, entity],
  );
  const summed = useMemo(() => fields.shown.filter(isSummed), [fields.shown]);
  const names = useMemo(() => summed.map((field) => field.name), [summed]);
  const by = useMemo(() => groupsBy(schema, entity, view.group), [schema, entity, view.group]);
  const isGrouped = by.length > 0;
  const isHuge = (total ?? 0) > HUGE;
  const [wantsSums, setWantsSums] = useState(false);
  const sumUp = useCallback(() => setWantsSums(true), []);
  const sums = names.length > 0 && (!isHuge || wantsSums);
  const { summary, error, retry } = useSummary(
    entity,
    asked,
    by,
    sums ? names : [],
    isGrouped || (sums && total !== undefined),
  );
  const groups = isGrouped ? (summary?.groups ?? NONE) : NONE;

  const [flipped, setFlipped] = useState<ReadonlySet<string>>(new Set());
  const few = groups.length <= FEW_GROUPS;
  const isOpen = useCallback(
    (group: Group) => flipped.has(group.id) !== (few || group === groups[0]),
    [flipped, few, groups],
  );
  const flip = useCallback((id: string) => {
    setFlipped((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);

  const isSlow = !isGrouped && isSlowOrder(entity, order, total);
  const runs = useMemo(() => (isGrouped ? runsOf(groups) : ALL), [isGrouped, groups]);
  const rows = useRows(entity, fields.asked, order, asked, runs, isSlow ? FIRST : PIECE);
  useEffect(() => {
    if (rows.first) noteFilled(entity, fields.asked, rows.first);
  }, [entity, fields.asked, rows.first]);

  const end = rows.ends.get("");
  const reached = rows.reached.get("") ?? 0;
  // Rows that are on their way have a place already, as far as they can be scrolled to.
  const length = isSlow
    ? Math.min(FIRST, total ?? FIRST)
    : (end ?? Math.max(total ?? 0, reached + (rows.isPending && reached === 0 ? 20 : PIECE)));
  const known =
    !isSlow && end === undefined && total !== undefined ? Math.max(total, reached) : length;
  const sections = useMemo(
    () => (isGrouped ? Sections.grouped(groups, isOpen) : Sections.flat("", known)),
    [isGrouped, groups, isOpen, known],
  );

  const seen = useRef<readonly [number, number]>([0, 0]);
  const timer = useRef(0);
  const { look } = rows;
  const lookAt = useCallback(
    (first: number, last: number) => {
      const near = Math.abs(first - seen.current[0]) <= PIECE;
      seen.current = [first, last];
      window.clearTimeout(timer.current);
      const go = () => look(sections.seen(first, last));
      if (near) go();
      else timer.current = window.setTimeout(go, SETTLE_MS);
    },
    [look, sections],
  );
  // Other groups stand where one looks.
  useEffect(() => {
    const [first, last] = seen.current;
    if (last > 0) look(sections.seen(first, last));
  }, [look, sections]);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  return {
    order,
    by,
    summed,
    summary,
    sections,
    rows,
    flip,
    lookAt,
    isSlow,
    isWaiting: isGrouped && summary === undefined,
    error: rows.error ?? (isGrouped ? error : null),
    retry: () => {
      rows.retry();
      retry();
    },
    /** Has the sums of a huge list calculated; null where they are there or on their way. */
    askSums: names.length > 0 && isHuge && !wantsSums ? sumUp : null,
  };
}
