//! `cargo xtask bench`: measures the release binary.

use crate::{needs, workspace};
use anyhow::{Result, bail};
use std::process::{Command, ExitCode};

/// Builds the release binary and runs `megalith bench` with the arguments given.
pub fn bench(arguments: &[String]) -> Result<ExitCode> {
    needs::build_tools()?;
    let build = ["build", "--release", "-p", "server", "--bin", "megalith"];
    if !workspace::status(&mut workspace::cargo(&build))?.success() {
        bail!("the build failed; what cargo said stands above");
    }
    let binary = workspace::binary("release", "megalith")?;
    let mut bench = Command::new(binary);
    bench.arg("bench").args(workspace::passed_on(arguments)).current_dir(workspace::root());
    workspace::hand_over(&mut bench)
}
