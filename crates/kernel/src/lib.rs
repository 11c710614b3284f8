//! The record kernel: schema, rights, the one write path, the read path and the log.
//!
//! An entity is data ([`schema::Entity`]); a command becomes one event ([`log::Event`]) through
//! [`write`]; a query is answered under rights through [`read`]. What the kernel needs from the
//! world it asks of [`ports`]; it knows no database, no protocol and no service.

pub mod command;
pub mod env;
pub mod field;
pub mod history;
pub mod json;
pub mod keys;
pub mod linked;
pub mod log;
pub mod mirror;
pub mod ports;
pub mod problem;
pub mod read;
pub mod record;
pub mod rights;
pub mod schema;
pub mod service;
pub mod text;
pub mod write;

pub use command::{Actor, Answer, Call, Command, Input, Known, List, Page, Query, Verb, View};
pub use field::Kind;
pub use kernel_macros::entity;
pub use problem::{FieldProblem, Problem, ProblemKind};
pub use record::Record;
pub use schema::{Declare, Entity, Field, Predicate};
pub use service::{Runtime, Service};
