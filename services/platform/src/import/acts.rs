//! What happens to an import: only the platform does these acts.

use crate::job::acts::enqueue;
use crate::{ChangeSet, Import};
use contracts::only_platform;
use contracts::own::draft;
use futures::future::BoxFuture;
use kernel::ports::Change;
use kernel::service::Work;
use kernel::{FieldProblem, Problem};
use types::Value;

type Done<'a> = BoxFuture<'a, Result<(), Problem>>;

/// The kind of its change set and of its job.
pub const IMPORT: &str = "import";
/// The fields that a worker fills.
pub const COUNTS: [&str; 5] = ["read", "created", "updated", "unchanged", "refused"];

/// People do not make imports by hand: a file is uploaded, or a command begins one.
pub fn made_by_platform<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        if work.verb == "create" && only_platform(work.call, "platform.import:create").is_err() {
            let text = "imports are made by importing";
            work.problems.push(FieldProblem::new("/title", "made_by_platform", text));
        }
        Ok(())
    })
}

/// A run begins: it opens its change set and enqueues its job, in one commit. What an earlier run
/// of the same import came to is forgotten.
pub fn start<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.import:start")?;
        for slot in COUNTS.iter().filter_map(|name| work.record.entity.slot(name)) {
            work.record.values[slot] = Value::Int(0);
        }
        for slot in [Import::PROGRESS, Import::ERROR, Import::FINISHED_AT, Import::CHANGE_SET] {
            work.record.values[slot] = Value::Null;
        }
        work.record.values[Import::CANCELLING] = false.into();
        work.record.values[Import::DRY_RUN] = false.into();
        for (name, slot) in [
            ("title", Import::TITLE),
            ("subject", Import::SUBJECT),
            ("table_name", Import::TABLE_NAME),
            ("dry_run", Import::DRY_RUN),
        ] {
            if let Some(value) = given(work, name) {
                work.record.values[slot] = value;
            }
        }
        if work.record.values[Import::DRY_RUN] != Value::Bool(true) {
            let mut set = draft(work, ChangeSet::ENTITY)?;
            set.values[ChangeSet::TITLE] = work.record.values[Import::TITLE].clone();
            set.values[ChangeSet::KIND] = IMPORT.into();
            set.values[ChangeSet::SOURCE] = work.record.values[Import::SOURCE].clone();
            set.values[ChangeSet::ACTOR] = work.record.values[Import::BEGUN_BY].clone();
            work.record.values[Import::CHANGE_SET] = set.id().into();
            work.others.push(Change::Insert(set));
        }
        if let Some(Value::Json(payload)) = given(work, "payload") {
            let payload = serde_json::from_str(&payload);
            let payload = payload.map_err(|error| Problem::internal(error.to_string()))?;
            let key = format!("import {}", work.record.id());
            enqueue(work, IMPORT, &payload, Some(&key))?;
        }
        Ok(())
    })
}

/// Whoever may asks it to stop; the run does so before it writes further rows.
pub fn cancel<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        work.record.values[Import::CANCELLING] = true.into();
        Ok(())
    })
}

fn given(work: &Work<'_>, name: &str) -> Option<Value> {
    let found = work.input.values.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.clone())
}

/// How far it is.
pub fn report<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.import:report")?;
        take(work);
        Ok(())
    })
}

/// It is done.
pub fn finish<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.import:finish")?;
        take(work);
        end(work);
        Ok(())
    })
}

/// It ends because it was asked to; what it wrote stays.
pub fn stop<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.import:stop")?;
        take(work);
        end(work);
        Ok(())
    })
}

/// It ends, and not well; what it wrote stays.
pub fn fail<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        only_platform(work.call, "platform.import:fail")?;
        take(work);
        end(work);
        Ok(())
    })
}

/// Puts what the worker says into its fields.
fn take(work: &mut Work<'_>) {
    for (name, value) in &work.input.values {
        if COUNTS.contains(&name.as_str()) || matches!(name.as_str(), "progress" | "error") {
            work.record.set(name, value.clone());
        }
    }
}

/// An ended import holds its key no more: the same files can be imported anew.
fn end(work: &mut Work<'_>) {
    work.record.values[Import::KEY] = Value::Null;
    work.record.values[Import::CANCELLING] = false.into();
    work.record.values[Import::FINISHED_AT] = work.source.clock.now().into();
}
