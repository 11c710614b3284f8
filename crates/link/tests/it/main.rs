//! Batches and undo, through the link, on both databases, plain and in wire mode.

mod batch;
mod losses;
mod shop;
mod sums;
mod undo;
