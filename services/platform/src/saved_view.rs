//! Saved views: how people look at the records of an entity.

use kernel::entity;

/// A way to look at an entity's records: filter, order, columns, grouping and kind of view.
///
/// A view belongs to who made it. A shared one is seen by everyone in the organisation, and shows
/// each of them the records that they may see.
#[entity(service = "platform", prefix = "sv", title = name)]
#[permit(Everyone: read; "owner == user.id || shared")]
#[permit(Everyone: create, update, delete; "owner == user.id")]
pub struct SavedView {
    /// What it is called on its tab.
    pub name: Text<120>,
    /// The entity's full name, such as `operations.customer`.
    #[field(indexed)]
    pub subject: Text<120>,
    /// Whose it is.
    #[field(default = actor)]
    pub owner: Option<Link<users::UserRef>>,
    /// Whether everyone in the organisation sees it.
    #[field(indexed, default = false)]
    pub shared: Boolean,
    /// Where its tab stands among the others; the smallest first.
    #[field(default = 0)]
    pub position: Integer,
    /// What it shows: a JSON object of the list's parameters, as they stand in the address.
    pub settings: Option<Json>,
}
