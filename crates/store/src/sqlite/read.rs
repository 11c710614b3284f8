//! Reading on one connection: records, lists, full text, events.

use super::error::plain;
use super::row::{ROW, TableSql, quoted};
use super::schema::{POSITION_BITS, ROW_BITS};
use super::{Log, Tables};
use crate::sql::{self, About, Bound, Dialect, Sql, aggregate};
use crate::tables::{ORG, Table};
use kernel::linked::Hop;
use kernel::log::{Hash, Head, LogEntry, Recorded, SignedHead};
use kernel::ports::{AggregatePlan, IdempotencyRow, ListPlan, StoreError, Total};
use kernel::schema::MAX_SUMS;
use kernel::{Entity, Predicate, Record};
use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use types::{Instant, Uuid, Value};

/// Records within a bound from which on it counts as wide.
const WIDE: i64 = 500;
/// Ranges of which it is remembered whether they are wide.
const WIDTHS: usize = 1_000;
/// Lists after which it is looked at again.
const USES: u32 = 100;

type Read<T> = Result<T, StoreError>;

/// A connection in a snapshot, and whose records it reads.
pub struct Reading<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// Every table.
    pub tables: &'a Tables,
    /// The log, its organisation and service.
    pub log: &'a Log,
    /// What is known of ranges.
    pub widths: &'a Widths,
}

/// Which ranges were found to be wide.
#[derive(Default)]
pub struct Widths(Mutex<HashMap<u64, (bool, u32)>>);

impl Widths {
    /// What was found for a question, by its hash, unless that was many questions ago.
    fn known(&self, question: u64) -> Option<bool> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (found, left) = all.get_mut(&question)?;
        *left = left.checked_sub(1)?;
        Some(*found)
    }

    fn note(&self, question: u64, found: bool) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= WIDTHS {
            all.clear();
        }
        all.insert(question, (found, USES));
    }
}

/// A record to read, by id and under predicates.
#[derive(Clone)]
pub struct Get {
    /// Its entity.
    pub entity: Arc<Entity>,
    /// Its id.
    pub id: Uuid,
    /// What must hold for it.
    pub predicates: Vec<Predicate>,
}

/// Which sums to read.
#[derive(Clone)]
pub struct TotalsOf {
    /// The accumulator.
    pub accumulator: String,
    /// One sum, or all.
    pub key: Option<Vec<u8>>,
    /// The length of the periods.
    pub length: usize,
    /// The first period.
    pub from: String,
    /// The last period.
    pub to: String,
}

impl ToSql for Bound {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let borrowed = match self {
            Bound::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Bound::Int(value) => ValueRef::Integer(*value),
            Bound::Text(value) => ValueRef::Text(value.as_bytes()),
            Bound::Bytes(value) => ValueRef::Blob(value),
            Bound::Uuid(value) => ValueRef::Blob(value.as_bytes()),
            Bound::Decimal(value) => return Ok(ToSqlOutput::Owned(value.to_string().into())),
            Bound::Date(value) => return Ok(ToSqlOutput::Owned(value.to_string().into())),
            Bound::Uuids(values) => {
                let texts: Vec<String> = values.iter().map(Uuid::to_string).collect();
                let text = serde_json::Value::from(texts).to_string();
                return Ok(ToSqlOutput::Owned(text.into()));
            }
        };
        Ok(ToSqlOutput::Borrowed(borrowed))
    }
}

impl Reading<'_> {
    fn about<'a>(&'a self, table: &'a TableSql) -> About<'a> {
        let (number, catalog) = (table.number, &self.tables.catalog);
        About { table: &table.table, number, catalog, org: self.log.org }
    }

    /// A record by id, if it exists and every predicate holds for it.
    pub fn get(&self, get: &Get) -> Read<Option<Record>> {
        let table = self.tables.of(&get.entity)?;
        if get.predicates.is_empty() {
            let mut statement = self.connection.prepare_cached(&table.get).map_err(plain)?;
            let mut rows =
                statement.query(params![self.log.org, get.id.as_bytes()]).map_err(plain)?;
            let Some(row) = rows.next().map_err(plain)? else { return Ok(None) };
            let mut values = table.values(row, 0)?;
            self.lines(table, &mut values)?;
            return Ok(Some(Record { entity: get.entity.clone(), values }));
        }
        let mut sql = self.select(table, &table.columns);
        sql.push(" AND \"id\" = ").bind(Bound::Uuid(get.id));
        let left = sql::conditions(&mut sql, &self.about(table), &get.predicates)?;
        let mut found = self.records(table, &get.entity, &sql, &left, 1, true)?;
        Ok(found.pop())
    }

    /// The records of a plan, in its order.
    pub fn list(&self, plan: &ListPlan) -> Read<Vec<Record>> {
        let table = self.tables.of(&plan.entity)?;
        let off_index = self.wide_ranges(table, plan)?;
        let (mut sql, left) = self.question(table, &table.columns, plan, off_index)?;
        let about = self.about(table);
        if let Some((values, id)) = &plan.after {
            sql::after(&mut sql, &about, &plan.order, values, *id)?;
        }
        sql::order_by(&mut sql, &about, &plan.order)?;
        if left.is_empty() {
            sql.push(" LIMIT ").bind(Bound::Int(plan.limit.into()));
            if plan.skip > 0 {
                sql.push(" OFFSET ").bind(Bound::Int(plan.skip.try_into().unwrap_or(i64::MAX)));
            }
        }
        // Where records are decided one by one, those that are passed over are too.
        let skip = if left.is_empty() { 0 } else { plan.skip as usize };
        let limit = (plan.limit as usize).saturating_add(skip);
        let mut found = self.records(table, &plan.entity, &sql, &left, limit, plan.lines)?;
        found.drain(..skip.min(found.len()));
        Ok(found)
    }

    /// How many records a plan has in all.
    pub fn count(&self, plan: &ListPlan) -> Read<u64> {
        let table = self.tables.of(&plan.entity)?;
        let (sql, left) = self.question(table, "count(*)", plan, Vec::new())?;
        if left.is_empty() {
            let mut statement = self.connection.prepare_cached(&sql.text).map_err(plain)?;
            let binds = rusqlite::params_from_iter(&sql.binds);
            let count: i64 = statement.query_row(binds, |row| row.get(0)).map_err(plain)?;
            return Ok(count as u64);
        }
        let (sql, left) = self.question(table, &table.columns, plan, Vec::new())?;
        let found = self.records(table, &plan.entity, &sql, &left, usize::MAX, false)?;
        Ok(found.len() as u64)
    }

    fn select(&self, table: &TableSql, columns: &str) -> Sql {
        let mut sql = Sql::new(Dialect::Sqlite);
        sql.push("SELECT ").push(columns).push(" FROM ").name(&table.table.full_name());
        sql.push(" WHERE ").push(ORG).push(" = ").bind(Bound::Int(self.log.org));
        sql
    }

    /// The slots that a list bounds so widely that sorting what is within costs more than to walk
    /// the list's own order and to leave out what is not. The database itself has no statistics
    /// of the values, and takes any bound for a narrow one.
    fn wide_ranges(&self, table: &TableSql, plan: &ListPlan) -> Read<Vec<usize>> {
        let mut wide = Vec::new();
        if !plan.tokens.is_empty() {
            return Ok(wide);
        }
        for (slot, terms) in sql::ranges(&table.table, &plan.predicates) {
            // The order's own index finds the range as well, unless it is one of sort keys.
            let mut first = plan.order.first().into_iter();
            let own = first.any(|key| key.hop.is_none() && key.slot == slot);
            if own && table.table.key_column(slot).is_none() {
                continue;
            }
            let mut sql = self.select(table, "1");
            if !sql::terms(&mut sql, &self.about(table), &terms) {
                continue;
            }
            sql.push(" LIMIT 1 OFFSET ").bind(Bound::Int(WIDE - 1));
            if self.is_wide(&sql)? {
                wide.push(slot);
            }
        }
        Ok(wide)
    }

    /// Whether a question for the last record of a wide range finds one. What was found is taken
    /// for granted for a while: it decides how fast an answer is, not which.
    fn is_wide(&self, sql: &Sql) -> Read<bool> {
        let mut hasher = DefaultHasher::new();
        hasher.write(sql.text.as_bytes());
        // As text: a value that is bound has no hash of its own.
        hasher.write(format!("{:?}", sql.binds).as_bytes());
        if let Some(known) = self.widths.known(hasher.finish()) {
            return Ok(known);
        }
        let mut statement = self.connection.prepare_cached(&sql.text).map_err(plain)?;
        let found = statement.exists(rusqlite::params_from_iter(&sql.binds)).map_err(plain)?;
        self.widths.note(hasher.finish(), found);
        Ok(found)
    }

    fn question(
        &self,
        table: &TableSql,
        columns: &str,
        plan: &ListPlan,
        off_index: Vec<usize>,
    ) -> Read<(Sql, Vec<Predicate>)> {
        let mut sql = self.select(table, columns);
        sql.off_index = off_index;
        self.said_by(&mut sql, table, &plan.tokens, &plan.through)?;
        let left = sql::conditions(&mut sql, &self.about(table), &plan.predicates)?;
        Ok((sql, left))
    }

    /// Appends, right after the organisation, that each token is said by the record or by what it
    /// links to.
    fn said_by(
        &self,
        sql: &mut Sql,
        table: &TableSql,
        tokens: &[String],
        through: &[Arc<Hop>],
    ) -> Read<()> {
        if through.is_empty() && !tokens.is_empty() {
            // The words find the rows, not the organisation's index: `+` takes it off the table.
            let at = sql.text.len() - (ORG.len() + " = ?".len());
            sql.text.insert(at, '+');
            sql.push(" AND ");
            said(sql, table.number, "", words(tokens));
            return Ok(());
        }
        for (at, token) in tokens.iter().enumerate() {
            let word = |sql: &mut Sql, whose: &Table, name: &str| {
                let number = self.tables.of(&whose.entity)?.number;
                let token = std::slice::from_ref(token);
                let is_last = at + 1 == tokens.len();
                said(sql, number, name, if is_last { words(token) } else { word_of(&token[0]) });
                Ok(())
            };
            sql::found_through(sql, &self.about(table), through, &word)?;
        }
        Ok(())
    }

    fn records(
        &self,
        table: &TableSql,
        entity: &Arc<Entity>,
        sql: &Sql,
        left: &[Predicate],
        limit: usize,
        lines: bool,
    ) -> Read<Vec<Record>> {
        let decide_by_lines = left.iter().any(|p| sql::reads_children(&table.table, &p.expr));
        let mut statement = self.connection.prepare_cached(&sql.text).map_err(plain)?;
        let binds = rusqlite::params_from_iter(&sql.binds);
        let mut rows = statement.query(binds).map_err(plain)?;
        let mut found = Vec::new();
        while found.len() < limit
            && let Some(row) = rows.next().map_err(plain)?
        {
            let mut values = table.values(row, 0)?;
            if lines || decide_by_lines {
                self.lines(table, &mut values)?;
            }
            if !sql::holds(left, &values) {
                continue;
            }
            if !lines && decide_by_lines {
                table.children.iter().for_each(|(slot, _)| drop(values[*slot].take()));
            }
            found.push(Record { entity: entity.clone(), values });
        }
        Ok(found)
    }

    /// Fills in the child records.
    fn lines(&self, table: &TableSql, values: &mut [Value]) -> Read<()> {
        let Some(id) = values[kernel::schema::slot::ID].as_id() else { return Ok(()) };
        for (slot, child) in &table.children {
            let mut statement = self.connection.prepare_cached(&child.of_parent).map_err(plain)?;
            let mut rows = statement.query(params![self.log.org, id.as_bytes()]).map_err(plain)?;
            let mut lines = Vec::new();
            while let Some(row) = rows.next().map_err(plain)? {
                lines.push(child.values(row, 0)?);
            }
            values[*slot] = Value::Rows(lines);
        }
        Ok(())
    }

    /// Ids that match all tokens, over all entities of the service, the best first.
    pub fn search(&self, tokens: &[String], limit: u32) -> Read<Vec<(String, Uuid)>> {
        let text = "SELECT rowid FROM _search WHERE _search MATCH ? ORDER BY rank, rowid";
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let mut rows = statement.query([words(tokens)]).map_err(plain)?;
        let mut found = Vec::new();
        while found.len() < limit as usize
            && let Some(row) = rows.next().map_err(plain)?
        {
            let place: i64 = row.get(0).map_err(plain)?;
            let Some(table) = self.tables.numbered(place >> ROW_BITS) else { continue };
            if table.table.service != self.log.service {
                continue;
            }
            let text = format!(
                "SELECT \"id\" FROM {} WHERE {ROW} = ? AND {ORG} = ?",
                quoted(&table.table.full_name())
            );
            let mut of_row = self.connection.prepare_cached(&text).map_err(plain)?;
            let row = place & ((1 << ROW_BITS) - 1);
            let id = of_row.query_row(params![row, self.log.org], |row| uuid(row, 0)).optional();
            if let Some(id) = id.map_err(plain)? {
                found.push((table.table.entity.full_name(), id));
            }
        }
        Ok(found)
    }

    /// What an earlier request of this actor with this key did.
    pub fn idempotent(&self, actor: Uuid, key: &str) -> Read<Option<IdempotencyRow>> {
        let text = "SELECT fingerprint, event, at FROM _idempotency \
                    WHERE log = ? AND actor = ? AND key = ?";
        let read = |row: &Row<'_>| {
            Ok(IdempotencyRow {
                actor,
                key: key.to_owned(),
                fingerprint: row.get(0)?,
                event: uuid(row, 1)?,
                at: Instant(row.get(2)?),
            })
        };
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let found = statement.query_row(params![self.log.number, actor.as_bytes(), key], read);
        found.optional().map_err(plain)
    }

    /// The wrapped data key of a subject.
    pub fn subject_key(&self, subject: Uuid) -> Read<Option<Vec<u8>>> {
        let text = "SELECT wrapped FROM _subject_key WHERE log = ? AND subject = ?";
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let found =
            statement.query_row(params![self.log.number, subject.as_bytes()], |row| row.get(0));
        found.optional().map_err(plain)
    }

    /// The events that touched a record, oldest first.
    pub fn events_of(&self, record: Uuid) -> Read<Vec<Recorded>> {
        let text = "SELECT e.bytes, e.number FROM _event_record r \
                    JOIN _event e ON e.place = (r.log << 44) + r.position \
                    WHERE r.log = ? AND r.record = ? ORDER BY r.position";
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let rows = statement
            .query_map(params![self.log.number, record.as_bytes()], |row| {
                Ok(Recorded { bytes: row.get(0)?, number: row.get(1)? })
            })
            .map_err(plain)?;
        rows.collect::<Result<_, _>>().map_err(plain)
    }

    /// The events that touched a record before a position, the newest first.
    pub fn history_of(&self, record: Uuid, before: u64, limit: u32) -> Read<Vec<LogEntry>> {
        let text = "SELECT e.place, e.id, e.number, e.hash, e.bytes FROM _event_record r \
                    JOIN _event e ON e.place = (r.log << 44) + r.position \
                    WHERE r.log = ? AND r.record = ? AND r.position < ? \
                    ORDER BY r.position DESC LIMIT ?";
        let before = i64::try_from(before).unwrap_or(i64::MAX);
        let first = self.log.number << POSITION_BITS;
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let rows = statement
            .query_map(params![self.log.number, record.as_bytes(), before, limit], |row| {
                entry(row, first)
            })
            .map_err(plain)?;
        rows.collect::<Result<_, _>>().map_err(plain)
    }

    /// The bytes of one event of this log.
    pub fn event(&self, event: Uuid) -> Read<Option<Vec<u8>>> {
        let text = "SELECT bytes FROM _event WHERE id = ? AND place >> 44 = ?";
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let found =
            statement.query_row(params![event.as_bytes(), self.log.number], |row| row.get(0));
        found.optional().map_err(plain)
    }

    /// The records of an entity that bear one of `keys` in another system.
    pub fn by_external(
        &self,
        entity: &Entity,
        name: &str,
        keys: &[String],
    ) -> Read<Vec<(String, Uuid)>> {
        let table = self.tables.of(entity)?;
        let text = "SELECT key, id FROM _external WHERE org = ? AND entity = ? AND name = ? \
                    AND key IN (SELECT value FROM json_each(?)) ORDER BY key, id";
        let keys = serde_json::Value::from(keys).to_string();
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let rows = statement
            .query_map(params![self.log.org, table.number, name, keys], |row| {
                Ok((row.get(0)?, uuid(row, 1)?))
            })
            .map_err(plain)?;
        rows.collect::<Result<_, _>>().map_err(plain)
    }

    /// The events of a change set before a position, the newest first.
    pub fn events_in(&self, set: Uuid, before: u64, limit: u32) -> Read<Vec<(u64, Vec<u8>)>> {
        let text = "SELECT place, bytes FROM _event WHERE change_set = ? AND place > ? \
                    AND place < ? ORDER BY place DESC LIMIT ?";
        let first = self.log.number << POSITION_BITS;
        let before = i64::try_from(before).unwrap_or(i64::MAX).min(1 << POSITION_BITS);
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let rows = statement
            .query_map(params![set.as_bytes(), first, first + before, limit], |row| {
                Ok(((row.get::<_, i64>(0)? - first) as u64, row.get(1)?))
            })
            .map_err(plain)?;
        rows.collect::<Result<_, _>>().map_err(plain)
    }

    /// The sums of an accumulator within bounds, in the order of key and period.
    pub fn totals(&self, question: &TotalsOf) -> Read<Vec<Total>> {
        let text = "SELECT key, period, count, width, sum0, sum1, sum2, sum3 FROM _total \
                    WHERE log = ?1 AND accumulator = ?2 AND length = ?3 AND (?4 IS NULL OR key = ?4) \
                    AND period >= ?5 AND period <= ?6 ORDER BY key, period";
        let with_key = text.replace("(?4 IS NULL OR key = ?4)", "key = ?4");
        let text = if question.key.is_some() { &with_key } else { text };
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let values = params![
            self.log.number,
            question.accumulator,
            question.length as i64,
            question.key,
            question.from,
            question.to,
        ];
        let rows = statement
            .query_map(values, |row| {
                let width: usize = row.get::<_, i64>(3)? as usize;
                let sums = (4..4 + width.min(MAX_SUMS)).map(|at| row.get(at));
                Ok(Total {
                    key: row.get(0)?,
                    period: row.get(1)?,
                    count: row.get(2)?,
                    sums: sums.collect::<Result<_, _>>()?,
                })
            })
            .map_err(plain)?;
        rows.collect::<Result<_, _>>().map_err(plain)
    }

    /// The groups of a plan.
    pub fn aggregate(&self, plan: &AggregatePlan) -> Read<Vec<Vec<Value>>> {
        let table = self.tables.of(&plan.entity)?;
        let mut sql = Sql::new(Dialect::Sqlite);
        sql.push("SELECT ");
        let none = || StoreError::Internal("a field that cannot be computed with".to_owned());
        let about = self.about(table);
        aggregate::columns(&mut sql, &about, plan).ok_or_else(none)?;
        sql.push(" FROM ").name(&table.table.full_name());
        sql.push(" WHERE ").push(ORG).push(" = ").bind(Bound::Int(self.log.org));
        self.said_by(&mut sql, table, &plan.tokens, &plan.through)?;
        if let Some(ids) = &plan.among {
            among(&mut sql, ids);
        }
        let left = sql::conditions(&mut sql, &about, &plan.predicates)?;
        if !left.is_empty() {
            // What has no SQL form is decided first, record by record.
            let ids = self.matching(table, plan)?;
            sql.push(" AND ").push(ROW).push(" IN (SELECT value FROM json_each(");
            sql.bind(Bound::Text(serde_json::Value::from(ids).to_string())).push("))");
        }
        aggregate::grouping(&mut sql, plan);
        let mut statement = self.connection.prepare_cached(&sql.text).map_err(plain)?;
        let binds = rusqlite::params_from_iter(&sql.binds);
        let mut rows = statement.query(binds).map_err(plain)?;
        let mut groups = Vec::new();
        while let Some(row) = rows.next().map_err(plain)? {
            groups.push(super::row::group(&about, plan, row)?);
        }
        Ok(groups)
    }

    /// The row numbers of the records that satisfy a plan's predicates.
    fn matching(&self, table: &TableSql, plan: &AggregatePlan) -> Read<Vec<i64>> {
        let mut sql = self.select(table, &format!("{ROW}, {}", table.columns));
        self.said_by(&mut sql, table, &plan.tokens, &plan.through)?;
        let left = sql::conditions(&mut sql, &self.about(table), &plan.predicates)?;
        let by_lines = left.iter().any(|p| sql::reads_children(&table.table, &p.expr));
        let mut statement = self.connection.prepare_cached(&sql.text).map_err(plain)?;
        let mut rows = statement.query(rusqlite::params_from_iter(&sql.binds)).map_err(plain)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(plain)? {
            let mut values = table.values(row, 1)?;
            if by_lines {
                self.lines(table, &mut values)?;
            }
            if sql::holds(&left, &values) {
                found.push(row.get(0).map_err(plain)?);
            }
        }
        Ok(found)
    }

    /// Ids of the records that link to `id` by a field.
    pub fn linking(&self, entity: &str, slot: usize, id: Uuid, limit: u32) -> Read<Vec<Uuid>> {
        super::commit::linking(self.connection, self.tables, self.log.org, entity, slot, id, limit)
    }

    /// How far a reader has come.
    pub fn cursor(&self, reader: &str) -> Read<u64> {
        let text = "SELECT position FROM _cursor WHERE log = ? AND reader = ?";
        let mut statement = self.connection.prepare_cached(text).map_err(plain)?;
        let found: Option<i64> = statement
            .query_row(params![self.log.number, reader], |row| row.get(0))
            .optional()
            .map_err(plain)?;
        Ok(found.unwrap_or(0) as u64)
    }

    /// Events after a position, in order.
    pub fn log(&self, after: u64, limit: u32) -> Read<Vec<LogEntry>> {
        entries(self.connection, self.log.number, after, limit)
    }

    /// The newest signed head.
    pub fn head(&self) -> Read<Option<SignedHead>> {
        head(self.connection, self.log.number, self.log.id, &self.log.service)
    }
}

/// Events of a log after a position, in order.
pub fn entries(connection: &Connection, log: i64, after: u64, limit: u32) -> Read<Vec<LogEntry>> {
    let text = "SELECT place, id, number, hash, bytes FROM _event \
                WHERE place > ? AND place < ? ORDER BY place LIMIT ?";
    let first = log << POSITION_BITS;
    let after = i64::try_from(after).unwrap_or(i64::MAX).min((1 << POSITION_BITS) - 1);
    let mut statement = connection.prepare_cached(text).map_err(plain)?;
    let rows = statement
        .query_map(params![first + after, first + (1 << POSITION_BITS), limit], |row| {
            entry(row, first)
        })
        .map_err(plain)?;
    rows.collect::<Result<_, _>>().map_err(plain)
}

/// An event of the log whose places begin after `first`: place, id, number, hash, bytes.
fn entry(row: &Row<'_>, first: i64) -> rusqlite::Result<LogEntry> {
    Ok(LogEntry {
        position: (row.get::<_, i64>(0)? - first) as u64,
        id: uuid(row, 1)?,
        number: row.get(2)?,
        hash: row.get(3)?,
        bytes: row.get(4)?,
    })
}

/// The newest signed head of a log.
pub fn head(
    connection: &Connection,
    log: i64,
    org: Uuid,
    service: &str,
) -> Read<Option<SignedHead>> {
    let text = "SELECT size, root, at, key, signature FROM _log WHERE log = ? AND size > 0";
    let mut statement = connection.prepare_cached(text).map_err(plain)?;
    let found = statement.query_row([log], |row| {
        let head = Head {
            org,
            service: service.to_owned(),
            size: row.get::<_, i64>(0)? as u64,
            root: row.get::<_, Hash>(1)?,
            at: Instant(row.get(2)?),
        };
        Ok(SignedHead { head, key: row.get(3)?, signature: row.get(4)? })
    });
    found.optional().map_err(plain)
}

/// A UUID column.
pub fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

/// Appends that the rows of the table of a number, those of that name, are found by words.
fn said(sql: &mut Sql, number: i64, name: &str, words: String) {
    let first = number << ROW_BITS;
    sql.push(name).push(ROW).push(" IN (SELECT rowid - ").bind(Bound::Int(first));
    sql.push(" FROM _search WHERE _search MATCH ").bind(Bound::Text(words));
    sql.push(" AND rowid BETWEEN ").bind(Bound::Int(first));
    sql.push(" AND ").bind(Bound::Int(first | ((1 << ROW_BITS) - 1))).push(")");
}

/// The full-text question for one whole token.
fn word_of(token: &str) -> String {
    format!("\"{}\"", token.replace('"', ""))
}

/// Appends that a record is one of these, however many they are.
fn among(sql: &mut Sql, ids: &[Uuid]) {
    let ids: Vec<String> = ids.iter().map(|id| id.simple().to_string()).collect();
    sql.push(" AND id IN (SELECT unhex(value) FROM json_each(");
    sql.bind(Bound::Text(serde_json::Value::from(ids).to_string())).push("))");
}

/// The full-text question for tokens: each in quotes, the last one as a beginning.
fn words(tokens: &[String]) -> String {
    let mut out = String::new();
    for token in tokens {
        out.push_str(&word_of(token));
        out.push(' ');
    }
    out.push('*');
    out
}
