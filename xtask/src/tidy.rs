//! The rules of tidiness that a reader relies on, held against every file under version control.

mod links;
mod purity;
mod text;

use crate::finding::Outcome;
use crate::workspace;
use anyhow::Result;

/// Checks every file of the workspace.
pub fn check() -> Result<Outcome> {
    let machine = text::MachinePaths::of_this_machine();
    let mut outcome = Outcome::default();
    for path in workspace::files()? {
        let Ok(content) = std::fs::read_to_string(workspace::root().join(&path)) else {
            // Not text, so there is nothing to read.
            continue;
        };
        outcome.checks += 1;
        outcome.findings.extend(text::check(&path, &content, &machine));
        if path.ends_with(".md") {
            outcome.findings.extend(links::check(&path, &content, workspace::root()));
        }
        if path.starts_with("services/") && path.ends_with("/rules.rs") {
            outcome.findings.extend(purity::check(&path, &content));
        }
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_whole_tree_is_tidy() {
        super::check().unwrap().expect_none();
    }
}
