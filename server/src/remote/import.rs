//! `megalith import` at a server elsewhere: the file is uploaded, its import is started there and
//! followed. The server does it as a job, so it goes on if this command or the server is cut off.

use super::client::{Fault, Remote};
use super::{COUNTS, LOOK_EVERY, escaped, in_org};
use crate::cli;
use crate::command::import::progress::{Bar, sending};
use crate::command::import::{
    Imported, STOPPED, must_exist, named_mapping, propose, refused_folder,
};
use crate::outcome::{Failure, Outcome};
use crate::wiring;
use exchange::pipeline::{Counts, Observer, Reason, Refused, RefusedFiles, Report};
use http::Method;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

const IMPORTS: &str = "/api/v1/platform/imports";
/// Refused rows that are asked for together.
const PAGE: usize = 1_000;
/// How often in a row a server may be silent that is asked how far an import is.
const SILENCES: u32 = 240;

/// Imports one table.
///
/// # Errors
/// Wrong usage for what is no table, without a mapping, and for a mapping that does not fit; when
/// the server cannot be reached, or refuses.
pub async fn run(remote: &Remote, asked: cli::Import) -> Outcome {
    let name = asked.source.display();
    let unfit = |why: &str| Failure::Usage(format!("{name}: {why}"));
    if asked.create_org {
        return Err(unfit(
            "--create-org makes an organisation where the data is, not over --server",
        ));
    }
    must_exist(&asked)?;
    if !asked.source.is_file() {
        return Err(unfit("with --server, one table is imported at a time: name a file"));
    }
    let Some(named) = &asked.map else { return propose(&asked, &wiring::registry()) };
    let (text, mapping) = named_mapping(named)?;
    in_org(remote, &asked.org).await?;
    let id = upload(remote, &asked).await?;
    let title: String = format!("Import of {}", mapping.name).chars().take(200).collect();
    let plan = json!({"mapping": text, "dry_run": asked.dry_run, "name": title});
    let path = format!("{IMPORTS}/{id}");
    remote.ask(Method::POST, &format!("{path}:start"), Some(&plan)).await?;
    let ended = followed(remote, &path, &id).await?;
    let refused = refused(remote, &path, &asked, &ended).await?;
    imported(&ended, refused).told(&asked)
}

/// Sends the file; the id of its import.
async fn upload(remote: &Remote, asked: &cli::Import) -> Result<String, Failure> {
    let source = &asked.source;
    let name = source.file_name().unwrap_or_default().to_string_lossy();
    let bytes = source.metadata().map_err(|why| Failure::of("read", source.display(), why))?.len();
    let bar = sending(bytes);
    let shown = bar.clone();
    let passed = move |bytes| shown.iter().for_each(|bar| bar.inc(bytes));
    let path = format!("{IMPORTS}:upload?filename={}", escaped(&name));
    let sent = remote.send_file(&path, source, passed).await;
    bar.iter().for_each(indicatif::ProgressBar::finish_and_clear);
    let sent = sent?;
    let id = sent["id"].as_str().map(str::to_owned);
    id.ok_or_else(|| remote.lost("an upload was answered without its id").into())
}

/// The record of an import when it has ended. Whoever interrupts has it stopped at the server; who
/// does so twice leaves it to itself.
async fn followed(remote: &Remote, path: &str, id: &str) -> Result<Value, Failure> {
    let mut bar: Option<Bar> = None;
    let (mut silences, mut is_stopping) = (0, false);
    let ended = loop {
        match remote.ask(Method::GET, path, None).await {
            Ok(record) => {
                silences = 0;
                let [read, _, _, _, refused] = counts_of(&record);
                let of = record["subject"].as_str().unwrap_or_default();
                let rows = record["total"].as_u64().unwrap_or_default();
                bar.get_or_insert_with(|| Bar::new(rows)).show(read, 0, of, read, refused);
                if record["state"] != "running" {
                    break Ok(record);
                }
            }
            // It may be starting anew, and then the import goes on.
            Err(Fault { may_pass: true, .. }) if silences < SILENCES => silences += 1,
            Err(fault) => {
                let text = format!("{}; the import {id} goes on at the server", fault.failure);
                break Err(Failure::Failed(text));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            _ = tokio::signal::ctrl_c() => {
                if is_stopping {
                    break Err(Failure::Failed(STOPPED.to_owned()));
                }
                is_stopping = true;
                let cancel = format!("{path}:cancel");
                match remote.ask(Method::POST, &cancel, Some(&json!({}))).await {
                    Err(fault) if !fault.may_pass => break Err(fault.failure),
                    _ => {}
                }
            }
        }
    };
    bar.iter().for_each(Bar::end);
    ended
}

fn counts_of(record: &Value) -> [u64; 5] {
    COUNTS.map(|name| record[name].as_u64().unwrap_or_default())
}

/// Writes the refused rows down, as an import beside the data does.
async fn refused(
    remote: &Remote,
    path: &str,
    asked: &cli::Import,
    ended: &Value,
) -> Result<Vec<PathBuf>, Failure> {
    let folder = refused_folder(asked);
    let mut files = RefusedFiles::new(&folder);
    let name = asked.source.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut token = String::new();
    while ended["refused"].as_u64() > Some(0) {
        let page = format!("{path}:refused?page_size={PAGE}&page_token={}", escaped(&token));
        let page = remote.ask(Method::GET, &page, None).await?;
        let texts = |value: &Value| -> Vec<String> {
            let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            texts.map(str::to_owned).collect()
        };
        let columns: Arc<[String]> = texts(&page["columns"]).into();
        for item in page["items"].as_array().into_iter().flatten() {
            let cell = |name: &String| item["values"][name].as_str().unwrap_or_default().to_owned();
            let row = Refused {
                file: name.clone(),
                line: item["row"].as_u64().unwrap_or_default(),
                columns: columns.clone(),
                cells: columns.iter().map(cell).collect(),
                reasons: item["problems"].as_array().into_iter().flatten().map(reason).collect(),
            };
            files.refused(&row).map_err(|why| Failure::of("write", folder.display(), why))?;
        }
        token = page["next_page_token"].as_str().unwrap_or_default().to_owned();
        if token.is_empty() {
            break;
        }
    }
    Ok(files.written().to_vec())
}

fn reason(problem: &Value) -> Reason {
    let word = |name: &str| problem[name].as_str().map(str::to_owned);
    let message = word("message").unwrap_or_default();
    Reason {
        text: word("text").unwrap_or_else(|| message.clone()),
        column: word("column"),
        pointer: word("pointer"),
        code: word("code").unwrap_or_default(),
        message,
    }
}

/// What an import that has ended came to.
fn imported(ended: &Value, refused_files: Vec<PathBuf>) -> Imported {
    let [read, created, updated, unchanged, refused] = counts_of(ended);
    let change_set = ended["change_set"].as_str().and_then(|id| types::parse_id(id).ok());
    let stopped = match ended["state"].as_str() {
        Some("finished") => None,
        Some("cancelled") => Some(STOPPED),
        _ => Some(ended["error"].as_str().unwrap_or("the import did not end well")),
    };
    Imported {
        change_set: change_set.map(|(_, id)| id),
        total: Counts { read, created, updated, unchanged, refused, ..Counts::default() },
        report: Report::default(),
        refused: refused_files,
        stopped: stopped.map(|text| Failure::Failed(text.to_owned())),
    }
}
