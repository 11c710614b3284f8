//! The order of a list, and where its next page starts.
//!
//! Empty values come last in both directions; the id, ascending, is the last key. A text that has
//! a sort key is ordered by that, any other by code point.

use super::{About, Bound, Dialect, Sql, linked};
use crate::tables::{ColumnType, Table, TableColumn, sort_key, text_of};
use kernel::linked::Hop;
use kernel::ports::{OrderKey, StoreError};
use kernel::schema::slot;
use std::sync::Arc;
use types::{Uuid, Value};

/// What a key orders by: a column, of the record or of what a hop leads to.
struct Key<'a> {
    hop: Option<&'a Arc<Hop>>,
    column: &'a TableColumn,
    descending: bool,
    /// Whether there may be none.
    empty: bool,
}

impl Key<'_> {
    fn push(&self, sql: &mut Sql, about: &About<'_>) -> Result<(), StoreError> {
        match self.hop {
            None => drop(sql.name(&self.column.name)),
            Some(hop) => linked(sql, about, hop, &self.column.name)?,
        }
        Ok(())
    }
}

fn key<'a>(about: &About<'a>, key: &'a OrderKey) -> Option<Key<'a>> {
    let table: &'a Table = match &key.hop {
        None => about.table,
        Some(hop) => about.catalog.get(&hop.target.full_name())?,
    };
    let column = table.order_column(key.slot)?;
    let (hop, descending) = (key.hop.as_ref(), key.descending);
    Some(Key { hop, column, descending, empty: hop.is_some() || !column.not_null })
}

/// Appends ` ORDER BY …`.
///
/// # Errors
/// [`StoreError::Internal`] for a hop that no database can follow.
pub fn order_by(sql: &mut Sql, about: &About<'_>, order: &[OrderKey]) -> Result<(), StoreError> {
    sql.push(" ORDER BY ");
    for key in order.iter().filter_map(|asked| key(about, asked)) {
        key.push(sql, about)?;
        sql.push(if key.descending { " DESC" } else { " ASC" });
        if key.empty {
            sql.push(" NULLS LAST");
        }
        sql.push(", ");
    }
    sql.name(&about.table.entity.fields[slot::ID].name).push(" ASC");
    Ok(())
}

/// Appends ` AND (…)`: only what comes after the record with these values of the order's keys and
/// this id.
///
/// # Errors
/// [`StoreError::Internal`] for a hop that no database can follow.
pub fn after(
    sql: &mut Sql,
    about: &About<'_>,
    order: &[OrderKey],
    values: &[Value],
    id: Uuid,
) -> Result<(), StoreError> {
    let id_column = &about.table.entity.fields[slot::ID].name;
    let keys: Vec<(Key<'_>, Option<Bound>)> = order
        .iter()
        .zip(values)
        .filter_map(|(asked, value)| {
            let key = key(about, asked)?;
            let bound = bound(key.column, value, sql.dialect);
            Some((key, bound))
        })
        .collect();
    if let Some((key, Some(value))) = keys.first()
        && !key.empty
    {
        // The same again as one bound of the first key: an index can start there.
        sql.push(" AND ");
        key.push(sql, about)?;
        sql.push(if key.descending { " <= " } else { " >= " }).bind(value.clone());
    }
    sql.push(" AND (");
    for end in (0..keys.len()).rev() {
        let (key, value) = &keys[end];
        // Nothing comes after an empty value but the same empty value.
        let Some(value) = value else { continue };
        sql.push("(");
        equal(sql, about, &keys[..end])?;
        sql.push("(");
        key.push(sql, about)?;
        sql.push(if key.descending { " < " } else { " > " }).bind(value.clone());
        if key.empty {
            sql.push(" OR ");
            key.push(sql, about)?;
            sql.push(" IS NULL");
        }
        sql.push(")) OR ");
    }
    sql.push("(");
    equal(sql, about, &keys)?;
    sql.name(id_column).push(" > ").bind(Bound::Uuid(id)).push("))");
    Ok(())
}

fn equal(
    sql: &mut Sql,
    about: &About<'_>,
    keys: &[(Key<'_>, Option<Bound>)],
) -> Result<(), StoreError> {
    for (key, value) in keys {
        key.push(sql, about)?;
        match value {
            Some(value) => sql.push(" = ").bind(value.clone()),
            None => sql.push(" IS NULL"),
        };
        sql.push(" AND ");
    }
    Ok(())
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
