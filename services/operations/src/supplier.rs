//! Suppliers: whom the organisation buys from.

use kernel::entity;

/// A person or a business that the organisation buys from.
///
/// A supplier that is not active keeps its past documents and gets no new ones.
#[entity(service = "operations", prefix = "sup", title = name)]
#[permit(Purchasing: read, create, update)]
#[permit(Warehouse: read)]
#[permit(Viewer: read)]
pub struct Supplier {
    /// The name, as it stands on documents.
    #[field(personal, searchable)]
    pub name: Text<200>,
    /// The organisation's own short code for the supplier; no two suppliers share one.
    #[field(unique, searchable)]
    pub code: Option<Text<40>>,
    /// The person to ask for.
    #[field(personal, searchable)]
    pub contact_name: Option<Text<200>>,
    /// What that person does, such as `Purchasing Manager`.
    pub contact_title: Option<Text<200>>,
    /// Where messages and orders are sent.
    #[field(personal, searchable)]
    pub email: Option<Email>,
    /// The telephone number, as it was given.
    #[field(personal, searchable)]
    pub phone: Option<Phone>,
    /// The fax number, as it was given.
    #[field(personal)]
    pub fax: Option<Phone>,
    /// The supplier's web site; a text, since old records hold more than an address.
    pub website: Option<Text<1000>>,
    /// Where the supplier is found.
    #[field(personal)]
    pub address: Option<Address>,
    /// The country whose rules apply to the supplier: two capital letters (ISO 3166-1 alpha-2).
    #[field(indexed)]
    pub country: Option<Text<2>>,
    /// The number under which the tax authority knows the supplier, with its country prefix where
    /// it has one.
    #[field(personal, searchable)]
    pub tax_id: Option<Text<40>>,
    /// The currency the supplier bills in: three capital letters (ISO 4217).
    pub currency: Option<Text<3>>,
    /// Days from an order to its arrival, as a rule.
    #[field(min = 0, max = 3650)]
    pub lead_days: Option<Integer>,
    /// What colleagues should know about the supplier.
    pub notes: Option<LongText>,
    /// Whether the supplier may be chosen in new documents.
    #[field(indexed, default = true)]
    pub active: Option<Boolean>,
}
