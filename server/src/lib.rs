//! The binary `megalith` as a library: configuration, wiring and the command line.
//!
//! [`wiring`] puts services, placement, keys, link and bus together; [`command`] holds one file
//! for each thing the command line can do; [`access`] lets those reach the data through the
//! running server, or by opening the folder themselves.

pub mod access;
mod app;
mod archive;
pub mod cli;
pub mod command;
pub mod control;
pub mod demo;
pub mod facts;
pub mod imports;
pub mod keyfolder;
pub mod lock;
pub mod os;
pub mod outcome;
pub mod placement;
mod remote;
pub mod settings;
pub mod source;
pub mod wiring;

use cli::{Cli, Command};
use outcome::{Failure, Outcome};
use settings::{Listen, Settings};

/// Runs a command to its end.
///
/// # Errors
/// [`Failure`] says whether it was wrong usage or could not run.
pub fn run(cli: Cli) -> Outcome {
    let none = Listen::default();
    let elsewhere = cli.place.server.clone();
    let (listen, quiet) = match &cli.command {
        Command::Serve(listen) => (listen, "info,store::sqlite::migrate=warn"),
        _ => (&none, "warn"),
    };
    let settings = Settings::decide(&cli.place, listen)?;
    let directives = if settings.log.is_empty() { quiet } else { &settings.log };
    telemetry::start(directives).map_err(Failure::Usage)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|why| Failure::of("start", "the threads", why))?;
    let outcome = match elsewhere {
        Some(address) => runtime.block_on(remote::run(cli.command, &address)),
        None => runtime.block_on(command::run(cli.command, &settings)),
    };
    // Reads that a stopped request left behind must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    outcome
}
