//! Builds every test binary at once and learns where cargo put them.

use crate::workspace;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Stdio;

/// One test binary.
#[derive(Debug, PartialEq, Eq)]
pub struct Binary {
    /// The suite's name: the package, and behind a slash the target when it is not the package's own.
    pub suite: String,
    /// The package's name.
    pub package: String,
    /// The folder of the package, in which its tests run.
    pub folder: PathBuf,
    /// The file to run.
    pub executable: PathBuf,
}

/// What a build made.
pub struct Built {
    /// The test binaries, sorted by suite.
    pub binaries: Vec<Binary>,
    /// The server's binary, when the build made it.
    pub megalith: Option<PathBuf>,
    /// The operations whose instructions are counted, when the build made them.
    pub counted: Option<PathBuf>,
}

/// Builds the tests of the packages named, or of the whole workspace.
pub fn build(packages: &[String]) -> Result<Built> {
    let mut command = workspace::cargo(&["test", "--no-run"]);
    command.arg("--message-format=json-render-diagnostics");
    selection(&mut command, packages);
    let done = command.stderr(Stdio::inherit()).output().context("cannot run cargo")?;
    if !done.status.success() {
        bail!("the tests do not build; what cargo said stands above");
    }
    let messages: Vec<Value> = String::from_utf8_lossy(&done.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let mut binaries: Vec<Binary> = messages.iter().filter_map(test_binary).collect();
    binaries.sort_by(|left, right| left.suite.cmp(&right.suite));
    let program = |name: &str| {
        messages.iter().find_map(|message| {
            let is_it = message["target"]["name"] == name && message["profile"]["test"] == false;
            message["executable"].as_str().filter(|_| is_it).map(PathBuf::from)
        })
    };
    Ok(Built { binaries, megalith: program("megalith"), counted: program("counted") })
}

/// Adds `-p` for each package named, else the whole workspace.
pub fn selection(command: &mut std::process::Command, packages: &[String]) {
    if packages.is_empty() {
        command.arg("--workspace");
    }
    for package in packages {
        command.args(["-p", package]);
    }
}

fn test_binary(message: &Value) -> Option<Binary> {
    if message["reason"] != "compiler-artifact" || message["profile"]["test"] != true {
        return None;
    }
    let folder = PathBuf::from(message["manifest_path"].as_str()?).parent()?.to_path_buf();
    let package = package_name(message["package_id"].as_str()?)?;
    let target = &message["target"];
    let name = target["name"].as_str()?;
    let kind = target["kind"].as_array()?.first()?.as_str()?;
    // The library's own tests bear the package's name, and so do those of its one program.
    let own = !["test", "bench", "example"].contains(&kind) && (kind != "bin" || name == package);
    let suite = if own { package.clone() } else { format!("{package}/{name}") };
    Some(Binary { suite, package, folder, executable: message["executable"].as_str()?.into() })
}

/// `path+file:///a/crates/kernel#0.1.0` and `…/a#kernel@0.1.0` are both of `kernel`.
fn package_name(id: &str) -> Option<String> {
    let (address, version) = id.rsplit_once('#')?;
    let name = match version.split_once('@') {
        Some((name, _)) => name,
        None => address.rsplit('/').next()?,
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_named_after_its_package_and_target() {
        for (id, kind, name, suite) in [
            ("path+file:///a/crates/kernel#0.1.0", "lib", "kernel", "kernel"),
            (
                "path+file:///a/crates/macros#kernel-macros@0.1.0",
                "proc-macro",
                "kernel_macros",
                "kernel-macros",
            ),
            ("path+file:///a/server#0.1.0", "bin", "megalith", "server/megalith"),
            ("path+file:///a/xtask#0.1.0", "bin", "xtask", "xtask"),
            ("path+file:///a/crates/store#0.1.0", "test", "laws", "store/laws"),
        ] {
            let message = serde_json::json!({
                "reason": "compiler-artifact", "package_id": id, "profile": {"test": true},
                "manifest_path": "/a/x/Cargo.toml", "executable": "/a/target/x",
                "target": {"name": name, "kind": [kind]},
            });
            assert_eq!(test_binary(&message).unwrap().suite, suite);
        }
    }
}
