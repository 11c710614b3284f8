//! Organisations: the customers of the installation.

pub mod rules;

use kernel::entity;

/// An organisation, whose data is apart from every other's.
///
/// It is active once its records have a place and its first company is made.
#[entity(service = "platform", prefix = "org", title = name, system)]
#[states(Creating -> Active via activate)]
pub struct Org {
    /// The name.
    #[field(searchable)]
    pub name: Text<200>,
    /// The unique short name, as commands and sign-in take it: 2 to 63 lower-case letters, digits
    /// and hyphens.
    #[field(unique, searchable)]
    pub slug: Text<63>,
    /// On which database all its records lie.
    #[field(choice(sqlite, postgres), default = sqlite)]
    pub placement: Choice,
    /// The country of its first company, two capital letters (ISO 3166-1 alpha-2).
    pub country: Text<2>,
    /// The currency of its first company, three capital letters (ISO 4217).
    pub currency: Text<3>,
}
