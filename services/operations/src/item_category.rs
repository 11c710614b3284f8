//! Item categories: how items are grouped.

use kernel::entity;

/// A group of items; groups may lie inside others.
#[entity(
    service = "operations",
    prefix = "cat",
    plural = "item-categories",
    title = name,
    kind = tree(parent)
)]
#[permit(Sales: read)]
#[permit(Purchasing: read, create, update)]
#[permit(Warehouse: read)]
#[permit(Viewer: read)]
pub struct ItemCategory {
    /// What the group is called.
    pub name: Text<200>,
    /// The group that this one lies inside; empty at the top.
    pub parent: Option<Link<ItemCategory>>,
    /// What belongs into the group.
    #[field(searchable)]
    pub description: Option<LongText>,
}
