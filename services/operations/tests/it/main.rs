//! Scenarios of operations, on both databases, plain and in wire mode.

mod conformance;
mod customers;
mod orders;
mod rounding;
mod schema;
