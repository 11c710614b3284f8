//! Scenarios of HR, on both databases, plain and in wire mode.

mod conformance;
mod employees;
mod schema;
