//! Brings a file's tables to the shape of the entities.
//!
//! What the file has is noted in the file, in the transaction that made it so: a killed migration
//! goes on where it stopped. A changed column is copied in chunks into a new one, which then
//! takes its name.

use super::error::plain;
use super::row::{ROW, quoted};
use super::schema::{CREATE, FORMAT};
use crate::tables::{
    Catalog, ColumnType, ORG, PARENT, POSITION, Part, Present, Step, Table, TableColumn, diff,
};
use kernel::ports::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

type Done = Result<(), StoreError>;

/// Rows copied in one transaction.
const CHUNK: i64 = 2_000;

/// Makes what is missing and changes what is declared otherwise.
///
/// # Errors
/// [`StoreError::Newer`] for a file of a newer program; [`StoreError::Internal`] when values do
/// not fit a column's new type.
pub fn prepare(connection: &mut Connection, catalog: &Catalog) -> Done {
    let format: i32 =
        connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(plain)?;
    if format > FORMAT {
        let text = format!("its format is {format}, this program knows {FORMAT}");
        return Err(StoreError::Newer(text));
    }
    if format == 0 {
        let text = format!("BEGIN IMMEDIATE; {CREATE} PRAGMA user_version = {FORMAT}; COMMIT");
        connection.execute_batch(&text).map_err(plain)?;
    }
    let fingerprint = catalog.fingerprint();
    let found: Option<String> = connection
        .query_row("SELECT value FROM _meta WHERE name = 'fingerprint'", [], |row| row.get(0))
        .optional()
        .map_err(plain)?;
    if found.as_deref() == Some(&fingerprint) {
        return Ok(());
    }
    let steps = steps(connection, catalog)?;
    if let Some(old) = found.filter(|_| !steps.is_empty()) {
        keep_copy(connection, &old)?;
    }
    for step in steps {
        tracing::info!(%step, "migration");
        run(connection, &step)?;
    }
    let text = "INSERT OR REPLACE INTO _meta (name, value) VALUES ('fingerprint', ?)";
    connection.execute(text, [fingerprint]).map(drop).map_err(plain)
}

/// Copies the file as it is before its shape changes, beside it: `FILE.OLD.backup`, where `OLD`
/// begins the fingerprint of the shape that the copy has.
///
/// A migration that goes on where it was killed finds the copy and keeps it: the file has changed
/// since.
fn keep_copy(connection: &Connection, old: &str) -> Done {
    let Some(path) = connection.path().filter(|path| !path.is_empty()).map(Path::new) else {
        return Ok(());
    };
    let kept = path.with_extension(format!("{}.backup", old.get(..8).unwrap_or(old)));
    if kept.exists() {
        return Ok(());
    }
    let failed = |why: std::io::Error| {
        let text = format!("the copy before a migration, {}: {why}", kept.display());
        match why.kind() {
            std::io::ErrorKind::StorageFull => StoreError::StorageFull(text),
            _ => StoreError::Unavailable(text),
        }
    };
    let half = kept.with_extension("half");
    if half.exists() {
        std::fs::remove_file(&half).map_err(failed)?;
    }
    let name = half.to_string_lossy();
    connection.execute("VACUUM INTO ?", [name.as_ref()]).map_err(plain)?;
    std::fs::File::open(&half).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(&half, &kept).map_err(failed)?;
    tracing::warn!(copy = %kept.display(), "the file is of another version: a copy is kept");
    Ok(())
}

/// The steps that lead from what the file has to what is declared.
///
/// # Errors
/// When the file cannot be read.
pub fn steps(connection: &Connection, catalog: &Catalog) -> Result<Vec<Step>, StoreError> {
    Ok(diff(catalog, &present(connection)?))
}

/// The number of every entity in the full-text index; new ones are noted.
pub fn entity_numbers(
    connection: &mut Connection,
    catalog: &Catalog,
) -> Result<HashMap<String, i64>, StoreError> {
    let transaction = connection.transaction().map_err(plain)?;
    let mut numbers = HashMap::new();
    for table in catalog.tables().iter().filter(|table| !table.is_child()) {
        let name = table.full_name();
        let find = "SELECT number FROM _entity WHERE name = ?";
        let known: Option<i64> =
            transaction.query_row(find, [&name], |row| row.get(0)).optional().map_err(plain)?;
        let number = match known {
            Some(number) => number,
            None => {
                transaction
                    .execute("INSERT INTO _entity (name) VALUES (?)", [&name])
                    .map_err(plain)?;
                transaction.last_insert_rowid()
            }
        };
        numbers.insert(name, number);
    }
    transaction.commit().map_err(plain)?;
    Ok(numbers)
}

fn present(connection: &Connection) -> Result<HashMap<String, Present>, StoreError> {
    let mut statement =
        connection.prepare("SELECT name, columns, indexes FROM _schema").map_err(plain)?;
    let rows = statement
        .query_map([], |row| {
            let (name, columns, indexes): (String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let columns = columns.lines().filter_map(|line| {
                let (name, ty) = line.split_once(' ')?;
                Some((name.to_owned(), ColumnType::parse(ty)?))
            });
            let indexes = indexes.lines().map(str::to_owned);
            Ok((name, Present { columns: columns.collect(), indexes: indexes.collect() }))
        })
        .map_err(plain)?;
    rows.collect::<Result<_, _>>().map_err(plain)
}

/// Notes what a table has after a step.
fn note(connection: &Connection, table: &Table, change: impl FnOnce(&mut Present)) -> Done {
    let mut all = present(connection)?;
    let mut has = all.remove(&table.full_name()).unwrap_or_default();
    change(&mut has);
    let mut columns: Vec<String> =
        has.columns.iter().map(|(name, ty)| format!("{name} {}", ty.name())).collect();
    columns.sort();
    let text = "INSERT OR REPLACE INTO _schema (name, columns, indexes) VALUES (?, ?, ?)";
    let values = params![table.full_name(), columns.join("\n"), has.indexes.join("\n")];
    connection.execute(text, values).map(drop).map_err(plain)
}

fn run(connection: &mut Connection, step: &Step) -> Done {
    if let Step::ChangeColumn(table, column, from) = step {
        return change_column(connection, table, column, *from);
    }
    if let Step::AddColumn(table, column) = step
        && let Part::Key(_) = column.part
    {
        return add_key(connection, table, column);
    }
    let transaction = connection.transaction().map_err(plain)?;
    match step {
        Step::CreateTable(table) => {
            transaction.execute_batch(&create(table)).map_err(plain)?;
            note(&transaction, table, |has| {
                has.columns = table.columns.iter().map(|c| (c.name.clone(), c.ty)).collect();
            })?;
        }
        Step::AddColumn(table, column) => {
            add_column(&transaction, table, &column.name, column.ty)?;
            note(&transaction, table, |has| {
                has.columns.insert(column.name.clone(), column.ty);
            })?;
        }
        Step::CreateIndex(table, index) => {
            let columns: Vec<String> = index.columns.iter().map(|name| quoted(name)).collect();
            let text = format!(
                "CREATE {} INDEX {} ON {} ({ORG}, {})",
                if index.unique { "UNIQUE" } else { "" },
                quoted(&format!("{}.{}", table.service, index.name)),
                quoted(&table.full_name()),
                columns.join(", ")
            );
            transaction.execute_batch(&text).map_err(plain)?;
            note(&transaction, table, |has| has.indexes.push(index.name.clone()))?;
        }
        Step::DropIndex(table, name) => drop_index(&transaction, table, name)?,
        Step::DropColumn(table, name) => {
            let text =
                format!("ALTER TABLE {} DROP COLUMN {}", quoted(&table.full_name()), quoted(name));
            transaction.execute_batch(&text).map_err(plain)?;
            note(&transaction, table, |has| {
                has.columns.remove(name);
            })?;
        }
        Step::ChangeColumn(..) => {}
    }
    transaction.commit().map_err(plain)
}

fn sql_type(ty: ColumnType) -> &'static str {
    match ty {
        ColumnType::Bool | ColumnType::Int | ColumnType::Scaled(_) => "INTEGER",
        ColumnType::Text | ColumnType::Date => "TEXT",
        ColumnType::Uuid | ColumnType::Bytes => "BLOB",
    }
}

fn create(table: &Table) -> String {
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| {
            let null = if column.not_null { " NOT NULL" } else { "" };
            format!("{} {}{null}", quoted(&column.name), sql_type(column.ty))
        })
        .collect();
    let key = if table.is_child() {
        format!("{ORG}, {PARENT}, {POSITION}")
    } else {
        format!("{ORG}, \"id\"")
    };
    format!(
        "CREATE TABLE {} ({ROW} INTEGER PRIMARY KEY, {ORG} INTEGER NOT NULL, {}, UNIQUE ({key})) STRICT",
        quoted(&table.full_name()),
        columns.join(", ")
    )
}

fn add_column(connection: &Connection, table: &Table, name: &str, ty: ColumnType) -> Done {
    let text = format!(
        "ALTER TABLE {} ADD COLUMN {} {}",
        quoted(&table.full_name()),
        quoted(name),
        sql_type(ty)
    );
    connection.execute_batch(&text).map_err(plain)
}

fn drop_index(connection: &Connection, table: &Table, name: &str) -> Done {
    let index = quoted(&format!("{}.{name}", table.service));
    connection.execute_batch(&format!("DROP INDEX IF EXISTS {index}")).map_err(plain)?;
    note(connection, table, |has| has.indexes.retain(|known| known != name))
}

/// Copies a column chunk by chunk into `target` by `copy`, which takes the first and the last row
/// of a chunk; each chunk is a transaction that notes how far it came.
fn in_chunks(
    connection: &mut Connection,
    table: &Table,
    target: &str,
    mut copy: impl FnMut(&Connection, i64, i64) -> Done,
) -> Done {
    let progress = format!("copied {}.{target}", table.full_name());
    let last: Option<i64> = connection
        .query_row(&format!("SELECT max({ROW}) FROM {}", quoted(&table.full_name())), [], |row| {
            row.get(0)
        })
        .map_err(plain)?;
    let find = "SELECT CAST(value AS INTEGER) FROM _meta WHERE name = ?";
    let found: Option<i64> =
        connection.query_row(find, [&progress], |row| row.get(0)).optional().map_err(plain)?;
    let mut next = found.unwrap_or(0) + 1;
    while next <= last.unwrap_or(0) {
        let end = next + CHUNK - 1;
        let transaction = connection.transaction().map_err(plain)?;
        copy(&transaction, next, end)?;
        let text = "INSERT OR REPLACE INTO _meta (name, value) VALUES (?, ?)";
        transaction.execute(text, params![progress, end.to_string()]).map_err(plain)?;
        transaction.commit().map_err(plain)?;
        next = end + 1;
    }
    Ok(())
}

/// The name of a column while it is filled.
fn shadow(name: &str) -> String {
    format!("{name}__new")
}

/// Adds the empty column that is then filled, unless an earlier run did.
fn add_shadow(
    connection: &Connection,
    table: &Table,
    column: &TableColumn,
) -> Result<String, StoreError> {
    let name = shadow(&column.name);
    let find = "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?";
    let count: i64 = connection
        .query_row(find, params![table.full_name(), name], |row| row.get(0))
        .map_err(plain)?;
    if count == 0 {
        add_column(connection, table, &name, column.ty)?;
    }
    Ok(name)
}

/// Gives a filled column its name and notes it.
fn settle(
    connection: &mut Connection,
    table: &Table,
    column: &TableColumn,
    replaces: bool,
) -> Done {
    let transaction = connection.transaction().map_err(plain)?;
    let (name, new) = (quoted(&table.full_name()), shadow(&column.name));
    if replaces {
        for index in table.indexes.iter().filter(|index| index.columns.contains(&column.name)) {
            drop_index(&transaction, table, &index.name)?;
        }
        let text = format!("ALTER TABLE {name} DROP COLUMN {}", quoted(&column.name));
        transaction.execute_batch(&text).map_err(plain)?;
    }
    let text =
        format!("ALTER TABLE {name} RENAME COLUMN {} TO {}", quoted(&new), quoted(&column.name));
    transaction.execute_batch(&text).map_err(plain)?;
    let progress = format!("copied {}.{new}", table.full_name());
    transaction.execute("DELETE FROM _meta WHERE name = ?", [progress]).map_err(plain)?;
    note(&transaction, table, |has| {
        has.columns.insert(column.name.clone(), column.ty);
    })?;
    transaction.commit().map_err(plain)
}

fn change_column(
    connection: &mut Connection,
    table: &Arc<Table>,
    column: &TableColumn,
    from: ColumnType,
) -> Done {
    let (name, old) = (quoted(&table.full_name()), quoted(&column.name));
    let refused = || {
        let (table, column, ty) = (table.full_name(), &column.name, column.ty.name());
        StoreError::Internal(format!("{table}.{column} holds values that do not fit {ty}"))
    };
    let (value, fits) = conversion(&old, from, column.ty).ok_or_else(refused)?;
    let question = format!("SELECT count(*) FROM {name} WHERE {old} IS NOT NULL AND NOT ({fits})");
    let misfits: i64 = connection.query_row(&question, [], |row| row.get(0)).map_err(plain)?;
    if misfits > 0 {
        return Err(refused());
    }
    let new = add_shadow(connection, table, column)?;
    let text = format!("UPDATE {name} SET {} = {value} WHERE {ROW} BETWEEN ? AND ?", quoted(&new));
    in_chunks(connection, table, &new, |connection, first, last| {
        connection.execute(&text, [first, last]).map(drop).map_err(plain)
    })?;
    settle(connection, table, column, true)?;
    // The indexes that stood on the old column.
    for index in table.indexes.iter().filter(|index| index.columns.contains(&column.name)) {
        run(connection, &Step::CreateIndex(table.clone(), index.clone()))?;
    }
    Ok(())
}

/// A column's value in another type, and the condition under which it fits.
fn conversion(old: &str, from: ColumnType, to: ColumnType) -> Option<(String, String)> {
    use ColumnType::{Bool, Date, Int, Scaled, Text};
    let places = |ty| match ty {
        Int => Some(0u32),
        Scaled(places) => Some(places),
        _ => None,
    };
    if let (Some(a), Some(b)) = (places(from), places(to)) {
        let factor = 10i64.checked_pow(a.abs_diff(b))?;
        return Some(if b >= a {
            let limit = 10i64.pow(18) / factor;
            (format!("{old} * {factor}"), format!("abs({old}) < {limit}"))
        } else {
            (format!("{old} / {factor}"), format!("{old} % {factor} = 0"))
        });
    }
    match (from, to) {
        (Date, Text) => Some((old.to_owned(), "TRUE".to_owned())),
        (Int, Text) => Some((format!("CAST({old} AS TEXT)"), "TRUE".to_owned())),
        (Bool, Text) => Some((format!("iif({old}, 'true', 'false')"), "TRUE".to_owned())),
        (Text, Date) => Some((old.to_owned(), format!("date({old}) IS {old}"))),
        (Text, Int) => Some((
            format!("CAST({old} AS INTEGER)"),
            format!("CAST(CAST({old} AS INTEGER) AS TEXT) = {old}"),
        )),
        _ => None,
    }
}

/// Adds the column of a sort key and fills it from the text.
fn add_key(connection: &mut Connection, table: &Arc<Table>, column: &TableColumn) -> Done {
    let Some(text) = column.part.slot().and_then(|slot| table.value_column(slot)) else {
        return Ok(());
    };
    let new = add_shadow(connection, table, column)?;
    let name = quoted(&table.full_name());
    let read =
        format!("SELECT {ROW}, {} FROM {name} WHERE {ROW} BETWEEN ? AND ?", quoted(&text.name));
    let write = format!("UPDATE {name} SET {} = ? WHERE {ROW} = ?", quoted(&new));
    in_chunks(connection, table, &new, |connection, first, last| {
        let mut statement = connection.prepare_cached(&read).map_err(plain)?;
        let rows = statement
            .query_map([first, last], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(plain)?;
        let rows: Vec<(i64, Option<String>)> = rows.collect::<Result<_, _>>().map_err(plain)?;
        for (row, text) in rows {
            let Some(text) = text else { continue };
            let values = params![kernel::text::sort_key(&text), row];
            let mut statement = connection.prepare_cached(&write).map_err(plain)?;
            statement.execute(values).map_err(plain)?;
        }
        Ok(())
    })?;
    settle(connection, table, column, false)
}

#[cfg(test)]
mod tests;
