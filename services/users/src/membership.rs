//! Memberships: where a user belongs, and as what.

pub mod rules;

use kernel::entity;

/// A user's place in an organisation: roles, and the companies it is limited to.
///
/// A membership of the system organisation makes its user an administrator of the installation.
#[entity(service = "users", prefix = "mem", system)]
pub struct Membership {
    /// The user.
    pub user: Link<User>,
    /// The organisation.
    pub org: Link<platform::OrgRef>,
    /// The roles in that organisation: a JSON list of names in snake case.
    pub roles: Json,
    /// The companies the user is limited to: a JSON list of their ids; all if empty.
    pub companies: Option<Json>,
    /// User and organisation in one text, so that a user belongs to an organisation once.
    #[field(unique, computed = rules::key)]
    pub key: Option<Text<80>>,
}
