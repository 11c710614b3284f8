//! A dry run: every stage up to the commit, and then the answer instead of the commit.
//!
//! It reads a snapshot and nothing else, so that a form may ask while its user types: no lock is
//! taken, no number is drawn, no other service keeps a use. What only a commit would find, a value
//! that another record has and a sum that leaves its bounds, is looked up.

use super::batch::Batch;
use super::{Checked, Prepared, Scoped, Settled, accumulate, answer, reduce, stamp, store_problem};
use crate::command::{Answer, Call, Command, Consequence, Draft, Verb};
use crate::mirror::outside::{self, Told};
use crate::ports::{Change, Snapshot, StoreError};
use crate::problem::Problem;
use crate::rights::{OrgFacts, Plan};
use crate::schema::Entity;
use crate::service::Runtime;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a command would be answered: the record as it would be, a deletion's consequences, or the
/// reason of the refusal with the record as far as it got.
///
/// # Errors
/// As the command itself, where there is no record to show.
pub(super) async fn rehearse(
    runtime: &Arc<Runtime>,
    call: &Call,
    command: &Command,
) -> Result<Answer, Problem> {
    let store = runtime.store(call.org).await?;
    let mut told = Told::only_asking(None);
    loop {
        let snapshot = store.snapshot().await.map_err(store_problem)?;
        let scoped = Scoped::find(runtime, call, command, &*snapshot, &told).await?;
        if matches!(command.verb, Verb::Restore { .. }) {
            return Err(Problem::forbidden(&scoped.plan.right("restore")));
        }
        let needs = match scoped.pass().await? {
            Prepared::Answered(answer) => return Ok(answer),
            Prepared::Refused(draft) => return Ok(Answer::Draft(draft)),
            Prepared::Checked(checked) => {
                let settled = Checked::settle(*checked);
                let batch =
                    Batch { runtime, call, snapshot: &*snapshot, enters: false, told: &told };
                return match taken(&batch, &settled).await? {
                    Some(problem) => refused(runtime, call, settled, problem).await,
                    None => outcome(runtime, call, &*snapshot, settled).await,
                };
            }
            Prepared::Needs(needs) => needs,
        };
        drop(snapshot);
        // Asked too often, this fails.
        outside::settle(runtime, call, needs, &mut told).await?;
    }
}

/// What a checked command comes to that another record's value does not stand in the way of.
pub(super) async fn outcome(
    runtime: &Runtime,
    call: &Call,
    snapshot: &dyn Snapshot,
    mut settled: Settled,
) -> Result<Answer, Problem> {
    let at = runtime.source.clock.now();
    settled.changes.iter_mut().for_each(|change| stamp(change, call, at));
    if let Some(accumulator) = out_of_bounds(runtime, call, snapshot, &settled.changes).await? {
        let problem = store_problem(StoreError::OutOfBounds { accumulator });
        return refused(runtime, call, settled, problem).await;
    }
    let facts = runtime.facts.of(call.org).await?;
    let mut changes = settled.changes.into_iter();
    let Some(own) = changes.next() else { return Ok(Answer::Done) };
    if matches!(own, Change::Delete(_)) {
        let others: Vec<Change> = changes.collect();
        return Ok(Answer::Consequences(consequences(runtime, call, &facts, &others)?));
    }
    let plan = plan_of(runtime, call, &facts, &own.record().entity)?;
    Ok(answer(own, &plan))
}

fn plan_of(
    runtime: &Runtime,
    call: &Call,
    facts: &OrgFacts,
    entity: &Arc<Entity>,
) -> Result<Arc<Plan>, Problem> {
    runtime.plans.of(call, entity, facts, &*runtime.registry)
}

/// The refusal of a command whose record is whole.
async fn refused(
    runtime: &Runtime,
    call: &Call,
    settled: Settled,
    problem: Problem,
) -> Result<Answer, Problem> {
    let facts = runtime.facts.of(call.org).await?;
    let Some(own) = settled.changes.into_iter().next() else { return Err(problem) };
    let record = own.record().clone();
    let plan = plan_of(runtime, call, &facts, &record.entity)?;
    Ok(Answer::Draft(Box::new(Draft { problem, record: reduce(record, &plan) })))
}

/// The problem of a value that another record has.
async fn taken(batch: &Batch<'_>, settled: &Settled) -> Result<Option<Problem>, Problem> {
    for change in &settled.changes {
        let (before, record) = match change {
            Change::Insert(record) => (None, record),
            Change::Update { before, after } => (Some(before), after),
            Change::Delete(_) => continue,
        };
        let entity = record.entity.full_name();
        for (slot, field) in record.entity.fields.iter().enumerate().filter(|(_, f)| f.unique) {
            if before.is_some_and(|before| before.values[slot] == record.values[slot]) {
                continue;
            }
            let one = [(0, record.clone())];
            if !batch.taken(&one, &entity, &field.name).await?.is_empty() {
                let field = field.name.clone();
                return Ok(Some(store_problem(StoreError::NotUnique { entity, field })));
            }
        }
    }
    Ok(None)
}

/// The accumulator one of whose sums would leave its bounds.
async fn out_of_bounds(
    runtime: &Runtime,
    call: &Call,
    snapshot: &dyn Snapshot,
    changes: &[Change],
) -> Result<Option<String>, Problem> {
    let deltas = accumulate::deltas(runtime, call, changes)?;
    for delta in deltas.into_iter().filter(|delta| !delta.bounds.is_empty()) {
        let found = snapshot.totals(&delta.accumulator, Some(&delta.key), 0, "", "").await;
        let found = found.map_err(store_problem)?;
        let sum = |at: usize| {
            let now = found.first().and_then(|total| total.sums.get(at)).copied().unwrap_or(0);
            now.saturating_add(delta.sums.get(at).copied().unwrap_or(0))
        };
        let holds = delta.bounds.iter().all(|bound| {
            let value = sum(bound.sum);
            bound.min.is_none_or(|min| value >= min) && bound.max.is_none_or(|max| value <= max)
        });
        if !holds {
            return Ok(Some(delta.accumulator));
        }
    }
    Ok(None)
}

/// What a deletion does to other records, as far as the actor may know: kinds that the actor cannot
/// see are neither named nor counted, and where only some records are seen none are counted.
fn consequences(
    runtime: &Runtime,
    call: &Call,
    facts: &OrgFacts,
    others: &[Change],
) -> Result<Vec<Consequence>, Problem> {
    let mut counts: BTreeMap<(Option<String>, &str), Option<u64>> = BTreeMap::new();
    for change in others {
        let entity = &change.record().entity;
        // What the kernel keeps for itself is nobody's business.
        if entity.inner.is_some() {
            continue;
        }
        let verb = if matches!(change, Change::Delete(_)) { "delete" } else { "update" };
        let plan = plan_of(runtime, call, facts, entity)?;
        let (name, counts_all) = match plan.see() {
            Some(see) => (Some(entity.full_name()), see.is_empty()),
            None => (None, false),
        };
        let count = counts.entry((name, verb)).or_insert(counts_all.then_some(0));
        *count = count.map(|count| count + 1);
    }
    let told = counts.into_iter().map(|((entity, change), count)| {
        let records = match (&entity, count) {
            (Some(entity), Some(count)) => format!("{count} of {entity}"),
            (Some(entity), None) => format!("records of {entity}"),
            (None, _) => "other records that you cannot see".to_owned(),
        };
        let message = match change {
            "delete" => format!("{records} are deleted with it"),
            _ => format!("{records} lose their link to it"),
        };
        Consequence { entity, change: change.to_owned(), count, message }
    });
    Ok(told.collect())
}
