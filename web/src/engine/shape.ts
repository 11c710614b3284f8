// What a record's page is made of, from the schema alone: which fields stand together, which are
// folded away, what the columns and totals of lines are.

import {
  type ApiRecord,
  Decimal,
  type Entity,
  type Field,
  isEmpty,
  mayWrite,
  type Schema,
  sameValue,
} from "@megalith/meta";

export type GroupName = "main" | "amounts" | "addresses" | "details";

export interface Group<Name = GroupName> {
  readonly name: Name;
  readonly fields: readonly Field[];
}

const ORDER: readonly GroupName[] = ["main", "amounts", "addresses", "details"];
/** Fields that are not facts of a record: its identity, what stands at the side, what others keep. */
const APART = new Set(["id", "version", "state", "custom", "external_ids"]);
const AT_SIDE = new Set(["company", "created_at", "created_by", "updated_at", "updated_by"]);
const CONTACT = new Set(["email", "phone", "url", "address"]);

/** Where a field stands: amounts with amounts, ways to reach somebody together, long texts last. */
function groupOf(field: Field): GroupName {
  if (["money", "price"].includes(field.kind)) return "amounts";
  if (CONTACT.has(field.kind)) return "addresses";
  if (["long_text", "json", "texts", "expression", "links"].includes(field.kind)) return "details";
  return "main";
}

function grouped(fields: readonly Field[]): readonly Group[] {
  return ORDER.map((name) => ({
    name,
    fields: fields.filter((field) => groupOf(field) === name),
  })).filter((group) => group.fields.length > 0);
}

/** The facts of a record in their groups, and how many fields are empty and left out. */
export function factsOf(
  entity: Entity,
  record: ApiRecord,
  all: boolean,
  /** The record to compare with: a field that is different there is no empty one. */
  today: ApiRecord | null = null,
): { groups: readonly Group[]; empty: number } {
  const known = entity.fields.filter(
    (field) =>
      field.name in record &&
      !APART.has(field.name) &&
      !AT_SIDE.has(field.name) &&
      field.kind !== "lines" &&
      field.name !== entity.title,
  );
  const filled = known.filter(
    (field) => !isVoid(field, record[field.name]) || differs(field, record, today),
  );
  return { groups: grouped(all ? known : filled), empty: known.length - filled.length };
}

/** Whether a field is not the same in another state of the record. */
export function differs(
  field: Field,
  record: Readonly<Record<string, unknown>>,
  other: Readonly<Record<string, unknown>> | null,
): boolean {
  if (!other || !(field.name in other)) return false;
  const [a, b] = [record[field.name], other[field.name]];
  if (field.kind === "link" && a && b) return idOf(a) !== idOf(b);
  return !(isVoid(field, a) && isVoid(field, b)) && !sameValue(a, b);
}

const idOf = (value: unknown) =>
  typeof value === "object" && value !== null ? (value as { id?: unknown }).id : value;

const isVoid = (field: Field, value: unknown) =>
  isEmpty(field, value) ||
  value === "" ||
  (typeof value === "object" && value !== null && Object.values(value).every((one) => !one));

/** What stands beside the facts: company, who and when. */
export function sideOf(entity: Entity, record: ApiRecord): readonly Field[] {
  return entity.fields.filter((field) => AT_SIDE.has(field.name) && field.name in record);
}

export function linesOf(entity: Entity, record: ApiRecord): readonly Field[] {
  return entity.fields.filter((field) => field.kind === "lines" && field.name in record);
}

/** The lines without those at the end that nobody has filled in. */
export function withoutBlank(
  schema: Schema,
  lines: Field,
  rows: readonly Readonly<Record<string, unknown>>[],
): readonly Readonly<Record<string, unknown>>[] {
  const columns = columnsOf(schema, lines).filter((field) => field.writable);
  const isBlank = (row: Readonly<Record<string, unknown>>) =>
    columns.every((field) => {
      const value = row[field.name];
      const start = field.default?.kind === "value" ? field.default.value : null;
      return isVoid(field, value) || value === start;
    });
  let end = rows.length;
  while (end > 0 && isBlank(rows[end - 1] ?? {})) end -= 1;
  return rows.slice(0, end);
}

/** The values as they are sent: without the blank lines at the end. */
export function filled(
  entity: Entity,
  schema: Schema,
  values: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const lines = entity.fields.filter((field) => field.kind === "lines");
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const field = lines.find((one) => one.name === name);
      return [name, field && Array.isArray(value) ? withoutBlank(schema, field, value) : value];
    }),
  );
}

/** Whether the server calculates something of such a record. */
export function calculates(entity: Entity, schema: Schema): boolean {
  const computed = (one: Entity | null) =>
    one?.fields.some((field) => field.computed && !field.system) ?? false;
  const lines = entity.fields.filter((field) => field.kind === "lines");
  return computed(entity) || lines.some((field) => computed(schema.target(field)));
}

/** The fields of a form in their groups; lines are apart. */
export function formGroups(entity: Entity, record: ApiRecord | null): readonly Group[] {
  return grouped(inputsOf(entity, record).filter((field) => field.kind !== "lines"));
}

/** The groups of a form with only some fields in them; those that an arrangement names stand first. */
export function arranged(
  groups: readonly Group[],
  inputs: readonly Field[],
  layout: { readonly head: readonly string[] } | null,
): readonly Group<GroupName | "head">[] {
  const head = (layout?.head ?? []).flatMap(
    (name) => inputs.find((one) => one.name === name) ?? [],
  );
  const rest = groups.map((group) => ({
    ...group,
    fields: group.fields.filter((one) => inputs.includes(one) && !head.includes(one)),
  }));
  const first = head.length > 0 ? [{ name: "head" as const, fields: head }] : [];
  return [...first, ...rest].filter((group) => group.fields.length > 0);
}

export function inputsOf(entity: Entity, record: ApiRecord | null): readonly Field[] {
  return entity.fields.filter(
    (field) =>
      mayWrite(entity, field, record) &&
      (!field.system || (field.name === "company" && entity.per_company)),
  );
}

/** The columns of lines: what may be typed and what is calculated; ids stay unseen. */
export function columnsOf(schema: Schema, lines: Field): readonly Field[] {
  const target = schema.target(lines);
  return (target?.fields ?? []).filter((field) => !field.system && field.kind !== "lines");
}

/** Columns with something in them, for reading. */
export function filledColumns(
  schema: Schema,
  lines: Field,
  rows: readonly Readonly<Record<string, unknown>>[],
): readonly Field[] {
  const columns = columnsOf(schema, lines);
  // A quantity is shown with its unit.
  const hasQuantity = columns.some((field) => field.kind === "quantity");
  const own = columns.filter((field) => !(hasQuantity && field.name === "unit"));
  return own.filter((field) =>
    rows.some((row) => {
      const value = row[field.name];
      const isNothing =
        field.kind === "percent" && Decimal.parse(String(value ?? 0))?.mantissa === 0n;
      return !isVoid(field, value) && !isNothing;
    }),
  );
}

/** The sum of a money column, one for each currency in the order of their first line. */
export function totalsOf(
  field: Field,
  rows: readonly Readonly<Record<string, unknown>>[],
): readonly { amount: string; currency: string }[] {
  const sums = new Map<string, Decimal>();
  for (const row of rows) {
    const { amount, currency } = (row[field.name] ?? {}) as { amount?: string; currency?: string };
    const value = amount === undefined ? null : Decimal.parse(amount);
    if (!value || !currency) continue;
    const before = sums.get(currency) ?? Decimal.of(0n);
    const scale = Math.max(before.scale, value.scale);
    const at = (one: Decimal) => one.mantissa * 10n ** BigInt(scale - one.scale);
    sums.set(currency, Decimal.of(at(before) + at(value), scale));
  }
  return [...sums].map(([currency, sum]) => ({ amount: sum.toString(), currency }));
}

/** Whether a move ends a record's life: no act leads on from where it leads. */
export function isFinal(entity: Entity, act: string, record: ApiRecord): boolean {
  const moves = entity.states?.moves ?? [];
  const own = moves.find((move) => move.act === act && move.from === record.state);
  return own !== undefined && !moves.some((move) => move.from === own.to);
}
