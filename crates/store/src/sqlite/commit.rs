//! One sealed command inside the writer's transaction: what must still hold, rows, event.

use super::error::{self, is_taken, plain};
use super::prepared::Prepared;
use super::read::uuid;
use super::row::{TableSql, bind_column, changed_columns, quoted};
use super::schema::{POSITION_BITS, ROW_BITS};
use super::seal::OpenLog;
use super::{Log, Tables};
use crate::expiry;
use crate::sql::ADD;
use crate::tables::{ORG, PARENT, Part, TableColumn};
use kernel::log::merkle;
use kernel::ports::{Change, Delta, Draw, Must, PremiseKey, StoreError};
use kernel::schema::{MAX_SUMS, slot};
use kernel::write::Sealed;
use kernel::{Kind, Record};
use rusqlite::{Connection, OptionalExtension, Statement, params};
use std::collections::HashMap;
use types::{Instant, Uuid, Value};

type Done = Result<(), StoreError>;

/// A change of the full-text index, made after the savepoints of a batch: the index writes all it
/// holds in memory at every savepoint.
pub enum SearchChange {
    /// These words stand at this place from now on; `true` if others may have.
    Put(i64, String, bool),
    /// Nothing stands at this place any more.
    Remove(i64),
}

/// What a command needs to be written, and what it leaves behind.
pub struct Command<'a> {
    /// The writer's connection, in a savepoint.
    pub connection: &'a Connection,
    /// Every table.
    pub tables: &'a Tables,
    /// Texts of UPDATE statements by table and columns.
    pub updates: &'a mut HashMap<i64, HashMap<Vec<usize>, String>>,
    /// Full-text changes of the batch so far.
    pub searches: &'a mut Vec<SearchChange>,
}

/// A record as it becomes.
struct New<'a> {
    /// Its values, with its number.
    values: &'a [Value],
    /// What was computed from them before.
    prepared: &'a Prepared,
    /// Its words, for the full-text index.
    words: String,
}

impl New<'_> {
    fn bind(
        &self,
        statement: &mut Statement<'_>,
        place: usize,
        at: usize,
        column: &TableColumn,
    ) -> Done {
        match column.part {
            Part::Key(_) => {
                statement.raw_bind_parameter(place, self.prepared.key(at)).map_err(plain)
            }
            _ => bind_column(statement, place, column, self.values),
        }
    }
}

impl Command<'_> {
    /// Writes a command; gives the numbers that it drew, by the place of their change.
    ///
    /// # Errors
    /// As [`kernel::ports::Store::commit`].
    pub fn write(
        &mut self,
        log: &Log,
        open: &mut OpenLog,
        sealed: &Sealed,
        prepared: &mut [Prepared],
    ) -> Result<Vec<(usize, String)>, StoreError> {
        self.once(log, sealed)?;
        self.premises(log, sealed)?;
        let numbers = self.numbers(log, sealed.draws())?;
        for (place, (change, prepared)) in sealed.changes().iter().zip(prepared).enumerate() {
            let number = numbers.iter().find(|(of, _)| *of == place).map(|(_, number)| number);
            self.change(log, change, prepared, number)?;
        }
        self.unlinked(log, sealed)?;
        self.totals(log, sealed.deltas())?;
        for key in sealed.keys() {
            let text =
                "INSERT OR REPLACE INTO _subject_key (log, subject, wrapped) VALUES (?, ?, ?)";
            let values = params![log.number, key.subject.as_bytes(), key.wrapped];
            self.run(text, values).map_err(plain)?;
        }
        self.event(log, open, sealed, &numbers)?;
        Ok(numbers)
    }

    fn run(&self, text: &str, values: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.connection.prepare_cached(text)?.execute(values)
    }

    /// Refuses the command if it was done before.
    fn once(&self, log: &Log, sealed: &Sealed) -> Done {
        if let Some(row) = sealed.idempotency() {
            let text = "INSERT INTO _idempotency (log, actor, key, fingerprint, event, at) \
                        VALUES (?, ?, ?, ?, ?, ?)";
            let (actor, event) = (row.actor.as_bytes(), row.event.as_bytes());
            let values = params![log.number, actor, row.key, row.fingerprint, event, row.at.0];
            self.run(text, values).map_err(|e| match is_taken(&e) {
                true => StoreError::KeyUsed,
                false => plain(e),
            })?;
            self.remove_expired(log, row.at)?;
        }
        if let Some(effect) = sealed.effect()
            && !advance(self.connection, log.number, &effect.reader, effect.position)?
        {
            return Err(StoreError::EffectDone);
        }
        Ok(())
    }

    /// Removes a few idempotency rows whose time is over: each command that adds one removes more
    /// than one, so that they cannot pile up.
    fn remove_expired(&self, log: &Log, now: Instant) -> Done {
        let text = "DELETE FROM _idempotency WHERE (log, actor, key) IN \
                    (SELECT log, actor, key FROM _idempotency WHERE log = ? AND at < ? \
                     ORDER BY at LIMIT 8)";
        let values = params![log.number, expiry::expired_before(now).0];
        self.run(text, values).map(drop).map_err(plain)
    }

    fn premises(&self, log: &Log, sealed: &Sealed) -> Done {
        let mut moved = Vec::new();
        for premise in sealed.premises() {
            let PremiseKey::Record { entity, id } = &premise.key;
            let found = self.find(self.tables.named(entity)?, log.org, *id)?;
            let version = found.map_or(0, |(_, version)| version);
            let holds = match premise.must {
                Must::HaveVersion(wanted) => version == wanted as i64,
                Must::Exist => found.is_some(),
                // Evaluated after the rows are written.
                Must::Unlinked { .. } => true,
            };
            if !holds {
                moved.push(premise.key.clone());
            }
        }
        if moved.is_empty() { Ok(()) } else { Err(StoreError::Moved(moved)) }
    }

    /// The premises that nothing links to a record.
    fn unlinked(&self, log: &Log, sealed: &Sealed) -> Done {
        let mut moved = Vec::new();
        for premise in sealed.premises() {
            let Must::Unlinked { entity, slot } = &premise.must else { continue };
            let PremiseKey::Record { id, .. } = &premise.key;
            let links = linking(self.connection, self.tables, log.org, entity, *slot, *id, 1)?;
            if !links.is_empty() {
                moved.push(premise.key.clone());
            }
        }
        if moved.is_empty() { Ok(()) } else { Err(StoreError::Moved(moved)) }
    }

    /// Adds to sums; those that have bounds must keep them.
    fn totals(&self, log: &Log, deltas: &[Delta]) -> Done {
        for delta in deltas {
            let text = format!(
                "INSERT INTO _total VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
                 ON CONFLICT DO UPDATE SET count = count + excluded.count, \
                 sum0 = {ADD}(sum0, excluded.sum0), sum1 = {ADD}(sum1, excluded.sum1), \
                 sum2 = {ADD}(sum2, excluded.sum2), sum3 = {ADD}(sum3, excluded.sum3) \
                 RETURNING sum0, sum1, sum2, sum3"
            );
            let sum = |at: usize| delta.sums.get(at).copied().unwrap_or(0);
            let (length, width) = (delta.period.len() as i64, delta.sums.len() as i64);
            let values = params![
                log.number,
                delta.accumulator,
                length,
                delta.key,
                delta.period,
                delta.count,
                width,
                sum(0),
                sum(1),
                sum(2),
                sum(3),
            ];
            let mut statement = self.connection.prepare_cached(&text).map_err(plain)?;
            let sums: [i64; MAX_SUMS] = statement
                .query_row(values, |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))
                .map_err(plain)?;
            let kept = delta.bounds.iter().all(|bound| {
                let value = sums.get(bound.sum).copied().unwrap_or(0);
                bound.min.is_none_or(|min| value >= min) && bound.max.is_none_or(|max| value <= max)
            });
            if !kept {
                return Err(StoreError::OutOfBounds { accumulator: delta.accumulator.clone() });
            }
        }
        Ok(())
    }

    /// Notes the record's keys in other systems where they changed.
    fn external(
        &self,
        log: &Log,
        table: &TableSql,
        id: Uuid,
        before: &Value,
        after: &Value,
    ) -> Done {
        if before == after {
            return Ok(());
        }
        for (keys, text) in [
            (
                external_keys(before),
                "DELETE FROM _external WHERE org = ? AND entity = ? AND name = ? AND key = ? AND id = ?",
            ),
            (
                external_keys(after),
                "INSERT OR IGNORE INTO _external (org, entity, name, key, id) VALUES (?, ?, ?, ?, ?)",
            ),
        ] {
            for (name, key) in keys {
                self.run(text, params![log.org, table.number, name, key, id.as_bytes()])
                    .map_err(plain)?;
            }
        }
        Ok(())
    }

    /// A record's row number and version.
    fn find(&self, table: &TableSql, org: i64, id: Uuid) -> Result<Option<(i64, i64)>, StoreError> {
        let mut statement = self.connection.prepare_cached(&table.find).map_err(plain)?;
        let found =
            statement.query_row(params![org, id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)));
        found.optional().map_err(plain)
    }

    fn numbers(&self, log: &Log, draws: &[Draw]) -> Result<Vec<(usize, String)>, StoreError> {
        let text = "INSERT INTO _series (log, series, count) VALUES (?, ?, 1) \
                    ON CONFLICT DO UPDATE SET count = count + 1 RETURNING count";
        let mut numbers = Vec::with_capacity(draws.len());
        for draw in draws {
            let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
            let count: i64 = statement
                .query_row(params![log.number, draw.series], |row| row.get(0))
                .map_err(plain)?;
            numbers.push((draw.change, draw.number(count as u64)));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn change(
        &mut self,
        log: &Log,
        change: &Change,
        prepared: &mut Prepared,
        number: Option<&String>,
    ) -> Done {
        let tables = self.tables;
        let table = tables.of(&change.record().entity)?;
        let numbered = number.map(|number| {
            prepared.with_number(&table.table, number);
            let mut values = change.record().values.clone();
            values[slot::NUMBER] = Value::Text(number.clone());
            values
        });
        let values = numbered.as_deref().unwrap_or(&change.record().values);
        let words = prepared.take_words(&table.table, values, number.map(String::as_str));
        let new = New { values, prepared, words };
        match change {
            Change::Insert(record) => self.insert(log, table, record, new),
            Change::Update { before, .. } => self.update(log, table, before, new),
            Change::Delete(record) => self.delete(log, table, record),
        }
    }

    fn insert(&mut self, log: &Log, table: &TableSql, record: &Record, new: New<'_>) -> Done {
        let values = new.values;
        let mut statement = self.connection.prepare_cached(&table.insert).map_err(plain)?;
        statement.raw_bind_parameter(1, log.org).map_err(plain)?;
        for (at, column) in table.table.columns.iter().enumerate() {
            new.bind(&mut statement, at + 2, at, column)?;
        }
        statement.raw_execute().map_err(|e| error::of_row(e, &self.tables.catalog))?;
        drop(statement);
        let row = self.connection.last_insert_rowid();
        if !new.words.is_empty() {
            let place = (table.number << ROW_BITS) | row;
            self.searches.push(SearchChange::Put(place, new.words, false));
        }
        self.external(log, table, record.id(), &Value::Null, &values[slot::EXTERNAL_IDS])?;
        self.insert_lines(log, table, record.id(), values)
    }

    fn insert_lines(&self, log: &Log, table: &TableSql, parent: Uuid, values: &[Value]) -> Done {
        for (slot, child) in &table.children {
            let Value::Rows(rows) = &values[*slot] else { continue };
            let mut statement = self.connection.prepare_cached(&child.insert).map_err(plain)?;
            for (position, line) in rows.iter().enumerate() {
                statement.raw_bind_parameter(1, log.org).map_err(plain)?;
                for (at, column) in child.table.columns.iter().enumerate() {
                    match column.part {
                        Part::Parent => {
                            statement
                                .raw_bind_parameter(at + 2, parent.as_bytes())
                                .map_err(plain)?;
                        }
                        Part::Position => {
                            let position = position as i64;
                            statement.raw_bind_parameter(at + 2, position).map_err(plain)?;
                        }
                        _ => bind_column(&mut statement, at + 2, column, line)?,
                    }
                }
                statement.raw_execute().map_err(plain)?;
            }
        }
        Ok(())
    }

    fn delete_lines(&self, log: &Log, child: &TableSql, parent: Uuid) -> Done {
        self.run(&child.delete, params![log.org, parent.as_bytes()]).map(drop).map_err(plain)
    }

    fn update(&mut self, log: &Log, table: &TableSql, before: &Record, new: New<'_>) -> Done {
        let values = new.values;
        let changed: Vec<usize> =
            (0..values.len()).filter(|&slot| values[slot] != before.values[slot]).collect();
        let mut places = Vec::new();
        changed_columns(&table.table, &changed, &mut places);
        let texts = self.updates.entry(table.number).or_default();
        if !texts.contains_key(places.as_slice()) {
            texts.insert(places.clone(), table.update(&places));
        }
        let mut statement =
            self.connection.prepare_cached(&texts[places.as_slice()]).map_err(plain)?;
        for (place, at) in places.iter().enumerate() {
            new.bind(&mut statement, place + 1, *at, &table.table.columns[*at])?;
        }
        let next = places.len() + 1;
        statement.raw_bind_parameter(next, log.org).map_err(plain)?;
        statement.raw_bind_parameter(next + 1, before.id().as_bytes()).map_err(plain)?;
        statement.raw_bind_parameter(next + 2, before.version() as i64).map_err(plain)?;
        let count = statement.raw_execute().map_err(|e| error::of_row(e, &self.tables.catalog))?;
        drop(statement);
        if count == 0 {
            return Err(moved(before));
        }
        let (old, now) = (&before.values[slot::EXTERNAL_IDS], &values[slot::EXTERNAL_IDS]);
        self.external(log, table, before.id(), old, now)?;
        for (slot, child) in table.children.iter().filter(|(slot, _)| changed.contains(slot)) {
            if !before.values[*slot].is_null() {
                self.delete_lines(log, child, before.id())?;
            }
        }
        let lines: Vec<Value> = (0..values.len())
            .map(|slot| match &values[slot] {
                rows @ Value::Rows(_) if changed.contains(&slot) => rows.clone(),
                _ => Value::Null,
            })
            .collect();
        if lines.iter().any(|value| !value.is_null()) {
            self.insert_lines(log, table, before.id(), &lines)?;
        }
        if table.table.searchable().any(|slot| changed.contains(&slot)) {
            let found = self.find(table, log.org, before.id())?;
            let Some((row, _)) = found else { return Err(moved(before)) };
            let place = (table.number << ROW_BITS) | row;
            self.searches.push(match new.words.is_empty() {
                true => SearchChange::Remove(place),
                false => SearchChange::Put(place, new.words, true),
            });
        }
        Ok(())
    }

    fn delete(&mut self, log: &Log, table: &TableSql, record: &Record) -> Done {
        let Some((row, _)) = self.find(table, log.org, record.id())? else {
            return Err(moved(record));
        };
        let (id, version) = (record.id(), record.version() as i64);
        let values = params![log.org, id.as_bytes(), version];
        if self.run(&table.delete, values).map_err(plain)? == 0 {
            return Err(moved(record));
        }
        self.external(log, table, id, &record.values[slot::EXTERNAL_IDS], &Value::Null)?;
        for (_, child) in &table.children {
            self.delete_lines(log, child, record.id())?;
        }
        if table.table.searchable().next().is_some() {
            self.searches.push(SearchChange::Remove((table.number << ROW_BITS) | row));
        }
        Ok(())
    }

    fn event(
        &self,
        log: &Log,
        open: &mut OpenLog,
        sealed: &Sealed,
        numbers: &[(usize, String)],
    ) -> Done {
        let event = sealed.event();
        let position = open.frontier.size() + 1;
        let drawn: Vec<&str> = numbers.iter().map(|(_, number)| number.as_str()).collect();
        let number = drawn.join(" ");
        let text = "INSERT INTO _event (place, id, at, number, change_set, hash, bytes) \
                    VALUES (?, ?, ?, ?, ?, ?, ?)";
        let place = (log.number << POSITION_BITS) + position as i64;
        let (id, bytes) = (event.id.as_bytes(), &event.bytes);
        let set = event.change_set.as_ref().map(Uuid::as_bytes);
        let values = params![place, id, event.at.0, number, set, event.hash, bytes];
        self.run(text, values).map_err(plain)?;
        for change in sealed.changes() {
            let text =
                "INSERT OR IGNORE INTO _event_record (log, record, position) VALUES (?, ?, ?)";
            let record = change.record().id();
            let values = params![log.number, record.as_bytes(), position as i64];
            self.run(text, values).map_err(plain)?;
        }
        // The last step: nothing can fail after it and leave the tree ahead of the rows.
        open.push(merkle::leaf(&event.hash, &number), event.at);
        Ok(())
    }
}

/// The keys of a record in other systems, by the system's name.
fn external_keys(value: &Value) -> Vec<(String, String)> {
    let Value::Json(text) = value else { return Vec::new() };
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).unwrap_or_default();
    let texts = object.into_iter().filter_map(|(name, key)| match key {
        serde_json::Value::String(key) => Some((name, key)),
        _ => None,
    });
    texts.collect()
}

/// Ids of the records that link to `id` by a field; for lines, of the records they are inside.
pub fn linking(
    connection: &Connection,
    tables: &Tables,
    org: i64,
    entity: &str,
    slot: usize,
    id: Uuid,
    limit: u32,
) -> Result<Vec<Uuid>, StoreError> {
    let own = tables.catalog.tables().iter().filter(|table| table.entity.full_name() == entity);
    let mut found = Vec::new();
    for table in own {
        let Some(column) = table.value_column(slot) else { continue };
        let name = if table.is_child() { PARENT } else { "id" };
        let many = matches!(table.entity.fields[slot].kind, Kind::Links { .. });
        let column = quoted(&column.name);
        let links = match many {
            true => format!("?2 IN (SELECT value FROM json_each({column}))"),
            false => format!("{column} = ?2"),
        };
        let text = format!(
            "SELECT DISTINCT \"{name}\" FROM {} WHERE {ORG} = ?1 AND {links} LIMIT ?3",
            quoted(&table.full_name())
        );
        let mut statement = connection.prepare_cached(&text).map_err(plain)?;
        let wanted = if many { id.to_string().into() } else { id.as_bytes().to_vec().into() };
        let wanted: rusqlite::types::Value = wanted;
        let rows = statement.query_map(params![org, wanted, limit], |row| uuid(row, 0));
        for id in rows.map_err(plain)? {
            found.push(id.map_err(plain)?);
        }
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(limit as usize);
    Ok(found)
}

fn moved(record: &Record) -> StoreError {
    let key = PremiseKey::Record { entity: record.entity.full_name(), id: record.id() };
    StoreError::Moved(vec![key])
}

/// Moves a reader's cursor; false if it is there already or further.
pub fn advance(
    connection: &Connection,
    log: i64,
    reader: &str,
    position: u64,
) -> Result<bool, StoreError> {
    let text = "INSERT INTO _cursor (log, reader, position) VALUES (?, ?, ?) ON CONFLICT \
                DO UPDATE SET position = excluded.position WHERE position < excluded.position";
    let mut statement = connection.prepare_cached(text).map_err(plain)?;
    let count = statement.execute(params![log, reader, position as i64]).map_err(plain)?;
    Ok(count > 0)
}

/// Removes a subject's data key and overwrites where it lay.
pub fn destroy_key(connection: &Connection, log: i64, subject: Uuid) -> Done {
    connection.pragma_update(None, "secure_delete", "ON").map_err(plain)?;
    let text = "DELETE FROM _subject_key WHERE log = ? AND subject = ?";
    let result = connection.execute(text, params![log, subject.as_bytes()]).map_err(plain);
    connection.pragma_update(None, "secure_delete", "OFF").map_err(plain)?;
    result.map(drop)
}

/// Makes the changes of the full-text index.
pub fn search(connection: &Connection, changes: &mut Vec<SearchChange>) -> Done {
    for change in changes.drain(..) {
        let (text, place, words) = match &change {
            SearchChange::Put(place, words, false) => {
                ("INSERT INTO _search (rowid, words) VALUES (?1, ?2)", place, words.as_str())
            }
            SearchChange::Put(place, words, true) => (
                "INSERT OR REPLACE INTO _search (rowid, words) VALUES (?1, ?2)",
                place,
                words.as_str(),
            ),
            SearchChange::Remove(place) => {
                ("DELETE FROM _search WHERE rowid = ?1 AND ?2 = ''", place, "")
            }
        };
        let mut statement = connection.prepare_cached(text).map_err(plain)?;
        statement.execute(params![place, words]).map_err(plain)?;
    }
    Ok(())
}
