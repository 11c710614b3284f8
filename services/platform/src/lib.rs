//! Platform: organisations, their companies and where their records lie.

mod answers;
pub mod company;
mod create_org;
pub mod org;
pub mod roles;

pub use company::Company;
use contracts::platform::{Companies, CreateOrg, FindOrg, Orgs};
use contracts::{Contract, handler};
use kernel::Service;
pub use org::Org;

/// The service: its entities, checks in the order they run, and what it answers to others.
pub fn service() -> Service {
    Service::new("platform")
        .entity::<Org>()
        .entity::<Company>()
        .check::<Org>(org::rules::slug)
        .check::<Company>(company::rules::country)
        .check::<Company>(company::rules::currency)
        .check::<Company>(company::rules::time_zone)
        .handle(FindOrg::NAME, handler::<FindOrg>(answers::find_org))
        .handle(Orgs::NAME, handler::<Orgs>(answers::orgs))
        .handle(Companies::NAME, handler::<Companies>(answers::companies))
        .handle(CreateOrg::NAME, handler::<CreateOrg>(create_org::create_org))
}
