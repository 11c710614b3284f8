//! What happens to a job: only the platform's workers do these acts; people may retry.

use crate::Job;
use contracts::only_platform;
use contracts::own::draft;
use futures::future::BoxFuture;
use kernel::ports::Change;
use kernel::service::Work;
use kernel::{FieldProblem, Problem};
use types::{Instant, Uuid, Value};

type Done<'a> = BoxFuture<'a, Result<(), Problem>>;

/// Puts a job into the queue in the same commit as the work's record; its id.
///
/// # Errors
/// 500 when the entity is missing.
pub fn enqueue(
    work: &mut Work<'_>,
    kind: &str,
    payload: &serde_json::Value,
    key: Option<&str>,
) -> Result<Uuid, Problem> {
    let mut job = draft(work, Job::ENTITY)?;
    job.values[Job::KIND] = kind.into();
    job.values[Job::PAYLOAD] = Value::Json(payload.to_string());
    job.values[Job::KEY] = key.map_or(Value::Null, Value::from);
    let id = job.id();
    work.others.push(Change::Insert(job));
    Ok(id)
}

/// A worker takes the job: one that waits and is due, or whose lease ran out, or whose worker is
/// known to be gone.
pub fn lease<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.job:lease")?;
        let now = work.source.clock.now();
        let held = work.before.as_ref().filter(|job| job.state() == Some(Job::RUNNING));
        let until = held.and_then(|job| job.values[Job::LEASED_UNTIL].as_instant());
        let is_alone = work.input.values.iter().any(|(name, _)| name == "alone");
        if until.is_some_and(|until| until > now) && !is_alone {
            return Err(Problem::conflict(
                "leased",
                "Another worker has this job. Wait for it, or cancel it.",
            ));
        }
        take(work, "holder", Job::HOLDER);
        take(work, "leased_until", Job::LEASED_UNTIL);
        let attempts = work.record.values[Job::ATTEMPTS].as_int().unwrap_or(0);
        work.record.values[Job::ATTEMPTS] = Value::Int(attempts.saturating_add(1));
        Ok(())
    })
}

/// The worker says how far it is, and keeps the job for longer.
pub fn report<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.job:report")?;
        take(work, "leased_until", Job::LEASED_UNTIL);
        take(work, "progress", Job::PROGRESS);
        Ok(())
    })
}

/// The worker gives the job back, to be tried again later.
pub fn postpone<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.job:postpone")?;
        take(work, "run_at", Job::RUN_AT);
        take(work, "error", Job::ERROR);
        release(work);
        Ok(())
    })
}

/// The job ended well.
pub fn finish<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.job:finish")?;
        work.record.values[Job::ERROR] = Value::Null;
        end(work);
        Ok(())
    })
}

/// The job ended, and not well; people may do this to one that waits.
pub fn fail<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        if work.before.as_ref().and_then(|job| job.state()) == Some(Job::RUNNING) {
            only_platform(work.call, "platform.job:fail")?;
        }
        take(work, "error", Job::ERROR);
        end(work);
        Ok(())
    })
}

/// The job waits again, with as many attempts as a new one.
pub fn retry<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        work.record.values[Job::ATTEMPTS] = Value::Int(0);
        work.record.values[Job::RUN_AT] = work.source.clock.now().into();
        work.record.values[Job::FINISHED_AT] = Value::Null;
        Ok(())
    })
}

/// People do not make jobs by hand: what a payload may say, only the platform knows.
pub fn made_by_platform<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        if work.verb == "create" && only_platform(work.call, "platform.job:create").is_err() {
            let text = "jobs are made by what needs them";
            work.problems.push(FieldProblem::new("/kind", "made_by_platform", text));
        }
        Ok(())
    })
}

/// Puts what the worker gave into a field.
fn take(work: &mut Work<'_>, name: &str, slot: usize) {
    if let Some((_, value)) = work.input.values.iter().find(|(given, _)| given == name) {
        work.record.values[slot] = value.clone();
    }
}

fn release(work: &mut Work<'_>) {
    work.record.values[Job::HOLDER] = Value::Null;
    work.record.values[Job::LEASED_UNTIL] = Value::Null;
}

/// An ended job holds nothing, not its key either.
fn end(work: &mut Work<'_>) {
    release(work);
    work.record.values[Job::KEY] = Value::Null;
    let now: Instant = work.source.clock.now();
    work.record.values[Job::FINISHED_AT] = now.into();
}
