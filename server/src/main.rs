//! The binary `megalith`: reads the command line and ends with its exit code.

use clap::Parser;
use server::cli::Cli;
use server::outcome::exit_code;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = server::run(cli);
    if let Err(failure) = &outcome {
        eprintln!("megalith: {failure}");
    }
    ExitCode::from(exit_code(&outcome))
}
