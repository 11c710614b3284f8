//! What the demo promises: it is always the same, whole, and believable.

use super::*;
use crate::{PurchaseOrder, SalesOrderLine};
use std::collections::{BTreeMap, BTreeSet, HashSet};

fn steps() -> Vec<Step> {
    plan(end(), &[label("hr.employee", 1), label("hr.employee", 2)], &[])
}

fn end() -> Instant {
    Instant::parse("2026-07-04T12:00:00Z").unwrap()
}

fn of<'a>(steps: &'a [Step], entity: &str, verb: &str) -> Vec<&'a Command> {
    let commands = steps.iter().map(|step| &step.command);
    commands.filter(|command| command.entity == entity && command.verb.right() == verb).collect()
}

fn value<'a>(command: &'a Command, name: &str) -> &'a Value {
    let found = command.input.values.iter().find(|(known, _)| known == name);
    found.map_or(&Value::Null, |(_, value)| value)
}

#[test]
fn the_demo_is_always_the_same_and_ends_before_its_end() {
    let steps = steps();
    assert!(steps == self::steps());
    assert!(steps.is_sorted_by_key(|step| step.at));
    assert!(steps.iter().all(|step| step.at < end()));
}

#[test]
fn every_label_names_what_was_made_before() {
    let service = crate::service();
    let mut known: HashSet<Uuid> = [1, 2].map(|nth| label("hr.employee", nth)).into();
    let mut ids = Vec::new();
    for step in steps() {
        ids.clear();
        ids.extend(step.command.verb.record());
        step.command.input.values.iter().for_each(|(_, value)| links(value, &mut ids));
        assert!(ids.iter().all(|id| known.contains(id)), "{:?}", step.command);
        let entity = service.entities.iter().find(|e| e.full_name() == step.command.entity);
        let entity = entity.unwrap_or_else(|| panic!("no {}", step.command.entity));
        let verb = step.command.verb.right();
        let may = |role: &str| entity.permits.iter().any(|p| p.role == role && p.verb == verb);
        assert!(may(step.by), "{} does not {verb} {}", step.by, entity.name);
        for (name, _) in &step.command.input.values {
            assert!(entity.slot(name).is_some(), "{} has no {name}", entity.name);
        }
        assert!(step.makes.is_none_or(|label| known.insert(label)), "made twice");
    }
}

fn links(value: &Value, ids: &mut Vec<Uuid>) {
    match value {
        Value::Id(id) => ids.push(*id),
        Value::Rows(rows) => rows.iter().flatten().for_each(|cell| links(cell, ids)),
        _ => {}
    }
}

#[test]
fn there_is_as_much_as_a_visitor_should_find() {
    let steps = steps();
    for (entity, least, most) in [
        (Customer::ENTITY, 120, 120),
        (Contact::ENTITY, 60, 60),
        (Supplier::ENTITY, 20, 20),
        (Item::ENTITY, 200, 200),
        (ItemCategory::ENTITY, 25, 25),
        (Unit::ENTITY, 6, 6),
        (Carrier::ENTITY, 6, 6),
        (PriceList::ENTITY, 3, 3),
        (StockMove::ENTITY, 200, 200),
        (SalesOrder::ENTITY, 1_400, 1_600),
        (PurchaseOrder::ENTITY, 150, 700),
    ] {
        let count = of(&steps, entity, "create").len();
        assert!((least..=most).contains(&count), "{count} of {entity}");
    }
    let names = of(&steps, Customer::ENTITY, "create");
    let names: BTreeSet<&str> = names.iter().filter_map(|c| value(c, "name").as_text()).collect();
    assert_eq!(names.len(), 120, "no two customers share a name");
}

#[test]
fn winter_sells_more_than_summer_and_the_third_year_more_than_the_first() {
    let steps = steps();
    let mut months: BTreeMap<i8, usize> = BTreeMap::new();
    let mut years = [0; 3];
    for order in of(&steps, SalesOrder::ENTITY, "create") {
        let Value::Date(on) = value(order, "ordered_on") else { panic!("an order without a day") };
        *months.entry(on.month()).or_default() += 1;
        let second = on >= &"2024-07-04".parse::<Date>().unwrap();
        let third = on >= &"2025-07-04".parse::<Date>().unwrap();
        years[usize::from(second) + usize::from(third)] += 1;
    }
    assert!(months[&12] > months[&8] * 13 / 10, "{months:?}");
    assert!(years[2] > years[0] * 12 / 10, "{years:?}");
}

#[test]
fn orders_are_as_far_as_their_age_says() {
    let steps = steps();
    let mut states: BTreeMap<Uuid, (&Date, &str)> = BTreeMap::new();
    for step in &steps {
        if step.command.entity == SalesOrder::ENTITY {
            match (step.makes, value(&step.command, "ordered_on")) {
                (Some(label), Value::Date(on)) => drop(states.insert(label, (on, "create"))),
                _ => {
                    let id = step.command.verb.record().unwrap();
                    states.get_mut(&id).unwrap().1 = step.command.verb.right();
                }
            }
        }
    }
    let count = |from: &str, verb: &str| {
        let from: Date = from.parse().unwrap();
        states.values().filter(|(on, last)| **on >= from && *last == verb).count()
    };
    for open in ["create", "confirm", "ship"] {
        assert!(count("2026-06-01", open) > 0, "no recent order that ended at {open}");
    }
    let old = states.values().filter(|(on, _)| **on < "2026-04-01".parse().unwrap());
    let unfinished = old.filter(|(_, last)| !matches!(*last, "close" | "cancel")).count();
    assert!(unfinished == 0, "{unfinished} orders of old are not finished");
    assert!(count("2023-01-01", "cancel") > 20);
}

#[test]
fn nothing_is_shipped_that_is_not_there() {
    let steps = steps();
    let mut lines: BTreeMap<Uuid, Vec<(Uuid, Decimal)>> = BTreeMap::new();
    let mut stock: BTreeMap<Uuid, Decimal> = BTreeMap::new();
    for step in &steps {
        let (command, verb) = (&step.command, step.command.verb.right());
        if let (Some(label), Value::Rows(rows)) = (step.makes, value(command, "lines"))
            && command.entity != PriceList::ENTITY
        {
            let line = |row: &Vec<Value>| match &row[SalesOrderLine::QUANTITY] {
                Value::Decimal(quantity) => Some((row[SalesOrderLine::ITEM].as_id()?, *quantity)),
                _ => None,
            };
            lines.insert(label, rows.iter().filter_map(line).collect());
        }
        let order = command.verb.record().and_then(|id| lines.get(&id));
        let moved: Vec<(Uuid, Decimal)> = match (command.entity.as_str(), verb, order) {
            (StockMove::ENTITY, _, _) => match (value(command, "item"), value(command, "quantity"))
            {
                (Value::Id(item), Value::Decimal(quantity)) => vec![(*item, *quantity)],
                _ => vec![],
            },
            (_, "ship", Some(lines)) => lines.iter().map(|(item, many)| (*item, -many)).collect(),
            (_, "receive", Some(lines)) => lines.clone(),
            _ => vec![],
        };
        for (item, quantity) in moved {
            let at_hand = stock.entry(item).or_default();
            *at_hand += quantity;
            assert!(*at_hand >= Decimal::ZERO, "an item falls to {at_hand}");
        }
    }
    assert_eq!(stock.len(), 200);
}

#[test]
fn a_bar_code_ends_in_its_check_digit() {
    assert_eq!(gtin(0), "2000000000015");
    assert_eq!(gtin(122), "2000000001234");
}
