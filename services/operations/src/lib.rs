//! Operations: customers, and what is sold to them.

pub mod customer;
pub mod roles;

pub use customer::Customer;
use kernel::Service;

/// The service: its entities, then its checks in the order they run.
pub fn service() -> Service {
    Service::new("operations")
        .entity::<Customer>()
        .check::<Customer>(customer::rules::country)
        .check::<Customer>(customer::rules::currency)
}
