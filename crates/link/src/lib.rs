//! How services and the gateway reach each other.
//!
//! [`Local`] calls a service of this process directly. [`Wire`] does the same with every call,
//! answer and error turned into bytes and back, and loses some of them on purpose: what works over
//! it works between processes, as [`Remote`] does. Runtimes need their peers and the peers need the
//! runtimes; a [`Table`] ties that knot: make the link, give it to each runtime, then `connect`
//! them.

mod faults;
mod form;
mod local;
mod remote;
mod serve;
mod table;
mod wire;

pub use faults::{Fault, Faults};
pub use local::Local;
pub use remote::{Carrier, Remote};
pub use serve::serve;
pub use table::Table;
pub use wire::Wire;
