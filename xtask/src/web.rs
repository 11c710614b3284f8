//! The web app: its tools, its modules, its build and its suites.
//!
//! Modules come from the lockfile only (`npm ci`), and only when it changed since they were
//! installed; the app is built only when one of its files is newer than what was built.

use crate::{needs, workspace};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// What the build reads, relative to the root.
const SOURCES: [&str; 2] = ["packages", "web"];
/// Folders below those that the build does not read.
const APART: [&str; 3] = ["node_modules", "build", "e2e"];

/// The folder of the app.
pub fn folder() -> PathBuf {
    workspace::root().join("web")
}

/// A call of npm in the app's folder.
pub fn npm(arguments: &[&str]) -> Command {
    // On Windows npm is a script, which only the shell's own name finds.
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.args(arguments).current_dir(folder());
    command
}

/// Installs the modules of the lockfile, if they are not there already.
///
/// # Errors
/// When Node.js is missing or too old, or npm fails; both say what to do.
pub fn install() -> Result<()> {
    needs::node()?;
    let lockfile = std::fs::read(folder().join("package-lock.json"))?;
    let installed = folder().join("node_modules/.installed-lock.json");
    if std::fs::read(&installed).is_ok_and(|known| known == lockfile) {
        return Ok(());
    }
    println!("installing the web app's modules (npm ci)");
    let arguments = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
    let ended = workspace::status(&mut npm(&arguments))?;
    if !ended.success() {
        bail!("npm ci ended with {ended}; what it said stands above");
    }
    std::fs::write(&installed, lockfile).context("web/node_modules")
}

/// Builds the app into `web/build/app`, where the server's build finds it, if it is not there as
/// its sources are now.
///
/// # Errors
/// As [`install`], and when the app does not build.
pub fn build() -> Result<()> {
    let page = folder().join("build/app/index.html");
    let built = std::fs::metadata(&page).and_then(|page| page.modified()).ok();
    if built.is_some_and(|built| newest_source().is_ok_and(|newest| newest <= built)) {
        return Ok(());
    }
    install()?;
    println!("building the web app");
    let ended = workspace::status(&mut npm(&["run", "--silent", "build"]))?;
    if !ended.success() {
        bail!("the web app does not build; what npm said stands above");
    }
    Ok(())
}

/// When the newest file that the build reads was changed.
fn newest_source() -> Result<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in SOURCES {
        newest = newest.max(newest_in(&workspace::root().join(source))?);
    }
    Ok(newest)
}

fn newest_in(folder: &Path) -> Result<SystemTime> {
    // The folder's own time tells of files that were removed.
    let mut newest = std::fs::metadata(folder)?.modified()?;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let apart = APART.iter().any(|name| entry.file_name() == *name);
        if apart {
            continue;
        }
        let of_entry = match entry.file_type()?.is_dir() {
            true => newest_in(&entry.path())?,
            false => entry.metadata()?.modified()?,
        };
        newest = newest.max(of_entry);
    }
    Ok(newest)
}

/// The suites of the app: name and npm's arguments.
pub const SUITES: [(&str, &[&str]); 3] = [
    ("web/check", &["run", "--silent", "check"]),
    ("web/unit", &["run", "--silent", "test"]),
    ("web/e2e", &["run", "--silent", "e2e"]),
];
