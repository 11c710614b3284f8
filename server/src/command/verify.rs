//! `megalith verify`: whether the logs are what was sealed.
//!
//! With no server at work it reads the files as they are and changes nothing; else it reads
//! through the server. It compares with `heads.log`, which lies beside the keys and in no
//! database, so that a rewritten database cannot vouch for itself.

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli::Verify;
use crate::keyfolder::KeyFolder;
use crate::lock::{self, Access as Found, Lock};
use crate::outcome::{Done, Failure, Outcome};
use crate::placement::file_of;
use crate::settings::Settings;
use crate::wiring;
use contracts::SYSTEM_ORG;
use kernel::log::bundle::Bundle;
use kernel::log::reading::{self, Report};
use kernel::log::verify::{Finding, Verifier};
use kernel::log::{Event, EventValue, SignedHead};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use store::sqlite::offline::OfflineFile;
use types::Uuid;

/// Runs it.
///
/// # Errors
/// When the bundle, the keys or the data cannot be read at all.
pub async fn run(verify: Verify, settings: &Settings) -> Outcome {
    if let Some(file) = &verify.bundle {
        return bundle(file, verify.key.as_deref(), verify.output.json);
    }
    let folder = KeyFolder::read(&settings.keys, false)?;
    let key = folder.keys.public_key();
    let published = folder.published()?;
    let in_files = settings.database.is_none();
    let mut reports = if in_files && let Found::Free(lock) = Lock::take(&settings.data)? {
        let chosen =
            verify.org.as_deref().map(|named| find_offline(settings, named)).transpose()?;
        let reports = offline(settings, chosen, key, &published);
        drop(lock);
        reports?
    } else {
        through_server(settings, verify.org.as_deref(), key, &published).await?
    };
    reports.sort_by(|a, b| (a.org, &a.service).cmp(&(b.org, &b.service)));
    Ok(tell(&reports, verify.output.json))
}

/// A bundle, with no database.
fn bundle(file: &Path, key: Option<&str>, as_json: bool) -> Outcome {
    let text = std::fs::read_to_string(file);
    let text = text.map_err(|why| Failure::of("read", file.display(), why))?;
    let parsed: Result<Bundle, _> = serde_json::from_str(&text);
    let parsed = parsed.map_err(|why| Failure::of("read", file.display(), why))?;
    let verified = match key {
        Some(key) if !key.eq_ignore_ascii_case(&parsed.key) => {
            Err(format!("it is signed with the key {}, not with that one", parsed.key))
        }
        _ => parsed.verify(),
    };
    let done = if verified.is_ok() { Done::Well } else { Done::WithFindings };
    match (&verified, as_json) {
        (Ok(events), true) => print_json(&json!({
            "genuine": true, "events": events.len(), "org": parsed.org, "service": parsed.service,
            "key": parsed.key, "size": parsed.size,
        })),
        (Err(why), true) => print_json(&json!({"genuine": false, "finding": why})),
        (Ok(events), false) => print_line(&format!(
            "genuine: {} of the {} events of {} in {}, signed with the key {}",
            events.len(),
            parsed.size,
            parsed.service,
            parsed.org,
            parsed.key
        )),
        (Err(why), false) => print_line(&format!("not genuine: {why}")),
    }
    Ok(done)
}

/// The files as they are, with no server at work.
fn offline(
    settings: &Settings,
    chosen: Option<Uuid>,
    key: [u8; 32],
    published: &[SignedHead],
) -> Result<Vec<Report>, Failure> {
    let mut seen: BTreeSet<(Uuid, String)> = BTreeSet::new();
    let mut reports = Vec::new();
    for path in files(&settings.data)? {
        let failed = |why| Failure::of("read", path.display(), why);
        let file = OfflineFile::open(&path).map_err(failed)?;
        let logs = file.logs().map_err(failed)?;
        for log in logs.iter().filter(|log| chosen.is_none_or(|org| org == log.org)) {
            let mut verifier = Verifier::new(log.org, &log.service, key, published);
            file.events(log, |entry| verifier.entry(entry)).map_err(failed)?;
            let head = file.head(log).map_err(failed)?;
            let (org, service, events) = (log.org, log.service.clone(), verifier.size());
            seen.insert((org, service.clone()));
            reports.push(Report { org, service, events, findings: verifier.finish(head.as_ref()) });
        }
        let damage = file.integrity().map_err(failed)?;
        if let (Some(first), Some(report)) = (damage.first(), reports.last_mut()) {
            let text = format!("{} is damaged: {first}", path.display());
            report.findings.push(Finding { first: 0, last: 0, code: "damaged", text });
        }
    }
    // A log that was published and is in no file any more was removed as a whole.
    for head in published.iter().filter(|head| chosen.is_none_or(|org| org == head.head.org)) {
        if seen.insert((head.head.org, head.head.service.clone())) {
            let (org, service) = (head.head.org, head.head.service.clone());
            let findings = Verifier::new(org, &service, key, published).finish(None);
            reports.push(Report { org, service, events: 0, findings });
        }
    }
    Ok(reports)
}

/// The database files of a data folder.
///
/// # Errors
/// When there is none, or the folder cannot be read.
pub fn files(data: &Path) -> Result<Vec<PathBuf>, Failure> {
    let system = file_of(data, SYSTEM_ORG);
    if !system.exists() {
        return Err(Failure::Failed(format!("{} holds no database", data.display())));
    }
    let mut files = vec![system];
    let orgs = data.join("orgs");
    if orgs.exists() {
        let entries = std::fs::read_dir(&orgs);
        let entries = entries.map_err(|why| Failure::of("read", orgs.display(), why))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        files.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "db")));
    }
    files.sort();
    Ok(files)
}

/// The organisation of a short name or id, as the system's log tells it.
fn find_offline(settings: &Settings, named: &str) -> Result<Uuid, Failure> {
    if named == "system" {
        return Ok(SYSTEM_ORG);
    }
    if let Ok(("org", id)) = types::parse_id(named) {
        return Ok(id);
    }
    let path = file_of(&settings.data, SYSTEM_ORG);
    let failed = |why| Failure::of("read", path.display(), why);
    let file = OfflineFile::open(&path).map_err(failed)?;
    let mut found = None;
    for log in file.logs().map_err(failed)?.iter().filter(|log| log.service == "platform") {
        let see = |entry: &kernel::log::LogEntry| {
            let changes = Event::parse(&entry.bytes).map(|event| event.changes).unwrap_or_default();
            for change in changes.iter().filter(|change| change.entity == "platform.org") {
                let named_so = change.after.iter().any(|(name, value)| {
                    name == "slug"
                        && matches!(value, EventValue::Plain(slug) if slug.as_text() == Some(named))
                });
                if named_so {
                    found = Some(change.record);
                }
            }
        };
        file.events(log, see).map_err(failed)?;
    }
    found.ok_or_else(|| Failure::Failed(format!("there is no organisation {named}")))
}

/// The logs as a running server or the database shows them.
async fn through_server(
    settings: &Settings,
    org: Option<&str>,
    key: [u8; 32],
    published: &[SignedHead],
) -> Result<Vec<Report>, Failure> {
    if settings.database.is_none() && matches!(Lock::take(&settings.data)?, Found::Held) {
        return Err(Failure::Failed(lock::held(&settings.data)));
    }
    let access = Access::open(settings).await?;
    let result = read_all(&access, org, key, published).await;
    access.close().await;
    result
}

async fn read_all(
    access: &Access,
    org: Option<&str>,
    key: [u8; 32],
    published: &[SignedHead],
) -> Result<Vec<Report>, Failure> {
    let orgs = match org {
        Some(named) => vec![access.org_id(named).await?],
        None => {
            let all = super::org::all(access).await?;
            std::iter::once(SYSTEM_ORG).chain(all.into_iter().map(|org| org.id)).collect()
        }
    };
    let services: Vec<String> = wiring::services().into_iter().map(|s| s.name).collect();
    let mut reports = Vec::new();
    for org in orgs {
        for service in &services {
            reports.push(reading::verify(&*access.logs, org, service, key, published).await?);
        }
    }
    Ok(reports)
}

fn tell(reports: &[Report], as_json: bool) -> Done {
    let findings: usize = reports.iter().map(|report| report.findings.len()).sum();
    let events: u64 = reports.iter().map(|report| report.events).sum();
    if as_json {
        let logs: Vec<Value> = reports.iter().map(describe).collect();
        print_json(&json!({"logs": logs, "events": events, "findings": findings}));
    } else {
        for report in reports {
            for finding in &report.findings {
                let Finding { first, last, code, text } = finding;
                let at = if first == last { first.to_string() } else { format!("{first}-{last}") };
                let log = format!("{} {}", name_of(report.org), report.service);
                print_line(&format!("{log}: position {at}: {code}: {text}"));
            }
        }
        let verdict = match findings {
            0 => "as they were sealed".to_owned(),
            count => format!("{count} findings"),
        };
        print_line(&format!("{events} events in {} logs: {verdict}", reports.len()));
    }
    if findings == 0 { Done::Well } else { Done::WithFindings }
}

fn describe(report: &Report) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|f| json!({"first": f.first, "last": f.last, "code": f.code, "text": f.text}))
        .collect();
    json!({
        "org": name_of(report.org),
        "service": report.service,
        "events": report.events,
        "findings": findings,
    })
}

fn name_of(org: Uuid) -> String {
    match org {
        SYSTEM_ORG => "system".to_owned(),
        org => types::format_id("org", org),
    }
}
