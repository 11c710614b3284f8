//! The record at any past moment, replayed from its events.

use crate::keys::DataKey;
use crate::log::Recorded;
use crate::log::event::{ChangeRecord, Event, EventValue};
use crate::ports::Snapshot;
use crate::problem::Problem;
use crate::record::Record;
use crate::schema::{Entity, slot};
use crate::service::{Registry, Runtime};
use crate::write::store_problem;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// The acts whose events are commands that were sent together and stand for themselves.
pub(crate) const TOGETHER_BY_CHANCE: [&str; 3] = ["batch", "import", "undo"];

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
    let mut replay = Replay::new(runtime, snapshot, entity, id);
    for Recorded { bytes, number } in snapshot.events_of(id).await.map_err(store_problem)? {
        let event = Event::parse(&bytes).map_err(|error| Problem::internal(error.to_string()))?;
        let after = match until {
            Until::Instant(instant) => event.at > instant,
            Until::Before(id) => event.id == id,
            Until::Event(_) => false,
        };
        if after {
            break;
        }
        replay.apply(&event, &number).await?;
        if until == Until::Event(event.id) {
            break;
        }
    }
    Ok(replay.record)
}

/// A record on its way through its events, the oldest first.
pub(crate) struct Replay<'a> {
    entity: Arc<Entity>,
    id: Uuid,
    record: Option<Record>,
    keys: SubjectKeys<'a>,
}

impl<'a> Replay<'a> {
    /// Before the first event.
    pub(crate) fn new(
        runtime: &'a Runtime,
        snapshot: &'a dyn Snapshot,
        entity: &Arc<Entity>,
        id: Uuid,
    ) -> Replay<'a> {
        let keys = SubjectKeys::new(runtime, snapshot);
        Replay { entity: entity.clone(), id, record: None, keys }
    }

    /// The record as it is now; none before its first event and after its deletion.
    pub(crate) fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// Takes in the next event, with the document numbers that were drawn with it.
    pub(crate) async fn apply(&mut self, event: &Event, numbers: &str) -> Result<(), Problem> {
        for change in event.changes.iter().filter(|change| change.record == self.id) {
            self.record = apply(self.record.take(), change, &self.entity, &mut self.keys).await?;
            let number = drawn(&self.keys.runtime.registry, numbers, event, change);
            if let (Some(record), Some(number)) = (&mut self.record, number) {
                record.values[slot::NUMBER] = Value::Text(number);
            }
        }
        Ok(())
    }
}

/// The document number that an event drew for the record of one of its changes. The numbers of an
/// event are kept beside its bytes, in the order of the changes that drew one.
pub(crate) fn drawn(
    registry: &Registry,
    numbers: &str,
    event: &Event,
    change: &ChangeRecord,
) -> Option<String> {
    if numbers.is_empty() {
        return None;
    }
    let draws = |change: &&ChangeRecord| {
        let entity = registry.get(&change.entity);
        entity.is_some_and(|entity| may_draw(entity, event, change))
    };
    let drawing: Vec<&ChangeRecord> = event.changes.iter().filter(draws).collect();
    let at = drawing.iter().position(|one| std::ptr::eq(*one, change))?;
    match drawing.len() {
        1 => Some(numbers.to_owned()),
        many => {
            let numbers: Vec<&str> = numbers.split(' ').collect();
            (numbers.len() == many).then(|| numbers[at].to_owned())
        }
    }
}

/// Whether a change is one at which its entity numbers a document.
fn may_draw(entity: &Entity, event: &Event, change: &ChangeRecord) -> bool {
    let Some(rule) = &entity.number else { return false };
    let number = &entity.fields[slot::NUMBER].name;
    if change.version == 0 || change.after.iter().any(|(name, _)| name == number) {
        return false;
    }
    let state = |side: &[(String, EventValue)]| -> Option<String> {
        let name = &entity.fields[slot::STATE].name;
        match side.iter().find(|(known, _)| known == name) {
            Some((_, EventValue::Plain(value))) => value.as_text().map(str::to_owned),
            _ => None,
        }
    };
    let moved = || {
        let (from, to) = (state(&change.before)?, state(&change.after)?);
        let mut moves = entity.states.as_ref()?.moves.iter();
        moves.find(|m| m.act == rule.at && m.from == from && m.to == to)
    };
    let is_together = TOGETHER_BY_CHANCE.contains(&event.act.as_str());
    match (event.act == rule.at, rule.at.as_str()) {
        (true, "create") => change.is_first(),
        (true, _) => true,
        (false, "create") => is_together && change.is_first(),
        (false, _) => is_together && moved().is_some(),
    }
}

/// The fields of a record that changed after a version, by name.
pub fn changed_since(events: &[Recorded], id: Uuid, version: u64) -> HashSet<String> {
    events
        .iter()
        .filter_map(|event| Event::parse(&event.bytes).ok())
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
        Ok(self.open(field, value).await?.unwrap_or_default())
    }

    /// The value; none where its subject's key was destroyed.
    pub(crate) async fn open(
        &mut self,
        field: &str,
        value: &EventValue,
    ) -> Result<Option<Value>, Problem> {
        let (subject, cipher) = match value {
            EventValue::Plain(value) => return Ok(Some(value.clone())),
            EventValue::Cipher { subject, cipher, .. } => (*subject, cipher),
        };
        if !self.known.contains_key(&subject) {
            let wrapped = self.snapshot.subject_key(subject).await.map_err(store_problem)?;
            let key = wrapped.and_then(|wrapped| self.runtime.keys.unwrap(subject, &wrapped));
            self.known.insert(subject, key);
        }
        let key = self.known[&subject].as_ref();
        Ok(key.and_then(|key| key.open(field, cipher)))
    }
}
