// The state of a list in the address bar: every view is a link. Reading what was written gives the
// same view, and what cannot be read is left out, so that an old link still opens.

/** How records are shown. */
export type ViewKind = "list" | "board" | "calendar" | "tree" | "chart";
const KINDS: readonly ViewKind[] = ["list", "board", "calendar", "tree", "chart"];

/** One key of an order. */
export interface OrderKey {
  readonly field: string;
  readonly descending: boolean;
}

/** A column of a list, and its width in pixels where somebody gave it one. */
export interface ViewColumn {
  readonly field: string;
  readonly width: number | null;
}

/** Everything that a list shows differently for one person than for another. */
export interface ViewState {
  readonly kind: ViewKind;
  /** The saved view that this one started from; its state is the base that the rest changes. */
  readonly view: string | null;
  /** The expression of the filter; empty for none. */
  readonly filter: string;
  /** Words of the full-text search; empty for none. */
  readonly q: string;
  readonly order: readonly OrderKey[];
  /** What records are grouped by, the outermost first: fields, or `month(ordered_on)`. */
  readonly group: readonly string[];
  /** The columns in their order; empty for those that the screen chooses. */
  readonly columns: readonly ViewColumn[];
  /** How many of the columns stay in sight when the others are scrolled; null for the first alone. */
  readonly pinned: number | null;
  /** The record that is open beside the list. */
  readonly open: string | null;
  /** The field that a layout places records by: the columns of a board, the days of a calendar. */
  readonly by: string | null;
  /** What a layout looks at: the month of a calendar, `2026-07`. */
  readonly at: string | null;
}

const PARAMS = [
  "kind",
  "view",
  "filter",
  "q",
  "order",
  "group",
  "columns",
  "pinned",
  "open",
  "by",
  "at",
] as const;

/** The parameters of an address; one that has its usual value is absent. */
export type ViewParams = Readonly<Partial<Record<(typeof PARAMS)[number], string>>>;

/** The parameters of an address that say something of a view. */
export function knownParams(params: Readonly<Record<string, unknown>>): ViewParams {
  const known = PARAMS.map((name) => [name, params[name]] as const);
  return Object.fromEntries(known.filter(([, value]) => typeof value === "string" && value));
}

/** The parameters that say a view. */
export function viewToParams(state: ViewState): ViewParams {
  const params: Record<string, string> = {};
  const put = (name: keyof ViewParams, value: string) => {
    if (value !== "") params[name] = value;
  };
  put("kind", state.kind === "list" ? "" : state.kind);
  put("view", state.view ?? "");
  put("filter", state.filter);
  put("q", state.q);
  put("order", orderText(state.order));
  put("group", state.group.join(","));
  put("columns", columnsText(state.columns));
  put("pinned", state.pinned === null ? "" : String(state.pinned));
  put("open", state.open ?? "");
  put("by", state.by ?? "");
  put("at", state.at ?? "");
  return params;
}

/** The view that parameters say; unknown ones, and what cannot be meant, are left out. */
export function viewFromParams(params: Readonly<Record<string, unknown>>): ViewState {
  const text = (name: keyof ViewParams) => {
    const value = params[name];
    return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
  };
  return {
    kind: KINDS.find((kind) => kind === text("kind")) ?? "list",
    view: text("view") || null,
    filter: text("filter"),
    q: text("q"),
    order: parseOrder(text("order")),
    group: [...new Set(text("group").split(","))].filter((key) => groupKey(key) !== null),
    columns: parseColumns(text("columns")),
    pinned: /^[1-9]\d?$/.test(text("pinned")) ? Number(text("pinned")) : null,
    open: text("open") || null,
    by: isFieldPath(text("by")) ? text("by") : null,
    at: text("at") || null,
  };
}

/** A field, or one behind links: `customer.country`. */
function isFieldPath(text: string): boolean {
  return /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/.test(text);
}

type Bucket = "year" | "month" | "day";

/** What `customer.country` or `month(ordered_on)` groups by; null for what is neither. */
export function groupKey(text: string): { field: string; bucket: Bucket | null } | null {
  const found = /^(year|month|day)\(([^()]+)\)$/.exec(text);
  const field = found?.[2] ?? text;
  return isFieldPath(field) ? { field, bucket: (found?.[1] as Bucket | undefined) ?? null } : null;
}

/** The order in an address: `-ordered_on,number`. */
function orderText(order: readonly OrderKey[]): string {
  return order.map((key) => (key.descending ? `-${key.field}` : key.field)).join(",");
}

/** Reads an order in an address; a field that comes again is left out. */
export function parseOrder(text: string): readonly OrderKey[] {
  const keys: OrderKey[] = [];
  for (const part of text.split(",")) {
    const descending = part.startsWith("-");
    const field = descending ? part.slice(1) : part;
    if (isFieldPath(field) && !keys.some((key) => key.field === field)) {
      keys.push({ field, descending });
    }
  }
  return keys;
}

/** The columns in an address: `number:180,customer`. */
function columnsText(columns: readonly ViewColumn[]): string {
  return columns
    .map(({ field, width }) => (width === null ? field : `${field}:${width}`))
    .join(",");
}

/** Reads the columns in an address; a field that comes again is left out. */
function parseColumns(text: string): readonly ViewColumn[] {
  const columns: ViewColumn[] = [];
  for (const part of text.split(",")) {
    const [, field = "", width] = /^([^:]+)(?::(\d{1,4}))?$/.exec(part) ?? [];
    if (isFieldPath(field) && !columns.some((column) => column.field === field)) {
      columns.push({ field, width: width === undefined ? null : Number(width) });
    }
  }
  return columns;
}

/** The order as the API is asked for it. */
export function orderBy(order: readonly OrderKey[]): string {
  return order.map((key) => (key.descending ? `${key.field} desc` : key.field)).join(", ");
}
