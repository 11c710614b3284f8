// What the records are: the document of `GET /api/v1/platform/schema` as types, and finding things
// in it. `docs/metadata.md` is its specification. Only what the actor may know is in it.

/** The whole document. */
export interface SchemaDocument {
  readonly services: readonly Named[];
  readonly entities: readonly Entity[];
}

/** A name for programs and the words that people read for it. */
export interface Named {
  readonly name: string;
  readonly label: string;
}

type EntityKind = "normal" | "child" | "tree" | "singleton" | "append_only";

/** A kind of record. */
export interface Entity {
  /** `operations.sales_order`. */
  readonly name: string;
  readonly service: string;
  /** As in paths, `sales-orders`. */
  readonly plural: string;
  /** The collection's path; null for lines, which live inside their record. */
  readonly path: string | null;
  /** What its ids begin with. */
  readonly prefix: string;
  readonly kind: EntityKind;
  /** Whether the records belong to an organisation or to the installation. */
  readonly scope: "org" | "system";
  readonly label: string;
  readonly label_plural: string;
  /** What it is, in one sentence. */
  readonly summary: string;
  /** Further paragraphs; may be empty. */
  readonly detail: string;
  /** The field whose value names a record for people. */
  readonly title: string;
  /** The link to the parent, of a tree. */
  readonly parent: string | null;
  readonly per_company: boolean;
  /** How its documents are numbered, and the act that draws the number. */
  readonly number: { readonly pattern: string; readonly at: string } | null;
  readonly states: States | null;
  readonly acts: readonly Named[];
  /** Sums that are kept, for `…:totals`. */
  readonly sums: readonly KeptSum[];
  readonly fields: readonly Field[];
  /** What the actor may do with some record at least; absent for lines. */
  readonly rights?: Readonly<Record<string, boolean>>;
  /** Whether the actor may bring in such records from a file. */
  readonly importable?: boolean;
  /** Verbs that are allowed under a condition on the record only, as an expression. */
  readonly row_conditions?: Readonly<Record<string, string>>;
}

/** The states of a record's life, the first being where it starts. */
export interface States {
  readonly names: readonly Named[];
  readonly moves: readonly Move[];
}

/** The act that leads from one state to another. */
export interface Move {
  readonly from: string;
  readonly act: string;
  readonly to: string;
}

interface KeptSum {
  readonly name: string;
  readonly by: readonly string[];
  /** The date that places a record in time; null for sums over all time. */
  readonly over: string | null;
  readonly sums: readonly string[];
}

/** What a field holds, and what bounds it. */
type FieldKind =
  | { readonly kind: "id"; readonly prefix: string }
  | { readonly kind: "text" | "long_text"; readonly max: number }
  /** Bounds are texts: they may need 64 bits. */
  | { readonly kind: "integer"; readonly min: string; readonly max: string }
  | { readonly kind: "decimal" | "percent" | "price" | "quantity"; readonly scale: number }
  | { readonly kind: "state" | "choice"; readonly choices: readonly Named[] }
  | {
      readonly kind: "link";
      readonly target: string;
      readonly on_delete: "restrict" | "cascade" | "set_null";
    }
  | { readonly kind: "links" | "lines"; readonly target: string }
  | { readonly kind: PlainKind };

type PlainKind =
  | "money"
  | "boolean"
  | "date"
  | "instant"
  | "wall_time"
  | "duration"
  | "json"
  | "texts"
  | "custom"
  | "colour"
  | "email"
  | "phone"
  | "url"
  | "address"
  | "expression";

/** What a new record starts with. */
type FieldDefault =
  | { readonly kind: "value"; readonly value: unknown }
  | { readonly kind: "today" | "now" | "actor" };

/** Expressions over the record, by which a field stands differently; absent where there are none. */
interface FieldConditions {
  readonly visible_if?: string | null;
  readonly required_if?: string | null;
  readonly read_only_if?: string | null;
}

/** A field of an entity. */
export type Field = FieldKind & {
  readonly name: string;
  readonly label: string;
  /** What it means, its unit, its source. */
  readonly help: string;
  /** An example to show in an empty field, where one helps. */
  readonly placeholder?: string;
  readonly required: boolean;
  readonly unique: boolean;
  readonly searchable: boolean;
  /** Whether an index serves filters and orders by it. */
  readonly indexed: boolean;
  readonly sortable: boolean;
  readonly personal: boolean;
  /** Filled by a rule of the service. */
  readonly computed: boolean;
  /** Kept by the kernel for every entity: id, version, state, … */
  readonly system: boolean;
  /** Whether the actor may change it. */
  readonly writable: boolean;
  readonly default: FieldDefault | null;
  readonly conditions?: FieldConditions;
};

/** A record as the API answers it: absent means unknown to who asks, null means empty. */
export type ApiRecord = { readonly id: string; readonly version: number } & {
  readonly [field: string]: unknown;
};

/** The document with everything found by name. */
export class Schema {
  readonly services: readonly Named[];
  /** Entities with records of their own, in the order of the document. */
  readonly entities: readonly Entity[];
  private readonly byName: ReadonlyMap<string, Entity>;
  private readonly byPath: ReadonlyMap<string, Entity>;
  private readonly byPrefix: ReadonlyMap<string, Entity>;
  private readonly fieldsOf: ReadonlyMap<string, ReadonlyMap<string, Field>>;

  constructor(document: SchemaDocument) {
    this.services = document.services;
    this.entities = document.entities.filter((entity) => entity.kind !== "child");
    const by = (key: (entity: Entity) => string) =>
      new Map(document.entities.map((entity) => [key(entity), entity]));
    this.byName = by((entity) => entity.name);
    this.byPath = by((entity) => `${entity.service}/${entity.plural}`);
    this.byPrefix = by((entity) => entity.prefix);
    this.fieldsOf = new Map(
      document.entities.map((entity) => [
        entity.name,
        new Map(entity.fields.map((field) => [field.name, field])),
      ]),
    );
  }

  /** The entity of a full name, `operations.sales_order`; null where it is unknown to the actor. */
  entity(name: string): Entity | null {
    return this.byName.get(name) ?? null;
  }

  /** The entity of a service and a plural, as in paths and addresses. */
  at(service: string, plural: string): Entity | null {
    return this.byPath.get(`${service}/${plural}`) ?? null;
  }

  /** The entity that an id is of, by its prefix. */
  ofId(id: string): Entity | null {
    const at = id.lastIndexOf("_");
    return at < 1 ? null : (this.byPrefix.get(id.slice(0, at)) ?? null);
  }

  /** A field of an entity; null where it is unknown to the actor. */
  field(entity: Entity, name: string): Field | null {
    return this.fieldsOf.get(entity.name)?.get(name) ?? null;
  }

  /** The entity that a link, a list of links or lines lead to. */
  target(field: Field): Entity | null {
    return "target" in field ? this.entity(field.target) : null;
  }

  /** The entities of a service that have a list, in the order of the document. */
  ofService(service: string): readonly Entity[] {
    return this.entities.filter((entity) => entity.service === service && entity.path !== null);
  }
}

/** The words for a choice or a state; the name itself where the schema does not know it. */
export function choiceLabel(field: Field, name: string): string {
  const choices = "choices" in field ? field.choices : [];
  return choices.find((choice) => choice.name === name)?.label ?? name;
}
