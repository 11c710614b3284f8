//! Rows of what orders come to, and of what is refused.

use super::*;
use crate::{PurchaseOrder, SalesOrder};
use kernel::schema::Entity;
use kernel::{Declare, Record};
use std::sync::Arc;
use types::{Date, Uuid};

/// A line of quantity, price, discount and tax rate; an empty text leaves the field empty.
fn line(quantity: &str, price: &str, discount: &str, tax_rate: &str) -> Vec<Value> {
    let mut row = vec![Value::Null; crate::SalesOrderLine::entity().fields.len()];
    row[Line::ITEM] = Uuid::from_u128(1).into();
    for (slot, text, scale) in [
        (Line::QUANTITY, quantity, 6),
        (Line::PRICE, price, 8),
        (Line::DISCOUNT, discount, 6),
        (Line::TAX_RATE, tax_rate, 6),
    ] {
        if !text.is_empty() {
            row[slot] = types::parse_decimal(text, scale).unwrap().into();
        }
    }
    row
}

/// An order with its computed fields filled, as the kernel fills them.
fn order(entity: Entity, currency: &str, freight: Option<Money>, lines: Vec<Vec<Value>>) -> Record {
    let mut record = Record::empty(Arc::new(entity));
    record.set("state", "draft");
    record.set("ordered_on", "2026-07-04".parse::<Date>().unwrap());
    record.set("currency", currency);
    record.set("freight", freight);
    compute(record, lines, Rounding::HalfUp)
}

fn compute(mut record: Record, mut lines: Vec<Vec<Value>>, rounding: Rounding) -> Record {
    let child = crate::SalesOrderLine::entity();
    for row in &mut lines {
        let parent = Some((&*record.entity, record.values.as_slice()));
        row[Line::AMOUNT] = amount(&Computing { entity: &child, values: row, parent, rounding });
    }
    let lines = if lines.is_empty() { Value::Null } else { Value::Rows(lines) };
    let slot = record.entity.slot("lines").unwrap();
    record.values[slot] = lines;
    for (name, rule) in
        [("net", subtotal as fn(&Computing<'_>) -> Value), ("tax", tax), ("total", total)]
    {
        let entity = record.entity.clone();
        let values = &record.values;
        let value = rule(&Computing { entity: &entity, values, parent: None, rounding });
        let slot = record.entity.slot(name).unwrap();
        record.values[slot] = value;
    }
    record
}

fn eur(minor: i64) -> Option<Money> {
    Some(Money { minor, currency: Currency::EUR })
}

fn shown(value: &Value) -> String {
    match value {
        Value::Money(money) => money.to_string(),
        _ => "none".to_owned(),
    }
}

#[test]
fn an_amount_is_rounded_once_from_the_exact_product() {
    for (quantity, price, discount, currency, rounding, expected) in [
        ("12", "14", "0.05", "EUR", Rounding::HalfUp, "159.60 EUR"),
        ("12", "14", "", "EUR", Rounding::HalfUp, "168.00 EUR"),
        ("1", "0.005", "", "EUR", Rounding::HalfUp, "0.01 EUR"),
        ("1", "0.005", "", "EUR", Rounding::HalfEven, "0.00 EUR"),
        ("1", "0.015", "", "EUR", Rounding::HalfEven, "0.02 EUR"),
        ("1", "0.00499999", "", "EUR", Rounding::HalfUp, "0.00 EUR"),
        ("1", "0.00000001", "", "EUR", Rounding::Up, "0.01 EUR"),
        ("1", "0.00999999", "", "EUR", Rounding::Down, "0.00 EUR"),
        ("3", "0.33333333", "", "EUR", Rounding::HalfUp, "1.00 EUR"),
        ("1", "99.5", "", "JPY", Rounding::HalfUp, "100 JPY"),
        ("1", "1.2345", "", "KWD", Rounding::HalfUp, "1.235 KWD"),
        ("2", "10", "1", "EUR", Rounding::HalfUp, "0.00 EUR"),
        (
            "123456.789012",
            "12345.67890123",
            "0.333333",
            "EUR",
            Rounding::HalfUp,
            "1016105758.27 EUR",
        ),
        ("999999999999", "9999999999", "", "EUR", Rounding::HalfUp, "none"),
        ("1", "", "", "EUR", Rounding::HalfUp, "none"),
        ("1", "1", "", "???", Rounding::HalfUp, "none"),
    ] {
        let mut record = Record::empty(Arc::new(SalesOrder::entity()));
        record.set("currency", currency);
        let record = compute(record, vec![line(quantity, price, discount, "")], rounding);
        let row = &rows(record.get("lines"))[0];
        assert_eq!(shown(&row[Line::AMOUNT]), expected, "{quantity} × {price} − {discount}");
    }
}

#[test]
fn a_total_is_net_freight_and_the_tax_of_each_line() {
    for (lines, freight, expected) in [
        (vec![], None, ["0.00 EUR", "0.00 EUR", "0.00 EUR"]),
        (vec![line("12", "14", "0.05", "")], eur(3238), ["159.60 EUR", "0.00 EUR", "191.98 EUR"]),
        (
            vec![line("1", "0.55", "", "0.1"), line("1", "0.55", "", "0.1")],
            None,
            ["1.10 EUR", "0.12 EUR", "1.22 EUR"],
        ),
        (
            vec![line("1", "100", "", "0.2"), line("1", "50", "", "")],
            eur(1000),
            ["150.00 EUR", "20.00 EUR", "180.00 EUR"],
        ),
        (vec![line("1", "", "", "")], None, ["none", "none", "none"]),
    ] {
        for entity in [SalesOrder::entity(), PurchaseOrder::entity()] {
            let record = order(entity, "EUR", freight, lines.clone());
            let found = ["net", "tax", "total"].map(|name| shown(record.get(name)));
            assert_eq!(found, expected);
        }
    }
}

fn codes(rule: kernel::service::Rule, before: Option<&Record>, after: &Record) -> Vec<String> {
    let found = rule(&Case { verb: "update", before, after });
    found.into_iter().map(|problem| format!("{} {}", problem.pointer, problem.code)).collect()
}

#[test]
fn an_order_needs_lines_once_it_is_confirmed() {
    for (state, lines, expected) in [
        ("draft", vec![], vec![]),
        ("cancelled", vec![], vec![]),
        ("confirmed", vec![], vec!["/lines required"]),
        ("shipped", vec![], vec!["/lines required"]),
        ("confirmed", vec![line("1", "1", "", "")], vec![]),
    ] {
        let mut after = order(SalesOrder::entity(), "EUR", None, lines);
        after.set("state", state);
        assert_eq!(codes(has_lines, None, &after), expected, "{state}");
    }
}

#[test]
fn a_line_is_refused_at_the_field_that_cannot_be() {
    for (row, expected) in [
        (line("1", "0", "0", "0"), vec![]),
        (line("0.000001", "1", "1", "1.5"), vec![]),
        (line("0", "1", "", ""), vec!["/lines/0/quantity not_positive"]),
        (line("-1", "1", "", ""), vec!["/lines/0/quantity not_positive"]),
        (line("1", "", "", ""), vec!["/lines/0/price required"]),
        (line("1", "-1", "", ""), vec!["/lines/0/price negative"]),
        (line("1", "1", "1.01", ""), vec!["/lines/0/discount out_of_range"]),
        (line("1", "1", "-0.01", ""), vec!["/lines/0/discount out_of_range"]),
        (line("1", "1", "", "-0.1"), vec!["/lines/0/tax_rate negative"]),
    ] {
        let after = order(SalesOrder::entity(), "EUR", None, vec![row]);
        assert_eq!(codes(lines, None, &after), expected);
    }
}

#[test]
fn nothing_happens_before_it_was_ordered() {
    for (entity, field, day, fits) in [
        (SalesOrder::entity(), "required_on", "2026-07-04", true),
        (SalesOrder::entity(), "required_on", "2026-07-03", false),
        (SalesOrder::entity(), "shipped_on", "2026-07-03", false),
        (PurchaseOrder::entity(), "received_on", "2026-07-03", false),
        (PurchaseOrder::entity(), "received_on", "2026-08-03", true),
    ] {
        let mut after = order(entity, "EUR", None, vec![]);
        after.set(field, day.parse::<Date>().unwrap());
        let expected = if fits { vec![] } else { vec![format!("/{field} dates_out_of_order")] };
        assert_eq!(codes(dates, None, &after), expected, "{field} {day}");
    }
}

#[test]
fn freight_is_in_the_currency_of_the_order() {
    for (currency, amount, expected) in [
        ("EUR", eur(0), vec![]),
        ("EUR", eur(-1), vec!["/freight negative"]),
        ("USD", eur(100), vec!["/freight other_currency"]),
        ("USD", None, vec![]),
    ] {
        let after = order(SalesOrder::entity(), currency, amount, vec![]);
        assert_eq!(codes(freight, None, &after), expected, "{currency}");
        assert!(codes(amounts, None, &after).is_empty());
    }
}

#[test]
fn an_order_that_does_not_fit_18_digits_is_refused() {
    let row = || line("999999999999", "9000", "", "");
    let fits = order(SalesOrder::entity(), "EUR", None, vec![row()]);
    assert!(codes(amounts, None, &fits).is_empty());
    let row = || line("999999999999", "90000", "", "");
    let too_much = order(SalesOrder::entity(), "EUR", None, vec![row()]);
    assert_eq!(codes(amounts, None, &too_much), ["/total out_of_range"]);
}

#[test]
fn what_was_ordered_stands_once_goods_moved() {
    for (state, expected) in [
        ("draft", vec![]),
        ("confirmed", vec![]),
        (
            "shipped",
            vec!["/customer order_settled", "/currency order_settled", "/lines order_settled"],
        ),
        (
            "closed",
            vec!["/customer order_settled", "/currency order_settled", "/lines order_settled"],
        ),
    ] {
        let mut before = order(SalesOrder::entity(), "EUR", None, vec![line("1", "1", "", "")]);
        before.set("state", state);
        let mut after = order(SalesOrder::entity(), "USD", None, vec![line("2", "1", "", "")]);
        after.set("state", state);
        after.set("customer", Uuid::from_u128(7));
        after.set("notes", "may always change");
        assert_eq!(codes(stands, Some(&before), &after), expected, "{state}");
        assert!(codes(stands, None, &after).is_empty());
    }
}
