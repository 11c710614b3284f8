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

/// What one check looked at and what it found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many things were looked at: files, edges, packages.
    pub checks: usize,
    /// What is wrong, in the order of the places.
    pub findings: Vec<Finding>,
}

#[cfg(test)]
impl Outcome {
    /// Reports the number of checks to the suite's count and fails with every finding.
    pub fn expect_none(mut self) {
        println!("checks: {}", self.checks);
        self.findings.sort();
        let lines: Vec<String> = self.findings.iter().map(Finding::to_string).collect();
        assert!(lines.is_empty(), "{} findings:\n{}", lines.len(), lines.join("\n"));
    }
}
