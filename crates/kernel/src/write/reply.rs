//! The answer to a command: the record as it was stored, as far as the actor may read it.

use crate::command::{Answer, Call, View};
use crate::ports::{Change, Committed};
use crate::problem::Problem;
use crate::record::Record;
use crate::rights::Plan;
use crate::schema;
use crate::service::Runtime;
use types::{Instant, Value};

/// Answers the record as it was stored, under the actor's rights.
pub(super) async fn reply(
    runtime: &Runtime,
    call: &Call,
    committed: Committed,
) -> Result<Answer, Problem> {
    let Some(change) = committed.changes.into_iter().next() else { return Ok(Answer::Done) };
    let facts = runtime.facts.of(call.org).await?;
    let entity = change.record().entity.clone();
    let plan = runtime.plans.of(call, &entity, &facts, &*runtime.registry)?;
    Ok(answer(change, &plan))
}

pub(super) fn answer(change: Change, plan: &Plan) -> Answer {
    match change {
        Change::Insert(record) | Change::Update { after: record, .. } => {
            Answer::Record(reduce(record, plan))
        }
        Change::Delete(_) => Answer::Done,
    }
}

/// The record with only the fields that the plan lets the actor read.
pub(crate) fn reduce(mut record: Record, plan: &Plan) -> View {
    let readable = plan.readable().clone();
    for (value, readable) in record.values.iter_mut().zip(readable.iter()) {
        if !readable {
            value.take();
        }
    }
    for mask in plan.lines() {
        let Value::Rows(rows) = &mut record.values[mask.slot] else { continue };
        for row in rows {
            let hidden = row.iter_mut().zip(&mask.readable).filter(|(_, readable)| !**readable);
            hidden.for_each(|(value, _)| drop(value.take()));
        }
    }
    View { record, readable, lines: plan.lines_seen().clone(), replayed: false }
}

/// Binds the actor to the row conditions of a plan.
pub(crate) fn bind(see: &[schema::Predicate], call: &Call, now: Instant) -> Vec<schema::Predicate> {
    see.iter().map(|predicate| crate::env::bind(predicate, call, now)).collect()
}
