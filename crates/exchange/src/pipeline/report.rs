//! The counts of an import, which add up.

use serde::{Deserialize, Serialize};

/// What became of the rows of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Records read: the sum of the next four.
    pub read: u64,
    /// Records made.
    pub created: u64,
    /// Records changed.
    pub updated: u64,
    /// Records that were so already.
    pub unchanged: u64,
    /// Records refused, with a reason.
    pub refused: u64,
    /// Rows that the mapping passes over; they are not among those read.
    pub skipped: u64,
    /// Lines inside the records created, updated and unchanged.
    pub lines: u64,
}

impl Counts {
    /// The counts of two tables together.
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            read: self.read + other.read,
            created: self.created + other.created,
            updated: self.updated + other.updated,
            unchanged: self.unchanged + other.unchanged,
            refused: self.refused + other.refused,
            skipped: self.skipped + other.skipped,
            lines: self.lines + other.lines,
        }
    }
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// All steps together.
    pub total: Counts,
    /// Each step, in order.
    pub steps: Vec<StepReport>,
}

/// What a step came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// The file; empty for rows that the mapping holds.
    pub file: String,
    /// The entity's full name.
    pub entity: String,
    /// Its counts.
    pub counts: Counts,
}
