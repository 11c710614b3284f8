//! What happens to an import: only the platform does these acts.

use crate::command::draft;
use crate::{ChangeSet, Import};
use contracts::only_platform;
use futures::future::BoxFuture;
use kernel::ports::Change;
use kernel::service::Work;
use kernel::{FieldProblem, Problem};
use types::Value;

type Done<'a> = BoxFuture<'a, Result<(), Problem>>;

/// The kind of its change set.
const IMPORT: &str = "import";
/// The fields that a worker fills.
pub const COUNTS: [&str; 5] = ["read", "created", "updated", "unchanged", "refused"];

/// A new import opens its change set in the same commit. People do not make imports by hand.
pub fn opened<'a>(work: &'a mut Work<'_>) -> Done<'a> {
    Box::pin(async move {
        if work.verb != "create" {
            return Ok(());
        }
        if only_platform(work.call, "platform.import:create").is_err() {
            let text = "imports are made by importing";
            work.problems.push(FieldProblem::new("/title", "made_by_platform", text));
            return Ok(());
        }
        let mut set = draft(work, ChangeSet::ENTITY)?;
        set.values[ChangeSet::TITLE] = work.record.values[Import::TITLE].clone();
        set.values[ChangeSet::KIND] = IMPORT.into();
        set.values[ChangeSet::SOURCE] = work.record.values[Import::SOURCE].clone();
        set.values[ChangeSet::ACTOR] = work.record.values[Import::BEGUN_BY].clone();
        work.record.values[Import::CHANGE_SET] = set.id().into();
        work.others.push(Change::Insert(set));
        Ok(())
    })
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
    work.record.values[Import::FINISHED_AT] = work.source.clock.now().into();
}
