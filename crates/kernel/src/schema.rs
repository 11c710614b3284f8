//! The schema of an entity: data that every surface interprets at run time.
//!
//! The `#[entity]` macro and the administrator's run-time entities both end here, so nothing
//! downstream can tell them apart. A record is a row of values; a field's place in it is its
//! *slot*. The first slots are the same for every entity ([`slot`]).

use crate::field::Kind;
use crate::linked::Beyond;
use expr::Expr;
use std::collections::HashMap;
use std::sync::Arc;

/// The slots that every record has.
pub mod slot {
    /// The record's id.
    pub const ID: usize = 0;
    /// Counts the record's changes, from 1.
    pub const VERSION: usize = 1;
    /// The name of its state; null where the entity declares none.
    pub const STATE: usize = 2;
    /// The company it belongs to; null unless `per_company`.
    pub const COMPANY: usize = 3;
    /// When it was created.
    pub const CREATED_AT: usize = 4;
    /// Who created it.
    pub const CREATED_BY: usize = 5;
    /// When it last changed.
    pub const UPDATED_AT: usize = 6;
    /// Who changed it last.
    pub const UPDATED_BY: usize = 7;
    /// The document number, given at the act that the entity names.
    pub const NUMBER: usize = 8;
    /// Keys of the record in other systems: a JSON object of texts.
    pub const EXTERNAL_IDS: usize = 9;
    /// The fields that the organisation added: a JSON object.
    pub const CUSTOM: usize = 10;
    /// The first slot that the entity declares itself.
    pub const FIRST: usize = 11;
}

/// What sort of records an entity has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EntityKind {
    /// Records that live on their own.
    #[default]
    Normal,
    /// Lines inside another record, written and read with it.
    Child,
    /// Records with a parent of the same entity, without loops.
    Tree,
    /// One record in each organisation.
    Singleton,
    /// Records that never change and are never deleted.
    AppendOnly,
}

/// Where an entity's records live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// In every organisation.
    #[default]
    Org,
    /// In the system organisation only.
    System,
}

/// What the kernel keeps an entity of its own for: such an entity has tables, migrations and
/// events like any other, and is on no surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inner {
    /// What another service's records publish, for the links that lead there.
    Mirror {
        /// The full name of the entity that is mirrored.
        of: String,
    },
    /// Which services keep a mirror of a record.
    Use {
        /// The full name of the entity whose records are used.
        of: String,
    },
}

/// An entity: shape, states, acts, default rights.
#[derive(Clone, Debug)]
pub struct Entity {
    /// The owning service, `operations`.
    pub service: String,
    /// The singular name in snake case, `sales_order`.
    pub name: String,
    /// The plural name in kebab case, as in paths: `sales-orders`.
    pub plural: String,
    /// The prefix of its ids, `so`.
    pub prefix: String,
    /// What it is, in one sentence.
    pub summary: String,
    /// Further paragraphs of its description; may be empty.
    pub detail: String,
    /// What sort of records it has.
    pub kind: EntityKind,
    /// Where its records live.
    pub scope: Scope,
    /// What the kernel keeps it for, if it is the kernel's own; none for all that people see.
    pub inner: Option<Inner>,
    /// Whether each record belongs to a company.
    pub per_company: bool,
    /// The slot whose value names the record for people.
    pub title: usize,
    /// The slot of the parent link, for a tree.
    pub parent: Option<usize>,
    /// Every field by slot, those of the kernel first.
    pub fields: Vec<Field>,
    /// States and the moves between them, if any.
    pub states: Option<States>,
    /// Who may do what until the organisation says otherwise.
    pub permits: Vec<Permit>,
    /// How its documents are numbered, if they are.
    pub number: Option<NumberRule>,
    /// Sums kept in the same commit as the records.
    pub accumulators: Vec<Accumulator>,
    by_name: HashMap<String, usize>,
    full_name: String,
}

/// One field of an entity.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name in snake case.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Help text: what it means, its unit, its source.
    pub help: String,
    /// Must not be empty.
    pub required: bool,
    /// No two records of an organisation share a value; empty values do not count.
    pub unique: bool,
    /// Takes part in full-text search.
    pub searchable: bool,
    /// Has an index of its own, for filters and order.
    pub indexed: bool,
    /// Enters the log as ciphertext only, under the subject's key.
    pub personal: bool,
    /// Enters the log as ciphertext only, and leaves no surface of the platform.
    pub secret: bool,
    /// Set by the kernel or computed: a client's change is refused.
    pub read_only: bool,
    /// The value of a new record that names none.
    pub default: Option<Default>,
    /// Filled from other fields by a rule of the service.
    pub computed: Option<Compute>,
    /// When it is shown, needed and fixed.
    pub conditions: Conditions,
}

/// Expressions over the record as it would become (of a line, over the line) that say when a field
/// is shown, needed and fixed; each is empty where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// Forms show the field while this holds. What is not shown is not needed either.
    pub visible_if: String,
    /// The field must not be empty while this holds.
    pub required_if: String,
    /// Clients cannot change the field while this holds; acts can.
    pub read_only_if: String,
}

impl Conditions {
    /// The expressions by the names of their rules; those that say nothing are left out.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let named = [
            ("visible_if", self.visible_if.as_str()),
            ("required_if", self.required_if.as_str()),
            ("read_only_if", self.read_only_if.as_str()),
        ];
        named.into_iter().filter(|(_, text)| !text.is_empty())
    }
}

/// A rule that fills a computed field from the rest of the record. Pure.
pub type Compute = fn(&Computing<'_>) -> types::Value;

/// What a computed field may be computed from.
pub struct Computing<'a> {
    /// The record's entity.
    pub entity: &'a Entity,
    /// The record's values; fields in earlier slots and all lines are computed already.
    pub values: &'a [types::Value],
    /// The record that this line is inside, not yet computed; none for a record of its own.
    pub parent: Option<(&'a Entity, &'a [types::Value])>,
    /// How the organisation rounds.
    pub rounding: types::Rounding,
}

impl Computing<'_> {
    /// The value of a field by name; `Null` where there is no such field.
    pub fn get(&self, name: &str) -> &types::Value {
        self.entity.slot(name).map_or(&types::Value::Null, |slot| &self.values[slot])
    }

    /// The value of the parent's field; `Null` where there is no parent or no such field.
    pub fn of_parent(&self, name: &str) -> &types::Value {
        let found = self.parent.and_then(|(entity, values)| Some(&values[entity.slot(name)?]));
        found.unwrap_or(&types::Value::Null)
    }
}

/// What a field starts with.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    /// A fixed value.
    Value(types::Value),
    /// The day the record is created, in the company's time zone.
    Today,
    /// The instant the record is created.
    Now,
    /// The actor's user.
    Actor,
}

/// The states of an entity; the first is where records start.
#[derive(Clone, Debug, Default)]
pub struct States {
    /// Names in lower snake case, in the order of a record's life.
    pub names: Vec<String>,
    /// The moves; each is the act of its name.
    pub moves: Vec<Move>,
}

/// A move between two states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// The state before.
    pub from: String,
    /// The act that makes it, such as `post`.
    pub act: String,
    /// The state after.
    pub to: String,
}

/// A default grant: a role and what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permit {
    /// The role's name in snake case.
    pub role: String,
    /// What it may do: `read`, `create`, `update`, `delete` or an act.
    pub verb: String,
    /// An expression that must hold for the record; empty for every record.
    pub condition: String,
    /// Fields that the role does not see, whatever else it may do; a role that sees them does
    /// not help an actor who has this one too.
    pub hidden: Vec<String>,
}

/// How documents are numbered: `INV-{year}-{seq:5}` at the act `post`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberRule {
    /// The pattern: `{year}`, `{seq:N}` and literal text.
    pub pattern: String,
    /// The act that draws the number; `create` for at once.
    pub at: String,
}

/// The most sums of one accumulator, the count not included.
pub const MAX_SUMS: usize = 4;

/// Sums over records, kept by the kernel: each commit applies what its changes add and take away.
///
/// An amount of money is summed apart for each currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accumulator {
    /// Its name within the entity, in snake case.
    pub name: String,
    /// The fields that tell one sum from another.
    pub by: Vec<String>,
    /// The date that places a record in time; none for sums over all time.
    pub over: Option<String>,
    /// The numbers that are summed; the count of records is always kept.
    pub sums: Vec<String>,
    /// Which records count, as an expression; empty for all.
    pub when: String,
    /// Bounds that no commit may break, on the sum over all time.
    pub bounds: Vec<SumBound>,
}

/// A bound of a sum: a commit that would break it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumBound {
    /// Which of the sums.
    pub sum: usize,
    /// The least value, in the field's smallest unit (cents, for money).
    pub min: Option<i64>,
    /// The greatest value, in the field's smallest unit.
    pub max: Option<i64>,
}

impl Field {
    /// A field that is optional and has no flag.
    pub fn new(name: &str, kind: Kind, help: &str) -> Field {
        Field {
            name: name.to_owned(),
            kind,
            help: help.to_owned(),
            required: false,
            unique: false,
            searchable: false,
            indexed: false,
            personal: false,
            secret: false,
            read_only: false,
            default: None,
            computed: None,
            conditions: Conditions::default(),
        }
    }

    /// Shows the field in forms while an expression over the record holds.
    pub fn visible_if(mut self, condition: &str) -> Field {
        self.conditions.visible_if = condition.to_owned();
        self
    }
    /// Demands a value while an expression over the record holds.
    pub fn required_if(mut self, condition: &str) -> Field {
        self.conditions.required_if = condition.to_owned();
        self
    }
    /// Refuses changes by clients while an expression over the record holds.
    pub fn read_only_if(mut self, condition: &str) -> Field {
        self.conditions.read_only_if = condition.to_owned();
        self
    }

    /// Marks the field as not to be left empty.
    pub fn required(mut self) -> Field {
        self.required = true;
        self
    }
    /// Marks the field's values as distinct within an organisation.
    pub fn unique(mut self) -> Field {
        self.unique = true;
        self.indexed = true;
        self
    }
    /// Adds the field to full-text search.
    pub fn searchable(mut self) -> Field {
        self.searchable = true;
        self
    }
    /// Gives the field an index.
    pub fn indexed(mut self) -> Field {
        self.indexed = true;
        self
    }
    /// Marks the field as personal: the log holds it as ciphertext.
    pub fn personal(mut self) -> Field {
        self.personal = true;
        self
    }
    /// Marks the field as secret: no surface shows it, the log holds it as ciphertext.
    pub fn secret(mut self) -> Field {
        self.secret = true;
        self
    }
    /// Refuses changes by clients.
    pub fn read_only(mut self) -> Field {
        self.read_only = true;
        self
    }
    /// Gives new records a value.
    pub fn default(mut self, default: Default) -> Field {
        self.default = Some(default);
        self
    }
    /// Fills the field by a rule; clients cannot.
    pub fn computed(mut self, compute: Compute) -> Field {
        self.computed = Some(compute);
        self.read_only = true;
        self
    }
}

impl Entity {
    /// An entity with the kernel's fields only; `plural` is in kebab case.
    pub fn new(service: &str, name: &str, plural: &str, prefix: &str) -> Entity {
        let system = |name: &str, kind: Kind, help: &str| Field::new(name, kind, help).read_only();
        let fields = vec![
            system("id", Kind::id(prefix), "The record's id."),
            system("version", Kind::integer(), "Counts the record's changes, from 1."),
            system("state", Kind::text(60), "Where the record is in its life.").indexed(),
            Field::new("company", Kind::link("platform.company"), "The company it belongs to."),
            system("created_at", Kind::Instant, "When the record was created.").indexed(),
            system("created_by", Kind::link("users.user"), "Who created the record."),
            system("updated_at", Kind::Instant, "When the record last changed.").indexed(),
            system("updated_by", Kind::link("users.user"), "Who last changed the record."),
            system("number", Kind::text(60), "The document number."),
            Field::new("external_ids", Kind::texts(), "The record's keys in other systems."),
            Field::new("custom", Kind::custom(), "Fields that the organisation added."),
        ];
        let by_name = fields.iter().enumerate().map(|(slot, f)| (f.name.clone(), slot)).collect();
        Entity {
            service: service.to_owned(),
            name: name.to_owned(),
            plural: plural.to_owned(),
            prefix: prefix.to_owned(),
            summary: String::new(),
            detail: String::new(),
            kind: EntityKind::Normal,
            scope: Scope::Org,
            inner: None,
            per_company: false,
            title: slot::ID,
            parent: None,
            fields,
            states: None,
            permits: Vec::new(),
            number: None,
            accumulators: Vec::new(),
            by_name,
            full_name: format!("{service}.{name}"),
        }
    }

    /// Describes the entity: the first sentence, and what follows it.
    pub fn doc(mut self, summary: &str, detail: &str) -> Entity {
        self.summary = summary.to_owned();
        self.detail = detail.to_owned();
        self
    }

    /// Sets the kind of its records.
    pub fn kind(mut self, kind: EntityKind) -> Entity {
        self.kind = kind;
        self
    }

    /// Keeps its records in the system organisation.
    pub fn system(mut self) -> Entity {
        self.scope = Scope::System;
        self
    }

    /// Makes each record belong to a company.
    pub fn per_company(mut self) -> Entity {
        self.per_company = true;
        self.fields[slot::COMPANY].indexed = true;
        self
    }

    /// Adds a field in the next slot.
    pub fn field(mut self, field: Field) -> Entity {
        self.by_name.insert(field.name.clone(), self.fields.len());
        self.fields.push(field);
        self
    }

    /// Names the field that titles a record; it is indexed and searchable from then on.
    ///
    /// # Panics
    /// When the entity has no such field: a declaration that cannot work must not start.
    pub fn title(mut self, name: &str) -> Entity {
        self.title = self.slot(name).unwrap_or_else(|| panic!("{}: no field {name}", self.name));
        self.fields[self.title].indexed = true;
        self.fields[self.title].searchable = true;
        self
    }

    /// Names the link to the parent and makes the entity a tree.
    ///
    /// # Panics
    /// When the entity has no such field.
    pub fn tree(mut self, parent: &str) -> Entity {
        self.kind = EntityKind::Tree;
        self.parent = Some(self.slot(parent).unwrap_or_else(|| panic!("no field {parent}")));
        self
    }

    /// Declares the states.
    pub fn states(mut self, states: States) -> Entity {
        self.states = Some(states);
        self
    }

    /// Adds a default grant for each of `verbs`, some only while the record is in a state.
    pub fn permit(mut self, role: &str, verbs: &[(&str, Option<&str>)]) -> Entity {
        for (verb, state) in verbs {
            let condition = state.map_or(String::new(), |state| format!("state == '{state}'"));
            self = self.permit_where(role, verb, &condition);
        }
        self
    }

    /// Adds a default grant of the records for which `condition`, an expression, holds.
    pub fn permit_where(mut self, role: &str, verb: &str, condition: &str) -> Entity {
        self.permits.push(Permit {
            role: role.to_owned(),
            verb: verb.to_owned(),
            condition: condition.to_owned(),
            hidden: Vec::new(),
        });
        self
    }

    /// Hides fields from a role that was granted something before.
    ///
    /// # Panics
    /// When the entity has no such field, or grants nothing to the role.
    pub fn hide(mut self, role: &str, fields: &[&str]) -> Entity {
        let unknown = fields.iter().find(|name| self.slot(name).is_none());
        assert!(unknown.is_none(), "{}: no field {unknown:?}", self.name);
        let mut granted = self.permits.iter_mut().filter(|permit| permit.role == role).peekable();
        assert!(granted.peek().is_some(), "{}: nothing is granted to {role}", self.name);
        granted.for_each(|permit| {
            permit.hidden.extend(fields.iter().map(|name| (*name).to_owned()));
        });
        self
    }

    /// Numbers its documents.
    pub fn numbered(mut self, pattern: &str, at: &str) -> Entity {
        self.number = Some(NumberRule { pattern: pattern.to_owned(), at: at.to_owned() });
        self.fields[slot::NUMBER].unique = true;
        self.fields[slot::NUMBER].indexed = true;
        self.fields[slot::NUMBER].searchable = true;
        self
    }

    /// Keeps sums of its records in the same commit.
    ///
    /// # Panics
    /// When it names a field that the entity does not have, or more than [`MAX_SUMS`] sums.
    pub fn accumulate(mut self, accumulator: Accumulator) -> Entity {
        let names = accumulator.by.iter().chain(&accumulator.over).chain(&accumulator.sums);
        for name in names {
            assert!(self.slot(name).is_some(), "{}: no field {name}", self.name);
        }
        assert!(accumulator.sums.len() <= MAX_SUMS, "{}: too many sums", self.name);
        self.accumulators.push(accumulator);
        self
    }

    /// `operations.customer`, as events and rights name it.
    pub fn full_name(&self) -> String {
        self.full_name.clone()
    }

    /// The same, lent: for what is done for every record.
    pub fn full_name_ref(&self) -> &str {
        &self.full_name
    }

    /// The slot of a field.
    pub fn slot(&self, name: &str) -> Option<usize> {
        self.by_name.get(name).copied()
    }

    /// The field of a name.
    pub fn field_named(&self, name: &str) -> Option<&Field> {
        self.slot(name).map(|slot| &self.fields[slot])
    }

    /// Whether `slot` means anything for this entity: state, company and number are kept for all
    /// and shown where declared.
    pub fn shows(&self, slot: usize) -> bool {
        match slot {
            slot::STATE => self.states.is_some(),
            slot::COMPANY => self.per_company,
            slot::NUMBER => self.number.is_some(),
            _ => !self.fields[slot].secret,
        }
    }

    /// The slots that the entity shows, in order.
    pub fn shown(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.fields.len()).filter(|slot| self.shows(*slot))
    }

    /// The known name nearest to a mistyped one, if one is near.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.shown().map(|slot| self.fields[slot].name.as_str()))
    }

    /// Whether an index serves a filter or an order by this slot.
    pub fn is_indexed(&self, slot: usize) -> bool {
        let field = &self.fields[slot];
        slot == slot::ID
            || slot == self.title
            || field.indexed
            || field.unique
            || matches!(field.kind, Kind::Link { .. })
                && !matches!(slot, slot::CREATED_BY | slot::UPDATED_BY | slot::COMPANY)
    }

    /// The state a new record starts in.
    pub fn first_state(&self) -> Option<&str> {
        self.states.as_ref().and_then(|states| states.names.first()).map(String::as_str)
    }
}

/// The one of `known` that a person who wrote `name` probably meant.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(name.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A type that declares an entity; the `#[entity]` macro implements it.
pub trait Declare {
    /// The entity's schema.
    fn entity() -> Entity;

    /// What its owners publish of the records of other services that it links to.
    fn references() -> Vec<crate::mirror::Reference> {
        Vec::new()
    }
}

/// A predicate over an entity's records, and the entity it was checked against.
#[derive(Clone, Debug)]
pub struct Predicate {
    /// The entity whose slots the expression names.
    pub entity: Arc<Entity>,
    /// A boolean expression.
    pub expr: Arc<Expr>,
    /// Where the values lie that are not the record's own, as [`expr::Via`] numbers them; only
    /// what a client asks of lists and groups looks there.
    pub beyond: Arc<[Beyond]>,
}
