//! What a job sees while it runs, and what makes a kind of job.

use crate::Job;
use crate::command::made;
use async_trait::async_trait;
use kernel::command::{Known, Verb};
use kernel::service::Runtime;
use kernel::{Call, Command, Input, Problem, ProblemKind, Record};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard};
use types::{Instant, Uuid, Value};

/// Microseconds that a lease lasts: a worker that says nothing for so long counts as gone.
pub(super) const LEASE_US: i64 = 60_000_000;

/// A kind of job.
#[async_trait]
pub trait JobKind: Send + Sync + 'static {
    /// Its name, as it stands in [`Job`]'s `kind`.
    fn name(&self) -> &'static str;

    /// Does the work. It may be begun again after a crash, with what was reported last: every
    /// step must be safe to repeat.
    ///
    /// # Errors
    /// 5xx and conflicts are tried again later; anything else ends the job as failed.
    async fn run(&self, ctx: JobContext) -> Result<(), Problem>;

    /// Whether this process can do the job of a payload, a JSON text: another one may have what it
    /// needs.
    fn takes(&self, _payload: &str) -> bool {
        true
    }

    /// After how long without a sign of life of the process that takes a job another one has it
    /// none the less, to end it; none if it waits for that process however long that takes.
    fn given_up_after(&self) -> Option<Duration> {
        None
    }

    /// Whether no other process takes the jobs that this one takes: then a worker that had one
    /// before is gone, and its lease need not run out.
    fn is_alone(&self) -> bool {
        false
    }

    /// Whether it takes long, so that other jobs of the organisation go on beside it.
    fn takes_long(&self) -> bool {
        false
    }
}

/// A job that this worker has.
#[derive(Clone)]
pub struct JobContext {
    pub(super) held: Arc<Held>,
}

impl JobContext {
    /// The run time of platform; its peers reach the other services.
    pub fn runtime(&self) -> &Arc<Runtime> {
        &self.held.runtime
    }

    /// The organisation.
    pub fn org(&self) -> Uuid {
        self.held.org
    }

    /// The job's record.
    pub fn id(&self) -> Uuid {
        self.held.id
    }

    /// Which attempt this is, from 1.
    pub fn attempt(&self) -> u64 {
        self.held.attempt
    }

    /// Whether this attempt is the last: what may pass later does not help any more.
    pub fn is_last_attempt(&self) -> bool {
        self.held.attempt >= super::worker::MOST_ATTEMPTS
    }

    /// What the job works on.
    ///
    /// # Errors
    /// 422 `invalid_payload` when it is of another shape.
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let text = self.held.payload.as_deref().unwrap_or("null");
        serde_json::from_str(text).map_err(|error| unreadable("payload", &error))
    }

    /// What was reported last, by this attempt or an earlier one; none at the beginning.
    ///
    /// # Errors
    /// 422 `invalid_progress` when it is of another shape.
    pub async fn resumed<T: DeserializeOwned>(&self) -> Result<Option<T>, Problem> {
        let last = self.held.last.lock().await;
        let read = |text: &String| serde_json::from_str(text);
        let read = last.progress.as_ref().map(read).transpose();
        read.map_err(|error| unreadable("progress", &error))
    }

    /// Says how far the job is, durably, and keeps it for another while.
    ///
    /// # Errors
    /// 412 when another worker has taken the job: stop then.
    pub async fn report<T: Serialize + Sync>(&self, progress: &T) -> Result<(), Problem> {
        let text = serde_json::to_string(progress).map_err(|e| unreadable("progress", &e))?;
        self.held.act("report", |input| input.set("progress", Value::Json(text))).await
    }
}

fn unreadable(what: &str, error: &serde_json::Error) -> Problem {
    let text = format!("The job's {what} cannot be read: {error}");
    Problem::new(ProblemKind::Invalid, &format!("invalid_{what}"), text)
}

/// A job's record as the worker that has it knows it.
pub(super) struct Held {
    pub(super) runtime: Arc<Runtime>,
    pub(super) org: Uuid,
    pub(super) id: Uuid,
    pub(super) attempt: u64,
    pub(super) payload: Option<String>,
    last: Mutex<Last>,
}

/// What the worker's own last act left.
pub(super) struct Last {
    version: u64,
    progress: Option<String>,
}

impl Held {
    /// Takes the job; only one of several workers can, because each names the version it saw.
    pub(super) async fn take(
        runtime: &Arc<Runtime>,
        org: Uuid,
        job: &Record,
        holder: &str,
        is_alone: bool,
    ) -> Result<Arc<Held>, Problem> {
        let input = Input::new().set("holder", holder).set("leased_until", lease_end(runtime));
        let input = if is_alone { input.set("alone", true) } else { input };
        let taken = act(runtime, org, job.id(), job.version(), "lease", input).await?;
        let json = |slot: usize| match &taken.values[slot] {
            Value::Json(text) => Some(text.clone()),
            _ => None,
        };
        Ok(Arc::new(Held {
            runtime: runtime.clone(),
            org,
            id: taken.id(),
            attempt: taken.values[Job::ATTEMPTS].as_int().unwrap_or(1).unsigned_abs(),
            payload: json(Job::PAYLOAD),
            last: Mutex::new(Last { version: taken.version(), progress: json(Job::PROGRESS) }),
        }))
    }

    /// Waits until no act on the job is under way; none begins while what is given is held. An
    /// act must not be given up halfway: the next one would not know the version that it made.
    pub(super) async fn quiet(&self) -> MutexGuard<'_, Last> {
        self.last.lock().await
    }

    /// Does an act on the job while this worker has it; the lease begins anew.
    pub(super) async fn act(
        &self,
        name: &str,
        fill: impl FnOnce(Input) -> Input,
    ) -> Result<(), Problem> {
        let mut last = self.quiet().await;
        self.act_after(&mut last, name, fill).await
    }

    /// Does an act after all others.
    pub(super) async fn act_after(
        &self,
        last: &mut Last,
        name: &str,
        fill: impl FnOnce(Input) -> Input,
    ) -> Result<(), Problem> {
        let input = fill(Input::new().set("leased_until", lease_end(&self.runtime)));
        let (runtime, version) = (&self.runtime, last.version);
        let record = act(runtime, self.org, self.id, version, name, input).await?;
        last.version = record.version();
        if let Value::Json(text) = &record.values[Job::PROGRESS] {
            last.progress = Some(text.clone());
        }
        Ok(())
    }
}

/// Says that the process lives which will do a job that waits.
pub(super) async fn vouch(runtime: &Arc<Runtime>, org: Uuid, job: &Record) -> Result<(), Problem> {
    let input = Input::new().set("leased_until", lease_end(runtime));
    act(runtime, org, job.id(), job.version(), "report", input).await.map(drop)
}

fn lease_end(runtime: &Runtime) -> Instant {
    Instant(runtime.source.clock.now().0.saturating_add(LEASE_US))
}

async fn act(
    runtime: &Arc<Runtime>,
    org: Uuid,
    id: Uuid,
    version: u64,
    name: &str,
    input: Input,
) -> Result<Record, Problem> {
    let verb = Verb::Act { id, act: name.to_owned(), known: Known::Exactly(version) };
    let command = Command { entity: Job::ENTITY.to_owned(), verb, input };
    let call = Call::system(org, "a worker does a job");
    made(runtime.execute(&call, &command).await?)
}
