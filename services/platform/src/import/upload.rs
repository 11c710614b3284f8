//! Imports of uploaded files: the contracts of the edge that takes a file and of the job that
//! brings its rows in.

use super::contract::{act, by_platform, progress, someone, whole};
use crate::Import;
use crate::command::{in_own_org, made};
use contracts::platform::{HeldImport, HoldImport, ImportTask, KeepUpload, StartImport};
use contracts::{once, own};
use kernel::command::{Known, Query, Verb};
use kernel::service::Runtime;
use kernel::{Answer, Call, Command, Input, Problem, Record};
use std::sync::Arc;
use types::{Uuid, Value};

/// Notes an uploaded file as an import that can be started. A repetition of the same request
/// answers the same one.
pub async fn keep(runtime: Arc<Runtime>, call: Call, request: KeepUpload) -> Result<Uuid, Problem> {
    in_own_org(&call, request.org)?;
    may(&runtime, &call, "create", None).await?;
    let bytes = whole(request.bytes);
    let input = Input::new()
        .set("title", request.title.as_str())
        .set("source", request.filename.as_str())
        .set("filename", request.filename.as_str())
        .set("bytes", bytes)
        .set("begun_by", someone(&call))
        .set("spool", request.spool.as_str())
        .set("total", request.rows.map_or(Value::Null, whole));
    let request_id = match &call.idempotency {
        Some(sent) => format!("key:{}", kernel::log::hex(&sent.fingerprint)),
        None => call.request_id.clone(),
    };
    let own = Call { request_id, ..by_platform(&call, request.org) };
    let own = once(&runtime, own, &[b"keep_upload"]);
    let command = Command { entity: Import::ENTITY.to_owned(), verb: Verb::Create, input };
    Ok(made(runtime.execute(&own, &command).await?)?.id())
}

/// Starts a run of an uploaded file, in the name of who asks.
pub async fn start(runtime: Arc<Runtime>, call: Call, request: StartImport) -> Result<(), Problem> {
    in_own_org(&call, request.org)?;
    let StartImport { org, import, title, entity, table, mapping, dry_run, system } = request;
    let call = Call { org, idempotency: None, change_set: None, ..call };
    let record = seen(&runtime, &call, import).await?;
    may(&runtime, &call, "start", Some(&record)).await?;
    let spool = record.values[Import::SPOOL].as_text().unwrap_or_default().to_owned();
    let own = by_platform(&call, org);
    let task = ImportTask { import, spool, mapping, table: table.clone(), dry_run, call, system };
    let task = serde_json::to_string(&task).map_err(|why| Problem::internal(why.to_string()))?;
    let mut input = Input::new()
        .set("subject", entity)
        .set("table_name", table.map_or(Value::Null, Value::from))
        .set("dry_run", dry_run)
        .set("payload", Value::Json(task));
    if let Some(title) = title {
        input = input.set("title", title);
    }
    match runtime.execute(&own, &act(import, "start", Known::Nothing, input)).await {
        Err(problem) if problem.code == "wrong_state" => {
            let text = "This import is being done. Wait until it ends, or cancel it.";
            Err(Problem::conflict("import_running", text))
        }
        done => done.map(drop),
    }
}

/// What a job needs to know of the import that it does.
pub async fn hold(
    runtime: Arc<Runtime>,
    call: Call,
    request: HoldImport,
) -> Result<HeldImport, Problem> {
    contracts::only_platform(&call, "platform.import:report")?;
    let record = own::get(&runtime, request.org, Import::ENTITY, request.import).await?;
    let record = record.ok_or_else(|| Problem::not_found("import"))?;
    Ok(HeldImport {
        change_set: record.values[Import::CHANGE_SET].as_id(),
        version: record.version(),
        progress: progress(&record),
        is_running: record.state() == Some(Import::RUNNING),
        is_cancelling: record.values[Import::CANCELLING] == Value::Bool(true),
    })
}

/// The record as who asks sees it.
async fn seen(runtime: &Runtime, call: &Call, import: Uuid) -> Result<Record, Problem> {
    let query = Query::Get { entity: Import::ENTITY.to_owned(), id: import, known_at: None };
    match runtime.peers.ask("platform", call.clone(), query).await? {
        Answer::Record(view) => Ok(view.record),
        _ => Err(Problem::internal("a record's query answered something else")),
    }
}

/// Whether who asks may do it.
///
/// # Errors
/// 403 when not.
async fn may(
    runtime: &Runtime,
    call: &Call,
    verb: &str,
    record: Option<&Record>,
) -> Result<(), Problem> {
    let facts = runtime.facts.of(call.org).await?;
    let entity = runtime.own(Import::ENTITY)?;
    let plan = runtime.plans.of(call, &entity, &facts, &*runtime.registry)?;
    let allowed = match record {
        Some(_) => plan.may(verb, record, call, runtime.source.clock.now()).allowed,
        None => plan.might(verb),
    };
    if allowed { Ok(()) } else { Err(Problem::forbidden(&plan.right(verb))) }
}
