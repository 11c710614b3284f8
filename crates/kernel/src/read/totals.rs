//! Sums that accumulators keep, for all time or as of a day: whole years, whole months of the
//! day's year and the days of its month, so that the answer costs no more than 43 rows a sum.

use super::{parameter, scope, snapshot};
use crate::command::{Call, Groups, Totals};
use crate::field::Kind;
use crate::ports::{Snapshot, Total};
use crate::problem::Problem;
use crate::rights::Plan;
use crate::schema::{Accumulator, Entity, nearest};
use crate::service::Runtime;
use crate::write::store_problem;
use std::collections::BTreeMap;
use std::sync::Arc;
use types::cbor::Reader;
use types::{Currency, Decimal, Duration, Money, Value};

/// Counts and sums by key.
type Sums = BTreeMap<Vec<u8>, (i64, Vec<i64>)>;

/// Answers the sums.
///
/// # Errors
/// 400 for an unknown accumulator or field, and for a day where records are not placed in time;
/// 403 for who may not read all that is summed.
pub(super) async fn answer(
    runtime: &Runtime,
    call: &Call,
    asked: &Totals,
) -> Result<Groups, Problem> {
    let (entity, plan) = scope(runtime, call, &asked.entity).await?;
    let found = entity.accumulators.iter().find(|known| known.name == asked.of);
    let accumulator = found.ok_or_else(|| unknown(&entity, &asked.of))?;
    may_read(&plan, &entity, accumulator)?;
    let wanted = wanted(runtime, &entity, accumulator, &asked.by)?;
    let snapshot = snapshot(runtime, call).await?;
    let sums = read(&*snapshot, &entity, accumulator, asked).await?;
    let mut rows = Vec::with_capacity(sums.len());
    for (key, (count, amounts)) in sums {
        let (by, mut row) = decode(&entity, accumulator, &key, count, &amounts)?;
        let fits =
            by.iter().zip(&wanted).all(|(value, want)| want.as_ref().is_none_or(|w| w == value));
        if fits {
            let mut whole = by;
            whole.append(&mut row);
            rows.push(whole);
        }
    }
    let named = |name: &String| (name.clone(), Some(name.clone()));
    let mut columns: Vec<(String, Option<String>)> = accumulator.by.iter().map(named).collect();
    columns.push(("count()".to_owned(), None));
    let summed = |name: &String| (format!("sum({name})"), Some(name.clone()));
    columns.extend(accumulator.sums.iter().map(summed));
    Ok(Groups { entity: asked.entity.clone(), columns, rows, cut: false })
}

fn unknown(entity: &Entity, named: &str) -> Problem {
    let names = || entity.accumulators.iter().map(|known| known.name.as_str());
    let hint = match nearest(named, names()) {
        Some(near) => format!("did you mean '{near}'?"),
        None if entity.accumulators.is_empty() => format!("{} keeps none", entity.full_name()),
        None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
    };
    let shown: String = named.chars().take(60).collect();
    parameter("of", "unknown_accumulator", format!("there are no sums '{shown}'; {hint}"))
}

/// The sums are over all records: who may not see each of them may not see their sum.
fn may_read(plan: &Plan, entity: &Entity, accumulator: &Accumulator) -> Result<(), Problem> {
    let names = accumulator.by.iter().chain(&accumulator.over).chain(&accumulator.sums);
    let mut slots = names.filter_map(|name| entity.slot(name));
    let sees_all = plan.see().is_some_and(<[_]>::is_empty);
    match sees_all && slots.all(|slot| plan.readable()[slot]) {
        true => Ok(()),
        false => Err(Problem::forbidden(&plan.right("read"))),
    }
}

/// The values that the keys must have, in the order of the accumulator's fields.
fn wanted(
    runtime: &Runtime,
    entity: &Arc<Entity>,
    accumulator: &Accumulator,
    given: &[(String, String)],
) -> Result<Vec<Option<Value>>, Problem> {
    let mut wanted = vec![None; accumulator.by.len()];
    for (name, text) in given {
        let at = accumulator.by.iter().position(|known| known == name);
        let (Some(at), Some(field)) = (at, entity.field_named(name)) else {
            let text = format!("the sums are kept by {}", accumulator.by.join(", "));
            return Err(parameter(name, "unknown_parameter", text));
        };
        let mut problems = Vec::new();
        let value = field.kind.from_text(text, "", &*runtime.registry, &mut problems);
        match problems.first() {
            Some(problem) => return Err(parameter(name, &problem.code, problem.message.clone())),
            None => wanted[at] = value,
        }
    }
    Ok(wanted)
}

async fn read(
    snapshot: &dyn Snapshot,
    entity: &Entity,
    accumulator: &Accumulator,
    asked: &Totals,
) -> Result<Sums, Problem> {
    let name = format!("{}/{}", entity.full_name(), accumulator.name);
    let mut parts = vec![(0, String::new(), String::new())];
    if let Some(day) = asked.as_of {
        if accumulator.over.is_none() {
            let text = format!("'{}' is kept for all time only", accumulator.name);
            return Err(parameter("as_of", "no_history", text));
        }
        let day = day.to_string();
        let (year, month) = (&day[..4], &day[..7]);
        // Texts sort as the days they name; what comes before the first of a period is less.
        parts = vec![
            (4, "0000".to_owned(), year.to_owned()),
            (7, format!("{year}-00"), month.to_owned()),
            (10, format!("{month}-00"), day.clone()),
        ];
    }
    let mut sums = Sums::new();
    for (length, from, to) in parts {
        let found = snapshot.totals(&name, None, length, &from, &to).await;
        for total in found.map_err(store_problem)? {
            // A year or month that the day cuts in two is told by the next finer level.
            if length == 0 || length == 10 || total.period != to {
                add(&mut sums, total)?;
            }
        }
    }
    Ok(sums)
}

fn add(sums: &mut Sums, total: Total) -> Result<(), Problem> {
    let overflow = || {
        Problem::conflict(
            "sum_overflow",
            "A sum would not fit 64 bits. Ask for fewer days or keys.",
        )
    };
    let entry = sums.entry(total.key).or_insert_with(|| (0, vec![0; total.sums.len()]));
    entry.0 += total.count;
    for (sum, amount) in entry.1.iter_mut().zip(&total.sums) {
        *sum = sum.checked_add(*amount).ok_or_else(overflow)?;
    }
    Ok(())
}

/// The values that a sum is kept by, and its count and amounts.
fn decode(
    entity: &Entity,
    accumulator: &Accumulator,
    key: &[u8],
    count: i64,
    amounts: &[i64],
) -> Result<(Vec<Value>, Vec<Value>), Problem> {
    let unreadable = |_| Problem::internal("the key of a sum cannot be read");
    let mut reader = Reader::new(key);
    let mut by = Vec::with_capacity(accumulator.by.len());
    for _ in &accumulator.by {
        by.push(reader.value().map_err(unreadable)?);
    }
    let mut row = vec![Value::Int(count)];
    for (name, amount) in accumulator.sums.iter().zip(amounts) {
        let kind = entity.field_named(name).map(|field| &field.kind);
        row.push(match kind {
            // Where every amount was empty no currency follows; an empty one is where only some
            // were. Either way the sum is none.
            Some(Kind::Money) if reader.is_at_end() => Value::Null,
            Some(Kind::Money) => {
                let code = reader.text().map_err(unreadable)?;
                if code.is_empty() {
                    row.push(Value::Null);
                    continue;
                }
                let currency = Currency::parse(code);
                let currency = currency.map_err(|_| Problem::internal("a sum of no currency"))?;
                Value::Money(Money { minor: *amount, currency })
            }
            Some(Kind::Duration) => Value::Duration(Duration(*amount)),
            Some(kind) => match kind.scale() {
                Some(scale) => Value::Decimal(Decimal::new(*amount, scale)),
                None => Value::Int(*amount),
            },
            None => Value::Int(*amount),
        });
    }
    Ok((by, row))
}
