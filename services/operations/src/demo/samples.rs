//! Sample data: some months of a small trade, entered as it stands today.
//!
//! The same trade as the demo's, smaller. Nothing is confirmed or shipped now: orders enter in the
//! state and with the number that they have come to, as an import brings them, and with the moves
//! of their goods. So no number of the organisation's own series is used up, and all of it can be
//! taken out again.

use super::{Scale, play};
use crate::{PurchaseOrderLine, SalesOrder, SalesOrderLine, StockMove};
use contracts::demo::{Step, label};
use kernel::command::Verb;
use kernel::{Command, Input};
use std::collections::HashMap;
use types::{Instant, Uuid, Value};

/// How numbers and codes of the samples begin: they meet no other's, and people see what they are.
pub const PREFIX: &str = "SAMPLE-";

/// Of the orders of these last days some are not confirmed yet and some not shipped, whatever the
/// dice say.
const UNDER_WAY: i64 = 21 * super::DAY;

/// The steps, each of which makes or completes a record; all are before `today`.
///
/// Everything is priced in `currency`; `sellers` and `buyers` are labels of employees.
pub fn samples(today: Instant, currency: &str, sellers: &[Uuid], buyers: &[Uuid]) -> Vec<Step> {
    let scale = Scale {
        days: 120,
        orders_a_day: 470,
        customers: 12,
        suppliers: 10,
        groups: 1,
        items: 5,
        stock: (30, 80),
        price_lists: 1,
        currency: Some(currency),
        prefix: PREFIX,
    };
    let mut entered = Entered { young: Instant(today.0 - UNDER_WAY), ..Entered::default() };
    for step in play(&scale, today, sellers, buyers) {
        match &step.command.verb {
            Verb::Act { id, act, .. } => entered.act(*id, act.clone(), &step),
            _ => entered.create(step),
        }
    }
    entered.finish()
}

/// What the trade has come to.
#[derive(Default)]
struct Entered {
    steps: Vec<Step>,
    /// Where a record is made, by its label.
    made: HashMap<Uuid, usize>,
    /// Moves of goods, which follow what they belong to.
    moves: Vec<Step>,
    stock_moves: usize,
    numbers: HashMap<String, usize>,
    /// Orders from here on may still be under way.
    young: Instant,
    /// How far each sales order among these comes at most, in turn.
    young_orders: HashMap<Uuid, usize>,
}

impl Entered {
    fn create(&mut self, step: Step) {
        if step.command.entity == StockMove::ENTITY {
            self.stock_moves += 1;
        }
        self.made.extend(step.makes.map(|label| (label, self.steps.len())));
        self.steps.push(step);
    }

    /// What an act leaves behind, on the record and in the stock.
    fn act(&mut self, id: Uuid, act: String, step: &Step) {
        let Some(&at) = self.made.get(&id) else { return };
        let entity = self.steps[at].command.entity.clone();
        if entity == SalesOrder::ENTITY && self.steps[at].at >= self.young {
            let turn = self.young_orders.len();
            match (*self.young_orders.entry(id).or_insert(turn) % 3, act.as_str()) {
                (0, _) => return,
                (1, act) if act != "confirm" => return,
                _ => {}
            }
        }
        let state = match act.as_str() {
            "confirm" => "confirmed",
            "ship" => "shipped",
            "receive" => "received",
            "close" => "closed",
            _ => "cancelled",
        };
        let input = &mut self.steps[at].command.input;
        set(input, "state", state.into());
        for (name, value) in &step.command.input.values {
            set(input, name, value.clone());
        }
        if act == "confirm" {
            let count = self.numbers.entry(entity.clone()).or_default();
            *count += 1;
            let series = if entity == SalesOrder::ENTITY { "SO" } else { "PO" };
            set(input, "number", format!("{PREFIX}{series}-{count:04}").into());
        }
        if matches!(act.as_str(), "ship" | "receive") {
            self.move_goods(id, at, step);
        }
    }

    /// One move for each line of an order.
    fn move_goods(&mut self, id: Uuid, at: usize, step: &Step) {
        let order = &self.steps[at].command;
        let goes = order.entity == SalesOrder::ENTITY;
        let (kind, link, day) = match goes {
            true => ("delivery", "sales_order", "shipped_on"),
            false => ("receipt", "purchase_order", "received_on"),
        };
        let given = |name: &str| {
            let found = order.input.values.iter().find(|(known, _)| known == name);
            found.map_or(Value::Null, |(_, value)| value.clone())
        };
        let Value::Rows(rows) = given("lines") else { return };
        for row in rows {
            let Value::Decimal(quantity) = row[SalesOrderLine::QUANTITY] else { continue };
            let quantity = if goes { -quantity } else { quantity };
            let input = Input::new()
                .set("item", row[SalesOrderLine::ITEM].clone())
                .set("quantity", quantity)
                .set("moved_on", given(day))
                .set("kind", kind)
                .set("reference", given("number"))
                .set(link, id);
            let entity = StockMove::ENTITY.to_owned();
            let command = Command { entity, verb: Verb::Create, input };
            let makes = Some(label(StockMove::ENTITY, self.stock_moves));
            self.stock_moves += 1;
            self.moves.push(Step { makes, command, ..step.clone() });
        }
    }

    /// What is made of one kind stands together, so that it is few commits: by the time at which
    /// all of it is entered.
    fn finish(self) -> Vec<Step> {
        let mut steps = self.steps;
        steps.extend(self.moves);
        let last = steps.iter().map(|step| step.at).max().unwrap_or_default();
        steps.iter_mut().for_each(|step| (step.at, step.by) = (last, ""));
        steps
    }
}

fn set(input: &mut Input, name: &str, value: Value) {
    match input.values.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => input.values.push((name.to_owned(), value)),
    }
}

// Lines of both kinds of orders have the same slots; `purchase_order.rs` holds them together.
const _: () = assert!(
    PurchaseOrderLine::ITEM == SalesOrderLine::ITEM
        && PurchaseOrderLine::QUANTITY == SalesOrderLine::QUANTITY
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Customer, Item, PurchaseOrder, Supplier};

    #[test]
    fn the_samples_are_small_believable_and_in_every_state() {
        for day in ["2026-01-31", "2026-07-04", "2026-11-21", "2027-03-01"] {
            let today = Instant::parse(&format!("{day}T09:00:00Z")).unwrap();
            let steps = samples(today, "EUR", &[label("hr.employee", 6)], &[]);
            assert_eq!(steps, samples(today, "EUR", &[label("hr.employee", 6)], &[]));
            let of =
                |entity: &'static str| steps.iter().filter(move |s| s.command.entity == entity);
            let counts = [Customer::ENTITY, Supplier::ENTITY, Item::ENTITY].map(|e| of(e).count());
            assert_eq!(counts, [12, 10, 25], "{day}");
            let (sold, bought) =
                (of(SalesOrder::ENTITY).count(), of(PurchaseOrder::ENTITY).count());
            assert!((28..=56).contains(&sold) && (5..=20).contains(&bought), "{sold} {bought}");
            for state in ["confirmed", "shipped", "closed"] {
                let is_so = |(name, value): &(String, Value)| {
                    name == "state" && value.as_text() == Some(state)
                };
                let mut orders = of(SalesOrder::ENTITY);
                assert!(orders.any(|s| s.command.input.values.iter().any(is_so)), "{day} {state}");
            }
            assert!(steps.iter().all(|step| step.at < today && step.command.verb == Verb::Create));
            assert!(steps.len() < 500, "{} records", steps.len());
            // The stock is never below zero at the end.
            let mut at_hand: HashMap<Uuid, types::Decimal> = HashMap::new();
            for step in of(StockMove::ENTITY) {
                let values = &step.command.input.values;
                let value = |name: &str| &values.iter().find(|(known, _)| known == name).unwrap().1;
                let Value::Decimal(quantity) = value("quantity") else { panic!("a quantity") };
                *at_hand.entry(value("item").as_id().unwrap()).or_default() += *quantity;
            }
            assert!(at_hand.values().all(|left| !left.is_sign_negative()), "{day}");
        }
    }
}
