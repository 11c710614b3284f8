//! `cargo xtask run`: from a fresh clone to a usable page; `pictures` of what is there to see.

use crate::{needs, web, workspace};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Builds the web app and the server in the profile `quick` and starts the server in the foreground.
///
/// The arguments go on to `megalith serve`; where they name a data folder, ours is left out.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let binary = binary()?;
    let passed_on = workspace::passed_on(arguments);
    let help = Command::new(&binary).args(["serve", "--help"]).output()?;
    let demo_exists = String::from_utf8_lossy(&help.stdout).contains("--demo");
    let mut serve = Command::new(&binary);
    serve.args(serve_arguments(passed_on, demo_exists)).current_dir(workspace::root());
    workspace::hand_over(&mut serve)
}

/// Takes pictures of the key screens into a folder, of those whose names hold one of the words.
pub fn pictures(arguments: &[String]) -> Result<ExitCode> {
    let Some((folder, words)) = arguments.split_first() else {
        bail!("pictures is followed by a folder, such as target/pictures");
    };
    let binary = binary()?;
    web::install()?;
    let mut command = Command::new("node");
    command.arg("e2e/pictures.mjs").arg(workspace::root().join(folder)).args(words);
    command.env("MEGALITH_BINARY", binary).env("MEGALITH_CHROMIUM", needs::chromium()?);
    if let Some(data_sets) = crate::test::data_sets() {
        command.env("MEGALITH_DATASETS", data_sets);
    }
    let ended = workspace::status(command.current_dir(web::folder()))?;
    Ok(ExitCode::from(u8::from(!ended.success())))
}

/// Builds the web app and the server that holds it, in the profile `quick`.
fn binary() -> Result<PathBuf> {
    needs::build_tools()?;
    web::build()?;
    let build = ["build", "--profile", "quick", "-p", "server", "--bin", "megalith"];
    if !workspace::status(&mut workspace::cargo(&build))?.success() {
        bail!("the build failed; what cargo said stands above");
    }
    let binary = workspace::binary("quick", "megalith")?;
    println!("built {}", binary.display());
    Ok(binary)
}

fn serve_arguments(passed_on: &[String], demo_exists: bool) -> Vec<String> {
    let named = |flag: &str| {
        passed_on.iter().any(|argument| {
            argument.strip_prefix(flag).is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
        })
    };
    let mut arguments = vec!["serve".to_owned()];
    if !named("--data") {
        arguments.extend(["--data".to_owned(), "./megalith-data".to_owned()]);
    }
    if demo_exists && !named("--demo") {
        arguments.push("--demo".to_owned());
    }
    arguments.extend(passed_on.iter().cloned());
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_given_by_hand_replace_our_own() {
        for (given, demo, expected) in [
            ("", true, "serve --data ./megalith-data --demo"),
            ("", false, "serve --data ./megalith-data"),
            ("--data /x", true, "serve --demo --data /x"),
            ("--data=/x --demo", true, "serve --data=/x --demo"),
            ("--database u", false, "serve --data ./megalith-data --database u"),
        ] {
            let given: Vec<String> = given.split_whitespace().map(str::to_owned).collect();
            assert_eq!(serve_arguments(&given, demo).join(" "), expected);
        }
    }
}
