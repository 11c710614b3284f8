//! The order of a list, and where its next page starts.
//!
//! Empty values come last in both directions; the id, ascending, is the last key. A text that has
//! a sort key is ordered by that, any other by code point.

use super::{Bound, Dialect, Sql};
use crate::tables::{ColumnType, Table, TableColumn, sort_key, text_of};
use kernel::ports::OrderKey;
use kernel::schema::slot;
use types::{Uuid, Value};

/// Appends ` ORDER BY …`.
pub fn order_by(sql: &mut Sql, table: &Table, order: &[OrderKey]) {
    sql.push(" ORDER BY ");
    for key in order {
        let Some(column) = table.order_column(key.slot) else { continue };
        sql.name(&column.name).push(if key.descending { " DESC" } else { " ASC" });
        if !column.not_null {
            sql.push(" NULLS LAST");
        }
        sql.push(", ");
    }
    sql.name(&table.entity.fields[slot::ID].name).push(" ASC");
}

/// Appends ` AND (…)`: only what comes after the record with these values of the order's keys and
/// this id.
pub fn after(sql: &mut Sql, table: &Table, order: &[OrderKey], values: &[Value], id: Uuid) {
    let id_column = &table.entity.fields[slot::ID].name;
    let keys: Vec<(&TableColumn, bool, Option<Bound>)> = order
        .iter()
        .zip(values)
        .filter_map(|(key, value)| {
            let column = table.order_column(key.slot)?;
            Some((column, key.descending, bound(column, value, sql.dialect)))
        })
        .collect();
    if let Some((column, descending, Some(value))) = keys.first()
        && column.not_null
    {
        // The same again as one bound of the first key: an index can start there.
        sql.push(" AND ").name(&column.name);
        sql.push(if *descending { " <= " } else { " >= " }).bind(value.clone());
    }
    sql.push(" AND (");
    for end in (0..keys.len()).rev() {
        let (column, descending, value) = &keys[end];
        // Nothing comes after an empty value but the same empty value.
        let Some(value) = value else { continue };
        sql.push("(");
        equal(sql, &keys[..end]);
        sql.push("(").name(&column.name);
        sql.push(if *descending { " < " } else { " > " }).bind(value.clone());
        if !column.not_null {
            sql.push(" OR ").name(&column.name).push(" IS NULL");
        }
        sql.push(")) OR ");
    }
    sql.push("(");
    equal(sql, &keys);
    sql.name(id_column).push(" > ").bind(Bound::Uuid(id)).push("))");
}

fn equal(sql: &mut Sql, keys: &[(&TableColumn, bool, Option<Bound>)]) {
    for (column, _, value) in keys {
        sql.name(&column.name);
        match value {
            Some(value) => sql.push(" = ").bind(value.clone()),
            None => sql.push(" IS NULL"),
        };
        sql.push(" AND ");
    }
}

/// A value as it stands in a column; none if it is empty or of another type.
fn bound(column: &TableColumn, value: &Value, dialect: Dialect) -> Option<Bound> {
    let sqlite = dialect == Dialect::Sqlite;
    Some(match (column.ty, value) {
        (ColumnType::Bool, Value::Bool(value)) => Bound::Bool(*value),
        (ColumnType::Int, Value::Int(value)) => Bound::Int(*value),
        (ColumnType::Int, Value::Instant(value)) => Bound::Int(value.0),
        (ColumnType::Int, Value::Duration(value)) => Bound::Int(value.0),
        (ColumnType::Int, Value::Money(value)) => Bound::Int(value.minor),
        (ColumnType::Scaled(places), Value::Decimal(value)) if sqlite => {
            Bound::Int(types::rescale(*value, places)?)
        }
        (ColumnType::Scaled(_), Value::Decimal(value)) => Bound::Decimal(*value),
        (ColumnType::Date, Value::Date(value)) if sqlite => Bound::Text(value.to_string()),
        (ColumnType::Date, Value::Date(value)) => Bound::Date(*value),
        (ColumnType::Uuid, Value::Id(value)) => Bound::Uuid(*value),
        (ColumnType::Bytes, value) => Bound::Bytes(sort_key(value)?),
        (ColumnType::Text, value) => Bound::Text(text_of(value)?.into_owned()),
        _ => return None,
    })
}
