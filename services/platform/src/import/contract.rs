//! Beginning, reporting and ending an import: the contracts of those who do the work.

use super::acts::COUNTS;
use crate::Import;
use crate::change_set::close;
use crate::command::{in_own_org, made};
use contracts::platform::{
    BeginImport, BegunImport, CloseChangeSet, Counts, EndImport, ReportImport,
};
use contracts::{once, own};
use kernel::command::{Known, Verb};
use kernel::service::Runtime;
use kernel::{Call, Command, Input, Problem, Record};
use std::sync::Arc;
use types::{Uuid, Value};

/// The most characters of a problem that an import keeps.
const MAX_ERROR: usize = 1_000;

/// Begins an import, or finds the one that was cut off.
pub async fn begin(
    runtime: Arc<Runtime>,
    call: Call,
    request: BeginImport,
) -> Result<BegunImport, Problem> {
    in_own_org(&call, request.org)?;
    let key = Value::from(request.key.as_str());
    let found = own::find(&runtime, request.org, Import::ENTITY, "key", &key).await?;
    let mut changed = None;
    if let Some(import) = found.first() {
        if import.values[Import::CONTENT].as_text() == Some(&request.content) {
            return begun(import, true, None);
        }
        let text = "What it imports was changed before it was done.";
        let error = Some(text.to_owned());
        let (org, id, counts) = (request.org, import.id(), counts_of(import));
        let end = EndImport { org, import: id, counts, error, cancelled: false };
        self::end(runtime.clone(), call.clone(), end).await?;
        changed = import.values[Import::CHANGE_SET].as_id();
    }
    let text = |text: Option<&str>| text.map_or(Value::Null, Value::from);
    let rows = request.rows.map_or(Value::Null, whole);
    let input = Input::new()
        .set("title", request.title.as_str())
        .set("source", text(request.source.as_deref()))
        .set("begun_by", someone(&call))
        .set("key", key)
        .set("content", request.content.as_str())
        .set("total", rows);
    let own = by_platform(&call, request.org);
    let made_once = once(&runtime, own.clone(), &[b"begin_import", request.key.as_bytes()]);
    let command = Command { entity: Import::ENTITY.to_owned(), verb: Verb::Create, input };
    let import = made(runtime.execute(&made_once, &command).await?)?;
    let started = once(&runtime, own, &[b"start_import", request.key.as_bytes()]);
    let start = act(import.id(), "start", Known::Nothing, Input::new());
    begun(&made(runtime.execute(&started, &start).await?)?, false, changed)
}

fn begun(import: &Record, goes_on: bool, changed: Option<Uuid>) -> Result<BegunImport, Problem> {
    let change_set = import.values[Import::CHANGE_SET].as_id();
    let change_set =
        change_set.ok_or_else(|| Problem::internal("an import without its change set"))?;
    let progress = progress(import);
    let (import, version) = (import.id(), import.version());
    Ok(BegunImport { import, change_set, version, progress, goes_on, changed })
}

/// How far an import came, as it was reported last.
pub(super) fn progress(import: &Record) -> Option<String> {
    match &import.values[Import::PROGRESS] {
        Value::Json(text) if text != "null" => Some(text.clone()),
        _ => None,
    }
}

/// Notes how far an import came; its version afterwards.
pub async fn report(
    runtime: Arc<Runtime>,
    call: Call,
    request: ReportImport,
) -> Result<u64, Problem> {
    in_own_org(&call, request.org)?;
    let input = with_counts(request.counts).set("progress", Value::Json(request.progress));
    let known = Known::Exactly(request.version);
    let parts: [&[u8]; 3] =
        [b"report_import", request.import.as_bytes(), &request.version.to_be_bytes()];
    let own = once(&runtime, by_platform(&call, request.org), &parts);
    match runtime.execute(&own, &act(request.import, "report", known, input)).await {
        Ok(answer) => Ok(made(answer)?.version()),
        Err(problem) if matches!(problem.code.as_str(), "version_mismatch" | "wrong_state") => {
            let found = own::get(&runtime, request.org, Import::ENTITY, request.import).await?;
            if found.is_some_and(|import| import.values[Import::CANCELLING] == Value::Bool(true)) {
                return Err(Problem::conflict("import_cancelled", "It was asked to stop."));
            }
            let text = "Another run of the same import has taken over: this one stops.";
            Err(Problem::conflict("import_taken_over", text))
        }
        Err(problem) => Err(problem),
    }
}

/// Ends an import and closes its change set.
pub async fn end(runtime: Arc<Runtime>, call: Call, request: EndImport) -> Result<(), Problem> {
    in_own_org(&call, request.org)?;
    let EndImport { org, import, counts, error, cancelled } = request;
    let record = own::get(&runtime, org, Import::ENTITY, import).await?;
    let record = record.ok_or_else(|| Problem::not_found("import"))?;
    if let Some(change_set) = record.values[Import::CHANGE_SET].as_id() {
        let closing = CloseChangeSet { org, change_set, counts };
        close::close(runtime.clone(), call.clone(), closing).await?;
    }
    let input = with_counts(counts);
    let (name, input) = match error {
        None if cancelled => ("stop", input),
        None => ("finish", input),
        Some(text) => {
            ("fail", input.set("error", text.chars().take(MAX_ERROR).collect::<String>()))
        }
    };
    let own = by_platform(&call, org);
    match runtime.execute(&own, &act(import, name, Known::Nothing, input)).await {
        // It was ended before the last attempt broke off.
        Err(problem) if problem.code == "wrong_state" => Ok(()),
        done => done.map(drop),
    }
}

/// The user who imports; none for the system.
pub(super) fn someone(call: &Call) -> Value {
    let user = call.actor.user();
    if user.is_nil() { Value::Null } else { user.into() }
}

pub(super) fn act(id: Uuid, act: &str, known: Known, input: Input) -> Command {
    let verb = Verb::Act { id, act: act.to_owned(), known };
    Command { entity: Import::ENTITY.to_owned(), verb, input }
}

/// A call by the platform within the request of who imports.
pub(super) fn by_platform(call: &Call, org: Uuid) -> Call {
    Call { request_id: call.request_id.clone(), ..Call::system(org, "an import is kept") }
}

fn with_counts(counts: Counts) -> Input {
    let Counts { read, created, updated, unchanged, refused } = counts;
    let counts = [read, created, updated, unchanged, refused];
    let values = COUNTS.iter().zip(counts);
    values.fold(Input::new(), |input, (name, count)| input.set(name, whole(count)))
}

fn counts_of(import: &Record) -> Counts {
    let [read, created, updated, unchanged, refused] =
        COUNTS.map(|name| import.get(name).as_int().unwrap_or_default().unsigned_abs());
    Counts { read, created, updated, unchanged, refused }
}

pub(super) fn whole(count: u64) -> Value {
    Value::Int(i64::try_from(count).unwrap_or(i64::MAX))
}
