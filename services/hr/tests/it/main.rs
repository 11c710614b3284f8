//! Scenarios of HR, on both databases, plain and in wire mode.

mod employees;
mod schema;
