//! Comparisons and calculations on two values, as the tables in `docs/expressions.md` say.

use crate::ir::{Comparison, Operator};
use crate::{Type, number};
use std::cmp::Ordering;
use types::{Date, Decimal, Duration, Instant, Money, Rounding, Value};

/// Why a result is null though no operand was; one of the reasons in `docs/expressions.md`.
pub(crate) type Cause = &'static str;

pub(crate) const OVERFLOW: Cause = "overflow";
pub(crate) const DIVISION_BY_ZERO: Cause = "division_by_zero";
pub(crate) const CURRENCIES: Cause = "currency_mismatch";
pub(crate) const UNKNOWN_CURRENCY: Cause = "unknown_currency";
pub(crate) const BUDGET: Cause = "too_much_work";
pub(crate) const WRONG_TYPE: Cause = "wrong_type";

/// Places of the result of `/`.
pub(crate) const QUOTIENT_PLACES: u32 = 10;

const MICROS_PER_DAY: i64 = 86_400_000_000;
/// 0001-01-01 to 9999-12-30T22:00: what both databases and every zone can show.
const INSTANTS: std::ops::RangeInclusive<i64> = -62_135_596_800_000_000..=253_402_207_199_999_999;
/// 20,000 years in hours, the longest span that can be written down.
const MAX_DURATION: i64 = 175_307_615 * 3_600_000_000;
const MAX_MINOR: u64 = 10u64.pow(18);

/// Whether the comparison holds: always true or false, for null too.
///
/// A cause besides `false` or `true` says that the operands have no order.
pub(crate) fn compare(op: Comparison, a: &Value, b: &Value) -> (bool, Option<Cause>) {
    let order = match (a, b) {
        (Value::Null, Value::Null) => return (op == Comparison::Equal, None),
        (Value::Null, _) | (_, Value::Null) => return (op == Comparison::NotEqual, None),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Int(a), Value::Decimal(b)) => Decimal::from(*a).cmp(b),
        (Value::Decimal(a), Value::Int(b)) => a.cmp(&Decimal::from(*b)),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Instant(a), Value::Instant(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Id(a), Value::Id(b)) => a.cmp(b),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => a.minor.cmp(&b.minor),
        (Value::Money(_), Value::Money(_)) => return unordered(op, CURRENCIES),
        (Value::WallTime(a), Value::WallTime(b)) => a.cmp(b),
        _ => return unordered(op, WRONG_TYPE),
    };
    (op.holds(order), None)
}

/// Unequal, and neither before nor after.
fn unordered(op: Comparison, cause: Cause) -> (bool, Option<Cause>) {
    (op == Comparison::NotEqual, op.is_ordering().then_some(cause))
}

/// The result of a calculation whose type is `ty`; null if an operand is.
pub(crate) fn calculate(op: Operator, a: &Value, b: &Value, ty: &Type) -> Result<Value, Cause> {
    use Value::{Decimal as D, Duration as Span, Int};
    Ok(match (a, b) {
        (Value::Null, _) | (_, Value::Null) => Value::Null,
        (Int(a), Int(b)) if op != Operator::Divide => Int(whole(op, *a, *b)?),
        (Int(_) | D(_), Int(_) | D(_)) => {
            let (a, b) = (as_decimal(a)?, as_decimal(b)?);
            Value::Decimal(fitting(decimal(op, a, b)?, ty)?)
        }
        (Value::Text(a), Value::Text(b)) if op == Operator::Add => Value::Text(format!("{a}{b}")),
        (Value::Money(a), Value::Money(b)) => {
            if a.currency != b.currency {
                return Err(CURRENCIES);
            }
            money(Money { minor: add_or_subtract(op, a.minor, b.minor)?, ..*a })?
        }
        (Value::Date(a), Value::Date(b)) if op == Operator::Subtract => {
            Int(day_number(*a) - day_number(*b))
        }
        (Value::Date(date), Int(days)) => shifted(op, *date, *days)?,
        (Int(days), Value::Date(date)) if op == Operator::Add => shifted(op, *date, *days)?,
        (Value::Instant(a), Value::Instant(b)) if op == Operator::Subtract => {
            span(a.0.checked_sub(b.0))?
        }
        (Value::Instant(a), Span(b)) => instant(add_or_subtract(op, a.0, b.0)?)?,
        (Span(a), Value::Instant(b)) if op == Operator::Add => {
            instant(add_or_subtract(op, a.0, b.0)?)?
        }
        (Span(a), Span(b)) => span(Some(add_or_subtract(op, a.0, b.0)?))?,
        (Span(a), Int(b)) | (Int(b), Span(a)) if op == Operator::Multiply => {
            span(a.0.checked_mul(*b))?
        }
        _ => return Err(WRONG_TYPE),
    })
}

/// The value below zero.
pub(crate) fn negate(value: &Value) -> Result<Value, Cause> {
    Ok(match value {
        Value::Null => Value::Null,
        Value::Int(value) => Value::Int(value.checked_neg().ok_or(OVERFLOW)?),
        Value::Decimal(value) if value.is_zero() => Value::Decimal(*value),
        Value::Decimal(value) => Value::Decimal(-*value),
        Value::Duration(value) => span(value.0.checked_neg())?,
        Value::Money(value) => {
            let minor = value.minor.checked_neg().ok_or(OVERFLOW)?;
            money(Money { minor, ..*value })?
        }
        _ => return Err(WRONG_TYPE),
    })
}

/// A number as a decimal.
pub(crate) fn as_decimal(value: &Value) -> Result<Decimal, Cause> {
    match value {
        Value::Int(value) => Ok(Decimal::from(*value)),
        Value::Decimal(value) => Ok(*value),
        _ => Err(WRONG_TYPE),
    }
}

/// `value`, if it has the digits that its type allows.
pub(crate) fn fitting(value: Decimal, ty: &Type) -> Result<Decimal, Cause> {
    match ty {
        Type::Decimal(Some(scale)) if types::rescale(value, *scale).is_none() => Err(OVERFLOW),
        _ => Ok(value),
    }
}

fn whole(op: Operator, a: i64, b: i64) -> Result<i64, Cause> {
    match op {
        Operator::Multiply => a.checked_mul(b).ok_or(OVERFLOW),
        Operator::Remainder if b == 0 => Err(DIVISION_BY_ZERO),
        Operator::Remainder => Ok(a.wrapping_rem(b)),
        _ => add_or_subtract(op, a, b),
    }
}

fn add_or_subtract(op: Operator, a: i64, b: i64) -> Result<i64, Cause> {
    match op {
        Operator::Add => a.checked_add(b).ok_or(OVERFLOW),
        Operator::Subtract => a.checked_sub(b).ok_or(OVERFLOW),
        _ => Err(WRONG_TYPE),
    }
}

fn decimal(op: Operator, a: Decimal, b: Decimal) -> Result<Decimal, Cause> {
    let result = match op {
        Operator::Add => number::add(a, b),
        Operator::Subtract => number::add(a, -b),
        Operator::Multiply => number::multiply(a, b),
        Operator::Divide | Operator::Remainder if b.is_zero() => return Err(DIVISION_BY_ZERO),
        Operator::Divide => number::divide(a, b, QUOTIENT_PLACES, Rounding::HalfUp),
        Operator::Remainder => number::remainder(a, b),
    };
    result.ok_or(OVERFLOW)
}

/// The amount, if it fits 18 digits.
pub(crate) fn money(money: Money) -> Result<Value, Cause> {
    if money.minor.unsigned_abs() < MAX_MINOR { Ok(Value::Money(money)) } else { Err(OVERFLOW) }
}

fn instant(micros: i64) -> Result<Value, Cause> {
    let value = Instant(micros);
    if is_instant(value) { Ok(Value::Instant(value)) } else { Err(OVERFLOW) }
}

/// Whether the instant lies in the years that can be stored.
pub(crate) fn is_instant(instant: Instant) -> bool {
    INSTANTS.contains(&instant.0)
}

fn span(micros: Option<i64>) -> Result<Value, Cause> {
    let value = micros.map(Duration).filter(|value| is_duration(*value));
    value.map(Value::Duration).ok_or(OVERFLOW)
}

/// Whether the duration can be written down.
pub(crate) fn is_duration(duration: Duration) -> bool {
    duration.0.unsigned_abs() <= MAX_DURATION as u64
}

fn shifted(op: Operator, date: Date, days: i64) -> Result<Value, Cause> {
    let number = add_or_subtract(op, day_number(date), days)?;
    date_of(number).map(Value::Date).ok_or(OVERFLOW)
}

/// Days since 1970-01-01.
fn day_number(date: Date) -> i64 {
    // The civil calendar from March on, in eras of 400 years.
    let (year, month) = (i64::from(date.year()), i64::from(date.month()));
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(date.day()) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The day of that number, in the years 1 to 9999.
fn date_of(number: i64) -> Option<Date> {
    let first = INSTANTS.start() / MICROS_PER_DAY;
    if !(first..=2_932_896).contains(&number) {
        return None;
    }
    let shifted = number + 719_468;
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Date::new(year as i16, month as i8, day as i8).ok()
}

/// The larger or the smaller of two values; none if they have no order.
pub(crate) fn pick<'a>(wanted: Ordering, a: &'a Value, b: &'a Value) -> Result<&'a Value, Cause> {
    let op = if wanted.is_lt() { Comparison::LessOrEqual } else { Comparison::GreaterOrEqual };
    match compare(op, a, b) {
        (_, Some(cause)) => Err(cause),
        (first, None) => Ok(if first { a } else { b }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn day_numbers_count_every_day_of_the_calendar() {
        let mut date = Date::new(1, 1, 1).unwrap();
        let mut number = day_number(date);
        assert_eq!(date_of(number), Some(date));
        assert_eq!(date_of(number - 1), None);
        while let Ok(next) = date.tomorrow() {
            number += 1;
            assert_eq!(day_number(next), number, "{next}");
            assert_eq!(date_of(number), Some(next));
            date = next;
        }
        assert_eq!(date.to_string(), "9999-12-31");
        assert_eq!(date_of(number + 1), None);
        assert_eq!(day_number(Date::new(1970, 1, 1).unwrap()), 0);
    }
}
