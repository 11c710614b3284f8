//! The record at any past moment, replayed from its events.

use crate::keys::DataKey;
use crate::log::event::{ChangeRecord, Event, EventValue};
use crate::ports::Snapshot;
use crate::problem::Problem;
use crate::record::Record;
use crate::schema::{Entity, slot};
use crate::service::Runtime;
use crate::write::store_problem;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// How far to replay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Up to and with this event.
    Event(Uuid),
    /// Up to this event, and without it.
    Before(Uuid),
    /// All that was recorded at or before this instant.
    Instant(Instant),
}

/// The record as its events left it; none before its first event and after its deletion.
///
/// # Errors
/// A [`Problem`] when the database cannot answer or an event cannot be read.
pub async fn replay(
    runtime: &Runtime,
    snapshot: &dyn Snapshot,
    entity: &Arc<Entity>,
    id: Uuid,
    until: Until,
) -> Result<Option<Record>, Problem> {
    let mut keys = SubjectKeys::new(runtime, snapshot);
    let mut record = None;
    for bytes in snapshot.events_of(id).await.map_err(store_problem)? {
        let event = Event::parse(&bytes).map_err(|error| Problem::internal(error.to_string()))?;
        let after = match until {
            Until::Instant(instant) => event.at > instant,
            Until::Before(id) => event.id == id,
            Until::Event(_) => false,
        };
        if after {
            break;
        }
        for change in event.changes.iter().filter(|change| change.record == id) {
            record = apply(record, change, entity, &mut keys).await?;
        }
        if until == Until::Event(event.id) {
            break;
        }
    }
    Ok(record)
}

/// The fields of a record that changed after a version, by name.
pub fn changed_since(events: &[Vec<u8>], id: Uuid, version: u64) -> HashSet<String> {
    events
        .iter()
        .filter_map(|bytes| Event::parse(bytes).ok())
        .flat_map(|event| event.changes)
        .filter(|change| change.record == id && change.version > version)
        .flat_map(|change| change.after.into_iter().map(|(name, _)| name))
        .collect()
}

async fn apply(
    record: Option<Record>,
    change: &ChangeRecord,
    entity: &Arc<Entity>,
    keys: &mut SubjectKeys<'_>,
) -> Result<Option<Record>, Problem> {
    if change.version == 0 {
        return Ok(None);
    }
    let mut record = record.unwrap_or_else(|| Record::empty(entity.clone()));
    record.values[slot::ID] = change.record.into();
    record.values[slot::VERSION] = Value::Int(change.version as i64);
    for (name, value) in &change.after {
        // A field that the schema no longer has stays in the log and has no place in a record.
        if let Some(slot) = entity.slot(name) {
            record.values[slot] = keys.reveal(name, value).await?;
        }
    }
    Ok(Some(record))
}

/// The data keys that a replay needs, each read once.
pub(crate) struct SubjectKeys<'a> {
    runtime: &'a Runtime,
    snapshot: &'a dyn Snapshot,
    known: HashMap<Uuid, Option<DataKey>>,
}

impl<'a> SubjectKeys<'a> {
    /// None read yet.
    pub(crate) fn new(runtime: &'a Runtime, snapshot: &'a dyn Snapshot) -> SubjectKeys<'a> {
        SubjectKeys { runtime, snapshot, known: HashMap::new() }
    }

    /// The value; null where its subject's key was destroyed.
    pub(crate) async fn reveal(
        &mut self,
        field: &str,
        value: &EventValue,
    ) -> Result<Value, Problem> {
        let (subject, cipher) = match value {
            EventValue::Plain(value) => return Ok(value.clone()),
            EventValue::Cipher { subject, cipher, .. } => (*subject, cipher),
        };
        if !self.known.contains_key(&subject) {
            let wrapped = self.snapshot.subject_key(subject).await.map_err(store_problem)?;
            let key = wrapped.and_then(|wrapped| self.runtime.keys.unwrap(subject, &wrapped));
            self.known.insert(subject, key);
        }
        let key = self.known[&subject].as_ref();
        Ok(key.and_then(|key| key.open(field, cipher)).unwrap_or_default())
    }
}
