//! Sample data: a small set of records to look around with, in one change set, which is undone to
//! take them out again.
//!
//! There is no record of its own about them: the last job that filled or removed says how far they
//! are, and the change set that it reported whether they are still there.

use crate::change_set::{close, undo};
use crate::command::only_administrators;
use crate::jobs::{JobContext, JobKind, enqueue_alone, last_where};
use crate::{ChangeSet, Job};
use async_trait::async_trait;
use contracts::demo::{Batch, Step, batches, resolve};
use contracts::platform::{ChangeSetKind, CloseChangeSet, Counts, OpenChangeSet, Undo};
use contracts::upkeep::{
    FillSamples, JobFacts, RemoveSamples, SampleFacts, SampleState, SamplesOf,
};
use contracts::{once, own};
use kernel::command::{Answer, Verb};
use kernel::rights::CompanyFacts;
use kernel::service::Runtime;
use kernel::write::IMPORT;
use kernel::{Call, Command, FieldProblem, Problem, ProblemKind, Record};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use types::{Instant, Uuid, Value};

/// The kinds of the two jobs.
const FILL: &str = "fill_samples";
const REMOVE: &str = "remove_samples";
/// The key that both share: an organisation has one of them at a time.
const KEY: &str = "sample_data";
/// What people call the change set.
const TITLE: &str = "Sample data";
/// The most consequences that a refusal names.
const NAMED: usize = 50;

/// Makes the steps of the sample data as of an instant, priced in a currency.
pub type Plan = fn(Instant, &str) -> Vec<Step>;

/// What a job works on.
#[derive(Serialize, Deserialize)]
struct Payload {
    /// Who asked, and with which rights.
    call: Call,
    /// As of when: a job that is begun again makes the same records.
    at: Instant,
    /// The change set to take out; none to fill.
    change_set: Option<Uuid>,
}

/// How far a job is.
#[derive(Serialize, Deserialize)]
struct Progress {
    change_set: Uuid,
    done: u64,
    total: u64,
}

/// The sample data as they stand.
pub async fn samples(
    runtime: Arc<Runtime>,
    call: Call,
    request: SamplesOf,
) -> Result<SampleFacts, Problem> {
    only_administrators(&call, request.org, "platform.sample_data:read")?;
    look(&runtime, request.org).await
}

async fn look(runtime: &Runtime, org: Uuid) -> Result<SampleFacts, Problem> {
    let absent = SampleFacts { state: SampleState::Absent, change_set: None, records: 0 };
    let either = format!("kind == '{FILL}' || kind == '{REMOVE}'");
    let Some(last) = last_where(runtime, org, &either).await? else { return Ok(absent) };
    let is_open = matches!(last.state(), Some(Job::QUEUED | Job::RUNNING));
    let filled = match last.values[Job::KIND].as_text() {
        Some(FILL) => Some(last.clone()),
        _ => last_where(runtime, org, &format!("kind == '{FILL}'")).await?,
    };
    let progress = filled.as_ref().and_then(progress);
    let change_set = progress.as_ref().map(|progress| progress.change_set);
    let done = progress.map_or(0, |progress| progress.done);
    if is_open {
        let fills = last.values[Job::KIND].as_text() == Some(FILL);
        let state = if fills { SampleState::Filling } else { SampleState::Removing };
        return Ok(SampleFacts { state, change_set, records: done });
    }
    let Some(change_set) = change_set else { return Ok(absent) };
    let record = own::get(runtime, org, ChangeSet::ENTITY, change_set).await?;
    let is_gone = |set: &Record| {
        let stayed = set.values[ChangeSet::CONFLICTS].as_int().unwrap_or(0);
        set.state() == Some("undone") && stayed == 0
    };
    match record {
        Some(set) if !is_gone(&set) => Ok(SampleFacts {
            state: SampleState::Present,
            change_set: Some(change_set),
            records: done,
        }),
        _ => Ok(absent),
    }
}

fn progress(job: &Record) -> Option<Progress> {
    match &job.values[Job::PROGRESS] {
        Value::Json(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

/// Begins to fill.
pub async fn fill(
    runtime: Arc<Runtime>,
    call: Call,
    request: FillSamples,
) -> Result<JobFacts, Problem> {
    only_administrators(&call, request.org, "platform.sample_data:create")?;
    if look(&runtime, request.org).await?.state != SampleState::Absent {
        let text = "There are sample data already, or they are on their way.";
        return Err(Problem::conflict("sample_data_present", text));
    }
    enqueue(&runtime, &call, request.org, FILL, None).await
}

/// Begins to remove, unless something was built upon the samples.
pub async fn remove(
    runtime: Arc<Runtime>,
    call: Call,
    request: RemoveSamples,
) -> Result<JobFacts, Problem> {
    only_administrators(&call, request.org, "platform.sample_data:delete")?;
    let found = look(&runtime, request.org).await?;
    let (SampleState::Present, Some(change_set)) = (found.state, found.change_set) else {
        let text = "There are no sample data to take out, or they are on their way.";
        return Err(Problem::conflict("no_sample_data", text));
    };
    let asked = Undo { org: request.org, change_set, preview: true };
    let preview = undo::undo(runtime.clone(), call.clone(), asked).await?;
    if !preview.is_whole() {
        return Err(in_use(&preview.conflicts));
    }
    enqueue(&runtime, &call, request.org, REMOVE, Some(change_set)).await
}

/// 409 with what was built upon the samples.
fn in_use(conflicts: &[(String, String)]) -> Problem {
    let text = format!(
        "{} changes of the sample data cannot be taken back, because records were changed since \
         or others use them. Delete what was built upon them first.",
        conflicts.len()
    );
    let named = conflicts.iter().take(NAMED);
    let named = named
        .map(|(record, reason)| FieldProblem::new("/id", "in_use", format!("{record}: {reason}")));
    Problem::conflict("in_use", text).with(named.collect())
}

async fn enqueue(
    runtime: &Arc<Runtime>,
    call: &Call,
    org: Uuid,
    kind: &str,
    change_set: Option<Uuid>,
) -> Result<JobFacts, Problem> {
    let who = Call { org, idempotency: None, change_set: None, ..call.clone() };
    let payload = Payload { call: who, at: runtime.source.clock.now(), change_set };
    let payload = serde_json::to_value(payload).map_err(|e| Problem::internal(e.to_string()))?;
    enqueue_alone(runtime, call, org, kind, KEY, &payload).await
}

/// The job that fills.
pub struct FillJob(pub Plan);

#[async_trait]
impl JobKind for FillJob {
    fn name(&self) -> &'static str {
        FILL
    }

    async fn run(&self, ctx: JobContext) -> Result<(), Problem> {
        let payload: Payload = ctx.payload()?;
        let runtime = ctx.runtime();
        // Every step is asked for under the job's name: what an earlier attempt did counts.
        let request_id = types::format_id("job", ctx.id());
        let call = Call { org: ctx.org(), request_id, reason: Some(TITLE.into()), ..payload.call };
        let request = OpenChangeSet {
            org: call.org,
            title: TITLE.to_owned(),
            kind: ChangeSetKind::Act,
            source: None,
        };
        let change_set = close::open(runtime.clone(), call.clone(), request).await?;
        let call = Call { change_set: Some(change_set), ..call };
        match self.enter(&ctx, &call, change_set, payload.at).await {
            Err(problem) if !may_pass(&problem) => {
                let asked = Undo { org: call.org, change_set, preview: false };
                let alone = Call { change_set: None, ..call };
                undo::undo(runtime.clone(), alone, asked).await?;
                let text = format!("Nothing was kept: {}", problem.detail);
                Err(Problem::new(ProblemKind::Invalid, &problem.code, text).with(problem.errors))
            }
            done => done,
        }
    }
}

impl FillJob {
    async fn enter(
        &self,
        ctx: &JobContext,
        call: &Call,
        change_set: Uuid,
        at: Instant,
    ) -> Result<(), Problem> {
        let runtime = ctx.runtime();
        let facts = runtime.facts.of(call.org).await?;
        let company = facts.companies.first();
        let company = company.ok_or_else(|| Problem::not_found("company"))?;
        let steps = (self.0)(at, &company.currency);
        let total = steps.len() as u64;
        let (mut known, mut done, mut made) = (HashMap::new(), 0, 0);
        for (place, batch) in batches(steps).iter().enumerate() {
            let commands = commands(runtime, batch, &known, company);
            let own = once(runtime, call.clone(), &[b"samples", &place.to_be_bytes()]);
            let answers =
                runtime.peers.execute_all(&batch.service, own, commands, IMPORT, true).await?;
            for (step, answer) in batch.steps.iter().zip(answers) {
                if let (Some(label), Answer::Record(view)) = (step.makes, answer?) {
                    known.insert(label, view.record.id());
                    made += 1;
                }
            }
            done += batch.steps.len() as u64;
            ctx.report(&Progress { change_set, done, total }).await?;
        }
        let counts =
            Counts { read: done, created: made, updated: done - made, ..Counts::default() };
        // What is told of them from now on: the records, not the steps.
        ctx.report(&Progress { change_set, done: made, total: made }).await?;
        let closing = CloseChangeSet { org: call.org, change_set, counts };
        close::close(runtime.clone(), Call { change_set: None, ..call.clone() }, closing).await
    }
}

/// The commands of a batch, in the company that has the samples.
fn commands(
    runtime: &Runtime,
    batch: &Batch,
    known: &HashMap<Uuid, Uuid>,
    company: &CompanyFacts,
) -> Vec<Command> {
    let resolved = batch.steps.iter().map(|step| resolve(&step.command, known));
    let placed = resolved.map(|mut command| {
        let entity = runtime.registry.get(&command.entity);
        if command.verb == Verb::Create && entity.is_some_and(|entity| entity.per_company) {
            command.input.values.push(("company".to_owned(), company.id.into()));
        }
        command
    });
    placed.collect()
}

/// Whether the same work may go well later.
fn may_pass(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Unavailable | ProblemKind::Internal | ProblemKind::StorageFull
    ) || matches!(problem.code.as_str(), "version_mismatch" | "wrong_state" | "contended")
}

/// The job that takes the samples out.
pub struct RemoveJob;

#[async_trait]
impl JobKind for RemoveJob {
    fn name(&self) -> &'static str {
        REMOVE
    }

    async fn run(&self, ctx: JobContext) -> Result<(), Problem> {
        let payload: Payload = ctx.payload()?;
        let missing = || Problem::internal("a removal without its change set");
        let change_set = payload.change_set.ok_or_else(missing)?;
        let request_id = types::format_id("job", ctx.id());
        let call = Call { org: ctx.org(), request_id, ..payload.call };
        let asked = Undo { org: call.org, change_set, preview: false };
        let undone = undo::undo(ctx.runtime().clone(), call, asked).await?;
        let total = undone.undone + undone.conflicts.len() as u64;
        ctx.report(&Progress { change_set, done: undone.undone, total }).await?;
        match undone.is_whole() {
            true => Ok(()),
            false => {
                let problem = in_use(&undone.conflicts);
                let kind = ProblemKind::Invalid;
                Err(Problem::new(kind, &problem.code, problem.detail).with(problem.errors))
            }
        }
    }
}
