//! Import and export.
//!
//! Import: tables in foreign files ([`source`]) become records by a mapping.

pub mod source;
