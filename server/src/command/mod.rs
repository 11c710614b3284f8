//! What the command line can do, one file for each.

mod backup;
pub mod bench;
mod changes;
mod doctor;
pub(crate) mod explain;
mod export;
pub(crate) mod import;
mod log;
mod migrate;
mod org;
mod serve;
mod user;
mod verify;

use crate::cli::Command;
use crate::outcome::{Done, Failure, Outcome};
use crate::settings::Settings;
use crate::wiring;
use kernel::Entity;
use kernel::schema::nearest;
use kernel::service::Registry;
use serde_json::Value;
use std::sync::Arc;

/// Runs a command.
///
/// # Errors
/// See [`crate::outcome::Failure`].
pub async fn run(command: Command, settings: &Settings) -> Outcome {
    match command {
        Command::Serve(_) => serve::run(settings).await,
        Command::Org(org) => org::run(org, settings).await,
        Command::User(user) => user::run(user, settings).await,
        Command::Import(import) => import::run(import, settings).await,
        Command::Export(export) => export::run(export, settings).await,
        Command::Changesets(which) => changes::list(which, settings).await,
        Command::Undo(undo) => changes::undo(undo, settings).await,
        Command::Explain(explain) => explain::run(explain, settings).await,
        Command::Backup(backup) => backup::backup(backup, settings),
        Command::Restore(restore) => backup::restore(restore, settings),
        Command::Verify(verify) => verify::run(verify, settings).await,
        Command::Log(log) => log::run(log, settings).await,
        Command::Openapi => openapi(),
        Command::Migrate(migrate) => migrate::run(migrate, settings).await,
        Command::Bench(bench) => bench::run(bench, settings).await,
        Command::Doctor(output) => doctor::run(output, settings).await,
    }
}

/// The entity that a command names: `operations.sales_order`, `operations.sales_orders` or
/// `operations/sales-orders`.
///
/// # Errors
/// Wrong usage for a name that there is not, with the one that was probably meant.
pub fn entity(named: &str, registry: &Registry) -> Result<Arc<Entity>, Failure> {
    let at_path = || {
        let (service, plural) = named.split_once(['/', '.'])?;
        registry.at_path(service, &plural.replace('_', "-"))
    };
    if let Some(found) = registry.get(named).or_else(at_path) {
        return Ok(found.clone());
    }
    let names: Vec<String> = registry.all().iter().map(|entity| entity.full_name()).collect();
    let near = nearest(named, names.iter().map(String::as_str));
    let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
    Err(Failure::Usage(format!("there is no entity {named}{hint}")))
}

fn openapi() -> Outcome {
    let document = gateway::openapi(&wiring::registry(), env!("CARGO_PKG_VERSION"));
    print_json(&document);
    Ok(Done::Well)
}

/// Prints JSON on standard output; a reader that has gone away is no fault.
pub fn print_json(value: &Value) {
    print_line(&format!("{value:#}"));
}

/// Prints a line on standard output; a reader that has gone away is no fault.
pub fn print_line(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
