//! Import and export.
//!
//! Import: tables in foreign files ([`source`]) become records by a mapping ([`mapping`]), a ready
//! one ([`ready`]) or a proposed one ([`propose`]); the [`pipeline`] finds, compares and writes
//! them through what its caller gives it. Export ([`export`]): pages of records become a file.
//! A file that was sent lies in a [`spool`] until it is imported; [`uploaded`] says what it holds.
//! [`peers`] asks services for both, [`carrying`] writes for imports.

pub mod carrying;
mod ddl;
pub mod export;
pub mod mapping;
pub mod peers;
pub mod pipeline;
pub mod propose;
pub mod ready;
pub mod source;
pub mod spool;
mod temporary;
pub mod uploaded;
