//! What the command line can do, one file for each.

pub mod bench;
mod doctor;
mod log;
mod migrate;
mod org;
mod serve;
mod user;
mod verify;

use crate::cli::Command;
use crate::outcome::{Done, Outcome};
use crate::settings::Settings;
use crate::wiring;
use serde_json::Value;

/// Runs a command.
///
/// # Errors
/// See [`crate::outcome::Failure`].
pub async fn run(command: Command, settings: &Settings) -> Outcome {
    match command {
        Command::Serve(_) => serve::run(settings).await,
        Command::Org(org) => org::run(org, settings).await,
        Command::User(user) => user::run(user, settings).await,
        Command::Verify(verify) => verify::run(verify, settings).await,
        Command::Log(log) => log::run(log, settings).await,
        Command::Openapi => openapi(),
        Command::Migrate(migrate) => migrate::run(migrate, settings).await,
        Command::Bench(bench) => bench::run(bench, settings).await,
        Command::Doctor(output) => doctor::run(output, settings).await,
    }
}

fn openapi() -> Outcome {
    let document = gateway::openapi(&wiring::registry(), env!("CARGO_PKG_VERSION"));
    print_json(&document);
    Ok(Done::Well)
}

/// Prints JSON on standard output; a reader that has gone away is no fault.
fn print_json(value: &Value) {
    print_line(&format!("{value:#}"));
}

/// Prints a line on standard output; a reader that has gone away is no fault.
fn print_line(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
