//! Groups of records with counts, sums and extremes.
//!
//! The columns of the answer are, in this order: the currency of every money field that the plan
//! names ([`currencies`]), the group keys, the measures. A sum takes one column in PostgreSQL; in
//! SQLite, whose SUM stops at 64 bits, it takes two: that of the values divided by [`PART`], and
//! that of what the divisions leave.

use super::{About, Sql, linked};
use crate::tables::{Part, Table};
use kernel::field::{Column, Kind};
use kernel::linked::Hop;
use kernel::ports::{AggregatePlan, Bucket, GroupKey, Measure};
use std::sync::Arc;

/// What SQLite's sums are split by.
pub const PART: i64 = 1_000_000_000;

/// A money field that a plan computes with, of the record or of what a hop leads to.
pub struct Amount<'a> {
    /// The hop.
    pub hop: Option<&'a Arc<Hop>>,
    /// The field.
    pub slot: usize,
}

impl Amount<'_> {
    /// Whether it is the field that a group is made by; with no group, one of the record itself.
    pub fn is(&self, group: Option<&GroupKey>, slot: usize) -> bool {
        let there = group.and_then(|group| group.hop.as_ref());
        let same = match (self.hop, there) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        same && self.slot == slot
    }
}

/// The money fields that a plan computes with; their currencies are group keys too.
pub fn currencies(plan: &AggregatePlan) -> Vec<Amount<'_>> {
    let measured = plan.measures.iter().filter_map(|measure| match measure {
        Measure::Count => None,
        Measure::Sum(slot) | Measure::Min(slot) | Measure::Max(slot) => Some(*slot),
    });
    let own = plan.groups.iter().filter(|group| group.hop.is_none()).map(|group| group.slot);
    let mut slots: Vec<usize> = own.chain(measured).collect();
    slots.retain(|slot| plan.entity.fields[*slot].kind.column() == Column::Money);
    slots.sort_unstable();
    slots.dedup();
    let mut amounts: Vec<Amount<'_>> =
        slots.into_iter().map(|slot| Amount { hop: None, slot }).collect();
    amounts.extend(plan.groups.iter().filter_map(|group| {
        let hop = group.hop.as_ref()?;
        let is_money = hop.target.fields[group.slot].kind.column() == Column::Money;
        is_money.then_some(Amount { hop: Some(hop), slot: group.slot })
    }));
    amounts
}

/// The kind of the field that a group is made by.
pub fn kind_of<'a>(plan: &'a AggregatePlan, group: &'a GroupKey) -> &'a Kind {
    let entity = group.hop.as_ref().map_or(&plan.entity, |hop| &hop.target);
    &entity.fields[group.slot].kind
}

/// The table of the field that a group is made by.
pub fn table_of<'a>(about: &About<'a>, hop: Option<&Arc<Hop>>) -> Option<&'a Table> {
    match hop {
        None => Some(about.table),
        Some(hop) => about.catalog.get(&hop.target.full_name()).map(|table| &**table),
    }
}

/// A column of the record or of what a hop leads to, as text to be put inside other text.
fn column(sql: &Sql, about: &About<'_>, hop: Option<&Arc<Hop>>, name: &str) -> Option<Sql> {
    let mut out = Sql::new(sql.dialect);
    out.named = sql.named;
    match hop {
        None => drop(out.name(name)),
        Some(hop) => linked(&mut out, about, hop, name).ok()?,
    }
    Some(out)
}

impl Sql {
    /// Appends another statement's text and values, which must not number their places.
    fn append(&mut self, other: &Sql) {
        self.push(&other.text);
        self.binds.extend(other.binds.iter().cloned());
        self.named = self.named.max(other.named);
    }
}

/// Appends the columns of the answer, in SQLite; gives `None` for a field that has no column.
pub fn columns(sql: &mut Sql, about: &About<'_>, plan: &AggregatePlan) -> Option<()> {
    let table = about.table;
    let mut first = true;
    let mut next = |sql: &mut Sql| {
        if !std::mem::take(&mut first) {
            sql.push(", ");
        }
    };
    for amount in currencies(plan) {
        next(sql);
        let mut columns = table_of(about, amount.hop)?.columns.iter();
        let name = &columns.find(|column| column.part == Part::Currency(amount.slot))?.name;
        let text = column(sql, about, amount.hop, name)?;
        sql.append(&text);
    }
    for group in &plan.groups {
        next(sql);
        let hop = group.hop.as_ref();
        let name = &table_of(about, hop)?.value_column(group.slot)?.name;
        let text = column(sql, about, hop, name)?;
        match group.bucket {
            None => sql.append(&text),
            Some(bucket) => {
                part_of_day(sql, &text, *kind_of(plan, group) == Kind::Instant, bucket);
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
fn part_of_day(sql: &mut Sql, column: &Sql, is_instant: bool, bucket: Bucket) {
    sql.push("substr(");
    if is_instant {
        // Whole seconds, downwards also before 1970.
        sql.push("strftime('%Y-%m-%d', (").append(column);
        sql.push(" - ((").append(column);
        sql.push(" % 1000000) + 1000000) % 1000000) / 1000000, 'unixepoch')");
    } else {
        sql.append(column);
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
