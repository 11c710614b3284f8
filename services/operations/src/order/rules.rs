//! The arithmetic of orders and what must hold of them.
//!
//! Each line's amount is rounded once, from the exact product; sums of rounded amounts are exact.

use crate::sales_order::SalesOrderLine as Line;
use kernel::FieldProblem;
use kernel::schema::Computing;
use kernel::service::Case;
use types::{Currency, Decimal, Money, Rounding, Value};

/// In these states goods have moved or never will: what was ordered stands.
const SETTLED: [&str; 4] = ["shipped", "received", "closed", "cancelled"];

/// What does not change any more then.
const FROZEN: [&str; 7] =
    ["company", "customer", "supplier", "ordered_on", "currency", "lines", "freight"];

/// The lines in a value.
pub fn rows(lines: &Value) -> &[Vec<Value>] {
    match lines {
        Value::Rows(rows) => rows,
        _ => &[],
    }
}

/// A line's amount: quantity × price × (1 − discount), in the order's currency; empty while one of
/// them is missing or the amount does not fit 18 digits.
pub fn amount(line: &Computing<'_>) -> Value {
    let computed = || {
        let discount = Decimal::ONE.checked_sub(decimal(&line.values[Line::DISCOUNT])?)?;
        let factors = [
            decimal(&line.values[Line::QUANTITY])?,
            required(&line.values[Line::PRICE])?,
            discount,
        ];
        product(&factors, currency_of(line.of_parent("currency"))?, line.rounding)
    };
    computed().into()
}

/// The sum of the lines' amounts.
pub fn subtotal(order: &Computing<'_>) -> Value {
    let computed = || {
        let zero = Money::zero(currency_of(order.get("currency"))?);
        rows(order.get("lines"))
            .iter()
            .try_fold(zero, |sum, row| sum.checked_add(money(&row[Line::AMOUNT])?))
    };
    computed().into()
}

/// The sum of the lines' taxes: amount × rate, rounded for each line.
pub fn tax(order: &Computing<'_>) -> Value {
    let computed = || {
        let currency = currency_of(order.get("currency"))?;
        rows(order.get("lines")).iter().try_fold(Money::zero(currency), |sum, row| {
            let factors = [money(&row[Line::AMOUNT])?.amount(), decimal(&row[Line::TAX_RATE])?];
            sum.checked_add(product(&factors, currency, order.rounding)?)
        })
    };
    computed().into()
}

/// Net, freight and tax.
pub fn total(order: &Computing<'_>) -> Value {
    let computed = || {
        let subtotal = money(order.get("net"))?;
        let freight = match order.get("freight") {
            Value::Null => Money::zero(subtotal.currency),
            freight => money(freight)?,
        };
        subtotal.checked_add(freight)?.checked_add(money(order.get("tax"))?)
    };
    computed().into()
}

/// The exact product, rounded once to the currency's digits; none if it does not fit.
fn product(factors: &[Decimal], currency: Currency, rounding: Rounding) -> Option<Money> {
    let (mut mantissa, mut scale) = (1i128, 0u32);
    for factor in factors {
        let factor = factor.normalize();
        mantissa = mantissa.checked_mul(factor.mantissa())?;
        scale += factor.scale();
    }
    let digits = currency.digits();
    let minor = match scale.checked_sub(digits) {
        None => mantissa.checked_mul(10i128.checked_pow(digits - scale)?)?,
        Some(surplus) => {
            let unit = 10i128.checked_pow(surplus)?;
            let (whole, rest) = (mantissa / unit, mantissa % unit);
            // Rounding needs to know only on which side of one half the rest lies.
            let side = match (rest * 2).abs().cmp(&unit) {
                _ if rest == 0 => 0,
                std::cmp::Ordering::Less => 25,
                std::cmp::Ordering::Equal => 50,
                std::cmp::Ordering::Greater => 75,
            };
            let hundredths = whole.checked_mul(100)?.checked_add(side * rest.signum())?;
            let near = Decimal::try_from_i128_with_scale(hundredths, 2).ok()?;
            types::rescale(rounding.round(near, 0), 0)?.into()
        }
    };
    let minor = i64::try_from(minor).ok().filter(|minor| minor.unsigned_abs() < LIMIT)?;
    Some(Money { minor, currency })
}

/// Amounts have at most 18 digits.
const LIMIT: u64 = 10u64.pow(18);

fn money(value: &Value) -> Option<Money> {
    match value {
        Value::Money(money) => Some(*money),
        _ => None,
    }
}

/// A decimal; 0 where it is empty.
fn decimal(value: &Value) -> Option<Decimal> {
    if value.is_null() { Some(Decimal::ZERO) } else { required(value) }
}

fn required(value: &Value) -> Option<Decimal> {
    match value {
        Value::Decimal(decimal) => Some(*decimal),
        _ => None,
    }
}

fn currency_of(value: &Value) -> Option<Currency> {
    Currency::parse(value.as_text()?).ok()
}

/// An order that is confirmed, or more, has at least one line.
pub fn has_lines(case: &Case<'_>) -> Vec<FieldProblem> {
    let may_be_empty = matches!(case.after.state(), None | Some("draft" | "cancelled"));
    if may_be_empty || !rows(case.after.get("lines")).is_empty() {
        return Vec::new();
    }
    let text = "name at least one item before the order is confirmed";
    vec![FieldProblem::new("/lines", "required", text)]
}

/// Quantities are positive, prices and taxes not negative, discounts a part of the price.
pub fn lines(case: &Case<'_>) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    for (index, row) in rows(case.after.get("lines")).iter().enumerate() {
        let mut at = |slot: usize, code: &str, text: &str| {
            let name = match slot {
                Line::QUANTITY => "quantity",
                Line::PRICE => "price",
                Line::DISCOUNT => "discount",
                _ => "tax_rate",
            };
            let pointer = format!("/lines/{index}/{name}");
            problems.push(FieldProblem::new(pointer, code, text));
        };
        let number = |slot: usize| required(&row[slot]);
        if number(Line::QUANTITY).is_some_and(|quantity| quantity <= Decimal::ZERO) {
            at(Line::QUANTITY, "not_positive", "must be more than 0");
        }
        match number(Line::PRICE) {
            None => {
                let text = "must be given, since neither list nor item has one in this currency";
                at(Line::PRICE, "required", text);
            }
            Some(price) if price < Decimal::ZERO => {
                at(Line::PRICE, "negative", "must not be below 0");
            }
            Some(_) => {}
        }
        let all = Decimal::ZERO..=Decimal::ONE;
        if number(Line::DISCOUNT).is_some_and(|discount| !all.contains(&discount)) {
            at(Line::DISCOUNT, "out_of_range", "must be from 0 to 1; 0.05 is 5 %");
        }
        if number(Line::TAX_RATE).is_some_and(|rate| rate < Decimal::ZERO) {
            at(Line::TAX_RATE, "negative", "must not be below 0; 0.2 is 20 %");
        }
    }
    problems
}

/// Nothing is wanted, shipped or received before it was ordered.
pub fn dates(case: &Case<'_>) -> Vec<FieldProblem> {
    let Value::Date(ordered) = case.after.get("ordered_on") else { return Vec::new() };
    let early = ["required_on", "shipped_on", "received_on"]
        .into_iter()
        .filter(|name| matches!(case.after.get(name), Value::Date(day) if day < ordered));
    early
        .map(|name| {
            let text = format!("must not be before {ordered}, the day of the order");
            FieldProblem::new(format!("/{name}"), "dates_out_of_order", text)
        })
        .collect()
}

/// Freight is in the order's currency and not negative.
pub fn freight(case: &Case<'_>) -> Vec<FieldProblem> {
    let Some(freight) = money(case.after.get("freight")) else { return Vec::new() };
    let problem = |code: &str, text: String| vec![FieldProblem::new("/freight", code, text)];
    match currency_of(case.after.get("currency")) {
        Some(currency) if currency != freight.currency => {
            problem("other_currency", format!("must be in {currency}, the order's currency"))
        }
        _ if freight.minor < 0 => problem("negative", "must not be below 0".to_owned()),
        _ => Vec::new(),
    }
}

/// Every amount fits 18 digits.
pub fn amounts(case: &Case<'_>) -> Vec<FieldProblem> {
    let unclear = currency_of(case.after.get("currency")).is_none()
        || !lines(case).is_empty()
        || !freight(case).is_empty();
    if unclear || !case.after.get("total").is_null() {
        return Vec::new();
    }
    vec![FieldProblem::new("/total", "out_of_range", "does not fit 18 digits")]
}

/// What was ordered stands once the goods have moved or the order is cancelled.
pub fn stands(case: &Case<'_>) -> Vec<FieldProblem> {
    let Some(before) = case.before else { return Vec::new() };
    let Some(state) = before.state().filter(|state| SETTLED.contains(state)) else {
        return Vec::new();
    };
    let changed = FROZEN.into_iter().filter(|name| before.get(name) != case.after.get(name));
    changed
        .map(|name| {
            let text = format!("cannot change any more, since the order is {state}");
            FieldProblem::new(format!("/{name}"), "order_settled", text)
        })
        .collect()
}

#[cfg(test)]
mod tests;
