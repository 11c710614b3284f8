//! Undo: compensating commands for the events of a change set, after a preview of conflicts.
//!
//! Nothing is taken out of the log: each event is answered by another that puts its fields back.
//! A field that someone changed since is a conflict, and its event is left alone.

use super::{execute, store_problem};
use crate::command::{Call, Command, Input, Known, Verb};
use crate::history::{self, Until};
use crate::log::Event;
use crate::log::event::ChangeRecord;
use crate::ports::Snapshot;
use crate::problem::{Problem, ProblemKind};
use crate::record::Record;
use crate::schema::slot;
use crate::service::Runtime;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::Uuid;

/// Events that one step of an undo looks at.
const STEP: u32 = 200;

/// How an undo went, or would go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// Changes that were, or can be, put back.
    pub undone: u64,
    /// Changes that cannot: the record's id and why.
    pub conflicts: Vec<(String, String)>,
}

/// Puts back what the events of `change_set` changed in this service, the newest first; with
/// `preview` only says what would happen.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn undo(
    runtime: &Arc<Runtime>,
    call: &Call,
    change_set: Uuid,
    preview: bool,
) -> Result<Undone, Problem> {
    let store = runtime.store(call.org).await?;
    let mut outcome = Undone::default();
    let mut before = u64::MAX >> 1;
    loop {
        let snapshot = store.snapshot().await.map_err(store_problem)?;
        let found = snapshot.events_in(change_set, before, STEP).await.map_err(store_problem)?;
        let Some((last, _)) = found.last() else { return Ok(outcome) };
        before = *last;
        for (_, bytes) in &found {
            let event = Event::parse(bytes).map_err(|e| Problem::internal(e.to_string()))?;
            for change in event.changes.iter().rev() {
                let step = reverse(runtime, &*snapshot, &event, change).await;
                let done = match step {
                    Ok(command) if preview => Ok(drop(command)),
                    Ok(Some(command)) => execute(runtime, call, &command, None).await.map(drop),
                    Ok(None) => Ok(()),
                    Err(problem) => Err(problem),
                };
                match done {
                    Ok(()) => outcome.undone += 1,
                    Err(problem) if problem.kind == ProblemKind::Unavailable => {
                        return Err(problem);
                    }
                    Err(problem) => {
                        let id = public_id(runtime, change);
                        outcome.conflicts.push((id, problem.to_string()));
                    }
                }
            }
        }
    }
}

fn public_id(runtime: &Runtime, change: &ChangeRecord) -> String {
    let entity = runtime.registry.get(&change.entity);
    entity.map_or(change.record.to_string(), |e| types::format_id(&e.prefix, change.record))
}

/// The command that puts one change back; none when there is nothing left to do.
async fn reverse(
    runtime: &Arc<Runtime>,
    snapshot: &dyn Snapshot,
    event: &Event,
    change: &ChangeRecord,
) -> Result<Option<Command>, Problem> {
    let entity = runtime.own(&change.entity)?;
    let id = change.record;
    let now = snapshot.get(&entity, id, &[]).await.map_err(store_problem)?;
    let then = history::replay(runtime, snapshot, &entity, id, Until::Event(event.id)).await?;
    let (Some(now), Some(then)) = (now, then) else {
        if change.version > 0 {
            return Ok(None);
        }
        let text = "a deleted record cannot be brought back by undo; import it again";
        return Err(Problem::conflict("deleted", text));
    };
    let fields = own_fields(change, &now);
    if fields.iter().any(|&slot| now.values[slot] != then.values[slot]) {
        let text = "someone changed it since";
        return Err(Problem::conflict("changed_since", text));
    }
    let known = Known::Exactly(now.version());
    let verb = if change.before.is_empty() && change.version == 1 {
        Verb::Delete { id, known }
    } else {
        Verb::Update { id, known }
    };
    let mut input = Input::new();
    if let Verb::Update { .. } = verb {
        let earlier =
            history::replay(runtime, snapshot, &entity, id, Until::Before(event.id)).await?;
        let earlier = earlier.unwrap_or_else(|| Record::empty(entity.clone()));
        for slot in fields.into_iter().filter(|&slot| !entity.fields[slot].read_only) {
            input = input.set(&entity.fields[slot].name, earlier.values[slot].clone());
        }
    }
    Ok(Some(Command { entity: change.entity.clone(), verb, input }))
}

/// The slots that a change names, those apart that every change moves.
fn own_fields(change: &ChangeRecord, record: &Record) -> Vec<usize> {
    let names = change.after.iter().map(|(name, _)| record.entity.slot(name));
    let kernel =
        [slot::CREATED_AT, slot::CREATED_BY, slot::UPDATED_AT, slot::UPDATED_BY, slot::NUMBER];
    names.flatten().filter(|slot| !kernel.contains(slot)).collect()
}

impl Undone {
    /// True when every change was, or can be, put back.
    pub fn is_whole(&self) -> bool {
        self.conflicts.is_empty()
    }
}
