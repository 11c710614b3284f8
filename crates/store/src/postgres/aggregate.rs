//! Groups of records with counts, sums and extremes: in the database where the conditions have
//! an SQL form, else over the records as they are read.

use super::ddl::quoted;
use super::row;
use super::seal::get;
use crate::sql::{self, About, Sql};
use crate::tables::{ColumnType, Part, TableColumn};
use kernel::Record;
use kernel::field::{Column, Kind};
use kernel::linked::Hop;
use kernel::ports::{AggregatePlan, Bucket, GroupKey, Measure, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_postgres::Row;
use types::cbor::Writer;
use types::{Currency, Decimal, Duration, Money, Value};

/// A column of the answer: what stands before and after the field's own column.
struct Selected {
    before: String,
    column: Option<Source>,
    after: String,
    read: Read,
    is_key: bool,
}

/// A column of the record, or of what a hop leads to.
#[derive(Clone)]
struct Source {
    hop: Option<Arc<Hop>>,
    name: String,
}

impl Source {
    fn is(&self, other: &Source) -> bool {
        let same = match (&self.hop, &other.hop) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        same && self.name == other.name
    }
}

/// The column of a field of the record or of what a hop leads to, and the field's kind.
pub fn field<'a>(
    about: &About<'a>,
    hop: Option<&Arc<Hop>>,
    slot: usize,
) -> Option<(&'a TableColumn, Kind)> {
    let table = sql::aggregate::table_of(about, hop)?;
    Some((table.value_column(slot)?, table.entity.fields[slot].kind.clone()))
}

/// How a column's value is read; an amount takes its currency from the column at an index.
enum Read {
    Count,
    Bucket,
    Plain(ColumnType, Kind),
    Sum(Kind),
    Currency,
}

/// A question as SQL: what is selected, and for each value of the answer where it is.
pub struct Question<'a> {
    about: &'a About<'a>,
    columns: Vec<Selected>,
    /// For each value: its column, and that of its currency.
    values: Vec<(usize, Option<usize>)>,
}

impl<'a> Question<'a> {
    /// The question of a plan.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for a field that has no column.
    pub fn new(about: &'a About<'a>, plan: &AggregatePlan) -> Result<Question<'a>, StoreError> {
        let mut question = Question { about, columns: Vec::new(), values: Vec::new() };
        for group in &plan.groups {
            question.group(group)?;
        }
        for measure in &plan.measures {
            question.measure(measure)?;
        }
        Ok(question)
    }

    fn column(
        &self,
        hop: Option<&Arc<Hop>>,
        slot: usize,
    ) -> Result<(Source, ColumnType, Kind), StoreError> {
        let missing = || StoreError::Internal(format!("slot {slot} has no column"));
        let (column, kind) = field(self.about, hop, slot).ok_or_else(missing)?;
        let name = column.name.clone();
        Ok((Source { hop: hop.cloned(), name }, column.ty, kind))
    }

    /// The column of an amount's currency, which the groups are then made by too.
    fn currency(&mut self, hop: Option<&Arc<Hop>>, slot: usize) -> Option<usize> {
        let table = sql::aggregate::table_of(self.about, hop)?;
        let mut columns = table.columns.iter();
        let name = columns.find(|column| column.part == Part::Currency(slot))?.name.clone();
        let source = Source { hop: hop.cloned(), name };
        let known = self.columns.iter().position(|c| {
            matches!(c.read, Read::Currency) && c.column.as_ref().is_some_and(|s| s.is(&source))
        });
        let add = |question: &mut Question<'_>| {
            question.add(["", ""].map(str::to_owned), Some(source), Read::Currency, true)
        };
        Some(known.unwrap_or_else(|| add(self)))
    }

    fn add(
        &mut self,
        around: [String; 2],
        column: Option<Source>,
        read: Read,
        is_key: bool,
    ) -> usize {
        let [before, after] = around;
        self.columns.push(Selected { before, column, after, read, is_key });
        self.columns.len() - 1
    }

    fn group(&mut self, group: &GroupKey) -> Result<(), StoreError> {
        let hop = group.hop.as_ref();
        let (column, ty, kind) = self.column(hop, group.slot)?;
        let at = match group.bucket {
            Some(bucket) => {
                let day = match ty {
                    ColumnType::Date => ["", ""],
                    _ => ["(DATE '1970-01-01' + floor(", "::numeric / 86400000000)::integer)"],
                };
                let format = match bucket {
                    Bucket::Year => "YYYY",
                    Bucket::Month => "YYYY-MM",
                    Bucket::Day => "YYYY-MM-DD",
                };
                let around = [
                    format!("to_char({}", day[0]),
                    format!("{}, '{format}') COLLATE \"C\"", day[1]),
                ];
                self.add(around, Some(column), Read::Bucket, true)
            }
            None => {
                let around = ["", ""].map(str::to_owned);
                self.add(around, Some(column), Read::Plain(ty, kind), true)
            }
        };
        let currency = group.bucket.map_or_else(|| self.currency(hop, group.slot), |_| None);
        self.values.push((at, currency));
        Ok(())
    }

    fn measure(&mut self, measure: &Measure) -> Result<(), StoreError> {
        let (around, column, read, slot) = match *measure {
            Measure::Count => (["count(*)".to_owned(), String::new()], None, Read::Count, None),
            Measure::Sum(slot) => {
                let (column, _, kind) = self.column(None, slot)?;
                let around = ["sum(", ")::numeric"].map(str::to_owned);
                (around, Some(column), Read::Sum(kind), Some(slot))
            }
            Measure::Min(slot) | Measure::Max(slot) => {
                let (column, ty, kind) = self.column(None, slot)?;
                let least = matches!(measure, Measure::Min(_));
                let name = if least { "min" } else { "max" };
                let around = match ty {
                    ColumnType::Bool => {
                        [format!("bool_{}(", ["or", "and"][least as usize]), ")".to_owned()]
                    }
                    ColumnType::Uuid => {
                        [format!("{name}("), "::text COLLATE \"C\")::uuid".to_owned()]
                    }
                    _ => [format!("{name}("), ")".to_owned()],
                };
                (around, Some(column), Read::Plain(ty, kind), Some(slot))
            }
        };
        let at = self.add(around, column, read, false);
        let currency = slot.and_then(|slot| self.currency(None, slot));
        self.values.push((at, currency));
        Ok(())
    }

    /// Appends what is selected.
    pub fn select(&self, sql: &mut Sql, about: &About<'_>) -> Result<(), StoreError> {
        for (at, column) in self.columns.iter().enumerate() {
            sql.push(if at == 0 { "" } else { ", " }).push(&column.before);
            match &column.column {
                Some(Source { hop: Some(hop), name }) => sql::linked(sql, about, hop, name)?,
                Some(Source { hop: None, name }) => drop(sql.push(&quoted(name))),
                None => {}
            }
            sql.push(&column.after);
        }
        Ok(())
    }

    /// Appends the groups and their order.
    pub fn group_by(&self, sql: &mut Sql) {
        let keys: Vec<String> = (1..=self.columns.len())
            .filter(|at| self.columns[at - 1].is_key)
            .map(|at| at.to_string())
            .collect();
        if !keys.is_empty() {
            let keys = keys.join(", ");
            sql.push(" GROUP BY ").push(&keys).push(" ORDER BY ").push(&keys);
        }
    }

    /// One group of the answer.
    pub fn read(&self, row: &Row) -> Result<Vec<Value>, StoreError> {
        let value = |(at, currency): &(usize, Option<usize>)| {
            let value = self.value(row, *at)?;
            let code = currency.map(|at| get::<Option<&str>>(row, at)).transpose()?.flatten();
            Ok(match (value, code) {
                (Value::Int(minor), Some(code)) => {
                    let wrong = |_| StoreError::Corrupt(format!("a currency {code}"));
                    let currency = Currency::parse(code).map_err(wrong)?;
                    Value::Money(Money { minor, currency })
                }
                (value, _) => value,
            })
        };
        self.values.iter().map(value).collect()
    }

    fn value(&self, row: &Row, at: usize) -> Result<Value, StoreError> {
        let corrupt = || StoreError::Corrupt(format!("column {at} of a group"));
        Ok(match &self.columns[at].read {
            Read::Count => Value::Int(get(row, at)?),
            Read::Bucket | Read::Currency => get::<Option<String>>(row, at)?.into(),
            Read::Plain(ty, kind) => row::value(*ty, kind, row, at).ok_or_else(corrupt)?,
            Read::Sum(kind) => {
                let text = ColumnType::Scaled(0);
                match row::value(text, kind, row, at).ok_or_else(corrupt)? {
                    Value::Decimal(sum) => whole(sum, kind).ok_or_else(too_large)?,
                    other => other,
                }
            }
        })
    }
}

/// What a sum that does not fit is answered with.
pub fn too_large() -> StoreError {
    StoreError::Internal("a sum does not fit 64 bits".to_owned())
}

/// A sum as its field's kind has it; amounts stay whole numbers until their currency is known.
fn whole(sum: Decimal, kind: &Kind) -> Option<Value> {
    Some(match kind {
        Kind::Duration => Value::Duration(Duration(i64::try_from(sum).ok()?)),
        _ if kind.column() == Column::Money => Value::Int(i64::try_from(sum).ok()?),
        _ => Value::Decimal(sum.normalize()),
    })
}

/// Groups over records that are handed in one by one.
pub struct Tally<'a> {
    plan: &'a AggregatePlan,
    groups: BTreeMap<Vec<u8>, Vec<Value>>,
}

impl<'a> Tally<'a> {
    /// No record yet.
    pub fn new(plan: &'a AggregatePlan) -> Tally<'a> {
        Tally { plan, groups: BTreeMap::new() }
    }

    /// Counts a record; false when a sum does not fit.
    pub fn add(&mut self, record: &Record) -> bool {
        let keys: Vec<Value> = self.plan.groups.iter().map(|group| key(group, record)).collect();
        let mut id = Writer::new();
        keys.iter().for_each(|key| id.value(key));
        for measure in &self.plan.measures {
            if let Measure::Sum(slot) | Measure::Min(slot) | Measure::Max(slot) = measure
                && let Value::Money(money) = &record.values[*slot]
            {
                id.text(money.currency.code());
            }
        }
        let width = keys.len();
        let measures = &self.plan.measures;
        let group = self.groups.entry(id.into_bytes()).or_insert_with(|| {
            let start = measures.iter().map(|measure| match measure {
                Measure::Count => Value::Int(0),
                _ => Value::Null,
            });
            keys.into_iter().chain(start).collect()
        });
        group[width..].iter_mut().zip(measures).all(|(sum, measure)| count(sum, measure, record))
    }

    /// The groups, in the order of their keys' bytes.
    pub fn finish(self) -> Vec<Vec<Value>> {
        let limit = self.plan.limit as usize;
        if self.groups.is_empty() && self.plan.groups.is_empty() {
            let none = |measure: &Measure| match measure {
                Measure::Count => Value::Int(0),
                _ => Value::Null,
            };
            return vec![self.plan.measures.iter().map(none).collect()];
        }
        self.groups.into_values().take(limit).collect()
    }
}

fn key(group: &GroupKey, record: &Record) -> Value {
    let value = &record.values[group.slot];
    let Some(bucket) = group.bucket else { return value.clone() };
    let day = match value {
        Value::Date(date) => date.to_string(),
        Value::Instant(instant) => instant.date_in("UTC").to_string(),
        _ => return Value::Null,
    };
    day[..day.len().min(bucket.length())].into()
}

fn count(sum: &mut Value, measure: &Measure, record: &Record) -> bool {
    match measure {
        Measure::Count => *sum = Value::Int(sum.as_int().unwrap_or(0) + 1),
        Measure::Sum(slot) => match add(sum, &record.values[*slot]) {
            Some(grown) => *sum = grown,
            None => return false,
        },
        Measure::Min(slot) | Measure::Max(slot) => {
            let value = &record.values[*slot];
            let before = match (order(value, sum), measure) {
                (None, _) => sum.is_null(),
                (Some(order), Measure::Min(_)) => order.is_lt(),
                (Some(order), _) => order.is_gt(),
            };
            if before && !value.is_null() {
                *sum = value.clone();
            }
        }
    }
    true
}

fn add(sum: &Value, value: &Value) -> Option<Value> {
    Some(match (sum, value) {
        (_, Value::Null) => sum.clone(),
        (Value::Null, Value::Int(value)) => Value::Decimal((*value).into()),
        (Value::Null, value) => value.clone(),
        (Value::Decimal(sum), Value::Int(value)) => {
            Value::Decimal(sum.checked_add((*value).into())?)
        }
        (Value::Decimal(sum), Value::Decimal(value)) => {
            Value::Decimal(sum.checked_add(*value)?.normalize())
        }
        (Value::Duration(sum), Value::Duration(value)) => {
            Value::Duration(Duration(sum.0.checked_add(value.0)?))
        }
        (Value::Money(sum), Value::Money(value)) => Value::Money(sum.checked_add(*value)?),
        _ => return None,
    })
}

fn order(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    Some(match (a, b) {
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Money(a), Value::Money(b)) => a.minor.cmp(&b.minor),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Instant(a), Value::Instant(b)) => a.cmp(b),
        (Value::Duration(a), Value::Duration(b)) => a.cmp(b),
        (Value::Id(a), Value::Id(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        _ => return None,
    })
}
