//! Background work: kinds of jobs, and the worker that runs them.

mod context;
mod worker;

pub use context::{JobContext, JobKind};
pub use worker::Worker;

use crate::Job;
use crate::command::made;
use contracts::platform::Enqueue;
use contracts::{once, only_platform, own};
use kernel::command::Verb;
use kernel::service::Runtime;
use kernel::{Call, Command, Input, Problem};
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
