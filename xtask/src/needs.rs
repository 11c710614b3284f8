//! What must be on the machine before a command can work: found, installed, or named as missing.

use crate::cluster;
use crate::workspace;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Fails with the list of everything that building the server lacks.
pub fn build_tools() -> Result<()> {
    let mut missing = Vec::new();
    let manifest = std::fs::read_to_string(workspace::root().join("Cargo.toml"))?;
    let manifest: toml::Table = manifest.parse().context("Cargo.toml")?;
    let required = manifest["workspace"]["package"]["rust-version"]
        .as_str()
        .context("Cargo.toml names no rust-version")?;
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    match workspace::output(Command::new(rustc).arg("--version")) {
        Ok(said) if version(&said) >= version(required) => {}
        Ok(said) => missing.push(format!(
            "Rust {required} or newer (this is {}): rustup update stable",
            said.trim()
        )),
        Err(_) => missing.push(format!("Rust {required} or newer: https://rustup.rs")),
    }
    if c_compiler().is_none() {
        missing.push(
            "a C compiler, for the bundled SQLite and the cryptography (cc, gcc or clang): \
             `apt install build-essential`, `dnf install gcc`, `xcode-select --install`, or the \
             Visual Studio Build Tools"
                .to_owned(),
        );
    }
    if missing.is_empty() {
        return Ok(());
    }
    bail!("the build needs:\n  - {}", missing.join("\n  - "))
}

/// Fails where Node.js, which builds the web app, is missing or too old.
pub fn node() -> Result<()> {
    const LEAST: &str = "20.19";
    let found = workspace::output(Command::new("node").arg("--version"));
    let found = found.ok().map(|said| said.trim().trim_start_matches('v').to_owned());
    if found.as_deref().and_then(version) >= version(LEAST) {
        return Ok(());
    }
    let is = found.map_or("it is not on the PATH".to_owned(), |found| format!("this is {found}"));
    bail!(
        "the web app needs Node.js {LEAST} or newer ({is}): https://nodejs.org, `apt install \
         nodejs npm`, `brew install node`.\nWithout it, `cargo build --release --bin megalith` \
         builds the server with the API reference in the app's place."
    )
}

/// Makes sure that PostgreSQL's programs are on the machine and answers their folder.
///
/// As root on a system with apt it installs them; elsewhere it says what is missing.
pub fn postgres() -> Result<PathBuf> {
    if let Some(folder) = cluster::programs() {
        return Ok(folder);
    }
    if install("PostgreSQL", "postgresql")?
        && let Some(folder) = cluster::programs()
    {
        return Ok(folder);
    }
    bail!(
        "the tests need PostgreSQL's server programs (initdb, pg_ctl, psql), and they are neither \
         on the PATH nor in /usr/lib/postgresql.\nInstall them (`apt install postgresql`, `dnf \
         install postgresql-server`, `brew install postgresql`), or set {} and {} to the \
         addresses of a test server for a superuser and for an unprivileged role.",
        cluster::ADMIN_VARIABLE,
        cluster::SERVICE_VARIABLE
    )
}

/// Makes sure that Chromium, which the web app's tests drive, is on the machine and answers its
/// path; installed as PostgreSQL is.
pub fn chromium() -> Result<PathBuf> {
    const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
    let find = || NAMES.iter().find_map(|name| on_path(name));
    if let Some(named) = std::env::var_os("MEGALITH_CHROMIUM") {
        return Ok(PathBuf::from(named));
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    if install("Chromium", "chromium")?
        && let Some(found) = find()
    {
        return Ok(found);
    }
    bail!(
        "the web app's tests need Chromium, and it is not on the PATH.\nInstall it (`apt install \
         chromium`, `dnf install chromium`, `brew install --cask chromium`), or set \
         MEGALITH_CHROMIUM to the path of Chromium or Chrome."
    )
}

/// Installs a package where this is root on a system with apt; false elsewhere.
fn install(what: &str, package: &str) -> Result<bool> {
    let root = cfg!(unix)
        && workspace::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root || on_path("apt-get").is_none() {
        return Ok(false);
    }
    println!("{what} is not installed; installing it with apt-get");
    for arguments in [&["update", "-qq"][..], &["install", "-y", "-qq", package]] {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        let ended = workspace::status(command.stdin(Stdio::null()))?;
        if !ended.success() {
            bail!("apt-get {} ended with {ended}", arguments.join(" "));
        }
    }
    Ok(true)
}

/// Makes sure that valgrind is on the machine and answers where; installed as PostgreSQL is.
pub fn valgrind() -> Result<PathBuf> {
    if let Some(found) = on_path("valgrind") {
        return Ok(found);
    }
    if install("valgrind", "valgrind")?
        && let Some(found) = on_path("valgrind")
    {
        return Ok(found);
    }
    bail!(
        "the tests count instructions with valgrind, and it is not on the PATH: install it \
         (`apt install valgrind`, `dnf install valgrind`)"
    )
}

fn c_compiler() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CC") {
        return Some(PathBuf::from(named));
    }
    // The Windows compiler is found by the build scripts themselves, outside the PATH.
    if cfg!(windows) {
        return Some(PathBuf::from("cl.exe"));
    }
    ["cc", "gcc", "clang"].into_iter().find_map(on_path)
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The first dotted number in a text: `rustc 1.95.0 (…)` is (1, 95).
fn version(text: &str) -> Option<(u32, u32)> {
    let number =
        text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let mut parts = number.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_the_first_number_of_the_text() {
        for (text, expected) in [
            ("rustc 1.95.0 (59807616e 2026-04-14)", Some((1, 95))),
            ("rustc 1.96.0-nightly (0 2026)", Some((1, 96))),
            ("1.95", Some((1, 95))),
            ("rustc", None),
        ] {
            assert_eq!(version(text), expected, "{text}");
        }
        assert!(version("rustc 1.100.0") > version("1.95"));
    }
}
