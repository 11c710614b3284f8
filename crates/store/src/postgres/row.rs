//! Records as rows: the statements that write a record, and a record read from a row.

use super::ddl::quoted;
use super::lone::Lone;
use super::param::{Day, ExactNumeric, Param};
use super::pipeline::Step;
use crate::tables::{self, ColumnType, ORG, PARENT, POSITION, Part, Table, TableColumn};
use kernel::field::Kind;
use kernel::ports::StoreError;
use kernel::schema::slot;
use kernel::{Entity, Record};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use types::{Currency, Duration, Instant, Money, Uuid, Value};

/// The column of a record's words, for full-text search.
pub const SEARCH: &str = "_search";

/// The tables of a list of entities, with their statements.
pub struct Catalog {
    /// What both databases share.
    pub shared: tables::Catalog,
    tables: HashMap<String, Arc<RowTable>>,
}

impl Catalog {
    /// The tables of `entities`.
    pub fn new(entities: &[Arc<Entity>]) -> Catalog {
        let shared = tables::Catalog::new(entities);
        let own = shared.tables().iter().filter(|table| !table.is_child());
        let tables =
            own.map(|t| (t.entity.full_name(), Arc::new(RowTable::new(t.clone())))).collect();
        Catalog { shared, tables }
    }

    /// The table of an entity by its full name.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for an entity that the database was not opened for.
    pub fn table(&self, entity: &str) -> Result<&Arc<RowTable>, StoreError> {
        let missing = || StoreError::Internal(format!("there is no table for {entity}"));
        self.tables.get(entity).ok_or_else(missing)
    }

    /// The tables of a service's entities that can be searched, by entity.
    pub fn searchable(&self, service: &str) -> Vec<(String, Arc<RowTable>)> {
        let own = self.tables.iter().filter(|(_, table)| table.shared.service == service);
        let mut found: Vec<_> = own
            .filter(|(_, table)| table.is_searchable())
            .map(|(entity, table)| (entity.clone(), table.clone()))
            .collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// The tables with records of an entity: its own, or those of the fields that hold them.
    fn with_records_of(&self, entity: &str) -> impl Iterator<Item = &Arc<Table>> {
        self.shared.tables().iter().filter(move |table| table.entity.full_name() == entity)
    }

    /// The statement that finds the records which link to `$2` by the field in `slot`, for lines
    /// the records that they are inside; none if no table has that field.
    pub fn linking(&self, entity: &str, slot: usize) -> Option<String> {
        let select = |table: &Arc<Table>| {
            let id = if table.is_child() { PARENT } else { "id" };
            let column = table.value_column(slot)?;
            let name = quoted(&column.name);
            let is_linked = match column.ty {
                ColumnType::Uuid => format!("{name} = $2::uuid"),
                // Several links are the text of a JSON list of ids.
                _ => format!("strpos({name}, '\"' || $2::uuid::text || '\"') > 0"),
            };
            let table = full(table);
            Some(format!("SELECT {id} AS id FROM {table} WHERE {ORG} = $1 AND {is_linked}"))
        };
        let selects: Vec<String> = self.with_records_of(entity).filter_map(select).collect();
        (!selects.is_empty()).then(|| selects.join(" UNION "))
    }

    /// The services that own a table.
    pub fn services(&self) -> BTreeSet<&str> {
        self.shared.tables().iter().map(|table| table.service.as_str()).collect()
    }

    /// The entity and the field of a unique index.
    pub fn unique(&self, schema: &str, index: &str) -> Option<(String, String)> {
        self.shared.unique_index(schema, index)
    }
}

/// A table and the statements that never change.
pub struct RowTable {
    /// Its columns and indexes.
    pub shared: Arc<Table>,
    /// Its name with its schema, in quotes.
    pub name: String,
    /// The columns that are read, in quotes, separated by commas; the order of [`RowTable::read`].
    pub columns: String,
    /// The tables of its child records, by the slot of their field.
    pub children: Vec<(usize, RowTable)>,
    /// The statements of a command that does nothing but add a record.
    pub lone: Lone,
    insert: Arc<str>,
    delete: Arc<str>,
}

impl RowTable {
    fn new(shared: Arc<Table>) -> RowTable {
        let name = full(&shared);
        let searchable = has_words(&shared);
        let all: Vec<String> = shared.columns.iter().map(|column| quoted(&column.name)).collect();
        let mut into = vec![ORG.to_owned()];
        into.extend(all.iter().cloned());
        let mut places: Vec<String> = (1..=into.len()).map(|n| format!("${n}")).collect();
        if searchable {
            into.push(SEARCH.to_owned());
            places.push(words_at(&format!("${}", places.len() + 1)));
        }
        let insert =
            format!("INSERT INTO {name} ({}) VALUES ({})", into.join(", "), places.join(", "));
        let lone = Lone::new(&quoted(&shared.service), &name, &into, searchable);
        let delete = if shared.is_child() {
            format!("DELETE FROM {name} WHERE {ORG} = $1 AND {PARENT} = $2 AND {POSITION} >= $3")
        } else {
            guarded(&format!("DELETE FROM {name} WHERE {ORG} = $1 AND id = $2 AND version = $3"))
        };
        let read: Vec<String> =
            shared.columns.iter().filter(|c| is_read(c)).map(|c| quoted(&c.name)).collect();
        let children = shared.children.iter();
        let children =
            children.map(|(slot, child)| (*slot, RowTable::new(child.clone()))).collect();
        RowTable {
            name,
            columns: read.join(", "),
            children,
            lone,
            insert: insert.into(),
            delete: delete.into(),
            shared,
        }
    }

    /// Whether its records have words for full-text search.
    pub fn is_searchable(&self) -> bool {
        has_words(&self.shared)
    }

    /// The statements that add a record.
    pub fn insert(
        &self,
        org: i32,
        record: &Record,
        steps: &mut Vec<Step>,
    ) -> Result<(), StoreError> {
        steps.push(self.insert_row(org, &record.values, None)?);
        steps.extend(self.add_external(org, record));
        for (slot, child) in &self.children {
            let rows = rows(&record.values[*slot]);
            child.insert_rows(org, record.id(), rows, 0, steps)?;
        }
        Ok(())
    }

    /// The statements that change a record: only the columns whose values differ, and the child
    /// records from the first that differs.
    pub fn update(
        &self,
        org: i32,
        before: &Record,
        after: &Record,
        steps: &mut Vec<Step>,
    ) -> Result<(), StoreError> {
        let changed = after.changed_from(before);
        let mut params = vec![
            Param::Int(org.into()),
            Param::Uuid(before.id()),
            Param::Int(before.version() as i64),
            Param::Text(self.shared.entity.full_name()),
        ];
        let mut set = Vec::new();
        let of_field = |c: &&TableColumn| c.part.slot().is_some_and(|slot| changed.contains(&slot));
        for column in self.shared.columns.iter().filter(of_field) {
            params.push(self.param(column, &after.values, None)?);
            set.push(format!("{} = ${}", quoted(&column.name), params.len()));
        }
        if self.is_searchable() && self.shared.searchable().any(|slot| changed.contains(&slot)) {
            params.push(self.words(&after.values));
            set.push(format!("{SEARCH} = {}", words_at(&format!("${}", params.len()))));
        }
        let sql = guarded(&format!(
            "UPDATE {} SET {} WHERE {ORG} = $1 AND id = $2 AND version = $3",
            self.name,
            set.join(", ")
        ));
        steps.push(Step::new(sql, params));
        if changed.contains(&slot::EXTERNAL_IDS) {
            steps.extend(self.remove_external(org, before));
            steps.extend(self.add_external(org, after));
        }
        for (slot, child) in self.children.iter().filter(|(slot, _)| changed.contains(slot)) {
            let (old, new) = (rows(&before.values[*slot]), rows(&after.values[*slot]));
            let same = old.iter().zip(new).take_while(|(old, new)| old == new).count();
            if old.len() > same {
                steps.push(child.delete_rows(org, after.id(), same));
            }
            child.insert_rows(org, after.id(), new, same, steps)?;
        }
        Ok(())
    }

    /// The statements that delete a record.
    pub fn delete(&self, org: i32, record: &Record, steps: &mut Vec<Step>) {
        let params = vec![
            Param::Int(org.into()),
            Param::Uuid(record.id()),
            Param::Int(record.version() as i64),
            Param::Text(self.shared.entity.full_name()),
        ];
        steps.push(Step::new(self.delete.clone(), params));
        steps.extend(self.remove_external(org, record));
        let children = self.children.iter();
        steps.extend(children.map(|(_, child)| child.delete_rows(org, record.id(), 0)));
    }

    /// Keeps the record findable by its keys in other systems.
    fn add_external(&self, org: i32, record: &Record) -> Option<Step> {
        let (names, keys): (Vec<String>, Vec<String>) =
            external_ids(&record.values[slot::EXTERNAL_IDS]).into_iter().unzip();
        let sql = format!(
            "INSERT INTO {}._external (_org, entity, name, key, record) \
             SELECT $1::integer, $2, e.name, e.key, $3 \
             FROM unnest($4::text[], $5::text[]) AS e (name, key)",
            quoted(&self.shared.service)
        );
        let params = vec![
            Param::Int(org.into()),
            Param::Text(self.shared.entity.name.clone()),
            Param::Uuid(record.id()),
            Param::Texts(names.clone()),
            Param::Texts(keys),
        ];
        (!names.is_empty()).then(|| Step::new(sql, params))
    }

    fn remove_external(&self, org: i32, record: &Record) -> Option<Step> {
        let sql = format!(
            "DELETE FROM {}._external WHERE _org = $1 AND entity = $2 AND record = $3 \
             AND name = ANY($4)",
            quoted(&self.shared.service)
        );
        let ids = external_ids(&record.values[slot::EXTERNAL_IDS]);
        let names: Vec<String> = ids.into_iter().map(|(name, _)| name).collect();
        let params = vec![
            Param::Int(org.into()),
            Param::Text(self.shared.entity.name.clone()),
            Param::Uuid(record.id()),
            Param::Texts(names.clone()),
        ];
        (!names.is_empty()).then(|| Step::new(sql, params))
    }

    /// The statement that writes a document's number, its sort key and its words.
    pub fn number(&self, org: i32, record: &Record) -> Result<Step, StoreError> {
        let of_number = |column: &TableColumn| column.part.slot() == Some(slot::NUMBER);
        self.set(org, record.id(), &record.values, of_number)
    }

    /// The statement that writes what is computed from other columns: sort keys and words.
    pub fn computed(&self, org: i32, id: Uuid, values: &[Value]) -> Result<Step, StoreError> {
        self.set(org, id, values, |column| matches!(column.part, Part::Key(_)))
    }

    fn set(
        &self,
        org: i32,
        id: Uuid,
        values: &[Value],
        which: impl Fn(&TableColumn) -> bool,
    ) -> Result<Step, StoreError> {
        let mut params = vec![Param::Int(org.into()), Param::Uuid(id)];
        let mut set = Vec::new();
        for column in self.shared.columns.iter().filter(|column| which(column)) {
            params.push(self.param(column, values, None)?);
            set.push(format!("{} = ${}", quoted(&column.name), params.len()));
        }
        if self.is_searchable() {
            params.push(self.words(values));
            set.push(format!("{SEARCH} = {}", words_at(&format!("${}", params.len()))));
        }
        let sql =
            format!("UPDATE {} SET {} WHERE {ORG} = $1 AND id = $2", self.name, set.join(", "));
        Ok(Step::new(sql, params))
    }

    fn delete_rows(&self, org: i32, parent: Uuid, from: usize) -> Step {
        let params = vec![Param::Int(org.into()), Param::Uuid(parent), Param::Int(from as i64)];
        Step::new(self.delete.clone(), params)
    }

    fn insert_rows(
        &self,
        org: i32,
        parent: Uuid,
        rows: &[Vec<Value>],
        from: usize,
        steps: &mut Vec<Step>,
    ) -> Result<(), StoreError> {
        for (position, row) in rows.iter().enumerate().skip(from) {
            steps.push(self.insert_row(org, row, Some((parent, position)))?);
        }
        Ok(())
    }

    fn insert_row(
        &self,
        org: i32,
        values: &[Value],
        place: Option<(Uuid, usize)>,
    ) -> Result<Step, StoreError> {
        let mut params = Vec::with_capacity(self.shared.columns.len() + 2);
        params.push(Param::Int(org.into()));
        self.params(values, place, &mut params)?;
        Ok(Step::new(self.insert.clone(), params))
    }

    /// What an insert binds behind the organisation.
    pub fn params(
        &self,
        values: &[Value],
        place: Option<(Uuid, usize)>,
        params: &mut Vec<Param>,
    ) -> Result<(), StoreError> {
        for column in &self.shared.columns {
            params.push(self.param(column, values, place)?);
        }
        if self.is_searchable() {
            params.push(self.words(values));
        }
        Ok(())
    }

    /// Whether a record is one row here, and nothing in other tables.
    pub fn is_one_row(&self, record: &Record) -> bool {
        external_ids(&record.values[slot::EXTERNAL_IDS]).is_empty()
            && self.children.iter().all(|(slot, _)| rows(&record.values[*slot]).is_empty())
    }

    fn words(&self, values: &[Value]) -> Param {
        let text = tables::search_text(&self.shared, values);
        let mut words: Vec<String> =
            text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        words.sort_unstable();
        words.dedup();
        Param::Words(words)
    }

    /// What a column holds for a row of values.
    fn param(
        &self,
        column: &TableColumn,
        values: &[Value],
        place: Option<(Uuid, usize)>,
    ) -> Result<Param, StoreError> {
        let (parent, position) = place.unwrap_or_default();
        let of = |slot: usize| values.get(slot).unwrap_or(&Value::Null);
        let fits = match column.part {
            Part::Parent => Some(Param::Uuid(parent)),
            Part::Position => Some(Param::Int(position as i64)),
            Part::Key(slot) => Some(tables::sort_key(of(slot)).map_or(Param::Null, Param::Bytes)),
            Part::Currency(slot) => Some(match of(slot) {
                Value::Money(money) => Param::Text(money.currency.code().to_owned()),
                _ => Param::Null,
            }),
            Part::Value(slot) => param(column.ty, of(slot)),
        };
        fits.ok_or_else(|| {
            let table = &self.name;
            StoreError::Internal(format!("a value does not fit {table}.{}", column.name))
        })
    }

    /// The values in a row whose columns from `at` on are [`RowTable::columns`].
    pub fn read(&self, row: &Row, at: usize) -> Result<Vec<Value>, StoreError> {
        let mut values = vec![Value::Null; self.shared.entity.fields.len()];
        let read = self.shared.columns.iter().filter(|column| is_read(column));
        for (column, at) in read.zip(at..) {
            let found = match column.part {
                Part::Value(slot) => {
                    let kind = &self.shared.entity.fields[slot].kind;
                    value(column.ty, kind, row, at).map(|value| values[slot] = value)
                }
                Part::Currency(slot) => currency(&mut values[slot], row, at),
                Part::Key(_) | Part::Parent | Part::Position => Some(()),
            };
            found.ok_or_else(|| {
                let table = &self.name;
                StoreError::Corrupt(format!("{table}.{} holds no value of its kind", column.name))
            })?;
        }
        Ok(values)
    }
}

/// A table's name with its schema, in quotes.
pub fn full(table: &Table) -> String {
    format!("{}.{}", quoted(&table.service), quoted(&table.name))
}

/// The statement of a change that must meet exactly one row; `$2` is its id, `$4` its entity.
fn guarded(change: &str) -> String {
    format!(
        "WITH done AS ({change} RETURNING 1) \
         SELECT megalith.changed(EXISTS (SELECT FROM done), $4, $2)"
    )
}

/// The words of a list that is bound at a place such as `$3`.
pub fn words_at(place: &str) -> String {
    format!("{place}::tsvector")
}

/// Whether the rows of a table have words for full-text search.
pub fn has_words(table: &Table) -> bool {
    !table.is_child() && table.searchable().next().is_some()
}

/// Whether a record is read from this column; sort keys are only compared.
fn is_read(column: &TableColumn) -> bool {
    matches!(column.part, Part::Value(_) | Part::Currency(_))
}

/// The keys of a record in other systems, by the system's name.
fn external_ids(value: &Value) -> Vec<(String, String)> {
    let Value::Json(text) = value else { return Vec::new() };
    let read = serde_json::from_str::<BTreeMap<String, String>>(text);
    read.map(|ids| ids.into_iter().collect()).unwrap_or_default()
}

/// The child records in a value.
fn rows(value: &Value) -> &[Vec<Value>] {
    match value {
        Value::Rows(rows) => rows,
        _ => &[],
    }
}

/// What is bound for a value in a column of a type; none if it does not fit.
pub fn param(ty: ColumnType, value: &Value) -> Option<Param> {
    Some(match (ty, value) {
        (_, Value::Null) => Param::Null,
        (ColumnType::Bool, Value::Bool(value)) => Param::Bool(*value),
        (ColumnType::Int, Value::Int(value)) => Param::Int(*value),
        (ColumnType::Int, Value::Instant(value)) => Param::Int(value.0),
        (ColumnType::Int, Value::Duration(value)) => Param::Int(value.0),
        (ColumnType::Int, Value::Money(value)) => Param::Int(value.minor),
        (ColumnType::Scaled(_), Value::Decimal(value)) => Param::Decimal(*value),
        (ColumnType::Scaled(_), Value::Int(value)) => Param::Int(*value),
        (ColumnType::Date, Value::Date(value)) => Param::Date(*value),
        (ColumnType::Uuid, Value::Id(value)) => Param::Uuid(*value),
        (ColumnType::Text, value) => Param::Text(tables::text_of(value)?.into_owned()),
        _ => return None,
    })
}

/// The value in a column; the outer none is a value that is not of its kind. Money comes without
/// its currency, as a whole number.
pub fn value(ty: ColumnType, kind: &Kind, row: &Row, at: usize) -> Option<Value> {
    Some(match ty {
        ColumnType::Bool => optional::<bool>(row, at)?.into(),
        ColumnType::Int => match (optional::<i64>(row, at)?, kind) {
            (None, _) => Value::Null,
            (Some(n), Kind::Instant) => Value::Instant(Instant(n)),
            (Some(n), Kind::Duration) => Value::Duration(Duration(n)),
            (Some(n), _) => Value::Int(n),
        },
        ColumnType::Scaled(_) => optional::<ExactNumeric>(row, at)?.map(|exact| exact.0).into(),
        ColumnType::Date => optional::<Day>(row, at)?.map(|day| day.0).into(),
        ColumnType::Uuid => optional::<Uuid>(row, at)?.into(),
        ColumnType::Text => match optional::<String>(row, at)? {
            None => Value::Null,
            Some(text) => tables::value_from_text(kind, text)?,
        },
        ColumnType::Bytes => Value::Null,
    })
}

/// Gives an amount its currency.
fn currency(amount: &mut Value, row: &Row, at: usize) -> Option<()> {
    let code = optional::<&str>(row, at)?;
    *amount = match (&*amount, code) {
        (Value::Int(minor), Some(code)) => {
            Value::Money(Money { minor: *minor, currency: Currency::parse(code).ok()? })
        }
        (Value::Null, None) => Value::Null,
        _ => return None,
    };
    Some(())
}

fn optional<'a, T: FromSql<'a>>(row: &'a Row, at: usize) -> Option<Option<T>> {
    row.try_get(at).ok()
}
