//! What happened in a log, whatever records it was about: for those who administer an
//! organisation. Each event is told as the history of its first record tells it.

use super::timeline::Timeline;
use crate::command::{Call, Happening};
use crate::history::SubjectKeys;
use crate::log::LogEntry;
use crate::log::event::{ChangeRecord, Event};
use crate::ports::Snapshot;
use crate::problem::Problem;
use crate::schema::Entity;
use crate::service::Runtime;
use crate::write::store_problem;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::Uuid;

/// The most records of one event that are named; the others are counted.
const NAMED: usize = 20;

/// An event, with the records that it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occurrence {
    /// The service whose log it is in.
    pub service: String,
    /// The full name of the first record's entity; empty where it is about nothing that people
    /// see.
    pub entity: String,
    /// What happened to the first record.
    pub happening: Happening,
    /// The first records.
    pub records: Vec<Touched>,
    /// How many records there are in all.
    pub count: u64,
}

/// A record that an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// Its entity's full name.
    pub entity: String,
    /// The record.
    pub id: Uuid,
    /// What it is called now; of one that is gone, what the event itself says, if it does.
    pub title: Option<String>,
}

/// What happened, event by event, in the order given; `snapshot` is of the service that they are
/// of.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn occurrences(
    runtime: &Runtime,
    call: &Call,
    snapshot: &dyn Snapshot,
    events: &[(LogEntry, Event)],
) -> Result<Vec<Occurrence>, Problem> {
    let facts = runtime.facts.of(call.org).await?;
    let mut keys = SubjectKeys::new(runtime, snapshot);
    let mut told = Vec::with_capacity(events.len());
    for (entry, event) in events {
        let seen: Vec<(&ChangeRecord, Arc<Entity>)> = event
            .changes
            .iter()
            .filter_map(|change| Some((change, runtime.registry.get(&change.entity)?.clone())))
            .collect();
        let happening = match seen.first() {
            None => bare(entry, event),
            Some((change, entity)) => {
                let plan = runtime.plans.of(call, entity, &facts, &*runtime.registry)?;
                let (entity, id) = (entity.clone(), change.record);
                let line = Timeline { runtime, call, snapshot, entity, plan, id };
                line.happening(entry, event, change, (true, true), &mut keys).await?
            }
        };
        let mut records = Vec::new();
        for (change, entity) in seen.iter().take(NAMED) {
            let title = title(snapshot, entity, change, &mut keys).await?;
            records.push(Touched { entity: entity.full_name(), id: change.record, title });
        }
        told.push(Occurrence {
            service: event.service.clone(),
            entity: seen.first().map(|(_, entity)| entity.full_name()).unwrap_or_default(),
            happening,
            records,
            count: seen.len() as u64,
        });
    }
    Ok(told)
}

/// What a record is called now, or was called when the change deleted it.
async fn title(
    snapshot: &dyn Snapshot,
    entity: &Arc<Entity>,
    change: &ChangeRecord,
    keys: &mut SubjectKeys<'_>,
) -> Result<Option<String>, Problem> {
    let found = snapshot.get(entity, change.record, &[]).await.map_err(store_problem)?;
    if let Some(record) = found {
        return Ok(record.values[entity.title].as_text().map(str::to_owned));
    }
    let name = &entity.fields[entity.title].name;
    let sides = change.after.iter().chain(&change.before);
    match sides.into_iter().find(|(known, _)| known == name) {
        Some((_, value)) => Ok(keys.reveal(name, value).await?.as_text().map(str::to_owned)),
        None => Ok(None),
    }
}

/// An event about what the kernel keeps for itself.
fn bare(entry: &LogEntry, event: &Event) -> Happening {
    Happening {
        event: event.id,
        position: entry.position,
        at: event.at,
        actor: Some(event.actor).filter(|actor| !actor.is_nil()),
        actor_kind: event.actor_kind.clone(),
        verb: event.act.clone(),
        through: None,
        reason: event.reason.clone(),
        request_id: event.request_id.clone(),
        change_set: event.change_set,
        version: 0,
        changes: Vec::new(),
        lines: Vec::new(),
    }
}
