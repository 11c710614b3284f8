//! The rules of tidiness that a reader relies on, held against every file under version control.

mod links;
mod purity;
mod text;

use crate::finding::Finding;
use crate::workspace;
use anyhow::Result;

/// Checks every file of the workspace.
pub fn check() -> Result<Vec<Finding>> {
    let machine = text::MachinePaths::of_this_machine();
    let mut findings = Vec::new();
    for path in workspace::files()? {
        let Ok(content) = std::fs::read_to_string(workspace::root().join(&path)) else {
            // Not text, so there is nothing to read.
            continue;
        };
        findings.extend(text::check(&path, &content, &machine));
        if path.ends_with(".md") {
            findings.extend(links::check(&path, &content, workspace::root()));
        }
        if path.starts_with("services/") && path.ends_with("/rules.rs") {
            findings.extend(purity::check(&path, &content));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_whole_tree_is_tidy() {
        crate::finding::expect_none(super::check().unwrap());
    }
}
