//! `megalith log`: events, signed heads and bundles.

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli::{Log, Shown};
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use kernel::Problem;
use kernel::log::bundle::Bundle;
use kernel::log::reading::{BATCH, Logs};
use kernel::log::{Event, EventValue, LogEntry, SignedHead, hex, merkle};
use serde_json::{Value, json};
use types::Uuid;

/// Runs it.
///
/// # Errors
/// When there is no such log or the data cannot be reached.
pub async fn run(log: Log, settings: &Settings) -> Outcome {
    let access = Access::open(settings).await?;
    let outcome = show(&access, &log).await;
    access.close().await;
    outcome
}

async fn show(access: &Access, log: &Log) -> Outcome {
    let org = access.org_id(&log.org).await?;
    match log.what {
        Shown::Events => events(&*access.logs, org, log).await,
        Shown::Head => head(&*access.logs, org, log).await,
        Shown::Bundle => bundle(&*access.logs, org, log).await,
    }
}

async fn events(logs: &dyn Logs, org: Uuid, log: &Log) -> Outcome {
    let mut after = log.from.saturating_sub(1);
    loop {
        let entries = logs.log(org, &log.service, after, BATCH).await?;
        let Some(last) = entries.last() else { return Ok(Done::Well) };
        after = last.position;
        for entry in entries {
            if log.to.is_some_and(|to| entry.position > to) {
                return Ok(Done::Well);
            }
            let event = Event::parse(&entry.bytes).map_err(|error| {
                Failure::Failed(format!(
                    "position {}: {error}; run megalith verify",
                    entry.position
                ))
            })?;
            if log.output.json {
                print_line(&describe(&entry, &event).to_string());
            } else {
                print_line(&one_line(&entry, &event));
            }
        }
    }
}

fn one_line(entry: &LogEntry, event: &Event) -> String {
    let changed = event.changes.first().map_or(String::new(), |change| {
        format!("{} {} v{}", change.entity, change.record, change.version)
    });
    let who = match event.actor.is_nil() {
        true => event.actor_kind.clone(),
        false => types::format_id("usr", event.actor),
    };
    let reason =
        if event.reason.is_empty() { String::new() } else { format!("  ({})", event.reason) };
    format!("{:>8}  {}  {who}  {} {changed}{reason}", entry.position, event.at, event.act)
}

/// An event as JSON; ciphertext stays what it is.
fn describe(entry: &LogEntry, event: &Event) -> Value {
    let value = |value: &EventValue| match value {
        EventValue::Plain(value) => plain(value),
        EventValue::Cipher { subject, commitment, .. } => {
            json!({"subject": subject, "commitment": hex(commitment)})
        }
    };
    let fields = |fields: &[(String, EventValue)]| -> Value {
        fields.iter().map(|(name, field)| (name.clone(), value(field))).collect()
    };
    let changes: Vec<Value> = event
        .changes
        .iter()
        .map(|change| {
            json!({
                "entity": change.entity,
                "record": change.record,
                "version": change.version,
                "before": fields(&change.before),
                "after": fields(&change.after),
            })
        })
        .collect();
    json!({
        "position": entry.position,
        "id": event.id,
        "at": event.at.to_string(),
        "actor": event.actor,
        "actor_kind": event.actor_kind,
        "act": event.act,
        "reason": event.reason,
        "request_id": event.request_id,
        "change_set": event.change_set,
        "number": entry.number,
        "hash": hex(&entry.hash),
        "changes": changes,
    })
}

/// A value as JSON: texts as they are, everything else in its own notation.
fn plain(value: &types::Value) -> Value {
    use types::Value as V;
    match value {
        V::Null => Value::Null,
        V::Bool(value) => json!(value),
        V::Int(value) => json!(value),
        V::Text(text) => json!(text),
        V::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
        V::Decimal(value) => json!(value.to_string()),
        V::Date(value) => json!(value.to_string()),
        V::Instant(value) => json!(value.to_string()),
        V::WallTime(value) => json!(value.to_string()),
        V::Duration(value) => json!(value.to_string()),
        V::Id(value) => json!(value.to_string()),
        V::Money(value) => json!(value.to_string()),
        V::List(values) => values.iter().map(plain).collect(),
        V::Rows(rows) => rows.iter().map(|row| row.iter().map(plain).collect::<Value>()).collect(),
    }
}

async fn head(logs: &dyn Logs, org: Uuid, log: &Log) -> Outcome {
    let Some(signed) = logs.head(org, &log.service).await? else {
        print_line(if log.output.json { "null" } else { "nothing is sealed yet" });
        return Ok(Done::WithFindings);
    };
    if !log.output.json {
        print_line(&signed.line());
        return Ok(Done::Well);
    }
    print_json(&json!({
        "org": signed.head.org,
        "service": signed.head.service,
        "size": signed.head.size,
        "root": hex(&signed.head.root),
        "sealed_at": signed.head.at.to_string(),
        "key": hex(&signed.key),
        "signature": hex(&signed.signature),
    }));
    Ok(Done::Well)
}

async fn bundle(logs: &dyn Logs, org: Uuid, log: &Log) -> Outcome {
    let head = logs.head(org, &log.service).await?;
    let head = head.ok_or_else(|| Failure::Failed("nothing is sealed yet".to_owned()))?;
    let bundle = make_bundle(logs, org, log, &head).await?;
    let text = serde_json::to_string_pretty(&bundle);
    print_line(&text.map_err(|error| Failure::of("write", "the bundle", error))?);
    Ok(Done::Well)
}

/// The chosen events with their proofs under `head`.
async fn make_bundle(
    logs: &dyn Logs,
    org: Uuid,
    log: &Log,
    head: &SignedHead,
) -> Result<Bundle, Problem> {
    let size = head.head.size;
    let chosen = log.from.max(1)..=log.to.unwrap_or(size).min(size);
    let (mut leaves, mut entries, mut after) = (Vec::new(), Vec::new(), 0);
    while after < size {
        let read = logs.log(org, &log.service, after, BATCH).await?;
        let Some(last) = read.last() else { break };
        after = last.position;
        for entry in read.into_iter().filter(|entry| entry.position <= size) {
            leaves.push(entry.leaf());
            if chosen.contains(&entry.position) {
                entries.push(entry);
            }
        }
    }
    let proven = entries
        .into_iter()
        .map(|entry| {
            let proof = merkle::proof(&leaves, entry.position as usize - 1);
            (entry, proof)
        })
        .collect();
    Ok(Bundle::new(head, proven))
}
