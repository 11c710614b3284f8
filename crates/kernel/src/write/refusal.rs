//! What a client is told when the store cannot do what was asked.

use crate::ports::StoreError;
use crate::problem::{FieldProblem, Problem, ProblemKind};

/// The problem that a client sees for a store's error.
pub fn store_problem(error: StoreError) -> Problem {
    match error {
        StoreError::Moved(_) | StoreError::KeyUsed | StoreError::EffectDone => {
            Problem::conflict("contended", "Something changed at the same time. Retry.")
        }
        StoreError::NotUnique { field, .. } => {
            let text = format!("Another record has this {field} already. Choose another one.");
            let at = FieldProblem::new(format!("/{field}"), "already_exists", "is taken");
            Problem::conflict("already_exists", text).with(vec![at])
        }
        StoreError::OutOfBounds { accumulator } => {
            let text = format!(
                "This would take {accumulator} beyond its declared bound. Use a smaller amount."
            );
            Problem::conflict("out_of_bounds", text)
        }
        StoreError::Unavailable(why) => {
            let text = format!("The database cannot answer now ({why}). Retry in a moment.");
            Problem::unavailable("database_unavailable", text, 1)
        }
        StoreError::StorageFull(why) => {
            let text =
                format!("Nothing can be written ({why}). Free space on the disk, then retry.");
            let problem = Problem::new(ProblemKind::StorageFull, "storage_full", text);
            Problem { retry_after: Some(30), ..problem }
        }
        StoreError::ReadOnly(why) => {
            let text = format!(
                "Reading works, writing does not ({why}). The database is read-only for this \
                 program: let it write to the folder and the disk under it, or lead it to the \
                 database server that takes writes, then retry."
            );
            Problem::unavailable("storage_read_only", text, 30)
        }
        StoreError::Corrupt(why) => {
            let text =
                format!("The database is damaged ({why}). Run `megalith verify`, then restore.");
            Problem::unavailable("database_corrupt", text, 60)
        }
        StoreError::Newer(why) => {
            let text = format!("The database was made by a newer program ({why}). Use that one.");
            Problem::unavailable("newer_database", text, 60)
        }
        StoreError::Internal(why) => Problem::internal(why),
    }
}
