//! `cargo xtask gen`: writes the files that are generated from the declared entities.
//!
//! Each is committed, so that a change of an entity shows its effect on the surfaces in review;
//! `--check` compares instead of writing, and so does `cargo xtask test` for those that exist.

use crate::finding::Finding;
use crate::workspace;
use anyhow::{Result, bail};
use std::path::Path;
use std::process::{Command, ExitCode};

/// One generated file and the call of the built binary that prints it.
struct Step {
    path: &'static str,
    arguments: &'static [&'static str],
}

/// Every generated file. A new one is a line here.
const STEPS: &[Step] = &[Step { path: "docs/openapi.json", arguments: &["openapi"] }];

/// What to do with the generated files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Write them.
    Write,
    /// Compare them with what would be written.
    Check,
}

impl Mode {
    /// Reads the arguments: `--check` or nothing.
    pub fn parse(arguments: &[String]) -> Result<Mode> {
        match arguments {
            [] => Ok(Mode::Write),
            [flag] if flag == "--check" => Ok(Mode::Check),
            _ => bail!("gen takes --check or nothing"),
        }
    }
}

/// Writes every generated file, or answers exit code 1 when one differs.
pub fn generate(mode: Mode) -> Result<ExitCode> {
    let build = ["build", "-p", "server", "--bin", "megalith"];
    if !workspace::status(&mut workspace::cargo(&build))?.success() {
        bail!("the build failed; what cargo said stands above");
    }
    let binary = workspace::binary("debug", "megalith")?;
    if mode == Mode::Check {
        let findings = compare(&binary, true)?;
        for finding in &findings {
            println!("{finding}");
        }
        return Ok(ExitCode::from(u8::from(!findings.is_empty())));
    }
    for step in STEPS {
        let path = workspace::root().join(step.path);
        let text = step.make(&binary)?;
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            println!("{} is up to date", step.path);
            continue;
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, text)?;
        println!("{} written", step.path);
    }
    Ok(ExitCode::SUCCESS)
}

/// Compares the committed files with what the binary prints now.
///
/// A file that does not exist is a finding only if `all` is asked for.
pub fn compare(binary: &Path, all: bool) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for step in STEPS {
        let committed = std::fs::read_to_string(workspace::root().join(step.path)).ok();
        if committed.is_none() && !all {
            continue;
        }
        let text = step.make(binary)?;
        if let Some(finding) = step.difference(committed.as_deref(), &text) {
            findings.push(finding);
        }
    }
    Ok(findings)
}

/// How many of the generated files are committed.
pub fn committed() -> usize {
    STEPS.iter().filter(|step| workspace::root().join(step.path).is_file()).count()
}

impl Step {
    fn make(&self, binary: &Path) -> Result<String> {
        let mut command = Command::new(binary);
        let mut text = workspace::output(command.args(self.arguments))?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Ok(text)
    }

    fn difference(&self, committed: Option<&str>, now: &str) -> Option<Finding> {
        let Some(committed) = committed else {
            return Some(Finding::on(self.path, "is missing: run `cargo xtask gen`"));
        };
        if committed == now {
            return None;
        }
        let same = committed.lines().zip(now.lines()).take_while(|(old, new)| old == new).count();
        Some(Finding::at(self.path, same + 1, "differs from the entities: run `cargo xtask gen`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_names_its_first_line() {
        let step = &STEPS[0];
        assert_eq!(step.difference(Some("a\nb\n"), "a\nb\n"), None);
        assert_eq!(step.difference(Some("a\nb\n"), "a\nc\n").map(|found| found.line), Some(2));
        assert_eq!(step.difference(None, "a\n").map(|found| found.line), Some(0));
    }
}
