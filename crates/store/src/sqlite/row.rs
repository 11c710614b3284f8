//! Records as rows: the statements of a table, binding values and reading them back.

use crate::sql::{About, aggregate};
use crate::tables::{ColumnType, Part, Table, TableColumn, sort_key, text_of, value_from_text};
use crate::tables::{ORG, PARENT, POSITION};
use kernel::ports::{AggregatePlan, GroupKey, Measure, StoreError};
use kernel::schema::slot;
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, Statement};
use std::sync::Arc;
use types::{Currency, Date, Decimal, Duration, Instant, Money, Uuid, Value};

/// The column of a row's number, which the full-text index knows it by.
pub const ROW: &str = "_row";

/// A table with the text of its fixed statements. The organisation is always the first value.
#[derive(Debug)]
pub struct TableSql {
    /// The table.
    pub table: Arc<Table>,
    /// Its number in the full-text index.
    pub number: i64,
    /// All columns, in order, separated by commas.
    pub columns: String,
    /// Adds a row.
    pub insert: String,
    /// Reads a row by id.
    pub get: String,
    /// Reads a row's number and version by id.
    pub find: String,
    /// Deletes a row by id and version; of child records, all of a parent.
    pub delete: String,
    /// Reads the child records of a parent.
    pub of_parent: String,
    /// The child tables, with the slot of the parent's field.
    pub children: Vec<(usize, TableSql)>,
}

/// A name in quotes.
pub fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}

impl TableSql {
    /// The statements of a table.
    pub fn new(table: &Arc<Table>, number: i64) -> TableSql {
        let name = quoted(&table.full_name());
        let names: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
        let columns = names.join(", ");
        let places = ", ?".repeat(names.len());
        let delete = if table.is_child() {
            format!("DELETE FROM {name} WHERE {ORG} = ? AND {PARENT} = ?")
        } else {
            format!("DELETE FROM {name} WHERE {ORG} = ? AND \"id\" = ? AND \"version\" = ?")
        };
        let children = table.children.iter().map(|(slot, t)| (*slot, TableSql::new(t, number)));
        TableSql {
            insert: format!("INSERT INTO {name} ({ORG}, {columns}) VALUES (?{places})"),
            get: format!("SELECT {columns} FROM {name} WHERE {ORG} = ? AND \"id\" = ?"),
            find: format!("SELECT {ROW}, \"version\" FROM {name} WHERE {ORG} = ? AND \"id\" = ?"),
            of_parent: format!(
                "SELECT {columns} FROM {name} WHERE {ORG} = ? AND {PARENT} = ? ORDER BY {POSITION}"
            ),
            delete,
            columns,
            children: children.collect(),
            table: table.clone(),
            number,
        }
    }

    /// The statement that changes the columns at `places`: values first, then organisation, id
    /// and the version before.
    pub fn update(&self, places: &[usize]) -> String {
        let sets: Vec<String> = places
            .iter()
            .map(|at| format!("{} = ?", quoted(&self.table.columns[*at].name)))
            .collect();
        format!(
            "UPDATE {} SET {} WHERE {ORG} = ? AND \"id\" = ? AND \"version\" = ?",
            quoted(&self.table.full_name()),
            sets.join(", ")
        )
    }

    /// Reads a record's values from a row that begins at column `first`.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when a column holds what its field cannot.
    pub fn values(&self, row: &Row<'_>, first: usize) -> Result<Vec<Value>, StoreError> {
        let table = &self.table;
        let mut values = vec![Value::Null; table.entity.fields.len()];
        for (at, column) in table.columns.iter().enumerate() {
            let Part::Value(slot) = column.part else { continue };
            let cell = row.get_ref(first + at).map_err(super::error::plain)?;
            if matches!(cell, ValueRef::Null) {
                continue;
            }
            let next = table.columns.get(at + 1).map(|column| column.part);
            let currency = if next == Some(Part::Currency(slot)) {
                Some(row.get_ref(first + at + 1).map_err(super::error::plain)?)
            } else {
                None
            };
            let value = read(column, &table.entity.fields[slot].kind, cell, currency);
            values[slot] = value.ok_or_else(|| {
                let (table, column) = (table.full_name(), &column.name);
                StoreError::Corrupt(format!("{table}.{column} holds {:?}", cell.data_type()))
            })?;
        }
        Ok(values)
    }
}

fn read(
    column: &TableColumn,
    kind: &kernel::Kind,
    cell: ValueRef<'_>,
    currency: Option<ValueRef<'_>>,
) -> Option<Value> {
    use kernel::Kind;
    Some(match (column.ty, cell) {
        (ColumnType::Bool, ValueRef::Integer(value)) => Value::Bool(value != 0),
        (ColumnType::Int, ValueRef::Integer(value)) => match kind {
            Kind::Instant => Value::Instant(Instant(value)),
            Kind::Duration => Value::Duration(Duration(value)),
            Kind::Money => {
                let code = currency?.as_str().ok()?;
                Value::Money(Money { minor: value, currency: Currency::parse(code).ok()? })
            }
            _ => Value::Int(value),
        },
        (ColumnType::Scaled(places), ValueRef::Integer(value)) => {
            Value::Decimal(Decimal::new(value, places).normalize())
        }
        (ColumnType::Text, ValueRef::Text(bytes)) => {
            value_from_text(kind, std::str::from_utf8(bytes).ok()?.to_owned())?
        }
        (ColumnType::Date, ValueRef::Text(bytes)) => {
            Value::Date(std::str::from_utf8(bytes).ok()?.parse::<Date>().ok()?)
        }
        (ColumnType::Uuid, ValueRef::Blob(bytes)) => Value::Id(Uuid::from_slice(bytes).ok()?),
        _ => return None,
    })
}

/// Reads a group of an aggregate query: its keys, then its measures.
///
/// # Errors
/// [`StoreError::Corrupt`] when a column holds what its field cannot.
pub fn group(
    about: &About<'_>,
    plan: &AggregatePlan,
    row: &Row<'_>,
) -> Result<Vec<Value>, StoreError> {
    let currencies = aggregate::currencies(plan);
    let cell = |at: usize| row.get_ref(at).map_err(super::error::plain);
    let currency = |group: Option<&GroupKey>, slot: usize| {
        currencies.iter().position(|known| known.is(group, slot))
    };
    let value = |group: Option<&GroupKey>, slot: usize, at: usize| {
        let found = cell(at)?;
        if matches!(found, ValueRef::Null) {
            return Ok(Value::Null);
        }
        let of = currency(group, slot).map(&cell).transpose()?;
        let hop = group.and_then(|group| group.hop.as_ref());
        let whose = aggregate::table_of(about, hop).unwrap_or(about.table);
        let kind = &whose.entity.fields[slot].kind;
        let column = whose.value_column(slot);
        let value = column.and_then(|column| read(column, kind, found, of));
        value.ok_or_else(|| StoreError::Corrupt(format!("a group of {}", about.table.full_name())))
    };
    let mut at = currencies.len();
    let mut values = Vec::with_capacity(plan.groups.len() + plan.measures.len());
    for key in &plan.groups {
        values.push(match (key.bucket, cell(at)?) {
            (Some(_), ValueRef::Text(text)) => {
                Value::Text(String::from_utf8_lossy(text).into_owned())
            }
            (Some(_), _) => Value::Null,
            (None, _) => value(Some(key), key.slot, at)?,
        });
        at += 1;
    }
    for measure in &plan.measures {
        match *measure {
            Measure::Count => values.push(Value::Int(row.get(at).map_err(super::error::plain)?)),
            Measure::Min(slot) | Measure::Max(slot) => values.push(value(None, slot, at)?),
            Measure::Sum(slot) => {
                let high: Option<i64> = row.get(at).map_err(super::error::plain)?;
                let low: Option<i64> = row.get(at + 1).map_err(super::error::plain)?;
                let sum = high.zip(low).map(|(high, low)| {
                    i128::from(high) * i128::from(aggregate::PART) + i128::from(low)
                });
                let of = currency(None, slot).map(&cell).transpose()?;
                let kind = &about.table.entity.fields[slot].kind;
                values.push(sum.map_or(Value::Null, |sum| summed(kind, sum, of)));
                at += 1;
            }
        }
        at += 1;
    }
    Ok(values)
}

/// A sum in the smallest unit of a kind, as a value; null where it does not fit.
fn summed(kind: &kernel::Kind, sum: i128, currency: Option<ValueRef<'_>>) -> Value {
    use kernel::Kind;
    match kind {
        Kind::Money => {
            let code = currency.and_then(|code| code.as_str().ok());
            let currency = code.and_then(|code| Currency::parse(code).ok());
            let money = currency.zip(i64::try_from(sum).ok());
            money.map(|(currency, minor)| Money { minor, currency }).into()
        }
        Kind::Duration => i64::try_from(sum).ok().map(Duration).into(),
        _ => {
            let sum = Decimal::try_from_i128_with_scale(sum, kind.scale().unwrap_or(0));
            sum.ok().map(|sum| sum.normalize()).into()
        }
    }
}

/// A cell to be bound: borrowed from the record where it can be.
struct Cell<'a>(ToSqlOutput<'a>);

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match &self.0 {
            ToSqlOutput::Borrowed(value) => ToSqlOutput::Borrowed(*value),
            ToSqlOutput::Owned(value) => ToSqlOutput::Borrowed(value.into()),
            _ => ToSqlOutput::Borrowed(ValueRef::Null),
        })
    }
}

/// Binds the part of a record that a column holds.
///
/// # Errors
/// [`StoreError::Internal`] when the value is not one of the column's.
pub fn bind_column(
    statement: &mut Statement<'_>,
    place: usize,
    column: &TableColumn,
    values: &[Value],
) -> Result<(), StoreError> {
    let value = column.part.slot().and_then(|slot| values.get(slot)).unwrap_or(&Value::Null);
    let cell = cell(column, value).ok_or_else(|| {
        let what = value.type_name();
        StoreError::Internal(format!("{what} does not fit the column {}", column.name))
    })?;
    statement.raw_bind_parameter(place, Cell(cell)).map_err(super::error::plain)
}

fn cell<'a>(column: &TableColumn, value: &'a Value) -> Option<ToSqlOutput<'a>> {
    let int = |value: i64| ToSqlOutput::Borrowed(ValueRef::Integer(value));
    if value.is_null() {
        return Some(ToSqlOutput::Borrowed(ValueRef::Null));
    }
    Some(match (column.part, column.ty, value) {
        (Part::Key(_), _, value) => ToSqlOutput::Owned(sort_key(value)?.into()),
        (Part::Currency(_), _, Value::Money(money)) => {
            ToSqlOutput::Borrowed(ValueRef::Text(money.currency.code().as_bytes()))
        }
        (_, ColumnType::Bool, Value::Bool(value)) => int(i64::from(*value)),
        (_, ColumnType::Int, Value::Int(value)) => int(*value),
        (_, ColumnType::Int, Value::Instant(value)) => int(value.0),
        (_, ColumnType::Int, Value::Duration(value)) => int(value.0),
        (_, ColumnType::Int, Value::Money(money)) => int(money.minor),
        (_, ColumnType::Scaled(places), Value::Decimal(value)) => {
            int(types::rescale(*value, places)?)
        }
        (_, ColumnType::Text, Value::Text(text) | Value::Json(text)) => {
            ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))
        }
        (_, ColumnType::Text, value) => ToSqlOutput::Owned(text_of(value)?.into_owned().into()),
        (_, ColumnType::Date, Value::Date(date)) => ToSqlOutput::Owned(date.to_string().into()),
        (_, ColumnType::Uuid, Value::Id(id)) => {
            ToSqlOutput::Borrowed(ValueRef::Blob(id.as_bytes()))
        }
        _ => return None,
    })
}

/// The places of the columns that must be written when `slots` changed; child records and the id
/// have none.
pub fn changed_columns(table: &Table, slots: &[usize], out: &mut Vec<usize>) {
    out.clear();
    for (at, column) in table.columns.iter().enumerate() {
        if column.part.slot().is_some_and(|s| s != slot::ID && slots.binary_search(&s).is_ok()) {
            out.push(at);
        }
    }
}
