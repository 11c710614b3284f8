//! `cargo xtask fixture`: writes the data of this version, for later ones to open.

use crate::{needs, workspace};
use anyhow::{Context, Result, bail};
use std::process::ExitCode;

/// The test that writes it, which also runs with the others and then throws it away.
const TEST: &str = "fixture::the_fixture_of_this_version_can_be_written_and_opened";

/// Writes `server/tests/fixtures/VERSION`; an earlier one of the same version is replaced.
pub fn write() -> Result<ExitCode> {
    needs::build_tools()?;
    needs::postgres()?;
    let metadata = workspace::metadata(false)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let server = packages.iter().find(|package| package["name"] == "server");
    let version = server.and_then(|server| server["version"].as_str());
    let version = version.context("the package server has no version")?;
    let folder = workspace::root().join("server/tests/fixtures").join(version);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    let mut test = workspace::cargo(&["test", "-p", "server", "--test", "it", "--", TEST]);
    if !workspace::status(test.env("MEGALITH_WRITE_FIXTURE", &folder))?.success() {
        bail!("the fixture was not written; what the test said stands above");
    }
    println!("{} written: commit it with the release", folder.display());
    Ok(ExitCode::SUCCESS)
}
