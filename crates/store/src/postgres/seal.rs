//! The sealer: gives committed events their positions and signs the head of the log.
//!
//! Commits leave their events without a position. The sealer takes, in one snapshot, all that it
//! can see, in the order of their stamps, and puts them behind what is sealed already. An event
//! whose transaction commits late is simply not seen until it has; it then gets a later position.
//! Any number of processes may run a sealer for one log: a lock for the length of the transaction
//! lets one at a time work, and the head moves only from the size that was read.

use super::ddl::quoted;
use super::error::Context;
use super::param::Param;
use super::pipeline::{Begin, Step, Transaction};
use super::{Inner, lock};
use crate::expiry;
use kernel::log::{Frontier, Hash, Head, SignedHead};
use kernel::ports::StoreError;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio_postgres::Row;
use types::{Instant, Uuid};

/// Events sealed in one transaction at most.
const BATCH: usize = 1_000;
/// The least time between two seals of one log, so that a busy log seals many events at once.
const PAUSE: Duration = Duration::from_millis(5);
/// How often a log is looked at that is in use, for what other processes commit and seal.
const SWEEP: Duration = Duration::from_millis(250);
/// How often a log is looked at that nobody here reads or writes.
const IDLE_SWEEP: Duration = Duration::from_secs(30);
/// How many sweeps after the last commit of this process a log counts as in use.
const BUSY_SWEEPS: u32 = 20;
/// Idempotency rows removed in one transaction at most.
const SWEPT: i64 = 500;
/// Microseconds of the commands' clock between two looks for such rows.
const HOUR: i64 = 3_600_000_000;

/// What one run of the sealer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything visible is sealed, up to this size.
    Done(u64),
    /// This size is sealed and more may wait.
    More(u64),
    /// Another process is sealing.
    Busy,
}

/// What to do while another seals.
#[derive(Clone, Copy, Debug)]
enum Turn {
    /// Leave it to the other.
    IfFree,
    /// Wait for the other to finish.
    Mine,
}

impl Turn {
    /// The statement that takes the sealer's lock and says whether it is held.
    fn lock(self) -> &'static str {
        match self {
            Turn::IfFree => "SELECT pg_try_advisory_xact_lock($1)",
            Turn::Mine => "SELECT true FROM pg_advisory_xact_lock($1)",
        }
    }
}

/// Runs until the store is dropped.
pub async fn run(store: Weak<Inner>, poke: Arc<tokio::sync::Notify>) {
    let mut quiet = 0;
    loop {
        let in_use = match store.upgrade() {
            None => return,
            Some(store) => quiet < BUSY_SWEEPS || store.sealed.receiver_count() > 0,
        };
        let sweep = if in_use { SWEEP } else { IDLE_SWEEP };
        let poked = tokio::time::timeout(sweep, poke.notified()).await.is_ok();
        quiet = if poked { 0 } else { quiet.saturating_add(1) };
        let Some(store) = store.upgrade() else { return };
        if let Err(error) = store.sweep().await {
            tracing::warn!(service = store.service, %error, "used keys could not be removed");
        }
        match store.seal_if_needed(poked).await {
            Ok(Outcome::Done(_)) => {}
            Ok(Outcome::More(_) | Outcome::Busy) => poke.notify_one(),
            Err(error) => {
                tracing::warn!(service = store.service, %error, "the log could not be sealed");
                drop(store);
                tokio::time::sleep(SWEEP).await;
                continue;
            }
        }
        drop(store);
        if poked {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Inner {
    /// Seals what waits. Without a `hint` that something does, a read asks first, so that an idle
    /// log costs no writing transaction.
    pub async fn seal_if_needed(&self, hint: bool) -> Result<Outcome, StoreError> {
        if !hint {
            let (size, waits) = self.sealed_size().await?;
            self.tell(size);
            if !waits {
                return Ok(Outcome::Done(size));
            }
        }
        self.seal_and_tell(Turn::IfFree).await
    }

    /// Returns when all that was committed before the call is sealed.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let (size, waits) = self.sealed_size().await?;
        self.tell(size);
        if !waits {
            return Ok(());
        }
        while let Outcome::More(_) = self.seal_and_tell(Turn::Mine).await? {}
        Ok(())
    }

    async fn seal_and_tell(&self, turn: Turn) -> Result<Outcome, StoreError> {
        let outcome = self.seal(turn).await?;
        if let Outcome::Done(size) | Outcome::More(size) = outcome {
            self.tell(size);
        }
        Ok(outcome)
    }

    /// Removes idempotency rows whose time is over, a chunk of them once an hour of the commands'
    /// own clock.
    ///
    /// Several processes may do so at once; then one finds the other's rows gone.
    async fn sweep(&self) -> Result<(), StoreError> {
        let latest = self.keys.latest.load(Ordering::Relaxed);
        if latest < self.keys.next_sweep.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.keys.next_sweep.store(latest + HOUR, Ordering::Relaxed);
        let sql = format!(
            "WITH gone AS (DELETE FROM {schema}._idempotency WHERE _org = $1 AND ctid = ANY(ARRAY( \
               SELECT ctid FROM {schema}._idempotency WHERE _org = $1 AND at < $2 \
               ORDER BY at LIMIT {SWEPT})) RETURNING 1) SELECT count(*) FROM gone",
            schema = quoted(&self.service)
        );
        let before = expiry::expired_before(Instant(latest));
        let params = vec![Param::Int(self.org().await?.into()), Param::Int(before.0)];
        let rows = self.rows(Begin::Write, Step::new(sql, params)).await?;
        if get::<i64>(rows.first().ok_or_else(lost)?, 0)? == SWEPT {
            // The next chunk comes with the next turn.
            self.keys.next_sweep.store(latest, Ordering::Relaxed);
            self.poke.notify_one();
        }
        Ok(())
    }

    /// The sealed size and whether events wait.
    async fn sealed_size(&self) -> Result<(u64, bool), StoreError> {
        let org = self.org().await?;
        let schema = quoted(&self.service);
        let sql = format!(
            "SELECT coalesce((SELECT size FROM {schema}._log_head WHERE _org = $1), 0), \
             EXISTS (SELECT FROM {schema}._event WHERE _org = $1 AND position IS NULL)"
        );
        let step = Step::new(sql, vec![Param::Int(org.into())]);
        let connection = self.database.pools.read().await?;
        let answers = Transaction::new(connection, org, Begin::Read)
            .commit(&[step], &Context::default())
            .await?;
        let row = answers.first().and_then(|rows| rows.first()).ok_or_else(lost)?;
        Ok((get::<i64>(row, 0)? as u64, get(row, 1)?))
    }

    /// Tells the readers of this process, if the log has grown since they were told last.
    fn tell(&self, size: u64) {
        self.sealed.send_if_modified(|told| {
            let grown = size > *told;
            *told = size.max(*told);
            grown
        });
    }

    /// One transaction of the sealer.
    async fn seal(&self, turn: Turn) -> Result<Outcome, StoreError> {
        let org = self.org().await?;
        let schema = quoted(&self.service);
        let none = Context::default();
        let number = Param::Int(org.into());
        let key = lock::hash(&self.service, org, "seal", self.id);
        let connection = self.database.pools.write().await?;
        let mut transaction = Transaction::new(connection, org, Begin::Write);
        let look = [
            Step::new(turn.lock(), vec![Param::Int(key)]),
            Step::new(
                format!("SELECT size, peaks FROM {schema}._log_head WHERE _org = $1"),
                vec![number.clone()],
            ),
            Step::new(
                format!(
                    "SELECT id, hash, number FROM {schema}._event \
                     WHERE _org = $1 AND position IS NULL ORDER BY stamp LIMIT {BATCH}"
                ),
                vec![number.clone()],
            ),
        ];
        let answers = transaction.run(&look, &none).await?;
        let [locked, head, events] = answers.as_slice() else { return Err(lost()) };
        if !get::<bool>(locked.first().ok_or_else(lost)?, 0)? {
            return Ok(Outcome::Busy);
        }
        let mut frontier = frontier(head.first())?;
        let before = frontier.size();
        if events.is_empty() {
            return Ok(Outcome::Done(before));
        }

        let mut ids = Vec::with_capacity(events.len());
        for event in events {
            ids.push(get::<Uuid>(event, 0)?);
            let hash = hash(get::<&[u8]>(event, 1)?)?;
            let leaf = kernel::log::merkle::leaf(&hash, get::<&str>(event, 2)?);
            frontier.push(leaf);
        }
        let signed = self.database.signer.sign(Head {
            org: self.id,
            service: self.service.clone(),
            size: frontier.size(),
            root: frontier.root(),
            at: now(),
        });
        let write = [
            positions(&schema, &number, ids, before),
            new_head(&schema, &number, self.id, &signed, &frontier, before),
        ];
        let more = events.len() == BATCH;
        match transaction.commit(&write, &none).await {
            Ok(_) => self.database.signer.publish(&signed),
            Err(StoreError::Moved(_)) => return Ok(Outcome::Busy),
            Err(other) => return Err(other),
        }
        let size = signed.head.size;
        Ok(if more { Outcome::More(size) } else { Outcome::Done(size) })
    }
}

fn positions(schema: &str, org: &Param, ids: Vec<Uuid>, before: u64) -> Step {
    let positions = (0..ids.len() as i64).map(|n| before as i64 + 1 + n).collect();
    Step::new(
        format!(
            "UPDATE {schema}._event e SET position = p.position \
             FROM unnest($2::uuid[], $3::bigint[]) p (id, position) \
             WHERE e._org = $1 AND e.id = p.id"
        ),
        vec![org.clone(), Param::Uuids(ids), Param::Ints(positions)],
    )
}

fn new_head(
    schema: &str,
    org: &Param,
    id: Uuid,
    signed: &SignedHead,
    frontier: &Frontier,
    before: u64,
) -> Step {
    let sql = format!(
        "WITH moved AS (INSERT INTO {schema}._log_head AS h \
           (_org, size, root, at, key, signature, peaks) VALUES ($1, $2, $3, $4, $5, $6, $7) \
           ON CONFLICT (_org) DO UPDATE SET size = excluded.size, root = excluded.root, \
           at = excluded.at, key = excluded.key, signature = excluded.signature, \
           peaks = excluded.peaks WHERE h.size = $8 RETURNING 1) \
         SELECT megalith.changed(EXISTS (SELECT FROM moved), 'log', $9)"
    );
    let bytes = |bytes: &[u8]| Param::Bytes(bytes.to_vec());
    let params = vec![
        org.clone(),
        Param::Int(signed.head.size as i64),
        bytes(&signed.head.root),
        Param::Int(signed.head.at.0),
        bytes(&signed.key),
        bytes(&signed.signature),
        Param::Bytes(frontier.peaks().concat()),
        Param::Int(before as i64),
        Param::Uuid(id),
    ];
    Step::new(sql, params)
}

fn frontier(head: Option<&Row>) -> Result<Frontier, StoreError> {
    let Some(row) = head else { return Ok(Frontier::default()) };
    let size = get::<i64>(row, 0)? as u64;
    let peaks = get::<&[u8]>(row, 1)?.chunks(32).map(hash).collect::<Result<_, _>>()?;
    let corrupt = || StoreError::Corrupt("the log's head and its peaks do not fit".to_owned());
    Frontier::new(size, peaks).ok_or_else(corrupt)
}

/// A stored hash.
pub fn hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    let wrong = |_| StoreError::Corrupt(format!("a hash of {} bytes", bytes.len()));
    bytes.try_into().map_err(wrong)
}

/// A column of a row.
pub fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    column: usize,
) -> Result<T, StoreError> {
    row.try_get(column).map_err(|e| StoreError::Corrupt(format!("column {column}: {e}")))
}

/// The answer that cannot be.
pub fn lost() -> StoreError {
    StoreError::Internal("the database left out an answer".to_owned())
}

/// Now, for the head: the one time that is not a command's.
fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Instant(since.map_or(0, |since| since.as_micros() as i64))
}
