//! The workspace as cargo and git see it: its root, packages, files and programs.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies inside the workspace")
}

/// A call of the same cargo that runs us, in the workspace's root.
pub fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// What `cargo metadata` tells, with or without the packages from outside.
pub fn metadata(with_dependencies: bool) -> Result<Value> {
    let mut command = cargo(&["metadata", "--format-version", "1"]);
    if !with_dependencies {
        command.arg("--no-deps");
    }
    let text = output(&mut command)?;
    serde_json::from_str(&text).context("cargo metadata printed something else than JSON")
}

/// The folder that cargo builds into.
pub fn target_folder() -> Result<PathBuf> {
    let metadata = metadata(false)?;
    let folder = metadata["target_directory"].as_str();
    Ok(PathBuf::from(folder.context("cargo metadata names no target folder")?))
}

/// The path of a built binary of this workspace, such as `target/quick/megalith`.
pub fn binary(profile_folder: &str, name: &str) -> Result<PathBuf> {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(target_folder()?.join(profile_folder).join(file))
}

/// The files under version control or about to be, relative to the root, with `/` between folders.
pub fn files() -> Result<Vec<String>> {
    let mut command = Command::new("git");
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let text = output(command.current_dir(root()))?;
    let mut files: Vec<String> = text
        .split('\0')
        .filter(|path| !path.is_empty() && root().join(path).is_file())
        .map(str::to_owned)
        .collect();
    files.sort();
    files.dedup();
    Ok(files)
}

/// Runs a program to its end and answers its standard output; its errors go to ours.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot run {name}"))?;
    if !done.status.success() {
        bail!("{name} ended with {}", done.status);
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs a program to its end with our own outputs.
pub fn status(command: &mut Command) -> Result<ExitStatus> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.status().with_context(|| format!("cannot run {name}"))
}

/// Replaces this process by the program where the system can, so that signals reach it alone;
/// elsewhere waits for it. Answers its exit code.
pub fn hand_over(command: &mut Command) -> Result<std::process::ExitCode> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let name = command.get_program().to_string_lossy().into_owned();
        let problem = command.exec();
        Err(anyhow::Error::new(problem).context(format!("cannot run {name}")))
    }
    #[cfg(not(unix))]
    {
        let code = status(command)?.code().and_then(|code| u8::try_from(code).ok());
        Ok(std::process::ExitCode::from(code.unwrap_or(3)))
    }
}

/// The arguments after `--`, or all when there is none: what goes on to the started program.
pub fn passed_on(arguments: &[String]) -> &[String] {
    match arguments.split_first() {
        Some((first, rest)) if first == "--" => rest,
        _ => arguments,
    }
}
