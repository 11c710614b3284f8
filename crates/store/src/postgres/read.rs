//! Reads: one snapshot, one round trip for each question.
//!
//! What a predicate says that has no SQL form is decided here for each record; such a list is
//! read in growing pieces until it is full.

use super::aggregate::{self, Question, Tally};
use super::error::Context;
use super::param::Param;
use super::pipeline::{Begin, Step, Transaction};
use super::row::{self, RowTable, SEARCH};
use super::seal::{get, hash, lost};
use super::{Inner, ddl, entry};
use crate::sql::{self, About, Bound, Dialect, Sql};
use crate::tables::{ORG, PARENT, POSITION, Table};
use async_trait::async_trait;
use kernel::linked::Hop;
use kernel::log::{LogEntry, Recorded};
use kernel::ports::{
    AggregatePlan, IdempotencyRow, ListPlan, OrderKey, Snapshot, StoreError, Total,
};
use kernel::schema::MAX_SUMS;
use kernel::{Entity, Predicate, Record};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;
use tokio_postgres::Row;
use types::{Instant, Uuid, Value};

/// Records in the first piece of a list that the interpreter must sift; the next are larger.
const FIRST_PIECE: u32 = 200;
/// The largest piece.
const LARGEST_PIECE: u32 = 5_000;

impl From<Bound> for Param {
    fn from(bound: Bound) -> Param {
        match bound {
            Bound::Bool(value) => Param::Bool(value),
            Bound::Int(value) => Param::Int(value),
            Bound::Decimal(value) => Param::Decimal(value),
            Bound::Text(value) => Param::Text(value),
            Bound::Date(value) => Param::Date(value),
            Bound::Bytes(value) => Param::Bytes(value),
            Bound::Uuid(value) => Param::Uuid(value),
            Bound::Uuids(values) => Param::Uuids(values),
        }
    }
}

impl From<Sql> for Step {
    fn from(sql: Sql) -> Step {
        Step::new(sql.text, sql.binds.into_iter().map(Param::from).collect())
    }
}

/// One state of the records of a service in an organisation.
///
/// It takes a connection with its first question, so that a command which reads nothing costs
/// none.
pub struct PgSnapshot {
    inner: Arc<Inner>,
    transaction: Mutex<Option<Transaction>>,
}

/// A list to read piece by piece.
struct Scan<'a> {
    table: &'a RowTable,
    predicates: &'a [Predicate],
    tokens: &'a [String],
    through: &'a [Arc<Hop>],
    order: &'a [OrderKey],
    lines: bool,
}

impl PgSnapshot {
    /// A snapshot that begins with its first question.
    pub fn new(inner: Arc<Inner>) -> PgSnapshot {
        PgSnapshot { inner, transaction: Mutex::new(None) }
    }

    /// What a transaction sees that holds locks already.
    pub fn inside(inner: Arc<Inner>, transaction: Transaction) -> PgSnapshot {
        PgSnapshot { inner, transaction: Mutex::new(Some(transaction)) }
    }

    /// The transaction, to be committed; none if it never began.
    pub fn into_transaction(self) -> Option<Transaction> {
        self.transaction.into_inner()
    }

    async fn run(&self, steps: &[Step]) -> Result<Vec<Vec<Row>>, StoreError> {
        let mut transaction = self.transaction.lock().await;
        if transaction.is_none() {
            *transaction = Some(self.inner.transaction(Begin::Read).await?);
        }
        let open = transaction.as_mut().ok_or_else(lost)?;
        open.run(steps, &Context::default()).await
    }

    async fn rows(&self, step: Step) -> Result<Vec<Row>, StoreError> {
        self.run(&[step]).await?.pop().ok_or_else(lost)
    }

    /// The rows of a statement about one of the kernel's tables; `{s}` is its schema, `$1` the
    /// organisation.
    async fn kernel(&self, sql: &str, params: Vec<Param>) -> Result<Vec<Row>, StoreError> {
        let sql = sql.replace("{s}", &ddl::quoted(&self.inner.service));
        let org = Param::Int(self.inner.org().await?.into());
        let params = std::iter::once(org).chain(params).collect();
        self.rows(Step::new(sql, params)).await
    }

    async fn about<'a>(&'a self, table: &'a RowTable) -> Result<About<'a>, StoreError> {
        let catalog = &self.inner.database.catalog.shared;
        let org = self.inner.org().await?.into();
        Ok(About { table: &table.shared, number: 0, catalog, org })
    }

    /// The ids of a scan's records, whose predicates have no SQL form altogether.
    async fn matching(&self, scan: &Scan<'_>) -> Result<Vec<Uuid>, StoreError> {
        let mut ids = Vec::new();
        let take = |record: Record| {
            ids.push(record.id());
            true
        };
        self.sift(scan, None, 0, LARGEST_PIECE, take).await?;
        Ok(ids)
    }

    /// The child records of some records, by slot and parent, in order.
    async fn children(&self, table: &RowTable, parents: &[Uuid]) -> Result<Vec<Step>, StoreError> {
        let org = self.inner.org().await?;
        let step = |child: &RowTable| {
            let sql = format!(
                "SELECT {PARENT}, {} FROM {} WHERE {ORG} = $1 AND {PARENT} = ANY($2) \
                 ORDER BY {PARENT}, {POSITION}",
                child.columns, child.name
            );
            Step::new(sql, vec![Param::Int(org.into()), Param::Uuids(parents.to_vec())])
        };
        Ok(table.children.iter().map(|(_, child)| step(child)).collect())
    }

    /// Reads child records and puts them into their parents.
    async fn add_children(
        &self,
        table: &RowTable,
        records: &mut [Record],
    ) -> Result<(), StoreError> {
        if table.children.is_empty() || records.is_empty() {
            return Ok(());
        }
        let parents: Vec<Uuid> = records.iter().map(Record::id).collect();
        let answers = self.run(&self.children(table, &parents).await?).await?;
        put_children(table, records, &answers)
    }

    /// The next records of a scan after a place in its order, the first `skip` passed over if
    /// the database decides all of them, where the ones after these begin,
    /// and the predicates that are still to be decided for each.
    async fn piece(
        &self,
        scan: &Scan<'_>,
        after: Option<&(Vec<Value>, Uuid)>,
        skip: u64,
        limit: u32,
    ) -> Result<Piece, StoreError> {
        let table = scan.table;
        let about = self.about(table).await?;
        let mut sql = Sql::new(Dialect::Postgres);
        sql.push("SELECT ").push(&table.columns);
        let mut linked = Vec::new();
        for key in scan.order.iter().filter(|key| key.hop.is_some()) {
            let Some(column) = aggregate::field(&about, key.hop.as_ref(), key.slot) else {
                continue;
            };
            sql.push(", ");
            if let Some(hop) = &key.hop {
                sql::linked(&mut sql, &about, hop, &column.0.name)?;
            }
            linked.push(column);
        }
        from(&mut sql, &about);
        let left = restrict(&mut sql, &about, scan)?;
        if let Some((values, id)) = after {
            sql::after(&mut sql, &about, scan.order, values, *id)?;
        }
        sql::order_by(&mut sql, &about, scan.order)?;
        sql.push(" LIMIT ").bind(Bound::Int(limit.into()));
        if skip > 0 && left.is_empty() {
            sql.push(" OFFSET ").bind(Bound::Int(skip.try_into().unwrap_or(i64::MAX)));
        }
        let rows = self.rows(sql.into()).await?;
        let mut records =
            rows.iter().map(|row| record(table, row)).collect::<Result<Vec<_>, _>>()?;
        let last = match (rows.last(), records.last()) {
            (Some(row), Some(last)) => {
                let mut place = row.len() - linked.len();
                let mut linked = linked.iter();
                let mut values = Vec::with_capacity(scan.order.len());
                for key in scan.order {
                    values.push(match &key.hop {
                        None => last.values[key.slot].clone(),
                        Some(_) => {
                            let (column, kind) = linked.next().ok_or_else(lost)?;
                            place += 1;
                            row::value(column.ty, kind, row, place - 1).ok_or_else(lost)?
                        }
                    });
                }
                Some((values, last.id()))
            }
            _ => None,
        };
        if scan.lines || left.iter().any(|p| sql::reads_children(&table.shared, &p.expr)) {
            self.add_children(table, &mut records).await?;
        }
        Ok(Piece { records, last, left })
    }

    /// Reads a scan to its end or until `take` has enough; the first `skip` are passed over.
    async fn sift(
        &self,
        scan: &Scan<'_>,
        start: Option<&(Vec<Value>, Uuid)>,
        skip: u64,
        first: u32,
        mut take: impl FnMut(Record) -> bool + Send,
    ) -> Result<(), StoreError> {
        let mut after = start.cloned();
        let mut size = first;
        let mut passed = 0;
        loop {
            // Where records are decided one by one, those that are passed over are too.
            let Piece { records, last, left } =
                self.piece(scan, after.as_ref(), skip - passed, size).await?;
            let is_last = records.len() < size as usize || left.is_empty();
            after = last;
            for record in records {
                if !sql::holds(&left, &record.values) {
                    continue;
                }
                if !left.is_empty() && passed < skip {
                    passed += 1;
                } else if !take(record) {
                    return Ok(());
                }
            }
            if is_last {
                return Ok(());
            }
            size = size.max(FIRST_PIECE).saturating_mul(2).min(LARGEST_PIECE);
        }
    }
}

/// A part of a scan.
struct Piece {
    records: Vec<Record>,
    /// The last record's values of the order's keys, and its id.
    last: Option<(Vec<Value>, Uuid)>,
    left: Vec<Predicate>,
}

/// `SELECT what FROM table WHERE organisation`, to be continued.
fn select(about: &About<'_>, what: &str) -> Sql {
    let mut sql = Sql::new(Dialect::Postgres);
    sql.push("SELECT ").push(what);
    from(&mut sql, about);
    sql
}

fn from(sql: &mut Sql, about: &About<'_>) {
    sql.push(" FROM ").table(about.table).push(" WHERE ").push(ORG).push(" = ");
    sql.bind(Bound::Int(about.org));
}

/// Appends the conditions of rights, filter and words; answers what the interpreter must decide.
fn restrict(
    sql: &mut Sql,
    about: &About<'_>,
    scan: &Scan<'_>,
) -> Result<Vec<Predicate>, StoreError> {
    let tokens = scan.tokens;
    if scan.through.is_empty() && !tokens.is_empty() {
        sql.push(" AND ");
        said(sql, about.table, "", words(tokens));
    }
    if !scan.through.is_empty() {
        for (at, token) in tokens.iter().enumerate() {
            let mut words = words(std::slice::from_ref(token));
            if at + 1 < tokens.len() {
                words.truncate(words.len() - PREFIX.len());
            }
            let word = |sql: &mut Sql, table: &Table, name: &str| {
                said(sql, table, name, words.clone());
                Ok(())
            };
            sql::found_through(sql, about, scan.through, &word)?;
        }
    }
    sql::conditions(sql, about, scan.predicates)
}

/// Appends that all words occur in the rows of a table, those of that name.
fn said(sql: &mut Sql, table: &Table, name: &str, words: String) {
    match row::has_words(table) {
        true => sql.push(name).push(SEARCH).push(" @@ ").bind(Bound::Text(words)).push("::tsquery"),
        false => sql.push("FALSE"),
    };
}

/// What makes the last word of a `tsquery` a beginning.
const PREFIX: &str = ":*";

/// The text of a `tsquery`: quoted words, whatever they hold, the last one as a beginning.
fn words(tokens: &[String]) -> String {
    let quoted = |token: &String| format!("'{}'", token.replace('\\', "\\\\").replace('\'', "''"));
    let mut text = tokens.iter().map(quoted).collect::<Vec<_>>().join(" & ");
    text += PREFIX;
    text
}

fn record(table: &RowTable, row: &Row) -> Result<Record, StoreError> {
    Ok(Record { entity: table.shared.entity.clone(), values: table.read(row, 0)? })
}

fn put_children(
    table: &RowTable,
    records: &mut [Record],
    answers: &[Vec<Row>],
) -> Result<(), StoreError> {
    for ((slot, child), rows) in table.children.iter().zip(answers) {
        let mut by_parent: HashMap<Uuid, Vec<Vec<Value>>> = HashMap::new();
        for row in rows {
            by_parent.entry(get(row, 0)?).or_default().push(child.read(row, 1)?);
        }
        for record in records.iter_mut() {
            let rows = by_parent.remove(&record.id()).unwrap_or_default();
            record.values[*slot] = Value::Rows(rows);
        }
    }
    Ok(())
}

#[async_trait]
impl Snapshot for PgSnapshot {
    async fn get(
        &self,
        entity: &Arc<Entity>,
        id: Uuid,
        predicates: &[Predicate],
    ) -> Result<Option<Record>, StoreError> {
        let table = self.inner.database.catalog.table(&entity.full_name())?;
        let about = self.about(table).await?;
        let mut sql = select(&about, &table.columns);
        sql.push(" AND id = ").bind(Bound::Uuid(id));
        let left = sql::conditions(&mut sql, &about, predicates)?;
        let mut steps = vec![Step::from(sql)];
        steps.extend(self.children(table, &[id]).await?);
        let answers = self.run(&steps).await?;
        let Some(row) = answers.first().and_then(|rows| rows.first()) else { return Ok(None) };
        let mut found = [record(table, row)?];
        put_children(table, &mut found, &answers[1..])?;
        let [found] = found;
        Ok(Some(found).filter(|found| sql::holds(&left, &found.values)))
    }

    async fn list(&self, plan: &ListPlan) -> Result<Vec<Record>, StoreError> {
        let table = self.inner.database.catalog.table(&plan.entity.full_name())?;
        let scan = Scan {
            table,
            predicates: &plan.predicates,
            tokens: &plan.tokens,
            through: &plan.through,
            order: &plan.order,
            lines: plan.lines,
        };
        let mut records = Vec::new();
        let limit = plan.limit as usize;
        let take = |record| {
            records.push(record);
            records.len() < limit
        };
        if limit > 0 {
            self.sift(&scan, plan.after.as_ref(), plan.skip, plan.limit, take).await?;
        }
        Ok(records)
    }

    async fn count(&self, plan: &ListPlan) -> Result<u64, StoreError> {
        let table = self.inner.database.catalog.table(&plan.entity.full_name())?;
        let about = self.about(table).await?;
        let mut sql = select(&about, "count(*)");
        let (predicates, tokens, through) = (&plan.predicates, &plan.tokens, &plan.through);
        let scan = Scan { table, predicates, tokens, through, order: &[], lines: false };
        let left = restrict(&mut sql, &about, &scan)?;
        if left.is_empty() {
            let rows = self.rows(sql.into()).await?;
            return Ok(get::<i64>(rows.first().ok_or_else(lost)?, 0)? as u64);
        }
        let mut count = 0;
        let take = |_| {
            count += 1;
            true
        };
        self.sift(&scan, None, 0, LARGEST_PIECE, take).await?;
        Ok(count)
    }

    async fn aggregate(&self, plan: &AggregatePlan) -> Result<Vec<Vec<Value>>, StoreError> {
        let table = self.inner.database.catalog.table(&plan.entity.full_name())?;
        let about = self.about(table).await?;
        let question = Question::new(&about, plan)?;
        let mut sql = Sql::new(Dialect::Postgres);
        sql.push("SELECT ");
        question.select(&mut sql, &about)?;
        from(&mut sql, &about);
        let linked = plan.groups.iter().any(|group| group.hop.is_some());
        let (predicates, tokens, through) = (&plan.predicates, &plan.tokens, &plan.through);
        let scan = Scan { table, predicates, tokens, through, order: &[], lines: false };
        let left = restrict(&mut sql, &about, &scan)?;
        let by_hand = !left.is_empty();
        if by_hand && (linked || plan.among.is_some()) {
            // The database alone knows what the groups are made by.
            let ids = self.matching(&scan).await?;
            sql.push(" AND id = ANY(").bind(Bound::Uuids(ids)).push(")");
        }
        if let Some(ids) = &plan.among {
            sql.push(" AND id = ANY(").bind(Bound::Uuids(ids.clone())).push(")");
        }
        if !by_hand || linked || plan.among.is_some() {
            question.group_by(&mut sql);
            sql.push(" LIMIT ").bind(Bound::Int(plan.limit.into()));
            let rows = self.rows(sql.into()).await?;
            return rows.iter().map(|row| question.read(row)).collect();
        }
        let mut tally = Tally::new(plan);
        let mut fits = true;
        let take = |record: Record| {
            fits = tally.add(&record);
            fits
        };
        self.sift(&scan, None, 0, LARGEST_PIECE, take).await?;
        if fits { Ok(tally.finish()) } else { Err(aggregate::too_large()) }
    }

    async fn search(
        &self,
        tokens: &[String],
        limit: u32,
    ) -> Result<Vec<(String, Uuid)>, StoreError> {
        let tables = self.inner.database.catalog.searchable(&self.inner.service);
        if tokens.is_empty() || tables.is_empty() {
            return Ok(Vec::new());
        }
        let org = Bound::Int(self.inner.org().await?.into());
        let mut sql = Sql::new(Dialect::Postgres);
        sql.push("SELECT entity, id, words FROM (");
        for (at, (entity, table)) in tables.iter().enumerate() {
            sql.push(if at == 0 { "(" } else { " UNION ALL (" });
            sql.push("SELECT ").bind(Bound::Text(entity.clone())).push(" AS entity, id, ");
            // A record with few words is more about them than one with many.
            sql.push("length(").push(SEARCH).push(") AS words FROM ").push(&table.name);
            sql.push(" WHERE ").push(ORG).push(" = ").bind(org.clone());
            sql.push(" AND ");
            said(&mut sql, &table.shared, "", words(tokens));
            sql.push(" ORDER BY words, id LIMIT ").bind(Bound::Int(limit.into())).push(")");
        }
        sql.push(") AS found ORDER BY words, id LIMIT ").bind(Bound::Int(limit.into()));
        let rows = self.rows(sql.into()).await?;
        rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
    }

    async fn idempotent(
        &self,
        actor: Uuid,
        key: &str,
    ) -> Result<Option<IdempotencyRow>, StoreError> {
        let sql = "SELECT fingerprint, event, at FROM {s}._idempotency \
                   WHERE _org = $1 AND actor = $2 AND key = $3";
        let params = vec![Param::Uuid(actor), Param::Text(key.to_owned())];
        let rows = self.kernel(sql, params).await?;
        let read = |row: &Row| {
            Ok(IdempotencyRow {
                actor,
                key: key.to_owned(),
                fingerprint: hash(get(row, 0)?)?,
                event: get(row, 1)?,
                at: Instant(get(row, 2)?),
            })
        };
        rows.first().map(read).transpose()
    }

    async fn subject_key(&self, subject: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT wrapped FROM {s}._subject_key WHERE _org = $1 AND subject = $2";
        let rows = self.kernel(sql, vec![Param::Uuid(subject)]).await?;
        rows.first().map(|row| get(row, 0)).transpose()
    }

    async fn events_of(&self, record: Uuid) -> Result<Vec<Recorded>, StoreError> {
        let sql = "SELECT e.bytes, e.number FROM {s}._event_record AS r \
                   JOIN {s}._event AS e ON e._org = r._org AND e.id = r.event \
                   WHERE r._org = $1 AND r.record = $2 ORDER BY e.stamp";
        let rows = self.kernel(sql, vec![Param::Uuid(record)]).await?;
        let recorded = |row| Ok(Recorded { bytes: get(row, 0)?, number: get(row, 1)? });
        rows.iter().map(recorded).collect()
    }

    async fn history_of(
        &self,
        record: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<LogEntry>, StoreError> {
        // What was committed before the question belongs to the answer.
        self.inner.settle().await?;
        let sql = "SELECT e.position, e.id, e.bytes, e.number, e.hash FROM {s}._event_record AS r \
                   JOIN {s}._event AS e ON e._org = r._org AND e.id = r.event \
                   WHERE r._org = $1 AND r.record = $2 AND e.position < $3 \
                   ORDER BY e.position DESC LIMIT $4";
        let before = i64::try_from(before).unwrap_or(i64::MAX);
        let params = vec![Param::Uuid(record), Param::Int(before), Param::Int(limit.into())];
        let rows = self.kernel(sql, params).await?;
        rows.iter().map(entry).collect()
    }

    async fn event(&self, event: Uuid) -> Result<Option<Vec<u8>>, StoreError> {
        let sql = "SELECT bytes FROM {s}._event WHERE _org = $1 AND id = $2";
        let rows = self.kernel(sql, vec![Param::Uuid(event)]).await?;
        rows.first().map(|row| get(row, 0)).transpose()
    }

    async fn by_external(
        &self,
        entity: &Arc<Entity>,
        name: &str,
        keys: &[String],
    ) -> Result<Vec<(String, Uuid)>, StoreError> {
        let sql = "SELECT key, record FROM {s}._external WHERE _org = $1 AND entity = $2 \
                   AND name = $3 AND key = ANY($4) ORDER BY key, record";
        let params = vec![
            Param::Text(entity.name.clone()),
            Param::Text(name.to_owned()),
            Param::Texts(keys.to_vec()),
        ];
        let rows = self.kernel(sql, params).await?;
        rows.iter().map(|row| Ok((get(row, 0)?, get(row, 1)?))).collect()
    }

    async fn linking(
        &self,
        entity: &Arc<Entity>,
        slot: usize,
        id: Uuid,
        limit: u32,
    ) -> Result<Vec<Uuid>, StoreError> {
        let catalog = &self.inner.database.catalog;
        let Some(found) = catalog.linking(&entity.full_name(), slot) else { return Ok(Vec::new()) };
        let sql = format!("SELECT DISTINCT id FROM ({found}) AS found ORDER BY id LIMIT $3");
        let rows = self.kernel(&sql, vec![Param::Uuid(id), Param::Int(limit.into())]).await?;
        rows.iter().map(|row| get(row, 0)).collect()
    }

    async fn events_in(
        &self,
        change_set: Uuid,
        before: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Vec<u8>)>, StoreError> {
        // What was committed before the question belongs to the answer, also to one asked at once.
        self.inner.settle().await?;
        let sql = "SELECT position, bytes FROM {s}._event WHERE _org = $1 AND change_set = $2 \
                   AND position < $3 ORDER BY position DESC LIMIT $4";
        let before = i64::try_from(before).unwrap_or(i64::MAX);
        let params = vec![Param::Uuid(change_set), Param::Int(before), Param::Int(limit.into())];
        let rows = self.kernel(sql, params).await?;
        rows.iter().map(|row| Ok((get::<i64>(row, 0)? as u64, get(row, 1)?))).collect()
    }

    async fn totals(
        &self,
        accumulator: &str,
        key: Option<&[u8]>,
        length: usize,
        from: &str,
        to: &str,
    ) -> Result<Vec<Total>, StoreError> {
        let mut sql = "SELECT key, period, count, width, sum0, sum1, sum2, sum3 FROM {s}._total \
                       WHERE _org = $1 AND accumulator = $2 AND length(period) = $3::bigint \
                       AND period >= $4 AND period <= $5"
            .to_owned();
        let mut params = vec![
            Param::Text(accumulator.to_owned()),
            Param::Int(length as i64),
            Param::Text(from.to_owned()),
            Param::Text(to.to_owned()),
        ];
        if let Some(key) = key {
            sql += " AND key = $6";
            params.push(Param::Bytes(key.to_vec()));
        }
        sql += " ORDER BY key, period";
        let read = |row: &Row| {
            let width = get::<i32>(row, 3)? as usize;
            Ok(Total {
                key: get(row, 0)?,
                period: get(row, 1)?,
                count: get(row, 2)?,
                sums: (4..4 + width.min(MAX_SUMS))
                    .map(|n| get(row, n))
                    .collect::<Result<_, _>>()?,
            })
        };
        self.kernel(&sql, params).await?.iter().map(read).collect()
    }

    async fn cursor(&self, reader: &str) -> Result<u64, StoreError> {
        let sql = "SELECT position FROM {s}._cursor WHERE _org = $1 AND reader = $2";
        let rows = self.kernel(sql, vec![Param::Text(reader.to_owned())]).await?;
        Ok(rows.first().map(|row| get::<i64>(row, 0)).transpose()?.unwrap_or(0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_word_cannot_leave_its_quotes() {
        for (tokens, expected) in [
            (&["vin"][..], "'vin':*"),
            (&["vins", "che"], "'vins' & 'che':*"),
            (&["a' | 'b", "c\\"], "'a'' | ''b' & 'c\\\\':*"),
        ] {
            let tokens: Vec<String> = tokens.iter().map(|token| (*token).to_owned()).collect();
            assert_eq!(words(&tokens), expected);
        }
    }
}
