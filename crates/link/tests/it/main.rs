//! Batches, undo, histories and links across services, through the link, on both databases, plain and in wire mode.

mod batch;
mod conditions;
mod dry_run;
mod history;
mod losses;
mod references;
mod shop;
mod sums;
mod undo;
