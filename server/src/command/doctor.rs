//! `megalith doctor`: looks for what would keep the installation from running well.

use super::{print_json, print_line};
use crate::access::Access;
use crate::cli::Output;
use crate::keyfolder::KeyFolder;
use crate::lock::{self, Access as Found, Lock};
use crate::os;
use crate::outcome::{Done, Outcome};
use crate::placement::file_of;
use crate::settings::Settings;
use contracts::SYSTEM_ORG;
use serde_json::{Value, json};
use store::sqlite::offline::OfflineFile;

/// One thing that was looked at.
struct Check {
    name: &'static str,
    /// What was found; an error is something to be put right.
    found: Result<String, String>,
}

/// Runs it.
///
/// # Errors
/// None: what cannot be looked at is a finding.
pub async fn run(output: Output, settings: &Settings) -> Outcome {
    let mut checks = vec![check("data folder", data_folder(settings)), keys(settings)];
    checks.extend(key_rights(settings));
    let server = server(settings);
    let may_open = server.found.is_ok();
    checks.push(server);
    if settings.database.is_none() {
        checks.extend(files(settings));
    }
    if may_open && file_of(&settings.data, SYSTEM_ORG).exists() {
        checks.push(check("services", services(settings).await));
    }
    let wrong = checks.iter().filter(|check| check.found.is_err()).count();
    if output.json {
        let checks: Vec<Value> = checks.iter().map(describe).collect();
        print_json(&json!({"checks": checks, "findings": wrong}));
    } else {
        for Check { name, found } in &checks {
            match found {
                Ok(text) => print_line(&format!("ok     {name}: {text}")),
                Err(text) => print_line(&format!("WRONG  {name}: {text}")),
            }
        }
    }
    Ok(if wrong == 0 { Done::Well } else { Done::WithFindings })
}

fn check(name: &'static str, found: Result<String, String>) -> Check {
    Check { name, found }
}

fn describe(check: &Check) -> Value {
    let (ok, text) = match &check.found {
        Ok(text) => (true, text),
        Err(text) => (false, text),
    };
    json!({"name": check.name, "ok": ok, "text": text})
}

/// Whether the data folder can be written.
fn data_folder(settings: &Settings) -> Result<String, String> {
    let folder = settings.data.display();
    if !settings.data.exists() {
        return Ok(format!("{folder} does not exist yet; `megalith serve` makes it"));
    }
    let probe = settings.data.join(".megalith-probe");
    let _ = std::fs::remove_file(&probe);
    os::create_private(&probe, "probe")
        .map_err(|why| format!("{folder} cannot be written: {why}"))?;
    std::fs::remove_file(&probe).map_err(|why| format!("{folder}: {why}"))?;
    Ok(folder.to_string())
}

fn keys(settings: &Settings) -> Check {
    let folder = settings.keys.display();
    let fresh = !settings.keys.exists() && !file_of(&settings.data, SYSTEM_ORG).exists();
    let found = match KeyFolder::read(&settings.keys, false) {
        Ok(keys) => {
            Ok(format!("{folder}, signing with {}", kernel::log::hex(&keys.keys.public_key())))
        }
        Err(_) if fresh => Ok("none yet; `megalith serve` makes them".to_owned()),
        Err(failure) => Err(failure.to_string()),
    };
    check("keys", found)
}

/// Keys that others can read.
fn key_rights(settings: &Settings) -> Option<Check> {
    let open = ["master.key", "signing.key"]
        .map(|name| settings.keys.join(name))
        .into_iter()
        .find(|path| os::is_open_to_others(path).unwrap_or(false))?;
    let text = format!("{} can be read by others: take that right away", open.display());
    Some(check("rights of the keys", Err(text)))
}

fn server(settings: &Settings) -> Check {
    if !settings.data.exists() {
        return check("server", Ok("none is running".to_owned()));
    }
    let found = match Lock::take(&settings.data) {
        Ok(Found::Free(_)) => Ok("none is running".to_owned()),
        Ok(Found::Served(announced)) => Ok(format!("running at {}", announced.listen)),
        Ok(Found::Held) => Err(lock::held(&settings.data)),
        Err(failure) => Err(failure.to_string()),
    };
    check("server", found)
}

/// What SQLite says of each file.
fn files(settings: &Settings) -> Vec<Check> {
    if !file_of(&settings.data, SYSTEM_ORG).exists() {
        return Vec::new();
    }
    let files = match super::verify::files(&settings.data) {
        Ok(files) => files,
        Err(failure) => return vec![check("files", Err(failure.to_string()))],
    };
    let look = |path: &std::path::PathBuf| {
        let damage = OfflineFile::open(path).and_then(|file| file.integrity());
        match damage.map(|found| found.into_iter().next()) {
            Ok(None) => Ok(path.display().to_string()),
            Ok(Some(first)) => Err(format!("{} is damaged: {first}", path.display())),
            Err(why) => Err(format!("{}: {why}", path.display())),
        }
    };
    files.iter().map(|path| check("file", look(path))).collect()
}

/// Whether the services answer.
async fn services(settings: &Settings) -> Result<String, String> {
    let access = Access::open(settings).await.map_err(|failure| failure.to_string())?;
    let orgs = super::org::all(&access).await;
    access.close().await;
    let orgs = orgs.map_err(|failure| failure.to_string())?;
    Ok(format!("they answer; {} organisations", orgs.len()))
}
