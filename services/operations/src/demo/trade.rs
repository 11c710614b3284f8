//! The days of the demo: orders come, goods leave and arrive, and what runs low is bought.

use super::names::{CARRIERS, RATES};
use super::{Buyer, Good, Scale, Script, customers};
use crate::{
    Carrier, Customer, Item, PurchaseOrder, PurchaseOrderLine, SalesOrder, SalesOrderLine, Supplier,
};
use contracts::demo::{Dice, label};
use kernel::{Declare, Input};
use std::collections::BTreeMap;
use types::{Currency, Decimal, Money, Uuid, Value};

/// How the months differ from the average, January first, in hundredths.
const SEASON: [i64; 12] = [80, 85, 95, 100, 100, 95, 80, 75, 105, 110, 135, 140];

/// In the last days some orders wait for someone to confirm them.
const OPEN_DAYS: i64 = 14;

/// What is due on a day.
#[derive(Clone, Copy)]
enum Due {
    Confirm(usize),
    Ship(usize),
    Close(usize),
    Cancel(usize),
    Receive(usize),
    Settle(usize),
}

/// An order by the items and quantities of its lines.
struct Order {
    lines: Vec<(usize, i64)>,
    confirmed: bool,
}

/// The state of the trade at some day.
pub struct Trade<'a> {
    scale: &'a Scale<'a>,
    goods: Vec<Good>,
    buyers_of: &'a [Uuid],
    sellers: &'a [Uuid],
    customers: Vec<Buyer<'a>>,
    sales: Vec<Order>,
    purchases: Vec<Order>,
    due: BTreeMap<i64, Vec<Due>>,
    dice: Dice,
}

impl<'a> Trade<'a> {
    pub fn new(
        scale: &'a Scale<'a>,
        goods: Vec<Good>,
        sellers: &'a [Uuid],
        buyers: &'a [Uuid],
        dice: Dice,
    ) -> Trade<'a> {
        Trade {
            scale,
            goods,
            buyers_of: buyers,
            sellers,
            customers: customers(scale).collect(),
            sales: Vec::new(),
            purchases: Vec::new(),
            due: BTreeMap::new(),
            dice,
        }
    }

    /// One day; `left` counts the days to the end, this one included.
    pub fn day(&mut self, script: &mut Script, left: i64) {
        for due in self.due.remove(&script.day).unwrap_or_default() {
            self.settle(script, due);
        }
        // 1970 began on a Thursday; nobody orders on Saturday and Sunday.
        let weekday = (script.day + 3).rem_euclid(7);
        if weekday >= 5 {
            return;
        }
        if weekday == 0 {
            self.buy(script);
        }
        let season = SEASON[script.today().month() as usize - 1];
        let growth = 130 - 60 * left / self.scale.days;
        let expected = self.scale.orders_a_day * season * growth / 10_000;
        let lucky = self.dice.below(1_000) < (expected % 1_000) as usize;
        for _ in 0..expected / 1_000 + i64::from(lucky) {
            self.sell(script, left);
        }
    }

    fn plan(&mut self, script: &Script, ahead: usize, due: Due) {
        self.due.entry(script.day + ahead as i64).or_default().push(due);
    }

    fn settle(&mut self, script: &mut Script, due: Due) {
        match due {
            Due::Confirm(order) => self.confirm(script, order),
            Due::Ship(order) => self.ship(script, order),
            Due::Close(order) => script.act(SalesOrder::ENTITY, order, "close", Input::new()),
            Due::Cancel(order) => {
                if self.sales[order].confirmed {
                    self.promise(order, -1);
                }
                script.act(SalesOrder::ENTITY, order, "cancel", Input::new());
            }
            Due::Receive(order) => {
                for (item, quantity) in &self.purchases[order].lines {
                    self.goods[*item].at_hand += quantity;
                    self.goods[*item].coming -= quantity;
                }
                let input = Input::new().set("received_on", script.today());
                script.act(PurchaseOrder::ENTITY, order, "receive", input);
                let later = self.dice.between(20, 35);
                self.plan(script, later, Due::Settle(order));
            }
            Due::Settle(order) => {
                script.act(PurchaseOrder::ENTITY, order, "close", Input::new());
            }
        }
    }

    /// Counts an order's goods as promised, or not any more.
    fn promise(&mut self, order: usize, sign: i64) {
        for (item, quantity) in &self.sales[order].lines {
            self.goods[*item].promised += sign * quantity;
        }
    }

    fn confirm(&mut self, script: &mut Script, order: usize) {
        script.act(SalesOrder::ENTITY, order, "confirm", Input::new());
        self.sales[order].confirmed = true;
        self.promise(order, 1);
        let (later, next) = match self.dice.chance(2) {
            true => (self.dice.between(1, 3), Due::Cancel(order)),
            false => (self.dice.between(1, 5), Due::Ship(order)),
        };
        self.plan(script, later, next);
    }

    /// Ships an order, or waits a day while something is missing.
    fn ship(&mut self, script: &mut Script, order: usize) {
        let lines = &self.sales[order].lines;
        if lines.iter().any(|(item, quantity)| self.goods[*item].at_hand < *quantity) {
            self.plan(script, 1, Due::Ship(order));
            return;
        }
        for (item, quantity) in lines {
            self.goods[*item].at_hand -= quantity;
        }
        self.promise(order, -1);
        let tracking = format!("{:010}", 3_000_000_000_usize + order * 7_919);
        let input = Input::new()
            .set("shipped_on", script.today())
            .set("carrier", label(Carrier::ENTITY, order * 5 % CARRIERS.len()))
            .set("tracking_number", tracking);
        script.act(SalesOrder::ENTITY, order, "ship", input);
        let later = self.dice.between(18, 40);
        self.plan(script, later, Due::Close(order));
    }

    /// A customer orders; a few items and customers make most of the trade.
    fn sell(&mut self, script: &mut Script, left: i64) {
        let order = self.sales.len();
        let customer = self.often(self.customers.len());
        let currency = self.customers[customer].currency;
        let domestic = self.customers[customer].country == "US";
        let discount = [0, 0, 0, 5, 10, 15][self.dice.below(6)];
        let mut lines: Vec<(usize, i64)> = Vec::new();
        let mut rows = Vec::new();
        for _ in 0..self.dice.between(1, 5) {
            let item = self.often(self.goods.len());
            if lines.iter().any(|(known, _)| *known == item) {
                continue;
            }
            let quantity = [1, 2, 3, 4, 6, 6, 12, 12, 24, 36][self.dice.below(10)];
            lines.push((item, quantity));
            let mut row = vec![Value::Null; SalesOrderLine::entity().fields.len()];
            row[SalesOrderLine::ITEM] = label(Item::ENTITY, item).into();
            row[SalesOrderLine::QUANTITY] = Decimal::from(quantity).into();
            row[SalesOrderLine::PRICE] = price(self.goods[item].cents, currency).into();
            row[SalesOrderLine::DISCOUNT] = Decimal::new(discount, 2).normalize().into();
            if domestic {
                row[SalesOrderLine::TAX_RATE] = Decimal::new(55, 3).into();
            }
            rows.push(row);
        }
        let freight = 450 + self.dice.below(60) as i64 * 75;
        let seller = self.sellers.get(customer % self.sellers.len().max(1)).copied();
        let wanted = self.dice.between(7, 28) as i64;
        let input = Input::new()
            .set("customer", label(Customer::ENTITY, customer))
            .set("ordered_on", script.today())
            .set("required_on", script.date(wanted))
            .set("employee", seller)
            .set("currency", currency)
            .set("freight", money(freight, currency))
            .set(
                "customer_reference",
                format!("{}-{:04}", script.today().year(), order * 13 % 9_973),
            )
            .set("lines", Value::Rows(rows));
        script.create(SalesOrder::ENTITY, order, input);
        self.sales.push(Order { lines, confirmed: false });
        if left <= OPEN_DAYS && self.dice.chance(30) {
            return;
        }
        match self.dice.below(100) {
            0..85 => self.confirm(script, order),
            85..97 => {
                let later = self.dice.between(1, 3);
                self.plan(script, later, Due::Confirm(order));
            }
            _ => {
                let later = self.dice.between(2, 9);
                self.plan(script, later, Due::Cancel(order));
            }
        }
    }

    /// Orders what runs low, one purchase for each supplier.
    fn buy(&mut self, script: &mut Script) {
        for supplier in 0..self.scale.suppliers {
            let low = |good: &Good| {
                let ahead = good.at_hand + good.coming - good.promised;
                (good.supplier == supplier && ahead < good.reorder_level)
                    .then(|| good.reorder_quantity.max(good.reorder_level - ahead))
            };
            let all = self.goods.iter().enumerate();
            let lines: Vec<(usize, i64)> =
                all.filter_map(|(item, good)| Some((item, low(good)?))).collect();
            if !lines.is_empty() {
                self.purchase(script, supplier, lines);
            }
        }
    }

    fn purchase(&mut self, script: &mut Script, supplier: usize, lines: Vec<(usize, i64)>) {
        let order = self.purchases.len();
        let mut rows = Vec::new();
        for (item, quantity) in &lines {
            let good = &mut self.goods[*item];
            good.coming += quantity;
            let mut row = vec![Value::Null; PurchaseOrderLine::entity().fields.len()];
            row[PurchaseOrderLine::ITEM] = label(Item::ENTITY, *item).into();
            row[PurchaseOrderLine::QUANTITY] = Decimal::from(*quantity).into();
            rows.push(row);
        }
        let days = 7 + supplier * 5 % 22;
        let buyer = self.buyers_of.get(supplier % self.buyers_of.len().max(1)).copied();
        let input = Input::new()
            .set("supplier", label(Supplier::ENTITY, supplier))
            .set("ordered_on", script.today())
            .set("required_on", script.date(days as i64))
            .set("employee", buyer)
            .set("lines", Value::Rows(rows));
        script.create(PurchaseOrder::ENTITY, order, input);
        script.act(PurchaseOrder::ENTITY, order, "confirm", Input::new());
        self.purchases.push(Order { lines, confirmed: true });
        let late = self.dice.below(5);
        self.plan(script, days + late, Due::Receive(order));
    }

    /// A place below `n`, the first ones more often than the last.
    fn often(&mut self, n: usize) -> usize {
        let (one, two) = (self.dice.below(n), self.dice.below(n));
        one.min(two)
    }
}

/// A price of US cents in a currency, with as many places as the currency has, at most two.
pub fn price(cents: i64, currency: &str) -> Decimal {
    let there = cents * rate(currency) / 10_000;
    let digits = Currency::parse(currency).map_or(2, |currency| currency.digits());
    if digits == 0 { Decimal::from(there / 100) } else { Decimal::new(there, 2).normalize() }
}

/// US cents as money of a currency.
fn money(cents: i64, currency: &str) -> Option<Money> {
    let currency = Currency::parse(currency).ok()?;
    Money::round(price(cents, currency.code()), currency, types::Rounding::HalfUp)
}

fn rate(currency: &str) -> i64 {
    RATES.iter().find(|(known, _)| *known == currency).map_or(10_000, |(_, rate)| *rate)
}
