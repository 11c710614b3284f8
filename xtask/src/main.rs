//! The project's own commands, called as `cargo xtask COMMAND`.

mod arrows;
mod bench;
mod check;
#[path = "../../crates/testkit/src/postgres/cluster.rs"]
#[allow(dead_code, reason = "shared with testkit, which uses more of it")]
mod cluster;
mod finding;
mod fixture;
mod generate;
mod licences;
mod needs;
#[path = "../../crates/testkit/src/rounds.rs"]
#[allow(dead_code, reason = "shared with testkit, which runs the rounds")]
mod rounds;
mod run;
mod test;
mod tidy;
mod web;
mod workspace;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask run [-- SERVE ARGUMENTS]   build the server and start it with the demo organisation
cargo xtask pictures FOLDER [NAME…]    take pictures of the key screens, of those whose name holds a NAME
cargo xtask test [--all] [-p PACKAGE]… [--raise-floors]
                                       run every suite and print a table of checks and seconds
                                       --all           the long rounds too
                                       -p PACKAGE      only this package's suites
                                       --raise-floors  write the counts of this run as the floors
cargo xtask counts [--renew]           count the instructions of fixed operations; write them anew
cargo xtask fixture                    write the data of this version that later ones must open
cargo xtask check                      formatting, lints, tidiness, arrows and licences
cargo xtask gen [--check]              write the generated files, or compare them
cargo xtask bench [-- ARGUMENTS]       build the release binary and measure it
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("", arguments.as_slice()),
    };
    let done = match command {
        "run" => run::run(rest),
        "pictures" => run::pictures(rest),
        "test" => match test::Options::parse(rest) {
            Ok(options) => test::test(&options),
            Err(problem) => return wrong_usage(&problem),
        },
        "counts" => match rest {
            [] => test::counts::alone(false),
            [flag] if flag == "--renew" => test::counts::alone(true),
            _ => return wrong_usage(&anyhow::anyhow!("counts takes --renew or nothing")),
        },
        "fixture" => fixture::write(),
        "check" => check::check(),
        "gen" => match generate::Mode::parse(rest) {
            Ok(mode) => generate::generate(mode),
            Err(problem) => return wrong_usage(&problem),
        },
        "bench" => bench::bench(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("error: {problem:#}");
            ExitCode::from(3)
        }
    }
}

fn wrong_usage(problem: &anyhow::Error) -> ExitCode {
    eprint!("error: {problem}\n\n{HELP}");
    ExitCode::from(2)
}
