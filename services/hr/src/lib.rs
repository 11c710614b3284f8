//! HR: the people of the organisation and their departments.

pub mod demo;
pub mod department;
pub mod employee;
pub mod roles;

pub use department::Department;
pub use employee::Employee;
use kernel::Service;

/// The service: its entities, then its checks in the order they run.
pub fn service() -> Service {
    Service::new("hr")
        .entity::<Department>()
        .entity::<Employee>()
        .publish::<Employee>(contracts::hr::employee_ref())
        .check::<Employee>(employee::rules::dates)
}
