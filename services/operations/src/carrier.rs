//! Carriers: who brings goods to customers.

use kernel::entity;

/// A business that brings goods to customers.
#[entity(service = "operations", prefix = "car", title = name)]
#[permit(Sales: read)]
#[permit(Purchasing: read)]
#[permit(Warehouse: read, create, update)]
#[permit(Viewer: read)]
pub struct Carrier {
    /// What the carrier is called.
    pub name: Text<200>,
    /// The organisation's own short code for the carrier; no two carriers share one.
    #[field(unique, searchable)]
    pub code: Option<Text<40>>,
    /// The telephone number, as it was given.
    pub phone: Option<Phone>,
    /// The carrier's web site.
    pub website: Option<Url>,
    /// Where a consignment is followed, with `{tracking}` in place of its number.
    pub tracking_url: Option<Text<1000>>,
    /// Whether the carrier may be chosen in new documents.
    #[field(indexed, default = true)]
    pub active: Option<Boolean>,
}
