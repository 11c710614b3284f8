//! Accumulators: what a commit's changes add to the sums that entities keep.

use crate::command::Call;
use crate::env;
use crate::field::Kind;
use crate::ports::{Change, Delta};
use crate::problem::Problem;
use crate::record::Record;
use crate::schema::{Accumulator, Entity};
use crate::service::Runtime;
use std::collections::BTreeMap;
use types::cbor::Writer;
use types::{Date, Value};

/// Sums by accumulator, key and period, in the order in which they are locked.
type Sums = BTreeMap<(String, Vec<u8>, String), (i64, Vec<i64>)>;

/// After minus before of every change, for every accumulator of its entity.
pub(super) fn deltas(
    runtime: &Runtime,
    call: &Call,
    changes: &[Change],
) -> Result<Vec<Delta>, Problem> {
    let mut sums = Sums::new();
    for change in changes {
        let (before, after) = match change {
            Change::Insert(after) => (None, Some(after)),
            Change::Update { before, after } => (Some(before), Some(after)),
            Change::Delete(before) => (Some(before), None),
        };
        let entity = &change.record().entity;
        for accumulator in &entity.accumulators {
            for (record, sign) in [(before, -1), (after, 1)] {
                let Some(record) = record else { continue };
                if counts(runtime, call, accumulator, record)? {
                    add(&mut sums, accumulator, record, sign)?;
                }
            }
        }
    }
    let bounds = |name: &str| {
        let entities = changes.iter().map(|change| &change.record().entity);
        let found = entities
            .flat_map(|entity| entity.accumulators.iter().filter(|a| full_name(entity, a) == name));
        found.map(|accumulator| accumulator.bounds.clone()).next().unwrap_or_default()
    };
    let moved =
        sums.into_iter().filter(|(_, (count, sums))| *count != 0 || sums.iter().any(|s| *s != 0));
    Ok(moved
        .map(|((accumulator, key, period), (count, sums))| {
            let bounds = if period.is_empty() { bounds(&accumulator) } else { Vec::new() };
            Delta { accumulator, key, period, count, sums, bounds }
        })
        .collect())
}

/// The name under which a store keeps an entity's accumulator.
pub fn full_name(entity: &Entity, accumulator: &Accumulator) -> String {
    format!("{}/{}", entity.full_name(), accumulator.name)
}

fn counts(
    runtime: &Runtime,
    call: &Call,
    accumulator: &Accumulator,
    record: &Record,
) -> Result<bool, Problem> {
    if accumulator.when.is_empty() {
        return Ok(true);
    }
    let condition =
        runtime.compiled.condition(&record.entity, &accumulator.when, &*runtime.registry)?;
    Ok(env::holds(&condition, record, call, runtime.source.clock.now()))
}

fn add(
    sums: &mut Sums,
    accumulator: &Accumulator,
    record: &Record,
    sign: i64,
) -> Result<(), Problem> {
    let overflow =
        || Problem::conflict("sum_overflow", "A sum would not fit 64 bits. Use smaller amounts.");
    let mut amounts = Vec::with_capacity(accumulator.sums.len());
    let mut key = Writer::new();
    accumulator.by.iter().for_each(|name| key.value(record.get(name)));
    for name in &accumulator.sums {
        amounts.push(smallest_units(record, name).checked_mul(sign).ok_or_else(overflow)?);
    }
    currencies(accumulator, record).iter().for_each(|code| key.text(code));
    let key = key.into_bytes();
    let day = accumulator.over.as_ref().and_then(|name| day_of(record.get(name)));
    let name = full_name(&record.entity, accumulator);
    for period in periods(day) {
        let entry = sums
            .entry((name.clone(), key.clone(), period))
            .or_insert_with(|| (0, vec![0; amounts.len()]));
        entry.0 += sign;
        for (sum, amount) in entry.1.iter_mut().zip(&amounts) {
            *sum = sum.checked_add(*amount).ok_or_else(overflow)?;
        }
    }
    Ok(())
}

/// The currencies of the sums of money, in their order, at the end of a key: an empty text for an
/// amount that is empty; nothing at all where all of them are.
fn currencies<'a>(accumulator: &Accumulator, record: &'a Record) -> Vec<&'a str> {
    let kind = |name: &String| record.entity.field_named(name).map(|field| &field.kind);
    let of_money = accumulator.sums.iter().filter(|name| kind(name) == Some(&Kind::Money));
    let codes = of_money.map(|name| match record.get(name) {
        Value::Money(money) => money.currency.code(),
        _ => "",
    });
    let codes: Vec<&str> = codes.collect();
    if codes.iter().all(|code| code.is_empty()) { Vec::new() } else { codes }
}

/// A number in its field's smallest unit; empty counts as zero.
fn smallest_units(record: &Record, name: &str) -> i64 {
    let scale = record.entity.field_named(name).and_then(|field| field.kind.scale());
    match record.get(name) {
        Value::Int(int) => *int,
        Value::Duration(duration) => duration.0,
        Value::Money(money) => money.minor,
        Value::Decimal(decimal) => types::rescale(*decimal, scale.unwrap_or(0)).unwrap_or(0),
        _ => 0,
    }
}

fn day_of(value: &Value) -> Option<Date> {
    match value {
        Value::Date(date) => Some(*date),
        Value::Instant(instant) => Some(instant.date_in("UTC")),
        _ => None,
    }
}

/// All time, and the year, the month and the day of a record that is placed in time.
fn periods(day: Option<Date>) -> Vec<String> {
    let mut periods = vec![String::new()];
    if let Some(day) = day {
        let text = day.to_string();
        periods.extend([4, 7, 10].map(|length| text[..text.len().min(length)].to_owned()));
    }
    periods
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_counts_in_its_day_month_year_and_all_time() {
        assert_eq!(periods(None), [""]);
        let day = "2026-07-04".parse().unwrap();
        assert_eq!(periods(Some(day)), ["", "2026", "2026-07", "2026-07-04"]);
    }
}
