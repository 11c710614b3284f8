//! One thing that a check found wrong, and where.

use std::fmt;

/// A broken rule of the project, printed as `path:line: what is wrong`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file or package, relative to the workspace.
    pub place: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong, as a phrase.
    pub text: String,
}

impl Finding {
    /// A finding on one line.
    pub fn at(place: &str, line: usize, text: impl Into<String>) -> Finding {
        Finding { place: place.to_owned(), line, text: text.into() }
    }

    /// A finding on a file or a package as a whole.
    pub fn on(place: &str, text: impl Into<String>) -> Finding {
        Finding::at(place, 0, text)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.place, self.text),
            line => write!(out, "{}:{line}: {}", self.place, self.text),
        }
    }
}

/// Fails a test with every finding, sorted, one per line.
#[cfg(test)]
pub fn expect_none(mut findings: Vec<Finding>) {
    findings.sort();
    let lines: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(lines.is_empty(), "{} findings:\n{}", lines.len(), lines.join("\n"));
}
