//! Price lists: what items cost for some customers or some time.

pub mod rules;

use kernel::entity;

/// Prices of items in one currency, valid for a time.
///
/// An order that names a price list takes the price of the line with the greatest quantity that
/// it reaches, and the item's own price where the list has none.
#[entity(service = "operations", prefix = "pl", title = name)]
#[permit(Sales: read)]
#[permit(Purchasing: read, create, update)]
#[permit(Viewer: read)]
pub struct PriceList {
    /// What the list is called.
    pub name: Text<200>,
    /// The currency of all its prices: three capital letters (ISO 4217).
    pub currency: Text<3>,
    /// The first day it holds; from the beginning if empty.
    #[field(indexed)]
    pub valid_from: Option<Date>,
    /// The last day it holds; for good if empty.
    #[field(indexed)]
    pub valid_until: Option<Date>,
    /// The prices.
    pub lines: Option<Children<PriceListLine>>,
    /// What colleagues should know about the list.
    pub notes: Option<LongText>,
}

/// The price of one item, from some quantity on.
#[entity(service = "operations", prefix = "pll", kind = child)]
pub struct PriceListLine {
    /// The item.
    pub item: Link<Item>,
    /// The least quantity the price holds for.
    #[field(default = "1")]
    pub min_quantity: Option<Quantity>,
    /// What one unit costs, before tax, in the list's currency.
    pub price: Price,
}
