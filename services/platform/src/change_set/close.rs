//! Opening and closing a change set, and the act `close`.

use crate::ChangeSet;
use crate::command::{in_own_org, in_own_right, made};
use contracts::once;
use contracts::platform::{CloseChangeSet, Counts, OpenChangeSet};
use futures::future::BoxFuture;
use kernel::command::{Known, Verb};
use kernel::service::{Runtime, Work};
use kernel::{Call, Command, Input, Problem};
use std::sync::Arc;
use types::{Uuid, Value};

/// The fields that `close` fills with what it is given.
const COUNTS: [&str; 5] = ["read", "created", "updated", "unchanged", "refused"];

/// Opens a change set.
pub async fn open(
    runtime: Arc<Runtime>,
    call: Call,
    request: OpenChangeSet,
) -> Result<Uuid, Problem> {
    in_own_org(&call, request.org)?;
    let own = in_own_right(&call, request.org);
    let own = once(&runtime, own, &[b"open_change_set", request.title.as_bytes()]);
    let input = Input::new()
        .set("title", request.title.as_str())
        .set("kind", request.kind.name())
        .set("source", request.source.as_deref().map_or(Value::Null, Value::from));
    let command = Command { entity: ChangeSet::ENTITY.to_owned(), verb: Verb::Create, input };
    Ok(made(runtime.execute(&own, &command).await?)?.id())
}

/// Closes a change set.
pub async fn close(
    runtime: Arc<Runtime>,
    call: Call,
    request: CloseChangeSet,
) -> Result<(), Problem> {
    in_own_org(&call, request.org)?;
    let Counts { read, created, updated, unchanged, refused } = request.counts;
    let counts = [read, created, updated, unchanged, refused];
    let values = COUNTS.iter().zip(counts);
    let input = values.fold(Input::new(), |input, (name, count)| {
        input.set(name, i64::try_from(count).unwrap_or(i64::MAX))
    });
    let verb = Verb::Act { id: request.change_set, act: "close".to_owned(), known: Known::Nothing };
    let command = Command { entity: ChangeSet::ENTITY.to_owned(), verb, input };
    match runtime.execute(&in_own_right(&call, request.org), &command).await {
        Err(problem) if problem.code == "wrong_state" => Ok(()),
        done => done.map(drop),
    }
}

/// The act `close`: notes what it came to, and when.
pub fn close_act<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        for (name, value) in &work.input.values {
            if COUNTS.contains(&name.as_str()) && value.as_int().is_some_and(|count| count >= 0) {
                work.record.set(name, value.clone());
            }
        }
        work.record.values[ChangeSet::FINISHED_AT] = work.source.clock.now().into();
        Ok(())
    })
}
