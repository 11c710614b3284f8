//! Records and logs on disk.
//!
//! [`sqlite`] keeps all services of an organisation in one file, [`postgres`] a schema for each
//! service. Both derive their tables from the entities ([`tables`]) and turn predicates into the
//! same conditions ([`sql`]), so that a list has the same records in the same order on both.
//! No SQL is written outside this crate.

mod expiry;
pub mod postgres;
pub mod sql;
pub mod sqlite;
pub mod tables;
