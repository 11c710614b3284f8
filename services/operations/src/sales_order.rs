//! Sales orders: what customers ordered.

pub mod ship;

use crate::order;
use crate::{Customer, Item};
use futures::future::BoxFuture;
use kernel::service::Work;
use kernel::{Problem, entity};

/// What a customer ordered, from the offer to the delivered goods.
///
/// `confirm` gives the order its number and commits the organisation to it. `ship` says that all
/// of it left the house: its goods leave the stock in the same step, and what was ordered does not
/// change any more. `close` ends a shipped order, `cancel` one that was not shipped.
#[entity(service = "operations", prefix = "so", title = number, per_company)]
#[number("SO-{year}-{seq:5}", at = confirm)]
#[states(
    Draft -> Confirmed via confirm -> Shipped via ship -> Closed via close,
    Draft -> Cancelled via cancel,
    Confirmed -> Cancelled via cancel
)]
#[accumulate(
    by_customer,
    by = (customer),
    over = ordered_on,
    sum = (total),
    when = "state != 'cancelled'"
)]
#[permit(Sales: read, create, update while Draft, update while Confirmed, delete while Draft)]
#[permit(Sales: confirm, cancel, close)]
#[permit(Warehouse: read, ship)]
#[permit(Purchasing: read)]
#[permit(Viewer: read)]
pub struct SalesOrder {
    /// Who ordered.
    pub customer: Link<Customer>,
    /// The day of the order; its number counts in this day's year.
    #[field(default = today, indexed)]
    pub ordered_on: Date,
    /// The day the customer wants the goods.
    #[field(indexed)]
    pub required_on: Option<Date>,
    /// The day the goods left; the day of `ship` unless it says otherwise.
    #[field(indexed)]
    pub shipped_on: Option<Date>,
    /// The employee who sold.
    pub employee: Option<Link<hr::EmployeeRef>>,
    /// Who brings the goods.
    pub carrier: Option<Link<Carrier>>,
    /// The carrier's number of the consignment.
    #[field(searchable)]
    pub tracking_number: Option<Text<100>>,
    /// Who receives the goods; the customer if empty.
    #[field(personal, searchable)]
    pub ship_name: Option<Text<200>>,
    /// Where the goods go; the customer's address if empty.
    #[field(personal)]
    pub ship_address: Option<Address>,
    /// The currency of every amount in the order: three capital letters (ISO 4217). The customer's
    /// unless given, else the company's.
    pub currency: Option<Text<3>>,
    /// The price list that lines without a price of their own take it from.
    pub price_list: Option<Link<PriceList>>,
    /// What was ordered.
    pub lines: Option<Children<SalesOrderLine>>,
    /// The sum of the lines' amounts.
    #[field(computed = crate::order::rules::subtotal)]
    pub net: Option<Money>,
    /// What bringing the goods costs the customer.
    pub freight: Option<Money>,
    /// The sum of the lines' taxes, each rounded to the currency's digits.
    #[field(computed = crate::order::rules::tax)]
    pub tax: Option<Money>,
    /// What the customer has to pay: net, freight and tax.
    #[field(computed = crate::order::rules::total)]
    pub total: Option<Money>,
    /// The customer's own number of the order.
    #[field(searchable)]
    pub customer_reference: Option<Text<100>>,
    /// What the customer writes on the payment.
    #[field(searchable)]
    pub payment_reference: Option<Text<100>>,
    /// What stands on the order besides, and what colleagues should know.
    pub notes: Option<LongText>,
}

/// One item of a sales order.
#[entity(service = "operations", prefix = "sol", kind = child)]
pub struct SalesOrderLine {
    /// What was ordered.
    pub item: Link<Item>,
    /// How the item is called on documents; its name unless given.
    pub description: Option<Text<1000>>,
    /// How much, in the item's own unit; more than 0.
    pub quantity: Quantity,
    /// The sign of the unit, as it stands on documents; the item's unless given.
    pub unit: Option<Text<20>>,
    /// What one unit costs before discount and tax, in the order's currency; from the price list
    /// or the item unless given.
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

/// Fills what the client left out: the currency, and of each line description, unit and price.
pub fn complete<'a>(work: &'a mut Work<'_>) -> BoxFuture<'a, Result<(), Problem>> {
    Box::pin(async move {
        order::settle_partner(work, SalesOrder::CUSTOMER, Customer::ENTITY).await?;
        let list = work.record.values[SalesOrder::PRICE_LIST].as_id();
        order::complete_lines(work, Item::PRICE, list).await
    })
}
