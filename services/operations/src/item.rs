//! Items: what is bought, kept and sold.

pub mod rules;

use kernel::entity;

/// A good or a service that the organisation buys or sells.
///
/// Quantities of an item are in its own unit everywhere. How much of a good is at hand is the sum
/// of its stock moves.
#[entity(service = "operations", prefix = "itm", title = name)]
#[permit(Sales: read)]
#[permit(Purchasing: read, create, update)]
#[permit(Warehouse: read, update)]
#[permit(Viewer: read)]
pub struct Item {
    /// The stock keeping unit: the organisation's own short code; no two items share one.
    #[field(unique, searchable)]
    pub sku: Option<Text<60>>,
    /// The name, as it stands on documents.
    pub name: Text<300>,
    /// What the item is, for those who do not know it.
    #[field(searchable)]
    pub description: Option<LongText>,
    /// Whether it is a good that lies in stock, or a service that does not.
    #[field(choice(goods, service), default = goods, indexed)]
    pub kind: Option<Choice>,
    /// The group it belongs to.
    pub category: Option<Link<ItemCategory>>,
    /// The supplier it is usually bought from.
    pub supplier: Option<Link<Supplier>>,
    /// The supplier's own code for the item.
    #[field(searchable)]
    pub supplier_sku: Option<Text<60>>,
    /// What its quantities are counted in.
    pub unit: Option<Link<Unit>>,
    /// How it is packed, such as `10 boxes x 20 bags`.
    pub packaging: Option<Text<200>>,
    /// What one unit is sold for, before tax, in the item's currency.
    #[field(indexed)]
    pub price: Option<Price>,
    /// What one unit costs the organisation, before tax, in the item's currency.
    pub cost: Option<Price>,
    /// The currency of price and cost: three capital letters (ISO 4217); the company's if empty.
    pub currency: Option<Text<3>>,
    /// More is bought once less than this is at hand.
    pub reorder_level: Option<Quantity>,
    /// How much is bought then.
    pub reorder_quantity: Option<Quantity>,
    /// The number under its bar code (GTIN or any other).
    #[field(searchable, indexed)]
    pub barcode: Option<Text<80>>,
    /// What one unit weighs, in kilograms.
    pub weight_kg: Option<Decimal<6>>,
    /// The country it was made in: two capital letters (ISO 3166-1 alpha-2).
    pub country: Option<Text<2>>,
    /// The customs tariff number (Harmonized System).
    pub hs_code: Option<Text<20>>,
    /// Whether it is no longer offered; past documents keep it.
    #[field(indexed, default = false)]
    pub discontinued: Option<Boolean>,
    /// What colleagues should know about the item.
    pub notes: Option<LongText>,
}
