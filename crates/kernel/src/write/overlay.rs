//! A snapshot with changes on top that are not committed yet, so that the next command is prepared
//! as if they were.

use crate::log::{LogEntry, Recorded};
use crate::ports::{AggregatePlan, Change, IdempotencyRow, ListPlan, Snapshot, StoreError, Total};
use crate::record::Record;
use crate::schema::{Entity, Predicate};
use async_trait::async_trait;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use types::{Uuid, Value};

/// Records as they will be; none for those that will be gone.
type Coming = HashMap<Uuid, Option<Record>>;

/// What was on top for a record before something was laid over it.
pub(super) type Covered = (Uuid, Option<Option<Record>>);

/// A snapshot, and what is to change on top of it. Single records and the links to them are
/// answered with the changes, everything else without.
pub(super) struct Overlay {
    under: Box<dyn Snapshot>,
    coming: Mutex<Coming>,
}

impl Overlay {
    /// Nothing on top of `under`.
    pub(super) fn new(under: Box<dyn Snapshot>) -> Overlay {
        Overlay { under, coming: Mutex::default() }
    }

    /// The same changes on top of a newer snapshot.
    pub(super) fn onto(self, under: Box<dyn Snapshot>) -> Overlay {
        Overlay { under, coming: self.coming }
    }

    /// Lays changes on top; gives what was there, for [`Overlay::lift`].
    pub(super) fn lay(&self, changes: &[Change]) -> Vec<Covered> {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        let lay = |change: &Change| {
            let record = match change {
                Change::Insert(record) | Change::Update { after: record, .. } => {
                    Some(record.clone())
                }
                Change::Delete(_) => None,
            };
            let id = change.record().id();
            (id, coming.insert(id, record))
        };
        changes.iter().map(lay).collect()
    }

    /// Takes off again what was laid last.
    pub(super) fn lift(&self, covered: Vec<Covered>) {
        let mut coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, before) in covered.into_iter().rev() {
            match before {
                Some(before) => coming.insert(id, before),
                None => coming.remove(&id),
            };
        }
    }

    /// Whether the changes on top take a record away.
    pub(super) fn takes_away(&self, id: Uuid) -> bool {
        matches!(self.coming(id), Some(None))
    }

    /// A record that is to change, as it will be.
    fn coming(&self, id: Uuid) -> Option<Option<Record>> {
        self.coming.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }
}

/// Whether a record's field, or that field of a line in it, holds the id.
fn leads_to(record: &Record, entity: &Entity, slot: usize, id: Uuid) -> bool {
    if record.entity.name == entity.name && record.entity.service == entity.service {
        return record.values[slot].as_id() == Some(id);
    }
    let name = entity.full_name();
    record.entity.fields.iter().zip(&record.values).any(|(field, value)| {
        match (&field.kind, value) {
            (crate::field::Kind::Children { entity }, Value::Rows(rows)) if *entity == name => {
                rows.iter().any(|row| row.get(slot).and_then(Value::as_id) == Some(id))
            }
            _ => false,
        }
    })
}

#[async_trait]
impl Snapshot for Overlay {
    async fn get(
        &self,
        entity: &Arc<Entity>,
        id: Uuid,
        predicates: &[Predicate],
    ) -> Result<Option<Record>, StoreError> {
        match self.coming(id) {
            Some(None) => Ok(None),
            // The actor may see what it may see now; what was laid on top is its own doing.
            Some(Some(record)) => {
                Ok((record.entity.full_name() == entity.full_name()).then_some(record))
            }
            None => self.under.get(entity, id, predicates).await,
        }
    }

    async fn linking(
        &self,
        entity: &Arc<Entity>,
        slot: usize,
        id: Uuid,
        limit: u32,
    ) -> Result<Vec<Uuid>, StoreError> {
        // Those that are to change may all be among the first, so that many more are asked for.
        let (changing, more): (usize, Vec<Uuid>) = {
            let coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
            let leads = coming.iter().filter_map(|(linking, record)| {
                let leads = leads_to(record.as_ref()?, entity, slot, id);
                leads.then_some(*linking)
            });
            (coming.len(), leads.collect())
        };
        let asked = limit.saturating_add(u32::try_from(changing).unwrap_or(u32::MAX));
        let mut found = self.under.linking(entity, slot, id, asked).await?;
        let coming = self.coming.lock().unwrap_or_else(PoisonError::into_inner);
        found.retain(|id| !coming.contains_key(id));
        drop(coming);
        found.extend(more);
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn list(&self, plan: &ListPlan) -> Result<Vec<Record>, StoreError> {
        self.under.list(plan).await
    }

    async fn count(&self, plan: &ListPlan) -> Result<u64, StoreError> {
        self.under.count(plan).await
    }

    async fn aggregate(&self, plan: &AggregatePlan) -> Result<Vec<Vec<Value>>, StoreError> {
        self.under.aggregate(plan).await
    }

    async fn search(
        &self,
        tokens: &[String],
        limit: u32,
    ) -> Result<Vec<(String, Uuid)>, StoreError> {
        self.under.search(tokens, limit).await
    }

    async fn idempotent(
        &self,
        actor: Uuid,
        key: &str,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        self.under.idempotent(actor, key).await
    }

    async fn by_external(
        &self,
        entity: &Arc<Entity>,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, Uuid)>, StoreError> {
        self.under.by_external(entity, name, keys).await
    }

    async fn subject_key(&self, subject: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.under.subject_key(subject).await
    }

    async fn events_of(&self, record: Uuid) -> Result<Vec<Recorded>, StoreError> {
        self.under.events_of(record).await
    }

    async fn history_of(
        &self,
        record: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, StoreError> {
        self.under.history_of(record, before, limit).await
    }

    async fn event(&self, event: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        self.under.event(event).await
    }

    async fn events_in(
        &self,
        change_set: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        self.under.events_in(change_set, before, limit).await
    }

    async fn totals(
        &self,
        accumulator: &str,
        key: Option<&[u8]>,
        length: usize,
        from: &str,
        to: &str,
    ) -> Result<Vec<Total>, StoreError> {
        self.under.totals(accumulator, key, length, from, to).await
    }

    async fn cursor(&self, reader: &str) -> Result<u64, StoreError> {
        self.under.cursor(reader).await
    }
}
