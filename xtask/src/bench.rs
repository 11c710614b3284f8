//! `cargo xtask bench`: measures the release binary.

use crate::cluster::Cluster;
use crate::{needs, workspace};
use anyhow::{Context, Result, bail};
use std::process::{Command, ExitCode};

/// The variables that `megalith` takes its database's addresses from.
const DATABASE: &str = "MEGALITH_DATABASE";
const DATABASE_ADMIN: &str = "MEGALITH_DATABASE_ADMIN";

/// Builds the release binary and runs `megalith bench` with the arguments given.
///
/// The figures of PostgreSQL are measured on the database that the arguments or the environment
/// name, else on a cluster of this run.
pub fn bench(arguments: &[String]) -> Result<ExitCode> {
    needs::build_tools()?;
    let arguments = workspace::passed_on(arguments);
    let needs_cluster = needs_cluster(arguments) && std::env::var_os(DATABASE).is_none();
    if needs_cluster {
        needs::postgres()?;
    }
    let build = ["build", "--release", "-p", "server", "--bin", "megalith"];
    if !workspace::status(&mut workspace::cargo(&build))?.success() {
        bail!("the build failed; what cargo said stands above");
    }
    let binary = workspace::binary("release", "megalith")?;
    let mut bench = Command::new(binary);
    bench.arg("bench").args(arguments).current_dir(workspace::root());
    if !needs_cluster {
        return workspace::hand_over(&mut bench);
    }
    // The cluster ends with this process, so it stays to wait.
    let cluster = Cluster::start().map_err(anyhow::Error::msg).context("PostgreSQL")?;
    bench.env(DATABASE, &cluster.service_url).env(DATABASE_ADMIN, &cluster.admin_url);
    let ended = workspace::status(&mut bench)?;
    drop(cluster);
    Ok(ExitCode::from(ended.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(3)))
}

/// Whether the arguments ask for figures of PostgreSQL and name no database.
fn needs_cluster(arguments: &[String]) -> bool {
    if arguments.iter().any(|argument| argument.starts_with("--database")) {
        return false;
    }
    let asked = arguments.iter().filter(|argument| !argument.starts_with('-'));
    let mut figures = asked.flat_map(|argument| argument.split(',')).peekable();
    figures.peek().is_none() || figures.any(|figure| figure == "postgres")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_started_where_postgresql_is_measured_and_no_database_is_named() {
        for (line, expected) in [
            ("", true),
            ("--quick", true),
            ("postgres", true),
            ("creates,postgres --quick", true),
            ("creates,http", false),
            ("creates postgres import", true),
            ("creates import", false),
            ("postgres --database postgres://a@host", false),
            ("postgres --database=postgres://a@host", false),
        ] {
            let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
            assert_eq!(needs_cluster(&arguments), expected, "{line}");
        }
    }
}
