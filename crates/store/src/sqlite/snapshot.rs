//! Snapshots: of a reading connection on a blocking thread, and of the writer's own.
//!
//! A snapshot begins with its first read, so that a command which reads nothing costs nothing.

use super::read::{Get, Reading, TotalsOf};
use super::{Log, Shared, connect};
use async_trait::async_trait;
use kernel::log::{LogEntry, Recorded};
use kernel::ports::{AggregatePlan, IdempotencyRow, ListPlan, Snapshot, StoreError, Total};
use kernel::{Entity, Kind, Predicate, Record};
use rusqlite::Connection;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use types::{Uuid, Value};

/// A view of the file on a connection of its own, from the first read to the drop.
pub struct ReadSnapshot {
    shared: Arc<Shared>,
    log: Arc<Log>,
    /// The connection, in its transaction; none before the first read.
    connection: tokio::sync::Mutex<Held>,
}

/// Given back when it is dropped.
struct Held {
    shared: Arc<Shared>,
    connection: Option<Connection>,
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.shared.readers.give_back(connection);
        }
        self.shared.snapshots.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ReadSnapshot {
    /// A snapshot that has not begun.
    pub fn new(shared: &Arc<Shared>, log: &Arc<Log>) -> ReadSnapshot {
        shared.snapshots.fetch_add(1, Ordering::Relaxed);
        let held = Held { shared: shared.clone(), connection: None };
        ReadSnapshot {
            shared: shared.clone(),
            log: log.clone(),
            connection: tokio::sync::Mutex::new(held),
        }
    }

    /// Runs `work` on the snapshot's connection, on a thread that may block.
    pub async fn run<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Reading<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let mut held = self.connection.lock().await;
        // For the length of one read only: who holds a snapshot may need another one.
        let _permit = self.shared.readers.permit().await?;
        let (shared, log) = (self.shared.clone(), self.log.clone());
        let taken = held.connection.take();
        let job = move || read(&shared, &log, taken, work);
        let done = tokio::task::spawn_blocking(job).await;
        let failed = |e| StoreError::Internal(format!("a read did not end: {e}"));
        let (connection, result) = done.map_err(failed)??;
        held.connection = Some(connection);
        result
    }

    /// Runs `work` at once, on the caller's thread: for rows by their key, which take a few
    /// microseconds where changing threads takes three times as many.
    async fn run_here<T>(
        &self,
        work: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut held = self.connection.lock().await;
        let _permit = self.shared.readers.permit().await?;
        let (connection, result) = read(&self.shared, &self.log, held.connection.take(), work)?;
        held.connection = Some(connection);
        result
    }
}

/// Runs `work` on a snapshot's connection, or on a new one where it has none yet.
fn read<T>(
    shared: &Shared,
    log: &Log,
    taken: Option<Connection>,
    work: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>,
) -> Result<(Connection, Result<T, StoreError>), StoreError> {
    let connection = match taken {
        Some(connection) => connection,
        None => {
            let connection = shared.readers.take()?;
            connect::run(&connection, "BEGIN").map_err(super::error::plain)?;
            connection
        }
    };
    let Shared { tables, widths, .. } = shared;
    let result = work(&Reading { connection: &connection, tables, log, widths });
    Ok((connection, result))
}

#[async_trait]
impl Snapshot for ReadSnapshot {
    async fn get(
        &self,
        entity: &Arc<Entity>,
        id: Uuid,
        predicates: &[Predicate],
    ) -> Result<Option<Record>, StoreError> {
        let get = Get { entity: entity.clone(), id, predicates: predicates.to_vec() };
        // Lines may be thousands: they are read where waiting holds up nobody.
        let has_lines = |field: &kernel::Field| matches!(field.kind, Kind::Children { .. });
        match entity.fields.iter().any(has_lines) {
            true => self.run(move |reading| reading.get(&get)).await,
            false => self.run_here(move |reading| reading.get(&get)).await,
        }
    }

    async fn list(&self, plan: &ListPlan) -> Result<Vec<Record>, StoreError> {
        let plan = plan.clone();
        self.run(move |reading| reading.list(&plan)).await
    }

    async fn count(&self, plan: &ListPlan) -> Result<u64, StoreError> {
        let plan = plan.clone();
        self.run(move |reading| reading.count(&plan)).await
    }

    async fn aggregate(&self, plan: &AggregatePlan) -> Result<Vec<Vec<Value>>, StoreError> {
        let plan = plan.clone();
        self.run(move |reading| reading.aggregate(&plan)).await
    }

    async fn by_external(
        &self,
        entity: &Arc<Entity>,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, Uuid)>, StoreError> {
        let (entity, name, keys) = (entity.clone(), name.to_owned(), keys.to_vec());
        self.run(move |reading| reading.by_external(&entity, &name, &keys)).await
    }

    async fn linking(
        &self,
        entity: &Arc<Entity>,
        slot: usize,
        id: Uuid,
        limit: u32,
    ) -> Result<Vec<Uuid>, StoreError> {
        let entity = entity.full_name();
        self.run(move |reading| reading.linking(&entity, slot, id, limit)).await
    }

    async fn events_in(
        &self,
        change_set: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        self.run(move |reading| reading.events_in(change_set, before, limit)).await
    }

    async fn totals(
        &self,
        accumulator: &str,
        key: Option<&[u8]>,
        length: usize,
        from: &str,
        to: &str,
    ) -> Result<Vec<Total>, StoreError> {
        let question = totals_of(accumulator, key, length, from, to);
        self.run(move |reading| reading.totals(&question)).await
    }

    async fn search(
        &self,
        tokens: &[String],
        limit: u32,
    ) -> Result<Vec<(String, Uuid)>, StoreError> {
        let tokens = tokens.to_vec();
        self.run(move |reading| reading.search(&tokens, limit)).await
    }

    async fn idempotent(
        &self,
        actor: Uuid,
        key: &str,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        self.run_here(|reading| reading.idempotent(actor, key)).await
    }

    async fn subject_key(&self, subject: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.run_here(|reading| reading.subject_key(subject)).await
    }

    async fn events_of(&self, record: Uuid) -> Result<Vec<Recorded>, StoreError> {
        self.run(move |reading| reading.events_of(record)).await
    }

    async fn history_of(
        &self,
        record: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, StoreError> {
        self.run(move |reading| reading.history_of(record, before, limit)).await
    }

    async fn event(&self, event: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(move |reading| reading.event(event)).await
    }

    async fn cursor(&self, reader: &str) -> Result<u64, StoreError> {
        let reader = reader.to_owned();
        self.run(move |reading| reading.cursor(&reader)).await
    }
}

/// The writer's own view, inside its transaction: nothing can move under it. Every answer is
/// ready at once.
pub struct InsideSnapshot<'a> {
    /// The writer's connection.
    pub connection: &'a Mutex<Connection>,
    /// What the readers share.
    pub shared: &'a Shared,
    /// Whose records.
    pub log: &'a Log,
}

impl InsideSnapshot<'_> {
    fn run<T>(
        &self,
        work: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let connection = self.connection.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let Shared { tables, widths, .. } = self.shared;
        work(&Reading { connection: &connection, tables, log: self.log, widths })
    }
}

#[async_trait]
impl Snapshot for InsideSnapshot<'_> {
    async fn get(
        &self,
        entity: &Arc<Entity>,
        id: Uuid,
        predicates: &[Predicate],
    ) -> Result<Option<Record>, StoreError> {
        let get = Get { entity: entity.clone(), id, predicates: predicates.to_vec() };
        self.run(|reading| reading.get(&get))
    }

    async fn list(&self, plan: &ListPlan) -> Result<Vec<Record>, StoreError> {
        self.run(|reading| reading.list(plan))
    }

    async fn count(&self, plan: &ListPlan) -> Result<u64, StoreError> {
        self.run(|reading| reading.count(plan))
    }

    async fn aggregate(&self, plan: &AggregatePlan) -> Result<Vec<Vec<Value>>, StoreError> {
        self.run(|reading| reading.aggregate(plan))
    }

    async fn by_external(
        &self,
        entity: &Arc<Entity>,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, Uuid)>, StoreError> {
        self.run(|reading| reading.by_external(entity, name, keys))
    }

    async fn linking(
        &self,
        entity: &Arc<Entity>,
        slot: usize,
        id: Uuid,
        limit: u32,
    ) -> Result<Vec<Uuid>, StoreError> {
        let entity = entity.full_name();
        self.run(|reading| reading.linking(&entity, slot, id, limit))
    }

    async fn events_in(
        &self,
        change_set: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        self.run(|reading| reading.events_in(change_set, before, limit))
    }

    async fn totals(
        &self,
        accumulator: &str,
        key: Option<&[u8]>,
        length: usize,
        from: &str,
        to: &str,
    ) -> Result<Vec<Total>, StoreError> {
        let question = totals_of(accumulator, key, length, from, to);
        self.run(|reading| reading.totals(&question))
    }

    async fn search(
        &self,
        tokens: &[String],
        limit: u32,
    ) -> Result<Vec<(String, Uuid)>, StoreError> {
        self.run(|reading| reading.search(tokens, limit))
    }

    async fn idempotent(
        &self,
        actor: Uuid,
        key: &str,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        self.run(|reading| reading.idempotent(actor, key))
    }

    async fn subject_key(&self, subject: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(|reading| reading.subject_key(subject))
    }

    async fn events_of(&self, record: Uuid) -> Result<Vec<Recorded>, StoreError> {
        self.run(|reading| reading.events_of(record))
    }

    async fn history_of(
        &self,
        record: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, StoreError> {
        self.run(|reading| reading.history_of(record, before, limit))
    }

    async fn event(&self, event: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(|reading| reading.event(event))
    }

    async fn cursor(&self, reader: &str) -> Result<u64, StoreError> {
        self.run(|reading| reading.cursor(reader))
    }
}

fn totals_of(
    accumulator: &str,
    key: Option<&[u8]>,
    length: usize,
    from: &str,
    to: &str,
) -> TotalsOf {
    TotalsOf {
        accumulator: accumulator.to_owned(),
        key: key.map(<[u8]>::to_vec),
        length,
        from: from.to_owned(),
        to: to.to_owned(),
    }
}
