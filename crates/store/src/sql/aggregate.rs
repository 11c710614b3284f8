//! Groups of records with counts, sums and extremes.
//!
//! The columns of the answer are, in this order: the currency of every money field that the plan
//! names ([`currencies`]), the group keys, the measures. A sum takes one column in PostgreSQL; in
//! SQLite, whose SUM stops at 64 bits, it takes two: that of the values divided by [`PART`], and
//! that of what the divisions leave.

use super::Sql;
use crate::tables::{Part, Table};
use kernel::field::{Column, Kind};
use kernel::ports::{AggregatePlan, Bucket, Measure};

/// What SQLite's sums are split by.
pub const PART: i64 = 1_000_000_000;

/// The money fields that a plan computes with; their currencies are group keys too.
pub fn currencies(plan: &AggregatePlan) -> Vec<usize> {
    let measured = plan.measures.iter().filter_map(|measure| match measure {
        Measure::Count => None,
        Measure::Sum(slot) | Measure::Min(slot) | Measure::Max(slot) => Some(*slot),
    });
    let mut slots: Vec<usize> =
        plan.groups.iter().map(|group| group.slot).chain(measured).collect();
    slots.retain(|slot| plan.entity.fields[*slot].kind.column() == Column::Money);
    slots.sort_unstable();
    slots.dedup();
    slots
}

/// Appends the columns of the answer; gives `None` for a field that has no column.
pub fn columns(sql: &mut Sql, table: &Table, plan: &AggregatePlan) -> Option<()> {
    let mut first = true;
    let mut next = |sql: &mut Sql| {
        if !std::mem::take(&mut first) {
            sql.push(", ");
        }
    };
    for slot in currencies(plan) {
        next(sql);
        let mut columns = table.columns.iter();
        sql.name(&columns.find(|column| column.part == Part::Currency(slot))?.name);
    }
    for group in &plan.groups {
        next(sql);
        let name = &table.value_column(group.slot)?.name;
        match group.bucket {
            None => drop(sql.name(name)),
            Some(bucket) => {
                let is_instant = plan.entity.fields[group.slot].kind == Kind::Instant;
                part_of_day(sql, name, is_instant, bucket);
            }
        }
    }
    for measure in &plan.measures {
        next(sql);
        match measure {
            Measure::Count => drop(sql.push("count(*)")),
            Measure::Min(slot) => {
                sql.push("min(").name(&table.value_column(*slot)?.name).push(")");
            }
            Measure::Max(slot) => {
                sql.push("max(").name(&table.value_column(*slot)?.name).push(")");
            }
            Measure::Sum(slot) => {
                let name = &table.value_column(*slot)?.name;
                if sql.is_sqlite() {
                    sql.push("sum(").name(name).push(&format!(" / {PART}), sum("));
                    sql.name(name).push(&format!(" % {PART})"));
                } else {
                    sql.push("sum(").name(name).push(")");
                }
            }
        }
    }
    Some(())
}

/// The first characters of a day, in UTC.
fn part_of_day(sql: &mut Sql, name: &str, is_instant: bool, bucket: Bucket) {
    sql.push("substr(");
    match (sql.is_sqlite(), is_instant) {
        (true, false) => drop(sql.name(name)),
        (false, false) => drop(sql.push("to_char(").name(name).push(", 'YYYY-MM-DD')")),
        (true, true) => {
            // Whole seconds, downwards also before 1970.
            sql.push("strftime('%Y-%m-%d', (").name(name).push(" - ((").name(name);
            sql.push(" % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch')");
        }
        (false, true) => {
            sql.push("to_char(to_timestamp(floor(").name(name);
            sql.push("::numeric / 1000000)) AT TIME ZONE 'UTC', 'YYYY-MM-DD')");
        }
    }
    sql.push(&format!(", 1, {})", bucket.length()));
}

/// Appends the grouping, an order that makes the answer definite, and the limit.
pub fn grouping(sql: &mut Sql, plan: &AggregatePlan) {
    let currencies = currencies(plan).len();
    let keys = currencies + plan.groups.len();
    if keys > 0 {
        // The plan's own keys first, then the currencies.
        let places = (currencies + 1..=keys).chain(1..=currencies).map(|place| place.to_string());
        let places: Vec<String> = places.collect();
        sql.push(" GROUP BY ").push(&places.join(", "));
        sql.push(" ORDER BY ").push(&places.join(" NULLS LAST, ")).push(" NULLS LAST");
    }
    sql.push(&format!(" LIMIT {}", plan.limit));
}
