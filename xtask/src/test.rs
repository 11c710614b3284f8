//! `cargo xtask test`: runs every suite and says in a table what each proved.
//!
//! A suite is one test binary of the workspace. libtest's own count is added up with the lines
//! `checks: N` that a test over many rows prints, and with `data sets absent: N checks not run`.
//! A test that is ignored, a suite below its floor, or one that ends without a result fails.

mod build;
pub mod counts;
mod floors;
mod plan;
mod suite;
mod table;

use crate::cluster::{self, Cluster};
use crate::{generate, needs, rounds, web, workspace};
use anyhow::{Context, Result, bail};
use floors::Floors;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;
use suite::Report;

/// What was asked for on the command line.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    all: bool,
    raise_floors: bool,
    packages: Vec<String>,
}

impl Options {
    /// Reads the arguments; an unknown one is an error.
    pub fn parse(arguments: &[String]) -> Result<Options> {
        let mut options = Options::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--all" => options.all = true,
                "--raise-floors" => options.raise_floors = true,
                "-p" | "--package" => {
                    let package = rest.next().context("-p is followed by a package's name")?;
                    options.packages.push(package.clone());
                }
                other => bail!("test does not know `{other}`: it takes --all, -p, --raise-floors"),
            }
        }
        Ok(options)
    }

    fn is_whole(&self) -> bool {
        self.packages.is_empty()
    }
}

/// Runs the suites; the exit code is 1 when anything failed.
pub fn test(options: &Options) -> Result<ExitCode> {
    let begun = Instant::now();
    needs::build_tools()?;
    let postgres = Postgres::find()?;
    let mut variables = Vec::new();
    let data_sets = data_sets();
    if let Some(folder) = &data_sets {
        variables.push(("MEGALITH_DATASETS", folder.display().to_string()));
    }
    if options.all {
        variables.push((rounds::ALL_VARIABLE, "1".to_owned()));
    }

    if options.is_whole() {
        // Before the server, which holds the app.
        web::build()?;
        web::install()?;
        variables.push(("MEGALITH_CHROMIUM", needs::chromium()?.display().to_string()));
    }
    let built = build::build(&options.packages)?;
    // Kept to the end of this function: dropping it stops the server, and so does our own death.
    let _cluster = postgres.start(&mut variables)?;
    let logs = workspace::target_folder()?.join("test-logs");
    std::fs::create_dir_all(&logs)?;
    let mut reports: Vec<Report> = Vec::new();
    if options.all {
        let runs = |suite: &str| built.binaries.iter().any(|binary| binary.suite == suite);
        print!("{}", plan::announce(true, runs));
    }
    for (number, binary) in built.binaries.iter().enumerate() {
        println!("running {} ({} of {})", binary.suite, number + 1, built.binaries.len());
        // What cannot be run is a failure of that suite, and no reason to leave the others out.
        let report = suite::run(binary, &variables, &logs, options.all);
        let mut report = report.unwrap_or_else(|why| Report::broken(&binary.suite, &why));
        plan::hold(&mut report, options.all);
        if options.all {
            println!("  {}", table::line(&report));
        }
        reports.push(report);
    }
    if let Some(program) = &built.counted {
        println!("running {}", counts::SUITE);
        reports.push(counts::run(program, &logs, false));
    }
    println!("running doc examples");
    reports.push(suite::run_doc_examples(&options.packages, &variables, &logs)?);
    if let Some(binary) = &built.megalith {
        variables.push(("MEGALITH_BINARY", binary.display().to_string()));
    }
    for (suite, arguments) in web::SUITES.iter().filter(|_| options.is_whole()) {
        println!("running {suite}");
        reports.push(suite::run_web(suite, arguments, &variables, &logs, options.all)?);
    }
    if options.is_whole() && generate::committed() > 0 {
        println!("running generated files");
        reports.push(suite::generated_files(built.megalith.as_deref()));
    }
    reports.retain(|report| report.counts.checks > 0 || report.failed());

    let mut floors = Floors::read()?;
    let below = floors.hold(&mut reports, options.is_whole());
    for report in reports.iter().filter(|report| report.failed()) {
        print!("\n==== {} ====\n{}", report.suite, report.output);
        for fault in &report.faults {
            println!("{}: {fault}", report.suite);
        }
    }
    println!("\n{}", table::render(&reports));
    for line in &below {
        println!("{line}");
    }
    if options.raise_floors {
        floors.raise(&reports)?;
    }

    let total = table::Total::of(&reports, below.len());
    let must_have_data = options.all || std::env::var("CI").is_ok_and(|value| value == "true");
    for line in total.closing_lines(reports.len(), begun.elapsed()) {
        println!("{line}");
    }
    let failed = total.failed > 0 || (must_have_data && total.absent > 0);
    Ok(ExitCode::from(u8::from(failed)))
}

/// Where the tests' PostgreSQL comes from.
enum Postgres {
    /// The caller's environment names a server, which the tests inherit.
    Named,
    /// A cluster of this run.
    Own,
}

impl Postgres {
    /// Looks for it before anything is built, so that what is missing is said at once.
    fn find() -> Result<Postgres> {
        let named = [cluster::ADMIN_VARIABLE, cluster::SERVICE_VARIABLE]
            .map(|variable| std::env::var_os(variable).is_some());
        match named {
            [true, true] => {
                println!("PostgreSQL: the server that {} names", cluster::ADMIN_VARIABLE);
                Ok(Postgres::Named)
            }
            [false, false] => {
                let programs = needs::postgres()?;
                println!("PostgreSQL: a cluster of this run, by {}", programs.display());
                Ok(Postgres::Own)
            }
            _ => bail!(
                "{} and {} are set together or not at all",
                cluster::ADMIN_VARIABLE,
                cluster::SERVICE_VARIABLE
            ),
        }
    }

    fn start(&self, variables: &mut Vec<(&'static str, String)>) -> Result<Option<Cluster>> {
        if let Postgres::Named = self {
            return Ok(None);
        }
        let cluster = Cluster::start().map_err(anyhow::Error::msg).context("PostgreSQL")?;
        variables.push((cluster::ADMIN_VARIABLE, cluster.admin_url.clone()));
        variables.push((cluster::SERVICE_VARIABLE, cluster.service_url.clone()));
        Ok(Some(cluster))
    }
}

/// The folder of public data sets: the named one, else `shared/data` beside the checkout.
pub fn data_sets() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("MEGALITH_DATASETS") {
        return Some(PathBuf::from(named));
    }
    Some(workspace::root().parent()?.join("shared/data")).filter(|folder| folder.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&arguments)
    }

    #[test]
    fn the_options_are_read_and_an_unknown_one_is_refused() {
        assert_eq!(parse("").unwrap(), Options::default());
        let read = parse("--all -p store -p kernel").unwrap();
        assert!(read.all && !read.is_whole());
        assert_eq!(read.packages, ["store", "kernel"]);
        assert!(parse("--fast").is_err());
        assert!(parse("-p").is_err());
    }
}
