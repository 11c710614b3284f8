//! The HTTP edge: REST for every entity, sign-in, OpenAPI and the API reference.
//!
//! Every request goes through [`Edge::handle`]; [`serve`] puts it on a listener. The handlers
//! know no entity by name: paths, parameters, bodies and the description of the API follow from
//! the registry.

mod aggregate;
mod app;
mod auth;
pub mod bare;
mod batch;
mod body;
mod changes;
mod edge;
mod expand;
mod explain;
mod export;
mod headers;
mod history;
mod imports;
mod line;
mod metadata;
mod openapi;
mod pages;
mod path;
mod query;
mod records;
mod reply;
mod serve;
mod session;
mod tally;
mod upkeep;
mod view;

pub use app::{App, File};
pub use edge::{Config, Edge, Gateway, Ready};
pub use imports::Imports;
pub use openapi::document as openapi;
pub use reply::Body;
pub use serve::serve;
