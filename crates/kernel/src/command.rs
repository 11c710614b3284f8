//! Commands and queries: the one internal form that every surface becomes.

use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Actor {
    /// A person who signed in.
    User(Uuid),
    /// A program with a key of its own.
    ApiKey {
        /// The key's record.
        key: Uuid,
        /// The user on whose behalf it acts.
        user: Uuid,
    },
    /// Another service of the platform.
    Service(String),
    /// The platform itself, with the reason in the [`Call`].
    System,
}

impl Actor {
    /// The user whose name stands on the change; nil for services and the system.
    pub fn user(&self) -> Uuid {
        match self {
            Actor::User(user) | Actor::ApiKey { user, .. } => *user,
            Actor::Service(_) | Actor::System => Uuid::nil(),
        }
    }

    /// The kind as events name it: `user`, `api_key`, `service:NAME` or `system`.
    pub fn kind(&self) -> String {
        match self {
            Actor::User(_) => "user".to_owned(),
            Actor::ApiKey { .. } => "api_key".to_owned(),
            Actor::Service(name) => format!("service:{name}"),
            Actor::System => "system".to_owned(),
        }
    }
}

/// The circumstances of a command or query: who, where, under which request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Call {
    /// The organisation it is about.
    pub org: Uuid,
    /// Who asks.
    pub actor: Actor,
    /// The actor's roles in that organisation, sorted. The kernel's own role `administrator` may
    /// do everything.
    #[serde(default)]
    pub roles: Arc<[String]>,
    /// The companies the actor is limited to; none means all.
    #[serde(default)]
    pub companies: Option<Arc<[Uuid]>>,
    /// The request it belongs to, for logs and events.
    pub request_id: String,
    /// Why it is done, if someone said.
    #[serde(default)]
    pub reason: Option<String>,
    /// The change set it belongs to.
    #[serde(default)]
    pub change_set: Option<Uuid>,
    /// Makes a repetition of a write answer what the first one did.
    #[serde(default)]
    pub idempotency: Option<Idempotency>,
    /// A command is only rehearsed: every check runs, nothing is committed.
    #[serde(default)]
    pub dry_run: bool,
}

/// A client's promise that two requests with one key are one request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Idempotency {
    /// The key, of at most 255 characters.
    pub key: String,
    /// A keyed hash of method, path and body: the same key with another one is refused.
    pub fingerprint: [u8; 32],
}

impl Call {
    /// A call by the system itself, which may do everything; `reason` says why.
    pub fn system(org: Uuid, reason: &str) -> Call {
        Call {
            org,
            actor: Actor::System,
            roles: Arc::from([]),
            companies: None,
            request_id: String::new(),
            reason: Some(reason.to_owned()),
            change_set: None,
            idempotency: None,
            dry_run: false,
        }
    }
}

/// Values for fields by name, and what was wrong with the ones that could not be read.
///
/// The problems travel with the values so that the check stage answers all of them together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// Each field named once.
    pub values: Vec<(String, Value)>,
    /// Problems found while reading.
    pub problems: Vec<FieldProblem>,
}

impl Input {
    /// An input without values.
    pub fn new() -> Input {
        Input::default()
    }

    /// The same input with one more value.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Input {
        self.values.push((name.to_owned(), value.into()));
        self
    }
}

/// What to change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Command {
    /// The entity's full name, `operations.customer`.
    pub entity: String,
    /// What to do.
    pub verb: Verb,
    /// Values: the new record's, the changed fields', or the act's.
    pub input: Input,
}

/// What a command does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    /// Makes a record.
    Create,
    /// Changes the fields named in the input.
    Update {
        /// The record.
        id: Uuid,
        /// What the client knows of its version.
        known: Known,
    },
    /// Deletes a record.
    Delete {
        /// The record.
        id: Uuid,
        /// What the client knows of its version.
        known: Known,
    },
    /// Does a named operation on a record.
    Act {
        /// The record.
        id: Uuid,
        /// The operation, `post`.
        act: String,
        /// What the client knows of the record's version.
        known: Known,
    },
    /// Puts a record back as it was: the fields named in the input, those that the platform sets
    /// among them; a deleted record is made again under its id. Only an undo does this: as a
    /// command of anyone else it is refused.
    Restore {
        /// The record.
        id: Uuid,
        /// The version that it has, or had last if it is deleted; the count goes on from there.
        version: u64,
    },
}

impl Verb {
    /// The record that the verb is about; none for one that is yet to be made.
    pub fn record(&self) -> Option<Uuid> {
        match self {
            Verb::Create => None,
            Verb::Update { id, .. }
            | Verb::Delete { id, .. }
            | Verb::Act { id, .. }
            | Verb::Restore { id, .. } => Some(*id),
        }
    }

    /// The right that the verb needs: `create`, `update`, `delete` or the act's name. (What an
    /// undo puts back needs `update`, or `create` for a deleted record.)
    pub fn right(&self) -> &str {
        match self {
            Verb::Create => "create",
            Verb::Update { .. } => "update",
            Verb::Delete { .. } => "delete",
            Verb::Act { act, .. } => act,
            Verb::Restore { .. } => "restore",
        }
    }
}

/// What a client knows of a record's version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Known {
    /// Nothing: the change applies to whatever is there.
    #[default]
    Nothing,
    /// `If-Match`: this version or 412.
    Exactly(u64),
    /// `base_version`: merges by field; 409 where a named field changed since.
    Base(u64),
}

/// What to read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Query {
    /// One record.
    Get {
        /// The entity's full name.
        entity: String,
        /// The record.
        id: Uuid,
        /// The record as it was at this instant.
        known_at: Option<Instant>,
    },
    /// A page of records.
    List(List),
    /// Records by their keys in another system.
    External {
        /// The entity's full name.
        entity: String,
        /// The other system's name, as in `external_ids.NAME`.
        name: String,
        /// The keys, at most 1000.
        keys: Vec<String>,
    },
    /// Groups of records.
    Aggregate(Aggregate),
    /// Sums that an entity keeps.
    Totals(Totals),
    /// Which rule decides about a verb.
    Explain {
        /// The entity's full name.
        entity: String,
        /// The record; none for a verb without one.
        id: Option<Uuid>,
        /// `read`, `create`, `update`, `delete` or an act.
        verb: String,
        /// Roles to explain instead of the actor's own, which administrators may ask; none for
        /// the actor's own.
        #[serde(default)]
        roles: Vec<String>,
    },
    /// What happened to a record, the newest first.
    History {
        /// The entity's full name.
        entity: String,
        /// The record; one that was deleted has its history still.
        id: Uuid,
        /// Events on the page, 1 to 1000; 0 for 50.
        page_size: u32,
        /// Where the page starts; empty for the newest.
        page_token: String,
    },
    /// Records of all entities by full text.
    Search {
        /// Words; all must occur, the last may be a beginning.
        text: String,
        /// At most this many.
        limit: u32,
    },
}

/// A question about groups of records: `group_by`, `select`, `having`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// The entity's full name.
    pub entity: String,
    /// An expression that must be true for a record to count; empty for all.
    pub filter: String,
    /// Words that must all occur for a record to count, as in a list; empty for all.
    #[serde(default)]
    pub text: String,
    /// Field names and buckets (`year`, `month`, `day`), separated by commas:
    /// `customer, month(ordered_on)`.
    pub group_by: String,
    /// Measures, separated by commas: `sum(total), count()`; also `min`, `max` and `avg`.
    pub select: String,
    /// An expression over the texts of `group_by` and `select`; empty for all groups.
    pub having: String,
    /// Texts of `group_by` and `select`, each with an optional ` desc`; empty for the group keys.
    pub order_by: String,
    /// At most this many groups, 1 to 1000; 0 for 1000.
    pub limit: u32,
}

/// A question for the sums of an accumulator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// The entity's full name.
    pub entity: String,
    /// The accumulator's name.
    pub of: String,
    /// Fields that it is kept by, and the text of the value that each must have.
    pub by: Vec<(String, String)>,
    /// Only records of this day and earlier; none for all.
    pub as_of: Option<types::Date>,
}

/// What an aggregate query answers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// The entity's full name.
    pub entity: String,
    /// The texts of the columns, and the field that each is of, if it is of one and keeps its kind.
    pub columns: Vec<(String, Option<String>)>,
    /// One row for each group.
    pub rows: Vec<Vec<Value>>,
    /// There are more groups than were asked for.
    pub cut: bool,
}

/// A page of records of one entity.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct List {
    /// The entity's full name.
    pub entity: String,
    /// An expression that must be true; empty for all.
    pub filter: String,
    /// Full text; empty for all.
    pub text: String,
    /// Field names, each with an optional ` desc`, separated by commas; empty for the newest last.
    pub order_by: String,
    /// Records on the page, 1 to 1000.
    pub page_size: u32,
    /// Where the page starts; empty for the first.
    pub page_token: String,
    /// Records to pass over before the page.
    #[serde(default)]
    pub skip: u64,
    /// Whether to count all.
    pub count: bool,
    /// Whether the records come with their lines.
    #[serde(default)]
    pub lines: bool,
}

/// What a command or query answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// One record, reduced to what the actor may read.
    Record(View),
    /// A page.
    Page(Page),
    /// Hits of a search over all entities, the best first.
    Hits(Vec<View>),
    /// Records by their keys in another system; keys without a record are left out.
    Keyed(Vec<(String, View)>),
    /// Groups of records.
    Groups(Groups),
    /// What a right comes from.
    Explained(Explained),
    /// What happened to a record.
    History(History),
    /// Why a dry run was refused, and the record as far as it got.
    Draft(Box<Draft>),
    /// What a deletion would do to other records.
    Consequences(Vec<Consequence>),
    /// Done, and nothing left to show.
    Done,
}

/// Why something is allowed or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explained {
    /// The right, `operations.customer:update`.
    pub right: String,
    /// Whether it may be done.
    pub allowed: bool,
    /// The rule that decided: `administrator`, `default`, or a grant's id; none if no rule speaks.
    pub by: Option<String>,
    /// Without a record: on which records it may be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extent: Option<Extent>,
    /// The expression that decides on which records, where it may be done on some of them; none
    /// where that asks for a field which who asks may not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// The roles that were looked at.
    pub roles: Vec<String>,
    /// The fields that these roles can see.
    pub readable: Vec<String>,
    /// The fields that they can see and cannot change.
    pub read_only: Vec<String>,
    /// The fields that they cannot see: told to administrators only, unknown to all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Vec<String>>,
    /// When fields are shown, needed and fixed, where that depends on the record.
    #[serde(default)]
    pub conditions: Vec<ConditionSaid>,
}

/// On which records something may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// On every one.
    All,
    /// On those of which a condition holds.
    Some,
    /// On none.
    None,
}

/// A condition of a field, as `explain` tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionSaid {
    /// The field.
    pub field: String,
    /// `visible_if`, `required_if` or `read_only_if`.
    pub rule: String,
    /// The expression over the record.
    pub expression: String,
    /// Whether it holds for the record that was asked about; none without one.
    pub holds: Option<bool>,
}

/// A dry run that was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// What the command would have been answered.
    pub problem: Problem,
    /// The record as far as it could be made.
    pub record: View,
}

/// What a deletion would do to other records of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consequence {
    /// The full name of their entity; none for kinds that the actor cannot see.
    pub entity: Option<String>,
    /// `delete` or `update`.
    pub change: String,
    /// How many they are; none where the actor cannot see all of them.
    pub count: Option<u64>,
    /// What happens to them, for people.
    pub message: String,
}

/// What happened to a record, as one actor may know it: a page, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The entity's full name.
    pub entity: String,
    /// What happened.
    pub items: Vec<Happening>,
    /// The token of the next page; empty on the last.
    pub next_page_token: String,
}

/// One event, as far as it is about one record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// The event.
    pub event: Uuid,
    /// Its position in the log.
    pub position: u64,
    /// When it was recorded.
    pub at: Instant,
    /// The user who did it; none for the platform, and where the reader may not know.
    pub actor: Option<Uuid>,
    /// What kind of actor, as [`Actor::kind`] names it.
    pub actor_kind: String,
    /// `create`, `update`, `delete` or an act.
    pub verb: String,
    /// What it was done by together with others: `batch`, `import` or `undo`.
    pub through: Option<String>,
    /// Why, if someone said.
    pub reason: String,
    /// The request it belongs to.
    pub request_id: String,
    /// The change set it belongs to.
    pub change_set: Option<Uuid>,
    /// The record's version after it; 0 if it deleted the record.
    pub version: u64,
    /// The fields that changed, in the order of the record.
    pub changes: Vec<FieldChange>,
    /// The lines that changed, field by field.
    pub lines: Vec<LineChange>,
}

/// A field that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Its name.
    pub field: String,
    /// As it was; none where the record did not exist for the reader then.
    pub before: Option<Value>,
    /// As it became; none where the record did not exist for the reader then.
    pub after: Option<Value>,
    /// A value was erased with the key that it lay under, and is null here.
    pub erased: bool,
}

/// A line that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineChange {
    /// The field that holds the lines.
    pub field: String,
    /// The line.
    pub id: Uuid,
    /// What happened to it.
    pub change: LineFate,
    /// Its fields that changed.
    pub changes: Vec<FieldChange>,
}

/// What happened to a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineFate {
    /// It came.
    Added,
    /// It changed.
    Changed,
    /// It went.
    Removed,
}

impl LineFate {
    /// The name that clients see.
    pub fn name(self) -> &'static str {
        match self {
            LineFate::Added => "added",
            LineFate::Changed => "changed",
            LineFate::Removed => "removed",
        }
    }
}

/// A record as one actor may see it.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// The record; slots outside `readable` are empty.
    pub record: Record,
    /// The slots that the actor may read; the others are absent, not null.
    pub readable: Arc<[bool]>,
    /// What the actor may read of lines; lines that are not named here are shown whole.
    pub lines: Arc<[LinesSeen]>,
    /// The answer repeats what an earlier request with the same key did.
    pub replayed: bool,
}

impl View {
    /// The slots of a line in the field at `slot` that the actor may read; none for all.
    pub fn of_lines(&self, slot: usize) -> Option<&[bool]> {
        let found = self.lines.iter().find(|lines| lines.slot == slot);
        found.map(|lines| &*lines.readable)
    }
}

/// What one actor may see of the lines in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinesSeen {
    /// The field that holds the lines.
    pub slot: usize,
    /// The slots of a line that the actor may read; the others are absent, not null.
    pub readable: Arc<[bool]>,
}

/// A page of records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The records, in order.
    pub items: Vec<View>,
    /// The token of the next page; empty on the last.
    pub next_page_token: String,
    /// How many there are in all, if it was asked for.
    pub total_size: Option<u64>,
}
