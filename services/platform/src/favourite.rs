//! Favourites: the places that someone goes to often.

use kernel::entity;

/// A place in the app that its owner keeps at hand: a list, a saved view or a record.
#[entity(service = "platform", prefix = "fav", title = name)]
#[permit(Everyone: read, create, update, delete; "owner == user.id")]
pub struct Favourite {
    /// What the owner calls it.
    pub name: Text<200>,
    /// The address within the app, such as `/operations/customers?filter=active`.
    pub path: Text<2000>,
    /// Whose it is.
    #[field(default = actor)]
    pub owner: Option<Link<users::UserRef>>,
    /// Where it stands among the owner's others; the smallest first.
    #[field(default = 0)]
    pub position: Integer,
}
