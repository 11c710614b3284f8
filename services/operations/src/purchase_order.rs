//! Purchase orders: what the organisation ordered from suppliers.

pub mod receive;

use crate::order;
use crate::sales_order::SalesOrderLine;
use crate::{Item, Supplier};
use futures::future::BoxFuture;
use kernel::service::Work;
use kernel::{Problem, entity};

/// What the organisation ordered from a supplier, until the goods are there.
///
/// `confirm` gives the order its number: it is sent. `receive` says that all of it came: its goods
/// enter the stock in the same step, and what was ordered does not change any more. `close` ends a
/// received order, `cancel` one that was not received.
#[entity(service = "operations", prefix = "po", title = number, per_company)]
#[number("PO-{year}-{seq:5}", at = confirm)]
#[states(
    Draft -> Confirmed via confirm -> Received via receive -> Closed via close,
    Draft -> Cancelled via cancel,
    Confirmed -> Cancelled via cancel
)]
#[accumulate(
    by_supplier,
    by = (supplier),
    over = ordered_on,
    sum = (total),
    when = "state != 'cancelled'"
)]
#[permit(Purchasing: read, create, update while Draft, update while Confirmed)]
#[permit(Purchasing: delete while Draft, confirm, cancel, close)]
#[permit(Warehouse: read, receive)]
#[permit(Viewer: read)]
pub struct PurchaseOrder {
    /// Whom it was ordered from.
    pub supplier: Link<Supplier>,
    /// The day of the order; its number counts in this day's year.
    #[field(default = today, indexed)]
    pub ordered_on: Date,
    /// The day the goods should be there.
    #[field(indexed)]
    pub required_on: Option<Date>,
    /// The day the goods came; the day of `receive` unless it says otherwise.
    #[field(indexed)]
    pub received_on: Option<Date>,
    /// The employee who ordered.
    pub employee: Option<Link<hr::EmployeeRef>>,
    /// The currency of every amount in the order: three capital letters (ISO 4217). The supplier's
    /// unless given, else the company's.
    pub currency: Option<Text<3>>,
    /// What was ordered.
    pub lines: Option<Children<PurchaseOrderLine>>,
    /// The sum of the lines' amounts.
    #[field(computed = crate::order::rules::subtotal)]
    pub net: Option<Money>,
    /// What the supplier asks for bringing the goods.
    pub freight: Option<Money>,
    /// The sum of the lines' taxes, each rounded to the currency's digits.
    #[field(computed = crate::order::rules::tax)]
    pub tax: Option<Money>,
    /// What the organisation has to pay: net, freight and tax.
    #[field(computed = crate::order::rules::total)]
    pub total: Option<Money>,
    /// The supplier's own number of the order.
    #[field(
        searchable,
        visible_if = "state != 'draft'",
        read_only_if = "state in ['closed', 'cancelled']"
    )]
    pub supplier_reference: Option<Text<100>>,
    /// What the organisation writes on the payment.
    #[field(searchable)]
    pub payment_reference: Option<Text<100>>,
    /// What stands on the order besides, and what colleagues should know.
    pub notes: Option<LongText>,
}

/// One item of a purchase order.
#[entity(service = "operations", prefix = "pol", kind = child)]
pub struct PurchaseOrderLine {
    /// What was ordered.
    pub item: Link<Item>,
    /// How the item is called on documents; its name unless given.
    pub description: Option<Text<1000>>,
    /// How much, in the item's own unit; more than 0.
    pub quantity: Quantity,
    /// The sign of the unit, as it stands on documents; the item's unless given.
    pub unit: Option<Text<20>>,
    /// What one unit costs before discount and tax, in the order's currency; the item's cost
    /// unless given.
    pub price: Option<Price>,
    /// What is taken off the price: `0.05` is 5 %.
    #[field(default = "0")]
    pub discount: Option<Percent>,
    /// The tax on the amount: `0.2` is 20 %; none if empty.
    pub tax_rate: Option<Percent>,
    /// Quantity times price less discount, rounded once to the currency's digits as the
    /// organisation rounds.
    #[field(computed = crate::order::rules::amount)]
    pub amount: Option<Money>,
}

// Both kinds of lines have the same slots, so that one set of rules serves both.
const _: () = assert!(
    PurchaseOrderLine::ITEM == SalesOrderLine::ITEM
        && PurchaseOrderLine::DESCRIPTION == SalesOrderLine::DESCRIPTION
        && PurchaseOrderLine::QUANTITY == SalesOrderLine::QUANTITY
        && PurchaseOrderLine::UNIT == SalesOrderLine::UNIT
        && PurchaseOrderLine::PRICE == SalesOrderLine::PRICE
        && PurchaseOrderLine::DISCOUNT == SalesOrderLine::DISCOUNT
        && PurchaseOrderLine::TAX_RATE == SalesOrderLine::TAX_RATE
        && PurchaseOrderLine::AMOUNT == SalesOrderLine::AMOUNT
);

/// Fills what the client left out: the currency, and of each line description, unit and price.
pub fn complete<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        order::settle_partner(work, PurchaseOrder::SUPPLIER, Supplier::ENTITY).await?;
        order::complete_lines(work, Item::COST, None).await
    })
}
