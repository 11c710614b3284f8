//! Roles: what a member is, as far as rights go.

pub mod rules;

use kernel::entity;

/// A role of the organisation, such as `sales`; its grants say what it may do.
///
/// A role without grants of its own has the rights that the entities give it by default.
/// `administrator` may do everything and needs no record.
#[entity(service = "users", prefix = "rol", title = name)]
#[permit(Viewer: read)]
pub struct Role {
    /// The name as memberships and grants use it: lower-case letters, digits and `_`.
    #[field(unique)]
    pub name: Text<60>,
    /// Who should have it, and why.
    pub description: Option<LongText<2000>>,
}
