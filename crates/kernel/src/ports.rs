//! What the kernel asks of the world: a store, a clock, chance.
//!
//! The store keeps the records and the log of one service in one organisation. It takes only
//! [`Sealed`] commands, which only the write path makes, and it answers a commit only when the
//! change is durable.

use crate::linked::Hop;
use crate::log::{LogEntry, Recorded, SignedHead};
use crate::problem::Problem;
use crate::record::Record;
use crate::schema::{Entity, Predicate, SumBound};
use crate::write::Sealed;
use async_trait::async_trait;
use futures::future::BoxFuture;
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// The records and the log of one service in one organisation.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// A consistent view of the records as they are now.
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError>;

    /// Makes a sealed command durable: premises, rows, event, keys, idempotency, in one
    /// transaction; returns when it is on stable storage.
    async fn commit(&self, sealed: Sealed) -> Result<Committed, StoreError>;

    /// Takes the locks of `keys`, runs the command again on a snapshot under them, and commits
    /// what it seals, so that it cannot lose to the same premise twice.
    async fn commit_inside(
        &self,
        keys: Vec<PremiseKey>,
        attempt: Attempt,
    ) -> Result<Committed, InsideError>;

    /// Sealed events after a position, in order, at most `limit`.
    async fn log(&self, after: u64, limit: u32) -> Result<Vec<LogEntry>, StoreError>;

    /// The newest signed head of the log, if anything was sealed.
    async fn head(&self) -> Result<Option<SignedHead>, StoreError>;

    /// How many committed events wait for their position.
    async fn unsealed(&self) -> Result<u64, StoreError>;

    /// The last sealed position; changes after each seal.
    fn sealed(&self) -> tokio::sync::watch::Receiver<u64>;

    /// Moves the cursor of a reader in this store to `position`, for events that have no effect
    /// here: what [`Snapshot::cursor`] answers from then on. A cursor never moves back: a lower or
    /// equal position changes nothing. (A commit with an [`Effect`] moves it in its own
    /// transaction.)
    async fn advance(&self, reader: &str, position: u64) -> Result<(), StoreError>;

    /// Destroys a subject's data key for good; what the log holds under it cannot be read again.
    async fn destroy_key(&self, subject: Uuid) -> Result<(), StoreError>;
}

/// The second run of a command, on a snapshot that holds the locks it needs.
pub type Attempt =
    Box<dyn for<'s> FnOnce(&'s dyn Snapshot) -> BoxFuture<'s, Result<Sealed, Problem>> + Send>;

/// A consistent view of a store.
#[async_trait]
pub trait Snapshot: Send + Sync {
    /// A record by id, if it exists and every predicate holds for it.
    async fn get(
        &self,
        entity: &Arc<Entity>,
        id: Uuid,
        predicates: &[Predicate],
    ) -> Result<Option<Record>, StoreError>;

    /// The records of a plan, in its order.
    async fn list(&self, plan: &ListPlan) -> Result<Vec<Record>, StoreError>;

    /// How many records a plan has in all; its order, cursor and limit do not matter.
    async fn count(&self, plan: &ListPlan) -> Result<u64, StoreError>;

    /// The groups of a plan: each is the group keys, then the measures, in the plan's order. A
    /// bucket is text; a sum of integers or decimals is a decimal; an empty group key is null.
    async fn aggregate(&self, plan: &AggregatePlan) -> Result<Vec<Vec<Value>>, StoreError>;

    /// Ids that match all tokens, over all entities, the best first, at most `limit`.
    async fn search(
        &self,
        tokens: &[String],
        limit: u32,
    ) -> Result<Vec<(String, Uuid)>, StoreError>;

    /// What an earlier request of this actor with this key did.
    async fn idempotent(
        &self,
        actor: Uuid,
        key: &str,
    ) -> Result<Option<IdempotencyRow>, StoreError>;

    /// The records of an entity that bear one of `keys` in another system (`external_ids.NAME`):
    /// key and id.
    async fn by_external(
        &self,
        entity: &Arc<Entity>,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, Uuid)>, StoreError>;

    /// The wrapped data key of a subject; none if it never had one or it was destroyed.
    async fn subject_key(&self, subject: Uuid) -> Result<Option<Vec<u8>>, StoreError>;

    /// The events that touched a record, oldest first.
    async fn events_of(&self, record: Uuid) -> Result<Vec<Recorded>, StoreError>;

    /// The sealed events that touched a record before a position, the newest first, at most `limit`.
    /// As the first question to a snapshot it sees all that was committed before.
    async fn history_of(
        &self,
        record: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, StoreError>;

    /// The bytes of one event.
    async fn event(&self, event: Uuid) -> Result<Option<Vec<u8>>, StoreError>;

    /// Ids of the records that link to `id` by the field in `slot`, at most `limit`; for lines,
    /// the ids of the records that they are inside.
    async fn linking(
        &self,
        entity: &Arc<Entity>,
        slot: usize,
        id: Uuid,
        limit: u32,
    ) -> Result<Vec<Uuid>, StoreError>;

    /// The events of a change set before a position, the newest first, at most `limit`: position
    /// and bytes. Only sealed events are seen.
    async fn events_in(
        &self,
        change_set: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError>;

    /// The sums of an accumulator whose periods lie within bounds, both included, in the order of
    /// key and period; `key` limits them to one sum. `length` is the periods' length: 0 for all
    /// time, 4 for years, 7 for months, 10 for days.
    async fn totals(
        &self,
        accumulator: &str,
        key: Option<&[u8]>,
        length: usize,
        from: &str,
        to: &str,
    ) -> Result<Vec<Total>, StoreError>;

    /// How far a reader of a log has come; 0 if it never read.
    async fn cursor(&self, reader: &str) -> Result<u64, StoreError>;
}

/// A page to read.
#[derive(Clone, Debug)]
pub struct ListPlan {
    /// Whose records.
    pub entity: Arc<Entity>,
    /// All must hold: the actor's rights and the client's filter.
    pub predicates: Vec<Predicate>,
    /// Full-text tokens that must all occur, the last as a beginning; empty for all records.
    pub tokens: Vec<String>,
    /// Hops whose targets' words count as the record's own for the tokens.
    pub through: Vec<Arc<Hop>>,
    /// The order; the id is always the last key, ascending, and need not be named. Nulls come
    /// last in both directions; text in people's order (its sort key).
    pub order: Vec<OrderKey>,
    /// Start after the record with these values of the order keys and this id.
    pub after: Option<(Vec<Value>, Uuid)>,
    /// Pass over this many records first.
    pub skip: u64,
    /// At most this many records.
    pub limit: u32,
    /// Whether the records come with their lines.
    pub lines: bool,
}

/// A question about groups of records.
#[derive(Clone, Debug)]
pub struct AggregatePlan {
    /// Whose records.
    pub entity: Arc<Entity>,
    /// All must hold: the actor's rights and the client's filter.
    pub predicates: Vec<Predicate>,
    /// Full-text tokens that must all occur, as in a list.
    pub tokens: Vec<String>,
    /// Hops whose targets' words count as the record's own for the tokens.
    pub through: Vec<Arc<Hop>>,
    /// These records only; none for all.
    pub among: Option<Vec<Uuid>>,
    /// What the records are grouped by; empty for one group of all.
    pub groups: Vec<GroupKey>,
    /// What is computed for each group. An amount of money is computed apart for each currency:
    /// the store adds the currency to the groups by itself.
    pub measures: Vec<Measure>,
    /// At most this many groups.
    pub limit: u32,
}

/// A value that records are grouped by.
#[derive(Clone, Debug)]
pub struct GroupKey {
    /// The record at the end of this hop has the field; none for the record itself.
    pub hop: Option<Arc<Hop>>,
    /// The field.
    pub slot: usize,
    /// The part of a date or instant (in UTC) that counts; none for the whole value.
    pub bucket: Option<Bucket>,
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// `2026`
    Year,
    /// `2026-07`
    Month,
    /// `2026-07-04`
    Day,
}

impl Bucket {
    /// How many characters of the date it keeps.
    pub fn length(self) -> usize {
        match self {
            Bucket::Year => 4,
            Bucket::Month => 7,
            Bucket::Day => 10,
        }
    }
}

/// What is computed for a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// How many records.
    Count,
    /// The sum of a number; exact.
    Sum(usize),
    /// The smallest value.
    Min(usize),
    /// The largest value.
    Max(usize),
}

/// One key of an order.
#[derive(Clone, Debug)]
pub struct OrderKey {
    /// The record at the end of this hop has the field; none for the record itself.
    pub hop: Option<Arc<Hop>>,
    /// The field.
    pub slot: usize,
    /// From large to small.
    pub descending: bool,
}

/// What happened earlier under an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// The actor's user.
    pub actor: Uuid,
    /// The client's key.
    pub key: String,
    /// The keyed hash of the request it was used for.
    pub fingerprint: [u8; 32],
    /// The event that the request committed.
    pub event: Uuid,
    /// When it was used.
    pub at: Instant,
}

/// A change to one record.
#[derive(Clone, Debug)]
pub enum Change {
    /// A new record.
    Insert(Record),
    /// A changed record; both have the same id, and `after` the next version.
    Update {
        /// As it was; the commit fails with [`StoreError::Moved`] if it is not so any more.
        before: Record,
        /// As it becomes.
        after: Record,
    },
    /// A deleted record, as it was last.
    Delete(Record),
}

impl Change {
    /// The record as it is after the change, or as it was last if it is deleted.
    pub fn record(&self) -> &Record {
        match self {
            Change::Insert(record) | Change::Delete(record) => record,
            Change::Update { after, .. } => after,
        }
    }
}

/// What a commit adds to one sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delta {
    /// The entity's full name, a slash, the accumulator's name.
    pub accumulator: String,
    /// Which sum: deterministic CBOR of the values that it is kept by, and of the currencies.
    pub key: Vec<u8>,
    /// The period: empty for all time, else `2026`, `2026-07` or `2026-07-04`.
    pub period: String,
    /// Records more (or fewer).
    pub count: i64,
    /// What each sum grows by, in the field's smallest unit.
    pub sums: Vec<i64>,
    /// Bounds that the sums must keep after this commit.
    pub bounds: Vec<SumBound>,
}

/// A sum as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Total {
    /// Which sum, as in [`Delta::key`].
    pub key: Vec<u8>,
    /// The period, as in [`Delta::period`].
    pub period: String,
    /// How many records it covers.
    pub count: i64,
    /// The sums, in the field's smallest unit.
    pub sums: Vec<i64>,
}

/// A document number to draw as the last statement before the commit, so that a series has no
/// gap and is locked for no longer than that statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Which of the changes gets the number.
    pub change: usize,
    /// The series: entity, company and year; each counts from 1.
    pub series: String,
    /// What stands before the count.
    pub prefix: String,
    /// The least digits of the count, filled with zeros.
    pub width: usize,
    /// What stands after the count.
    pub suffix: String,
}

impl Draw {
    /// The number that a count makes.
    pub fn number(&self, count: u64) -> String {
        format!("{}{count:0width$}{}", self.prefix, self.suffix, width = self.width)
    }
}

/// Something a command read that could change its answer.
#[derive(Clone, Debug)]
pub struct Premise {
    /// What it is about; locked, in the order of keys, before it is evaluated.
    pub key: PremiseKey,
    /// What must still hold.
    pub must: Must,
}

/// What a premise is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PremiseKey {
    /// A record, existing or not.
    Record {
        /// The entity's full name.
        entity: String,
        /// The record's id.
        id: Uuid,
    },
}

/// What a premise demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Must {
    /// The record has this version; 0 if it must not exist.
    HaveVersion(u64),
    /// The record exists, in whatever version.
    Exist,
    /// No record of an entity links to it by the field in `slot`. Evaluated after the command's
    /// own rows are written, so that what it unlinks or deletes itself does not count.
    Unlinked {
        /// The linking entity's full name.
        entity: String,
        /// The linking field.
        slot: usize,
    },
}

/// A reader's effect of one event: stored with it, so that the effect happens once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// The reader's name, such as `auth.sessions`.
    pub reader: String,
    /// The position of the event whose effect this is; the reader's cursor moves to it.
    pub position: u64,
}

/// A committed command.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The event's id.
    pub event: Uuid,
    /// The changes as they were stored, numbers filled in; the command's own record first.
    pub changes: Vec<Change>,
}

/// Why a store could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// Premises (a record's version among them) do not hold any more.
    Moved(Vec<PremiseKey>),
    /// Another record has the value already.
    NotUnique {
        /// The entity's full name.
        entity: String,
        /// The field.
        field: String,
    },
    /// The commit would break a declared bound of a sum.
    OutOfBounds {
        /// The entity's full name, a slash, the accumulator's name.
        accumulator: String,
    },
    /// The idempotency key was used by a request that committed in the meantime.
    KeyUsed,
    /// The effect was committed before; the reader may move on.
    EffectDone,
    /// The database cannot answer now.
    Unavailable(String),
    /// The disk is full.
    StorageFull(String),
    /// The disk, or the database on it, takes no writes.
    ReadOnly(String),
    /// The database is not what it should be.
    Corrupt(String),
    /// The database was made by a newer program, which must be used for it.
    Newer(String),
    /// A fault of ours.
    Internal(String),
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StoreError::Moved(keys) => write!(f, "{} premises moved", keys.len()),
            StoreError::NotUnique { entity, field } => write!(f, "{entity}.{field} is taken"),
            StoreError::OutOfBounds { accumulator } => write!(f, "{accumulator} leaves its bounds"),
            StoreError::KeyUsed => f.write_str("the idempotency key is in use"),
            StoreError::EffectDone => f.write_str("the effect was committed before"),
            StoreError::Unavailable(why) => write!(f, "the database cannot answer: {why}"),
            StoreError::StorageFull(why) => write!(f, "the disk is full: {why}"),
            StoreError::ReadOnly(why) => write!(f, "the database takes no writes: {why}"),
            StoreError::Corrupt(why) => write!(f, "the database is corrupt: {why}"),
            StoreError::Newer(why) => write!(f, "made by a newer program: {why}"),
            StoreError::Internal(why) => write!(f, "internal: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// Why a second attempt failed: the store, or the command itself.
#[derive(Clone, Debug)]
pub enum InsideError {
    /// The store could not commit.
    Store(StoreError),
    /// The command was refused on what it read under the locks.
    Refused(Problem),
}

/// Where records live: finds the store of a service in an organisation.
#[async_trait]
pub trait Placement: Send + Sync + 'static {
    /// The store, opened if need be.
    async fn store(&self, org: Uuid, service: &str) -> Result<Arc<dyn Store>, Problem>;

    /// Where a new organisation is placed that names no place, as the catalog writes it: `sqlite`
    /// or `postgres`.
    fn default_place(&self) -> &'static str {
        "sqlite"
    }
}

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Instant;
}

/// Where random bits come from.
pub trait Chance: Send + Sync + 'static {
    /// Fills a buffer with bits that nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

/// A clock and chance: all that a command may not take from the system by itself.
#[derive(Clone)]
pub struct Source {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where random bits come from.
    pub chance: Arc<dyn Chance>,
}

impl Source {
    /// A new record or event id of now.
    pub fn id(&self) -> Uuid {
        let mut random = [0u8; 16];
        self.chance.fill(&mut random);
        types::uuid_v7(self.clock.now().unix_ms(), u128::from_le_bytes(random))
    }
}
