//! Taking a change set back: the act `undo`, its job, and the contract that does it at once.

use crate::ChangeSet;
use crate::command::{in_own_org, in_own_right, made};
use crate::job::acts::enqueue;
use crate::jobs::{JobContext, JobKind};
use async_trait::async_trait;
use contracts::own::draft;
use contracts::platform::Undo;
use contracts::{once, only_platform, own};
use futures::future::BoxFuture;
use kernel::command::{Known, Verb};
use kernel::ports::Change;
use kernel::schema::{Scope, slot};
use kernel::service::{Runtime, Undone, Work};
use kernel::{Call, Command, Input, Problem, Record};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{Uuid, Value};

/// The kind of the job, and the act's name.
pub const UNDO: &str = "undo";
/// The input by which the contract says that it does the work itself.
const AT_ONCE: &str = "at_once";
/// Conflicts that a job reports by name; the others are counted.
const LISTED: usize = 1_000;
/// How often all services are asked again because something was released meanwhile.
const ROUNDS: usize = 3;

/// What an undo's job works on.
#[derive(Serialize, Deserialize)]
struct Payload {
    /// The change set to take back.
    change_set: Uuid,
    /// The change set that takes the compensations.
    undo: Uuid,
    /// Who asked, and with which rights.
    call: Call,
}

/// The act `undo`: opens the undo's own change set and enqueues its job, in one commit.
pub fn act<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        let mut undo = draft(work, ChangeSet::ENTITY)?;
        let title = work.record.values[ChangeSet::TITLE].as_text().unwrap_or_default();
        let title: String = format!("Undo of {title}").chars().take(200).collect();
        undo.values[ChangeSet::TITLE] = title.into();
        undo.values[ChangeSet::KIND] = "undo".into();
        undo.values[ChangeSet::UNDOES] = work.record.id().into();
        let (change_set, own) = (work.record.id(), undo.id());
        work.record.values[ChangeSet::UNDONE_BY] = own.into();
        work.others.push(Change::Insert(undo));
        if work.input.values.iter().any(|(name, _)| name == AT_ONCE) {
            return only_platform_or_administrator(work);
        }
        let call = Call { idempotency: None, change_set: None, ..work.call.clone() };
        let payload = serde_json::to_value(Payload { change_set, undo: own, call });
        let payload = payload.map_err(|error| Problem::internal(error.to_string()))?;
        enqueue(work, UNDO, &payload, Some(&format!("undo of {own}"))).map(drop)
    })
}

/// Who does the work at once is the contract, which asks with the platform's rights.
fn only_platform_or_administrator(work: &Work<'_>) -> Result<(), Problem> {
    let is_administrator = |role: &String| role == kernel::rights::ADMINISTRATOR;
    match work.call.roles.iter().any(is_administrator) {
        true => Ok(()),
        false => only_platform(work.call, "platform.change_set:undo"),
    }
}

/// The act `finish_undo`: notes the conflicts.
pub fn finish_act<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        only_platform(work.call, "platform.change_set:finish_undo")?;
        let given = work.input.values.iter().find(|(name, _)| name == "conflicts");
        if let Some((_, value)) = given {
            work.record.values[ChangeSet::CONFLICTS] = value.clone();
        }
        Ok(())
    })
}

/// The act `redo`: the undo of this change set was itself undone.
pub fn redo_act<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        only_platform(work.call, "platform.change_set:redo")?;
        work.record.values[ChangeSet::UNDONE_BY] = Value::Null;
        work.record.values[ChangeSet::CONFLICTS] = Value::Int(0);
        Ok(())
    })
}

/// Takes a change set back at once, or says what that would do.
pub async fn undo(runtime: Arc<Runtime>, call: Call, request: Undo) -> Result<Undone, Problem> {
    in_own_org(&call, request.org)?;
    let call = Call { org: request.org, idempotency: None, change_set: None, ..call };
    let change_set = request.change_set;
    let record = own::get(&runtime, call.org, ChangeSet::ENTITY, change_set).await?;
    let record = record.ok_or_else(|| Problem::not_found("change_set"))?;
    may_undo(&runtime, &call, &record).await?;
    if request.preview {
        let own = Call { change_set: Some(runtime.source.id()), ..call };
        let undone = everywhere(&runtime, &own, change_set, true).await?;
        return Ok(Undone { change_set: None, ..undone });
    }
    let verb = Verb::Act { id: change_set, act: UNDO.to_owned(), known: Known::Nothing };
    let input = Input::new().set(AT_ONCE, true);
    let command = Command { entity: ChangeSet::ENTITY.to_owned(), verb, input };
    // A repetition of the same request goes on with the same undo.
    let asked = once(&runtime, in_own_right(&call, call.org), &[b"undo", change_set.as_bytes()]);
    let record = made(runtime.execute(&asked, &command).await?)?;
    let undo = record.values[ChangeSet::UNDONE_BY].as_id();
    let undo = undo.ok_or_else(|| Problem::internal("an undo without its change set"))?;
    let own = Call { change_set: Some(undo), ..call };
    let undone = everywhere(&runtime, &own, change_set, false).await?;
    finish(&runtime, &own, change_set, undo, &undone).await?;
    Ok(undone)
}

async fn may_undo(runtime: &Runtime, call: &Call, record: &Record) -> Result<(), Problem> {
    let facts = runtime.facts.of(call.org).await?;
    let plan = runtime.plans.of(call, &record.entity, &facts, &*runtime.registry)?;
    match plan.may(UNDO, Some(record), call, runtime.source.clock.now()).allowed {
        true => Ok(()),
        false => Err(Problem::forbidden(&plan.right(UNDO))),
    }
}

/// Takes a change set back in every service that keeps records of organisations, those that were
/// declared last first: they use what the earlier ones own. What stood in the way of another
/// service is tried again while something moves.
async fn everywhere(
    runtime: &Runtime,
    call: &Call,
    change_set: Uuid,
    preview: bool,
) -> Result<Undone, Problem> {
    let mut services: Vec<&str> = Vec::new();
    for entity in runtime.registry.all().iter().filter(|entity| entity.scope == Scope::Org) {
        if !services.contains(&entity.service.as_str()) {
            services.push(&entity.service);
        }
    }
    let mut last: Option<Undone> = None;
    for _ in 0..ROUNDS {
        let mut round = Undone::default();
        for service in services.iter().rev() {
            round.add(runtime.peers.undo(service, call.clone(), change_set, preview).await?);
        }
        let before = last.as_ref().map_or(usize::MAX, |last| last.conflicts.len());
        let stands = round.is_whole() || preview || round.conflicts.len() >= before;
        last = Some(round);
        if stands {
            break;
        }
    }
    Ok(last.unwrap_or_default())
}

/// Notes that a change set was taken back, and what that came to.
async fn finish(
    runtime: &Arc<Runtime>,
    call: &Call,
    change_set: Uuid,
    undo: Uuid,
    undone: &Undone,
) -> Result<(), Problem> {
    let call = Call {
        change_set: None,
        request_id: call.request_id.clone(),
        ..Call::system(call.org, "an undo is finished")
    };
    let count = |count: u64| Value::Int(i64::try_from(count).unwrap_or(i64::MAX));
    let conflicts = count(undone.conflicts.len() as u64);
    let act = async |id: Uuid, act: &str, input: Input| {
        let verb = Verb::Act { id, act: act.to_owned(), known: Known::Nothing };
        let command = Command { entity: ChangeSet::ENTITY.to_owned(), verb, input };
        match runtime.execute(&call, &command).await {
            // An earlier attempt came this far.
            Err(problem) if problem.code == "wrong_state" => Ok(()),
            done => done.map(drop),
        }
    };
    let closing = Input::new()
        .set("read", count(undone.undone + undone.conflicts.len() as u64))
        .set("updated", count(undone.undone))
        .set("refused", conflicts.clone());
    act(undo, "close", closing).await?;
    act(change_set, "finish_undo", Input::new().set("conflicts", conflicts)).await?;
    let record = own::get(runtime, call.org, ChangeSet::ENTITY, change_set).await?;
    let undoes = record.and_then(|record| record.values[ChangeSet::UNDOES].as_id());
    match undoes {
        Some(original) if undone.is_whole() => act(original, "redo", Input::new()).await,
        _ => Ok(()),
    }
}

/// The job that the act enqueues.
pub struct UndoJob;

#[async_trait]
impl JobKind for UndoJob {
    fn name(&self) -> &'static str {
        UNDO
    }

    async fn run(&self, ctx: JobContext) -> Result<(), Problem> {
        let payload: Payload = ctx.payload()?;
        let call = Call { change_set: Some(payload.undo), org: ctx.org(), ..payload.call };
        let runtime = ctx.runtime();
        let record = own::get(runtime, call.org, ChangeSet::ENTITY, payload.change_set).await?;
        let record = record.ok_or_else(|| Problem::not_found("change_set"))?;
        let asked = record.values[slot::STATE].as_text() == Some("undoing");
        if !asked || record.values[ChangeSet::UNDONE_BY].as_id() != Some(payload.undo) {
            // It was done before the last attempt broke off, or asked for again since.
            return Ok(());
        }
        let undone = everywhere(runtime, &call, payload.change_set, false).await?;
        let named: Vec<_> = undone.conflicts.iter().take(LISTED).collect();
        let report = serde_json::json!({
            "undone": undone.undone,
            "conflicts": undone.conflicts.len(),
            "listed": named,
        });
        ctx.report(&report).await?;
        finish(runtime, &call, payload.change_set, payload.undo, &undone).await
    }
}
