//! The functions, on values.

use crate::calculate::{
    self as calc, Cause, DIVISION_BY_ZERO, OVERFLOW, UNKNOWN_CURRENCY, WRONG_TYPE,
};
use crate::ir::{Function, Operator};
use crate::{Context, Type, number};
use std::cmp::Ordering;
use types::{Currency, Money, Value};

/// The longest text that an expression makes, in bytes.
pub(crate) const MAX_TEXT: usize = 1 << 20;

/// A function's result of type `ty`. `Coalesce` is not among them: it does not evaluate all its
/// arguments.
pub(crate) fn call(
    function: Function,
    arguments: &[&Value],
    ty: &Type,
    context: &Context,
) -> Result<Value, Cause> {
    let first = arguments.first().copied().unwrap_or(&Value::Null);
    let second = arguments.get(1).copied().unwrap_or(&Value::Null);
    if let Some(test) = text_test(function) {
        return Ok(Value::Bool(match (first, second) {
            (Value::Text(text), Value::Text(part)) => test(text, part),
            _ => false,
        }));
    }
    if arguments.iter().any(|argument| argument.is_null()) {
        return Ok(Value::Null);
    }
    match function {
        Function::Min | Function::Max => {
            let wanted = if function == Function::Min { Ordering::Less } else { Ordering::Greater };
            match first {
                Value::List(items) => extreme(wanted, items.iter()),
                _ => extreme(wanted, arguments.iter().copied()),
            }
        }
        Function::Sum => sum(first, ty),
        Function::Div { places, rounding } => {
            let (a, b) = (calc::as_decimal(first)?, calc::as_decimal(second)?);
            if b.is_zero() {
                return Err(DIVISION_BY_ZERO);
            }
            let quotient = number::divide(a, b, places, rounding).ok_or(OVERFLOW)?;
            calc::fitting(quotient, ty).map(Value::Decimal)
        }
        Function::Round { places, rounding } => {
            let value = calc::as_decimal(first)?;
            let rounded = number::divide(value, 1.into(), places, rounding).ok_or(OVERFLOW)?;
            calc::fitting(rounded, ty).map(Value::Decimal)
        }
        Function::MoneyOf { rounding } => {
            let code = second.as_text().ok_or(WRONG_TYPE)?;
            let currency = Currency::parse(code).map_err(|_| UNKNOWN_CURRENCY)?;
            let value = calc::as_decimal(first)?;
            let rounded = number::divide(value, 1.into(), currency.digits(), rounding);
            let minor = rounded.and_then(|value| types::rescale(value, currency.digits()));
            Ok(Value::Money(Money { minor: minor.ok_or(OVERFLOW)?, currency }))
        }
        _ => of_one(function, first, context),
    }
}

fn text_test(function: Function) -> Option<fn(&str, &str) -> bool> {
    Some(match function {
        Function::StartsWith => |text, part| text.starts_with(part),
        Function::EndsWith => |text, part| text.ends_with(part),
        Function::Contains => |text, part| text.contains(part),
        _ => return None,
    })
}

/// The functions of one argument that is not null.
fn of_one(function: Function, value: &Value, context: &Context) -> Result<Value, Cause> {
    Ok(match (function, value) {
        (Function::Lower, Value::Text(text)) => Value::Text(bounded(text.to_lowercase())?),
        (Function::Upper, Value::Text(text)) => Value::Text(bounded(text.to_uppercase())?),
        (Function::Size, Value::Text(text)) => Value::Int(text.chars().count() as i64),
        (Function::Size, Value::List(items)) => Value::Int(items.len() as i64),
        (Function::Size, Value::Rows(rows)) => Value::Int(rows.len() as i64),
        (Function::Abs, Value::Int(value)) => Value::Int(value.checked_abs().ok_or(OVERFLOW)?),
        (Function::Abs, Value::Decimal(value)) => Value::Decimal(value.abs()),
        (Function::Abs, Value::Money(money)) if money.minor < 0 => calc::negate(value)?,
        (Function::Abs, Value::Duration(span)) if span.0 < 0 => calc::negate(value)?,
        (Function::Abs, Value::Money(_) | Value::Duration(_)) => value.clone(),
        (Function::Amount, Value::Money(money)) => Value::Decimal(money.amount().normalize()),
        (Function::CurrencyOf, Value::Money(money)) => money.currency.code().into(),
        (Function::Year | Function::Month | Function::Day | Function::DateOf, _) => {
            let date = match value {
                Value::Date(date) => *date,
                Value::Instant(instant) => instant.date_in(&context.zone),
                _ => return Err(WRONG_TYPE),
            };
            match function {
                Function::Year => Value::Int(date.year().into()),
                Function::Month => Value::Int(date.month().into()),
                Function::Day => Value::Int(date.day().into()),
                _ => Value::Date(date),
            }
        }
        _ => return Err(WRONG_TYPE),
    })
}

/// The text, if it is not too long.
pub(crate) fn bounded(text: String) -> Result<String, Cause> {
    if text.len() <= MAX_TEXT { Ok(text) } else { Err(OVERFLOW) }
}

/// The smallest or largest value that is not null; null if there is none.
fn extreme<'a>(wanted: Ordering, values: impl Iterator<Item = &'a Value>) -> Result<Value, Cause> {
    let mut values = values.filter(|value| !value.is_null());
    let Some(first) = values.next() else {
        return Ok(Value::Null);
    };
    values.try_fold(first, |best, value| calc::pick(wanted, best, value)).cloned()
}

/// The sum of the values that are not null: 0 for no numbers, null for no money and no spans.
fn sum(list: &Value, ty: &Type) -> Result<Value, Cause> {
    let Value::List(items) = list else {
        return Err(WRONG_TYPE);
    };
    let empty = match ty {
        Type::Int => Value::Int(0),
        Type::Decimal(_) => Value::Decimal(0.into()),
        _ => Value::Null,
    };
    let mut values = items.iter().filter(|item| !item.is_null());
    values.try_fold(empty, |sum, item| match sum {
        Value::Null => Ok(item.clone()),
        sum => calc::calculate(Operator::Add, &sum, item, ty),
    })
}
