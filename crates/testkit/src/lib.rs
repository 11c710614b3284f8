//! The test ground: what tests of every crate share, and no shipped crate depends on.

#[cfg(feature = "world")]
pub mod conformance;
pub mod data;
pub mod postgres;
pub mod rounds;
#[cfg(feature = "world")]
pub mod schema;
#[cfg(feature = "world")]
pub mod world;
