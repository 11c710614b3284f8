//! The trade of the demo organisation: three years of a wholesaler of fine household goods.
//!
//! [`plan`] makes the steps for a demo that ends at `end` and began three years before: units,
//! carriers, suppliers, customers with contacts, categories, items, opening stock and price lists
//! on the first day; then day by day orders with seasons and growth, deliveries, purchases and
//! receipts, so that the stock is never below zero and recent orders are still under way. It is
//! pure: the same arguments make the same steps. See [`contracts::demo`] for how steps are run.
//!
//! Employees are named by the labels that the demo of `hr` makes; without any, orders name none.
//! Items are priced in US dollars; customers are billed in their own currency.

mod names;
mod samples;
mod trade;

use crate::roles::{PURCHASING, SALES, WAREHOUSE};
use crate::{
    Carrier, Contact, Customer, Item, ItemCategory, PriceList, PriceListLine, SalesOrder,
    StockMove, Supplier, Unit,
};
use contracts::demo::{Dice, Step, label};
use kernel::command::{Known, Verb};
use kernel::{Command, Declare, Input};
use names::{CARRIERS, CATEGORIES, COUNTRIES, SUPPLIERS, UNITS};
pub use samples::{PREFIX, samples};
use trade::Trade;
use types::{Date, Decimal, Instant, Uuid, Value};

const SEED: u64 = 1_500;
/// Microseconds of a day, and of the pause between two steps of one.
const DAY: i64 = 86_400_000_000;
const PAUSE: i64 = 30_000_000;
/// When work begins: seven in the morning.
const MORNING: i64 = 7 * 3_600_000_000;

/// How much trade there is.
struct Scale<'a> {
    days: i64,
    /// Sales orders on a working day of average, in thousandths.
    orders_a_day: i64,
    customers: usize,
    suppliers: usize,
    /// Groups of items in a category.
    groups: usize,
    /// Kinds of items in a group, each in two sizes.
    items: usize,
    /// The least and most of an item at the beginning.
    stock: (usize, usize),
    price_lists: usize,
    /// What everything is priced in; none for US dollars, and for each customer its own.
    currency: Option<&'a str>,
    /// How the codes of records begin.
    prefix: &'static str,
}

/// Three years of a wholesaler.
const DEMO: Scale<'_> = Scale {
    days: 3 * 365,
    orders_a_day: 1_950,
    customers: COUNTRIES.len() * names::CUSTOMERS_OF_COUNTRY,
    suppliers: SUPPLIERS.len(),
    groups: 4,
    items: 10,
    stock: (60, 160),
    price_lists: 3,
    currency: None,
    prefix: "",
};

/// The whole history, in the order in which it happened; every step is before `end`.
///
/// `sellers` and `buyers` are labels of employees.
pub fn plan(end: Instant, sellers: &[Uuid], buyers: &[Uuid]) -> Vec<Step> {
    play(&DEMO, end, sellers, buyers)
}

fn play(scale: &Scale<'_>, end: Instant, sellers: &[Uuid], buyers: &[Uuid]) -> Vec<Step> {
    let first_day = end.0.div_euclid(DAY) - scale.days;
    let mut script = Script { day: first_day, on_day: 0, steps: Vec::new() };
    let mut dice = Dice::new(SEED);
    master_data(&mut script, scale);
    let stock = items(&mut script, scale, &mut dice);
    price_lists(&mut script, scale, &stock);
    let mut trade = Trade::new(scale, stock, sellers, buyers, dice);
    for day in first_day..first_day + scale.days {
        if day > first_day {
            (script.day, script.on_day) = (day, 0);
        }
        trade.day(&mut script, scale.days - (day - first_day));
    }
    script.steps
}

/// The steps so far, and the day that they have come to.
struct Script {
    /// Days since 1970.
    day: i64,
    /// Steps on that day.
    on_day: i64,
    steps: Vec<Step>,
}

impl Script {
    fn today(&self) -> Date {
        self.date(0)
    }

    /// The date so many days from now.
    fn date(&self, ahead: i64) -> Date {
        Instant((self.day + ahead) * DAY).date_in("UTC")
    }

    fn push(&mut self, entity: &str, makes: Option<Uuid>, verb: Verb, input: Input) {
        let at = Instant(self.day * DAY + MORNING + self.on_day * PAUSE);
        self.on_day += 1;
        let command = Command { entity: entity.to_owned(), verb, input };
        let by = who(entity, command.verb.right());
        self.steps.push(Step { at, by, makes, command });
    }

    fn create(&mut self, entity: &str, nth: usize, input: Input) {
        self.push(entity, Some(label(entity, nth)), Verb::Create, input);
    }

    fn act(&mut self, entity: &str, nth: usize, act: &str, input: Input) {
        let id = label(entity, nth);
        let verb = Verb::Act { id, act: act.to_owned(), known: Known::Nothing };
        self.push(entity, None, verb, input);
    }
}

/// The role of those who do this at a wholesaler: goods pass through the warehouse, what is bought
/// is purchasing's, customers and their orders are sales'.
fn who(entity: &str, verb: &str) -> &'static str {
    match (entity, verb) {
        (_, "ship" | "receive") | (StockMove::ENTITY | Carrier::ENTITY, _) => WAREHOUSE,
        (Customer::ENTITY | Contact::ENTITY | SalesOrder::ENTITY, _) => SALES,
        _ => PURCHASING,
    }
}

/// An item as the trade sees it.
struct Good {
    /// The price of one in US cents.
    cents: i64,
    /// The supplier's place.
    supplier: usize,
    at_hand: i64,
    /// Confirmed to customers and not shipped.
    promised: i64,
    /// Ordered from the supplier and not received.
    coming: i64,
    reorder_level: i64,
    reorder_quantity: i64,
}

fn master_data(script: &mut Script, scale: &Scale<'_>) {
    let currency = scale.currency.unwrap_or("USD");
    let prefix = scale.prefix;
    for (nth, (code, name, base, ratio)) in UNITS.iter().enumerate() {
        let input = Input::new()
            .set("code", *code)
            .set("name", *name)
            .set("base", base.map(|base| label(Unit::ENTITY, base)))
            .set("ratio", Decimal::new(*ratio, 3).normalize());
        script.create(Unit::ENTITY, nth, input);
    }
    for (nth, (name, code)) in CARRIERS.iter().enumerate() {
        let site = format!("https://{}.example", code.to_lowercase());
        let input = Input::new()
            .set("name", *name)
            .set("code", format!("{prefix}{code}"))
            .set("tracking_url", format!("{site}/track/{{tracking}}"))
            .set("website", site);
        script.create(Carrier::ENTITY, nth, input);
    }
    for (nth, (name, country, city)) in SUPPLIERS.iter().take(scale.suppliers).enumerate() {
        let input = Input::new()
            .set("name", *name)
            .set("code", format!("{prefix}S{:03}", nth + 1))
            .set("country", *country)
            .set("currency", currency)
            .set("lead_days", 7 + (nth as i64 * 5) % 22)
            .set("email", format!("sales@s{:03}.example", nth + 1))
            .set("address", address(nth, city, country));
        script.create(Supplier::ENTITY, nth, input);
    }
    for (nth, customer) in customers(scale).enumerate() {
        let input = Input::new()
            .set("name", customer.name)
            .set("code", format!("{prefix}C{:03}", nth + 1))
            .set("country", customer.country)
            .set("currency", customer.currency)
            .set("email", format!("orders@c{:03}.example", nth + 1))
            .set("address", address(nth, customer.city, customer.country));
        script.create(Customer::ENTITY, nth, input);
        if nth % 2 == 0 {
            let input = Input::new()
                .set("name", customer.contact)
                .set("customer", label(Customer::ENTITY, nth))
                .set("job_title", ["Owner", "Head of Purchasing", "Buyer"][nth / 2 % 3])
                .set("email", format!("contact@c{:03}.example", nth + 1));
            script.create(Contact::ENTITY, nth / 2, input);
        }
    }
}

/// A customer of the tables.
struct Buyer<'a> {
    name: &'static str,
    country: &'static str,
    city: &'static str,
    currency: &'a str,
    contact: &'static str,
}

/// The customers, one of each country after the other.
fn customers<'a>(scale: &Scale<'a>) -> impl Iterator<Item = Buyer<'a>> {
    let one = scale.currency;
    let all = (0..names::CUSTOMERS_OF_COUNTRY).flat_map(move |place| {
        COUNTRIES.iter().map(move |(country, city, currency, contact, customers)| Buyer {
            name: customers[place],
            country,
            city,
            currency: one.unwrap_or(currency),
            contact,
        })
    });
    all.take(scale.customers)
}

fn address(nth: usize, city: &str, country: &str) -> Value {
    let number = 1 + nth * 7 % 140;
    Value::Json(format!(r#"{{"street":"{number} Market","city":"{city}","country":"{country}"}}"#))
}

/// Categories and their items, each with its opening stock.
fn items(script: &mut Script, scale: &Scale<'_>, dice: &mut Dice) -> Vec<Good> {
    let mut goods = Vec::new();
    for (top, (name, groups)) in CATEGORIES.iter().enumerate() {
        let nth_top = CATEGORIES.len() * groups.len() + top;
        script.create(ItemCategory::ENTITY, nth_top, Input::new().set("name", *name));
        for (place, (name, cents, sizes, kinds)) in groups.iter().take(scale.groups).enumerate() {
            let group = top * groups.len() + place;
            let input =
                Input::new().set("name", *name).set("parent", label(ItemCategory::ENTITY, nth_top));
            script.create(ItemCategory::ENTITY, group, input);
            for kind in 0..scale.items {
                let (kind, size) = (kinds[kind / 2], kind % 2);
                let cents = (cents + dice.below(*cents as usize / 2) as i64) * (1 + size as i64);
                let good = Good {
                    cents: cents - cents % 5,
                    supplier: group % scale.suppliers,
                    at_hand: dice.between(scale.stock.0, scale.stock.1) as i64,
                    promised: 0,
                    coming: 0,
                    reorder_level: dice.between(20, 45) as i64,
                    reorder_quantity: dice.between(6, 12) as i64 * 10,
                };
                let name = format!("{kind}, {}", sizes[size]);
                item(script, scale, goods.len(), &name, group, &good);
                goods.push(good);
            }
        }
    }
    goods
}

fn item(script: &mut Script, scale: &Scale<'_>, nth: usize, name: &str, group: usize, good: &Good) {
    let currency = scale.currency.unwrap_or("USD");
    let input = Input::new()
        .set("sku", format!("{}{:02}-{:03}", scale.prefix, group + 1, nth + 1))
        .set("name", name)
        .set("category", label(ItemCategory::ENTITY, group))
        .set("supplier", label(Supplier::ENTITY, good.supplier))
        .set("unit", label(Unit::ENTITY, 0))
        .set("price", trade::price(good.cents, currency))
        .set("cost", trade::price(good.cents * 6 / 10, currency))
        .set("currency", currency)
        .set("barcode", gtin(nth))
        .set("reorder_level", Decimal::from(good.reorder_level))
        .set("reorder_quantity", Decimal::from(good.reorder_quantity));
    script.create(Item::ENTITY, nth, input);
    let input = Input::new()
        .set("item", label(Item::ENTITY, nth))
        .set("quantity", Decimal::from(good.at_hand))
        .set("moved_on", script.today())
        .set("kind", "opening")
        .set("reference", "Opening stock");
    script.create(StockMove::ENTITY, nth, input);
}

/// A GTIN-13 of the numbers that GS1 keeps for use inside a business, with its check digit.
fn gtin(nth: usize) -> String {
    let body = format!("20{:010}", nth + 1);
    let sum: u32 = body
        .bytes()
        .enumerate()
        .map(|(place, digit)| u32::from(digit - b'0') * if place % 2 == 0 { 1 } else { 3 })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

/// A wholesale list in each of two currencies, and an offer that ran for a season.
fn price_lists(script: &mut Script, scale: &Scale<'_>, goods: &[Good]) {
    let offer = (script.date(scale.days - 120), script.date(scale.days - 30));
    let first = match scale.currency {
        Some(currency) => ("Wholesale", currency, 4, None),
        None => ("Wholesale, US dollars", "USD", 4, None),
    };
    let lists =
        [first, ("Wholesale, euro", "EUR", 5, None), ("Season's offer", "USD", 16, Some(offer))];
    let lists = lists.into_iter().take(scale.price_lists);
    for (nth, (name, currency, every, days)) in lists.enumerate() {
        let mut lines = Vec::new();
        for (place, good) in goods.iter().enumerate().filter(|(place, _)| place % every == 0) {
            for (least, percent) in [(1, 95), (24, 90), (96, 82)] {
                let mut row = vec![Value::Null; PriceListLine::entity().fields.len()];
                row[PriceListLine::ITEM] = label(Item::ENTITY, place).into();
                row[PriceListLine::MIN_QUANTITY] = Decimal::from(least).into();
                row[PriceListLine::PRICE] =
                    trade::price(good.cents * percent / 100, currency).into();
                lines.push(row);
            }
        }
        let input = Input::new()
            .set("name", name)
            .set("currency", currency)
            .set("valid_from", days.map(|(from, _)| from))
            .set("valid_until", days.map(|(_, until)| until))
            .set("lines", Value::Rows(lines));
        script.create(PriceList::ENTITY, nth, input);
    }
}

#[cfg(test)]
mod tests;
