//! Background work: kinds of jobs, and the worker that runs them.

mod context;
mod worker;

pub use context::{JobContext, JobKind};
pub use worker::Worker;

use crate::Job;
use crate::command::made;
use contracts::platform::Enqueue;
use contracts::upkeep::JobFacts;
use contracts::{once, only_platform, own};
use kernel::command::Verb;
use kernel::ports::{AggregatePlan, GroupKey, ListPlan, Measure, OrderKey};
use kernel::schema::slot;
use kernel::service::Runtime;
use kernel::write::store_problem;
use kernel::{Call, Command, Input, Problem, Record};
use std::sync::Arc;
use types::{Uuid, Value};

/// Puts a job into the queue: the contract `enqueue`.
pub async fn enqueue(runtime: Arc<Runtime>, call: Call, request: Enqueue) -> Result<Uuid, Problem> {
    only_platform(&call, "platform.job:create")?;
    let own = Call { org: request.org, change_set: None, idempotency: None, ..call };
    let own =
        once(&runtime, own, &[b"enqueue", request.kind.as_bytes(), request.payload.as_bytes()]);
    let key = request.key.as_deref();
    let mut input = Input::new()
        .set("kind", request.kind.as_str())
        .set("payload", Value::Json(request.payload))
        .set("key", key.map_or(Value::Null, Value::from));
    if let Some(at) = request.run_at {
        input = input.set("run_at", at);
    }
    let command = Command { entity: Job::ENTITY.to_owned(), verb: Verb::Create, input };
    match (runtime.execute(&own, &command).await, key) {
        (Err(problem), Some(key)) if problem.code == "already_exists" => {
            let found = own::find(&runtime, request.org, Job::ENTITY, "key", &key.into()).await?;
            found.first().map(kernel::Record::id).ok_or(problem)
        }
        (done, _) => Ok(made(done?)?.id()),
    }
}

/// Puts a job into the queue that an organisation has one of at a time, by its key; while one
/// waits or runs, that one is answered. The caller has seen to the right.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn enqueue_alone(
    runtime: &Arc<Runtime>,
    call: &Call,
    org: Uuid,
    kind: &str,
    key: &str,
    payload: &serde_json::Value,
) -> Result<JobFacts, Problem> {
    let request = Enqueue {
        org,
        kind: kind.to_owned(),
        payload: payload.to_string(),
        key: Some(key.to_owned()),
        run_at: None,
    };
    let reason = format!("{kind} was asked for");
    let own = Call { request_id: call.request_id.clone(), ..Call::system(org, &reason) };
    let id = enqueue(runtime.clone(), own, request).await?;
    let job = own::get(runtime, org, Job::ENTITY, id).await?;
    job.as_ref().map(facts).ok_or_else(|| Problem::not_found("job"))
}

/// What others may know of a job.
pub fn facts(job: &Record) -> JobFacts {
    let progress = match &job.values[Job::PROGRESS] {
        Value::Json(text) => Some(text.clone()),
        _ => None,
    };
    JobFacts { id: job.id(), state: job.state().unwrap_or_default().to_owned(), progress }
}

/// The last job of a kind that ended well.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn last_done(
    runtime: &Runtime,
    org: Uuid,
    kind: &str,
) -> Result<Option<Record>, Problem> {
    let condition = format!("kind == '{kind}' && state == 'done'");
    last_where(runtime, org, &condition).await
}

/// The newest job of which a condition holds.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn last_where(
    runtime: &Runtime,
    org: Uuid,
    condition: &str,
) -> Result<Option<Record>, Problem> {
    let entity = runtime.own(Job::ENTITY)?;
    let predicates = vec![kernel::env::predicate(&entity, condition, &*runtime.registry)?];
    let order = vec![OrderKey { hop: None, slot: Job::RUN_AT, descending: true }];
    let plan = ListPlan {
        entity,
        predicates,
        tokens: Vec::new(),
        through: Vec::new(),
        order,
        after: None,
        skip: 0,
        limit: 1,
        lines: false,
    };
    let snapshot = runtime.store(org).await?.snapshot().await.map_err(store_problem)?;
    Ok(snapshot.list(&plan).await.map_err(store_problem)?.pop())
}

/// How many jobs are in each of these states.
///
/// # Errors
/// A [`Problem`] when the database cannot answer.
pub async fn open_by_state<const N: usize>(
    runtime: &Runtime,
    org: Uuid,
    states: [&str; N],
) -> Result<[u64; N], Problem> {
    let plan = AggregatePlan {
        entity: runtime.own(Job::ENTITY)?,
        predicates: Vec::new(),
        tokens: Vec::new(),
        through: Vec::new(),
        among: None,
        groups: vec![GroupKey { hop: None, slot: slot::STATE, bucket: None }],
        measures: vec![Measure::Count],
        limit: u32::MAX,
    };
    let snapshot = runtime.store(org).await?.snapshot().await.map_err(store_problem)?;
    let groups = snapshot.aggregate(&plan).await.map_err(store_problem)?;
    let count = |state: &str| {
        let group = groups.iter().find(|group| group[0].as_text() == Some(state));
        group.and_then(|group| group[1].as_int()).unwrap_or_default().unsigned_abs()
    };
    Ok(states.map(count))
}
