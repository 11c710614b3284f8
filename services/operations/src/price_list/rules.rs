//! What a price list must be, and which of its prices holds.

use super::{PriceList, PriceListLine};
use kernel::service::Case;
use kernel::{FieldProblem, Record};
use std::collections::BTreeSet;
use types::{Date, Decimal, Uuid, Value};

/// The list ends no earlier than it begins.
pub fn dates(case: &Case<'_>) -> Vec<FieldProblem> {
    match (&case.after.values[PriceList::VALID_FROM], &case.after.values[PriceList::VALID_UNTIL]) {
        (Value::Date(from), Value::Date(until)) if until < from => {
            let text = format!("must not be before {from}, the first day");
            vec![FieldProblem::new("/valid_until", "dates_out_of_order", text)]
        }
        _ => Vec::new(),
    }
}

/// Quantities and prices are never below zero, and no two lines say the same.
pub fn lines(case: &Case<'_>) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, row) in rows(case.after).iter().enumerate() {
        for (slot, name) in
            [(PriceListLine::MIN_QUANTITY, "min_quantity"), (PriceListLine::PRICE, "price")]
        {
            if matches!(&row[slot], Value::Decimal(number) if *number < Decimal::ZERO) {
                let pointer = format!("/lines/{index}/{name}");
                problems.push(FieldProblem::new(pointer, "negative", "must not be below 0"));
            }
        }
        if !seen.insert((row[PriceListLine::ITEM].as_id(), least(row))) {
            let text = "an earlier line has a price for this item and quantity";
            problems.push(FieldProblem::new(format!("/lines/{index}"), "duplicate_line", text));
        }
    }
    problems
}

/// The price of an item in a quantity on a day; none where the list has none.
pub fn price(
    list: &Record,
    currency: &str,
    item: Uuid,
    quantity: Decimal,
    on: Date,
) -> Option<Decimal> {
    let day = |slot: usize| match &list.values[slot] {
        Value::Date(day) => Some(*day),
        _ => None,
    };
    let holds = day(PriceList::VALID_FROM).is_none_or(|from| from <= on)
        && day(PriceList::VALID_UNTIL).is_none_or(|until| on <= until)
        && list.values[PriceList::CURRENCY].as_text() == Some(currency);
    if !holds {
        return None;
    }
    let reached = rows(list)
        .iter()
        .filter(|row| row[PriceListLine::ITEM].as_id() == Some(item) && least(row) <= quantity);
    let best = reached.max_by_key(|row| least(row))?;
    match &best[PriceListLine::PRICE] {
        Value::Decimal(price) => Some(*price),
        _ => None,
    }
}

fn rows(list: &Record) -> &[Vec<Value>] {
    match &list.values[PriceList::LINES] {
        Value::Rows(rows) => rows,
        _ => &[],
    }
}

/// The least quantity of a line; 1 unless it says otherwise.
fn least(row: &[Value]) -> Decimal {
    match &row[PriceListLine::MIN_QUANTITY] {
        Value::Decimal(least) => *least,
        _ => Decimal::ONE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Declare;
    use std::sync::Arc;

    fn line(item: u128, least: &str, price: &str) -> Vec<Value> {
        let mut row = vec![Value::Null; PriceListLine::entity().fields.len()];
        row[PriceListLine::ITEM] = Uuid::from_u128(item).into();
        row[PriceListLine::MIN_QUANTITY] = number(least).into();
        row[PriceListLine::PRICE] = number(price).into();
        row
    }

    fn number(text: &str) -> Decimal {
        types::parse_decimal(text, 6).unwrap()
    }

    fn list(lines: Vec<Vec<Value>>) -> Record {
        let mut list = Record::empty(Arc::new(PriceList::entity()));
        list.set("currency", "EUR");
        list.set("valid_from", "2026-01-01".parse::<Date>().unwrap());
        list.set("valid_until", "2026-12-31".parse::<Date>().unwrap());
        list.values[PriceList::LINES] = Value::Rows(lines);
        list
    }

    #[test]
    fn the_greatest_quantity_that_is_reached_holds() {
        let list = list(vec![line(1, "1", "10"), line(1, "100", "8"), line(2, "1", "5")]);
        for (item, quantity, currency, on, expected) in [
            (1, "1", "EUR", "2026-07-04", Some("10")),
            (1, "99.5", "EUR", "2026-07-04", Some("10")),
            (1, "100", "EUR", "2026-07-04", Some("8")),
            (1, "0.5", "EUR", "2026-07-04", None),
            (3, "1", "EUR", "2026-07-04", None),
            (1, "1", "USD", "2026-07-04", None),
            (1, "1", "EUR", "2025-12-31", None),
            (1, "1", "EUR", "2026-12-31", Some("10")),
            (1, "1", "EUR", "2027-01-01", None),
        ] {
            let on = on.parse().unwrap();
            let found = price(&list, currency, Uuid::from_u128(item), number(quantity), on);
            assert_eq!(found, expected.map(number), "{item} {quantity} {currency} {on}");
        }
    }

    #[test]
    fn a_list_is_refused_when_lines_or_days_contradict() {
        let mut after = list(vec![line(1, "1", "10"), line(1, "1", "9"), line(2, "-1", "-2")]);
        after.set("valid_until", "2025-12-31".parse::<Date>().unwrap());
        let case = Case { verb: "create", before: None, after: &after };
        let found = dates(&case).into_iter().chain(lines(&case));
        let pointers: Vec<String> = found.map(|problem| problem.pointer).collect();
        assert_eq!(
            pointers,
            ["/valid_until", "/lines/1", "/lines/2/min_quantity", "/lines/2/price"]
        );
    }
}
