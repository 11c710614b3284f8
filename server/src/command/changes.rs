//! `megalith changesets` and `megalith undo`: what was done together, and taking it back.

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli::{Changesets, Undo};
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use contracts::platform;
use kernel::command::{Answer, List, Query};
use kernel::service::Undone;
use kernel::{Call, Problem, Record};
use serde_json::{Value, json};
use types::Uuid;

/// The entity of change sets.
const ENTITY: &str = "platform.change_set";
/// The counts that a change set bears.
const COUNTS: [&str; 5] = ["read", "created", "updated", "unchanged", "refused"];
/// Conflicts that are printed for people; a script gets all of them.
const SHOWN: usize = 20;

/// Lists the change sets of an organisation.
///
/// # Errors
/// When the data cannot be reached.
pub async fn list(which: Changesets, settings: &Settings) -> Outcome {
    let access = Access::open(settings).await?;
    let found = find(&access, &which).await;
    access.close().await;
    let records = found?;
    if which.output.json {
        print_json(&records.iter().map(describe).collect());
        return Ok(Done::Well);
    }
    for record in &records {
        print_line(&one_line(record));
    }
    Ok(Done::Well)
}

async fn find(access: &Access, which: &Changesets) -> Result<Vec<Record>, Failure> {
    let org = access.org(&which.org).await?.id;
    let call = Call { org, ..access.call("a command lists change sets") };
    let query = Query::List(List {
        entity: ENTITY.to_owned(),
        order_by: "started_at desc".to_owned(),
        page_size: which.limit,
        ..List::default()
    });
    match access.peers.ask("platform", call, query).await? {
        Answer::Page(page) => Ok(page.items.into_iter().map(|view| view.record).collect()),
        _ => Err(Problem::internal("a list was answered with something else").into()),
    }
}

fn text(record: &Record, field: &str) -> String {
    record.get(field).as_text().unwrap_or_default().to_owned()
}

fn count(record: &Record, field: &str) -> i64 {
    record.get(field).as_int().unwrap_or_default()
}

fn id_of(record: &Record, field: &str) -> Value {
    record.get(field).as_id().map_or(Value::Null, |id| types::format_id("cs", id).into())
}

fn started(record: &Record) -> String {
    match record.get("started_at") {
        types::Value::Instant(at) => at.to_string(),
        _ => String::new(),
    }
}

fn describe(record: &Record) -> Value {
    let mut shown = json!({
        "id": record.public_id(),
        "title": text(record, "title"),
        "kind": text(record, "kind"),
        "state": record.state(),
        "source": record.get("source").as_text(),
        "started_at": started(record),
        "undoes": id_of(record, "undoes"),
        "undone_by": id_of(record, "undone_by"),
        "conflicts": count(record, "conflicts"),
    });
    for name in COUNTS {
        shown[name] = count(record, name).into();
    }
    shown
}

fn one_line(record: &Record) -> String {
    let [_, created, updated, _, refused] = COUNTS.map(|name| count(record, name));
    format!(
        "{}  {}  {:6} {:8} {created} created, {updated} updated, {refused} refused  {}",
        record.public_id(),
        started(record),
        text(record, "kind"),
        record.state().unwrap_or_default(),
        text(record, "title"),
    )
}

/// Takes a change set back, or says what that would do.
///
/// # Errors
/// Wrong usage for an id that is none; when the data cannot be reached.
pub async fn undo(undo: Undo, settings: &Settings) -> Outcome {
    let change_set = change_set_id(&undo.change_set)?;
    let access = Access::open(settings).await?;
    let undone = take_back(&access, &undo, change_set).await;
    access.close().await;
    let undone = undone?;
    if undo.output.json {
        print_json(&describe_undone(&undone, undo.preview));
    } else {
        print_undone(&undone, undo.preview);
    }
    Ok(if undone.is_whole() { Done::Well } else { Done::WithFindings })
}

fn change_set_id(text: &str) -> Result<Uuid, Failure> {
    match types::parse_id(text) {
        Ok(("cs", id)) => Ok(id),
        _ => Err(Failure::Usage(format!("{text} is no change set; they are named cs_…"))),
    }
}

async fn take_back(access: &Access, undo: &Undo, change_set: Uuid) -> Result<Undone, Failure> {
    let org = access.org(&undo.org).await?.id;
    let call = Call { org, ..access.call("undo on the command line") };
    let request = platform::Undo { org, change_set, preview: undo.preview };
    Ok(contracts::call::<platform::Undo>(&*access.peers, call, &request).await?)
}

fn describe_undone(undone: &Undone, preview: bool) -> Value {
    let conflicts = undone.conflicts.iter();
    let conflicts: Vec<Value> =
        conflicts.map(|(record, why)| json!({"record": record, "reason": why})).collect();
    json!({
        "change_set": undone.change_set.map(|id| types::format_id("cs", id)),
        "undone": undone.undone,
        "conflicts": conflicts,
        "preview": preview,
    })
}

fn print_undone(undone: &Undone, preview: bool) {
    let (count, conflicts) = (undone.undone, undone.conflicts.len());
    print_line(&match preview {
        true => format!("{count} changes can be taken back, {conflicts} cannot"),
        false => format!("{count} changes were taken back, {conflicts} were not"),
    });
    for (record, why) in undone.conflicts.iter().take(SHOWN) {
        print_line(&format!("  {record}: {why}"));
    }
    if conflicts > SHOWN {
        print_line(&format!("  and {} more; --json lists all", conflicts - SHOWN));
    }
    if let Some(id) = undone.change_set {
        print_line(&format!("the undo is {}", types::format_id("cs", id)));
    }
}
