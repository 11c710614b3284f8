//! The shape of a database's tables, and the statements that change it.
//!
//! Columns that are computed from others (sort keys, words) carry a comment that says how; when
//! the declared way differs, they are computed anew.

use super::ddl::quoted;
use super::error;
use super::row::{Catalog, RowTable, SEARCH, full};
use super::seal::get;
use crate::tables::{self, ColumnType, Index, ORG, Part, Present, Step, Table, TableColumn};
use kernel::ports::StoreError;
use std::collections::{BTreeSet, HashMap};
use tokio_postgres::Transaction;
use tokio_postgres::types::ToSql;
use types::Uuid;

/// Records whose computed columns are filled in one statement each before the next are read.
const BATCH: i64 = 500;
/// The longest name of an index.
const MAX_NAME: usize = 63;

/// What a database has.
pub struct Found {
    /// Its tables by full name.
    pub tables: HashMap<String, Present>,
    /// The comments of its columns, by full name of the table and name.
    comments: HashMap<(String, String), String>,
}

/// Looks at the tables of the services in `catalog`.
pub async fn look(transaction: &Transaction<'_>, catalog: &Catalog) -> Result<Found, StoreError> {
    let services: Vec<&str> = catalog.services().into_iter().collect();
    let columns = "SELECT n.nspname || '.' || c.relname, a.attname::text, \
                     format_type(a.atttypid, a.atttypmod), \
                     coalesce(col_description(c.oid, a.attnum), '') \
                   FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
                   JOIN pg_namespace n ON n.oid = c.relnamespace \
                   WHERE n.nspname = ANY($1) AND c.relkind = 'r' AND a.attnum > 0 \
                     AND NOT a.attisdropped";
    let indexes = "SELECT schemaname || '.' || tablename, indexname::text FROM pg_indexes \
                   WHERE schemaname = ANY($1)";
    let mut found = Found { tables: HashMap::new(), comments: HashMap::new() };
    let rows = transaction.query(columns, &[&services]).await.map_err(error::plain)?;
    for row in rows {
        let (table, column) = (get::<String>(&row, 0)?, get::<String>(&row, 1)?);
        let present = found.tables.entry(table.clone()).or_default();
        if let Some(ty) = parse(get(&row, 2)?).filter(|_| column != ORG) {
            present.columns.insert(column.clone(), ty);
        }
        found.comments.insert((table, column), get(&row, 3)?);
    }
    let rows = transaction.query(indexes, &[&services]).await.map_err(error::plain)?;
    for row in rows {
        let (table, index) = (get::<String>(&row, 0)?, get::<String>(&row, 1)?);
        let named = |t: &&std::sync::Arc<Table>| t.full_name() == table;
        let Some(declared) = catalog.shared.tables().iter().find(named) else { continue };
        let own = index == search_index(declared) || index.ends_with("_pkey");
        if let Some(present) = found.tables.get_mut(&table).filter(|_| !own) {
            present.indexes.push(index);
        }
    }
    Ok(found)
}

/// Changes the tables of one service.
///
/// A column that is not declared any more stays, with what it holds: an older program that is
/// started by mistake must not remove what it does not know.
pub async fn change(
    transaction: &Transaction<'_>,
    service: &str,
    catalog: &Catalog,
    found: &Found,
) -> Result<(), StoreError> {
    for step in tables::diff(&catalog.shared, &found.tables) {
        let statement = match &step {
            Step::CreateTable(table) => create(table),
            Step::AddColumn(table, column) => {
                format!("ALTER TABLE {} ADD COLUMN {}", full(table), declare(column, false))
            }
            Step::ChangeColumn(table, column, _) => {
                let (column, ty) = (quoted(&column.name), sql_type(column.ty));
                format!(
                    "ALTER TABLE {} ALTER COLUMN {column} TYPE {ty} USING {column}::{ty}",
                    full(table)
                )
            }
            Step::CreateIndex(table, index) => create_index(table, index),
            Step::DropIndex(table, index) => {
                format!("DROP INDEX {}.{}", quoted(&table.service), quoted(index))
            }
            Step::DropColumn(..) => continue,
        };
        let table = match &step {
            Step::CreateTable(table)
            | Step::AddColumn(table, _)
            | Step::ChangeColumn(table, ..)
            | Step::CreateIndex(table, _)
            | Step::DropIndex(table, _)
            | Step::DropColumn(table, _) => table,
        };
        if table.service != service {
            continue;
        }
        let refused = |e| match error::plain(e) {
            StoreError::Internal(why) => StoreError::Internal(format!("{step}: {why}")),
            other => other,
        };
        transaction.batch_execute(&statement).await.map_err(refused)?;
    }
    for table in catalog.shared.tables().iter().filter(|table| table.service == service) {
        if !table.is_child() {
            compute(transaction, catalog.table(&table.entity.full_name())?, found).await?;
        }
    }
    Ok(())
}

fn create(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|c| declare(c, c.not_null)).collect();
    let key = if table.is_child() {
        format!("{ORG}, {}, {}", tables::PARENT, tables::POSITION)
    } else {
        format!("{ORG}, id")
    };
    format!(
        "CREATE TABLE {} ({ORG} integer NOT NULL, {}, PRIMARY KEY ({key}))",
        full(table),
        columns.join(", ")
    )
}

fn declare(column: &TableColumn, not_null: bool) -> String {
    let null = if not_null { " NOT NULL" } else { "" };
    let collation = if column.ty == ColumnType::Text { " COLLATE \"C\"" } else { "" };
    format!("{} {}{collation}{null}", quoted(&column.name), sql_type(column.ty))
}

fn create_index(table: &Table, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let columns: Vec<String> = index.columns.iter().map(|column| quoted(column)).collect();
    format!(
        "CREATE {unique}INDEX {} ON {} ({ORG}, {})",
        quoted(&index.name),
        full(table),
        columns.join(", ")
    )
}

/// PostgreSQL's name of a column type.
fn sql_type(ty: ColumnType) -> String {
    match ty {
        ColumnType::Bool => "boolean".to_owned(),
        ColumnType::Int => "bigint".to_owned(),
        ColumnType::Scaled(places) => format!("numeric({},{places})", DIGITS),
        ColumnType::Text => "text".to_owned(),
        ColumnType::Date => "date".to_owned(),
        ColumnType::Uuid => "uuid".to_owned(),
        ColumnType::Bytes => "bytea".to_owned(),
    }
}

/// The column type of PostgreSQL's name; none for those that no declared column has.
fn parse(name: &str) -> Option<ColumnType> {
    Some(match name {
        "boolean" => ColumnType::Bool,
        "bigint" => ColumnType::Int,
        "text" => ColumnType::Text,
        "date" => ColumnType::Date,
        "uuid" => ColumnType::Uuid,
        "bytea" => ColumnType::Bytes,
        _ => {
            let start = format!("numeric({},", DIGITS);
            ColumnType::Scaled(name.strip_prefix(&start)?.strip_suffix(')')?.parse().ok()?)
        }
    })
}

/// The digits of a stored decimal, before and after the point together.
const DIGITS: u32 = 18;

/// The name of the index of a table's words.
fn search_index(table: &Table) -> String {
    let full = format!("{}__words", table.name);
    if full.len() <= MAX_NAME {
        return full;
    }
    let hash = kernel::log::merkle::sha256(&[full.as_bytes()]);
    format!("words_{}", kernel::log::hex(&hash[..16]))
}

/// How a table's words are computed.
fn words_of(table: &Table) -> String {
    let names = table.searchable().map(|slot| table.entity.fields[slot].name.as_str());
    format!("words of {}", names.collect::<Vec<_>>().join(", "))
}

/// Adds the column of words where it is missing, and computes whatever computed columns are new
/// or are computed in another way from now on.
async fn compute(
    transaction: &Transaction<'_>,
    table: &RowTable,
    found: &Found,
) -> Result<(), StoreError> {
    let name = table.shared.full_name();
    let comment = |column: &str| found.comments.get(&(name.clone(), column.to_owned()));
    let mut stale = BTreeSet::new();
    let mut statements = Vec::new();
    let mut is_right = |column: &str, wanted: String| {
        if comment(column) != Some(&wanted) {
            stale.insert(column.to_owned());
            let column = quoted(column);
            statements.push(format!("COMMENT ON COLUMN {}.{column} IS '{wanted}'", table.name));
        }
    };
    let keys = table.shared.columns.iter().filter(|c| matches!(c.part, Part::Key(_)));
    let key = format!("sort key {}", kernel::text::SORT_KEY_VERSION);
    keys.for_each(|column| is_right(&column.name, key.clone()));
    if table.is_searchable() {
        is_right(SEARCH, words_of(&table.shared));
        if comment(SEARCH).is_none() {
            statements.insert(
                0,
                format!(
                    "ALTER TABLE {} ADD COLUMN {SEARCH} tsvector; \
                 CREATE INDEX {} ON {} USING gin ({SEARCH})",
                    table.name,
                    quoted(&search_index(&table.shared)),
                    table.name
                ),
            );
        }
    }
    for statement in statements {
        transaction.batch_execute(&statement).await.map_err(error::plain)?;
    }
    let is_new = !found.tables.contains_key(&name);
    if !is_new && !stale.is_empty() {
        refill(transaction, table).await?;
    }
    Ok(())
}

/// Computes the computed columns of every record.
async fn refill(transaction: &Transaction<'_>, table: &RowTable) -> Result<(), StoreError> {
    let orgs = transaction.query("SELECT org FROM megalith.org", &[]).await;
    for org in orgs.map_err(error::plain)? {
        let org: i32 = get(&org, 0)?;
        // The migration role may own the table without standing above its row-level security.
        let set = format!("SET LOCAL megalith.org = '{org}'");
        transaction.batch_execute(&set).await.map_err(error::plain)?;
        let page = format!(
            "SELECT id, {} FROM {} WHERE {ORG} = $1 AND id > $2 ORDER BY id LIMIT {BATCH}",
            table.columns, table.name
        );
        let mut last = Uuid::nil();
        loop {
            let rows = transaction.query(&page, &[&org, &last]).await.map_err(error::plain)?;
            let Some(end) = rows.last() else { break };
            last = get(end, 0)?;
            for row in &rows {
                let step = table.computed(org, get(row, 0)?, &table.read(row, 1)?)?;
                let params: Vec<&(dyn ToSql + Sync)> =
                    step.params.iter().map(|param| param as &(dyn ToSql + Sync)).collect();
                transaction.execute(&*step.sql, &params).await.map_err(error::plain)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_type_reads_back_from_postgresqls_name_of_it() {
        use ColumnType::*;
        for ty in [Bool, Int, Scaled(0), Scaled(8), Text, Date, Uuid, Bytes] {
            assert_eq!(parse(&sql_type(ty)), Some(ty), "{ty:?}");
        }
        assert_eq!(parse("tsvector"), None);
    }
}
