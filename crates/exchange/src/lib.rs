//! Import and export.
//!
//! Import: tables in foreign files ([`source`]) become records by a mapping ([`mapping`]); the
//! [`pipeline`] finds, compares and writes them through what its caller gives it.

mod ddl;
pub mod mapping;
pub mod pipeline;
pub mod propose;
pub mod ready;
pub mod source;
