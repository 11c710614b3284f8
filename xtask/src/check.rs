//! `cargo xtask check`: formatting, lints, tidiness, arrows and licences.

use crate::finding::Finding;
use crate::{arrows, licences, tidy, workspace};
use anyhow::Result;
use std::process::ExitCode;

/// Runs every step, also after one has failed, and answers exit code 1 when one has.
pub fn check() -> Result<ExitCode> {
    let mut failed = Vec::new();
    let mut step = |name: &str, passed: Result<bool>| {
        let passed = passed.unwrap_or_else(|problem| {
            println!("{problem:#}");
            false
        });
        println!("{name}: {}", if passed { "passed" } else { "failed" });
        if !passed {
            failed.push(name.to_owned());
        }
    };
    step("fmt", cargo(&["fmt", "--all", "--check"]));
    step("tidy", tidy::check().map(print));
    step("arrows", arrows::check().map(print));
    step("licences", licences::check().map(print));
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    step("clippy", cargo(&clippy));
    if !failed.is_empty() {
        println!("failed: {}", failed.join(", "));
        return Ok(ExitCode::from(1));
    }
    Ok(ExitCode::SUCCESS)
}

fn cargo(arguments: &[&str]) -> Result<bool> {
    Ok(workspace::status(&mut workspace::cargo(arguments))?.success())
}

fn print(mut findings: Vec<Finding>) -> bool {
    findings.sort();
    for finding in &findings {
        println!("{finding}");
    }
    findings.is_empty()
}
