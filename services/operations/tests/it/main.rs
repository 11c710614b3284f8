//! Scenarios of operations, on both databases, plain and in wire mode.

mod customers;
mod orders;
mod schema;
