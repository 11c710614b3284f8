//! A sealed command becomes the statements of one transaction, sent in one round trip.
//!
//! Their order: what makes the command happen once (idempotency, effect), so that a twin waits
//! here and holds no lock; the locks; the premises, evaluated under them by a later statement;
//! the rows; and the event last, so that its stamp is drawn after every lock is held.
//!
//! A document number is drawn behind all that. Its sort key and its words are computed here and
//! not in the database, so a command that draws one has a second round trip, and its series is
//! held for that long.

use super::ddl::quoted;
use super::lock::Locks;
use super::param::Param;
use super::pipeline::Step;
use super::row::Catalog;
use kernel::ports::{Change, Delta, Draw, Must, Premise, PremiseKey, StoreError};
use kernel::schema::MAX_SUMS;
use kernel::write::Sealed;
use std::collections::BTreeMap;
use types::Uuid;

/// How [`Must::Exist`] is bound where a version is: no record has this one.
const ANY_VERSION: i64 = -1;

/// Everything a command's statements need to know about where they run.
pub struct Place<'a> {
    /// The tables.
    pub catalog: &'a Catalog,
    /// The service.
    pub service: &'a str,
    /// The organisation's integer.
    pub org: i32,
}

impl Place<'_> {
    /// The statements of a command, but for its event, BEGIN and COMMIT.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for an entity that this database has no table for, or a value that
    /// does not fit its field.
    pub fn steps(&self, sealed: &Sealed) -> Result<Vec<Step>, StoreError> {
        let mut steps = Vec::with_capacity(4 + sealed.changes().len());
        steps.extend(self.once(sealed));
        steps.extend(Locks::of(self.service, self.org, sealed.premises(), sealed.changes()).step());
        self.premises(sealed.premises(), &mut steps)?;
        for change in sealed.changes() {
            let table = self.catalog.table(&change.record().entity.full_name())?;
            match change {
                Change::Insert(record) => table.insert(self.org, record, &mut steps)?,
                Change::Update { before, after } => {
                    table.update(self.org, before, after, &mut steps)?;
                }
                Change::Delete(record) => table.delete(self.org, record, &mut steps),
            }
        }
        self.unlinked(sealed.premises(), &mut steps)?;
        self.totals(sealed.deltas(), &mut steps);
        Ok(steps)
    }

    /// The command as one statement that is a transaction by itself; none for a command that does
    /// more than to add one row.
    ///
    /// # Errors
    /// As those of [`Place::steps`].
    pub fn lone(&self, sealed: &Sealed) -> Result<Option<Step>, StoreError> {
        let [Change::Insert(record)] = sealed.changes() else { return Ok(None) };
        let does_more = !sealed.premises().is_empty()
            || !sealed.draws().is_empty()
            || !sealed.deltas().is_empty()
            || sealed.effect().is_some();
        let table = self.catalog.table(&record.entity.full_name())?;
        if does_more || !table.is_one_row(record) {
            return Ok(None);
        }
        table.lone.step(self.org, table, record, sealed)
    }

    /// The premises that are evaluated after the command's own rows are written.
    fn unlinked(&self, premises: &[Premise], steps: &mut Vec<Step>) -> Result<(), StoreError> {
        for premise in premises {
            let PremiseKey::Record { entity, id } = &premise.key;
            let Must::Unlinked { entity: linking, slot } = &premise.must else { continue };
            let Some(found) = self.catalog.linking(linking, *slot) else { continue };
            let sql = format!(
                "SELECT megalith.unmoved($3, \
                   ARRAY(SELECT $2::uuid WHERE EXISTS ({found})))"
            );
            let params = vec![self.org(), Param::Uuid(*id), Param::Text(entity.clone())];
            steps.push(Step::new(sql, params));
        }
        Ok(())
    }

    /// What the command adds to sums, in their order, and the bounds that they must keep.
    fn totals(&self, deltas: &[Delta], steps: &mut Vec<Step>) {
        if deltas.is_empty() {
            return;
        }
        let schema = quoted(self.service);
        let grow: Vec<String> =
            (0..MAX_SUMS).map(|n| format!("sum{n} = t.sum{n} + excluded.sum{n}")).collect();
        let sql = format!(
            "INSERT INTO {schema}._total AS t \
               (_org, accumulator, key, period, count, width, sum0, sum1, sum2, sum3) \
             SELECT $1::integer, d.* FROM unnest($2::text[], $3::bytea[], $4::text[], $5::bigint[], \
               $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[]) AS d \
             ON CONFLICT (_org, accumulator, key, period) \
             DO UPDATE SET count = t.count + excluded.count, {}",
            grow.join(", ")
        );
        let texts =
            |of: fn(&Delta) -> &String| Param::Texts(deltas.iter().map(of).cloned().collect());
        let mut params = vec![
            self.org(),
            texts(|delta| &delta.accumulator),
            Param::Blobs(deltas.iter().map(|delta| delta.key.clone()).collect()),
            texts(|delta| &delta.period),
            Param::Ints(deltas.iter().map(|delta| delta.count).collect()),
            Param::Ints(deltas.iter().map(|delta| delta.sums.len() as i64).collect()),
        ];
        let sum = |delta: &Delta, n: usize| delta.sums.get(n).copied().unwrap_or(0);
        params.extend(
            (0..MAX_SUMS).map(|n| Param::Ints(deltas.iter().map(|delta| sum(delta, n)).collect())),
        );
        steps.push(Step::new(sql, params));
        for delta in deltas {
            for bound in &delta.bounds {
                let sql = format!(
                    "SELECT megalith.bounded(sum{}, $5, $6, $2) FROM {schema}._total \
                     WHERE _org = $1 AND accumulator = $2 AND key = $3 AND period = $4",
                    bound.sum.min(MAX_SUMS - 1)
                );
                let limit = |limit: Option<i64>| limit.map_or(Param::Null, Param::Int);
                let params = vec![
                    self.org(),
                    Param::Text(delta.accumulator.clone()),
                    Param::Bytes(delta.key.clone()),
                    Param::Text(delta.period.clone()),
                    limit(bound.min),
                    limit(bound.max),
                ];
                steps.push(Step::new(sql, params));
            }
        }
    }

    /// The statement that draws the next count of a series.
    pub fn draw(&self, draw: &Draw) -> Step {
        let sql = format!(
            "INSERT INTO {}._series AS s (_org, series, count) VALUES ($1, $2, 1) \
             ON CONFLICT (_org, series) DO UPDATE SET count = s.count + 1 RETURNING count",
            quoted(self.service)
        );
        Step::new(sql, vec![self.org(), Param::Text(draw.series.clone())])
    }

    fn org(&self) -> Param {
        Param::Int(self.org.into())
    }

    fn insert(&self, table: &str, columns: &[&str]) -> String {
        let places: Vec<String> = (2..columns.len() + 2).map(|n| format!("${n}")).collect();
        format!(
            "INSERT INTO {}.{table} (_org, {}) VALUES ($1, {})",
            quoted(self.service),
            columns.join(", "),
            places.join(", ")
        )
    }

    /// What refuses the command if it was done before.
    fn once(&self, sealed: &Sealed) -> Vec<Step> {
        let mut steps = Vec::new();
        if let Some(row) = sealed.idempotency() {
            let columns = ["actor", "key", "fingerprint", "event", "at"];
            let params = vec![
                self.org(),
                Param::Uuid(row.actor),
                Param::Text(row.key.clone()),
                Param::Bytes(row.fingerprint.to_vec()),
                Param::Uuid(row.event),
                Param::Int(row.at.0),
            ];
            steps.push(Step::new(self.insert("_idempotency", &columns), params));
        }
        if let Some(effect) = sealed.effect() {
            let sql = format!(
                "WITH moved AS (INSERT INTO {}._cursor AS c (_org, reader, position) \
                   VALUES ($1, $2, $3) ON CONFLICT (_org, reader) DO UPDATE \
                   SET position = excluded.position WHERE c.position < excluded.position \
                   RETURNING 1) \
                 SELECT megalith.once(EXISTS (SELECT FROM moved))",
                quoted(self.service)
            );
            let params = vec![
                self.org(),
                Param::Text(effect.reader.clone()),
                Param::Int(effect.position as i64),
            ];
            steps.push(Step::new(sql, params));
        }
        steps
    }

    /// One statement for the premises about the records of each entity.
    fn premises(&self, premises: &[Premise], steps: &mut Vec<Step>) -> Result<(), StoreError> {
        let mut by_entity: BTreeMap<&str, (Vec<Uuid>, Vec<i64>)> = BTreeMap::new();
        for premise in premises {
            let PremiseKey::Record { entity, id } = &premise.key;
            let version = match premise.must {
                Must::HaveVersion(version) => version as i64,
                Must::Exist => ANY_VERSION,
                Must::Unlinked { .. } => continue,
            };
            let (ids, versions) = by_entity.entry(entity).or_default();
            ids.push(*id);
            versions.push(version);
        }
        for (entity, (ids, versions)) in by_entity {
            let sql = format!(
                "SELECT megalith.unmoved($2, ARRAY(SELECT p.id \
                   FROM unnest($3::uuid[], $4::bigint[]) AS p (id, version) \
                   LEFT JOIN {} AS r ON r._org = $1 AND r.id = p.id \
                   WHERE CASE WHEN p.version < 0 THEN r.id IS NULL \
                         ELSE coalesce(r.version, 0) <> p.version END))",
                self.catalog.table(entity)?.name
            );
            let params = vec![
                self.org(),
                Param::Text(entity.to_owned()),
                Param::Uuids(ids),
                Param::Ints(versions),
            ];
            steps.push(Step::new(sql, params));
        }
        Ok(())
    }

    /// The event, which records it touched and the keys of its new subjects, in one statement;
    /// `number` is empty for most.
    pub fn event(&self, sealed: &Sealed, number: String) -> Step {
        let schema = quoted(self.service);
        let keys = match sealed.keys() {
            [] => String::new(),
            _ => format!(
                ", key AS (INSERT INTO {schema}._subject_key (_org, subject, wrapped) \
                   SELECT $1, k.* FROM unnest($9::uuid[], $10::bytea[]) AS k)"
            ),
        };
        let sql = format!(
            "WITH event AS (INSERT INTO {schema}._event \
               (_org, id, stamp, at, bytes, hash, number, change_set) \
               VALUES ($1, $2, nextval('{schema}._event_stamp'), $3, $4, $5, $7, $8)){keys} \
             INSERT INTO {schema}._event_record (_org, record, event) \
             SELECT DISTINCT $1, r.id, $2 FROM unnest($6::uuid[]) AS r (id)"
        );
        let event = sealed.event();
        let mut params = vec![
            self.org(),
            Param::Uuid(event.id),
            Param::Int(event.at.0),
            Param::Bytes(event.bytes.clone()),
            Param::Bytes(event.hash.to_vec()),
            Param::Uuids(sealed.changes().iter().map(|change| change.record().id()).collect()),
            Param::Text(number),
            event.change_set.map_or(Param::Null, Param::Uuid),
        ];
        if !sealed.keys().is_empty() {
            let keys = sealed.keys().iter();
            let (subjects, wrapped) = keys.map(|k| (k.subject, k.wrapped.clone())).unzip();
            params.extend([Param::Uuids(subjects), Param::Blobs(wrapped)]);
        }
        Step::new(sql, params)
    }
}

/// Every key of a command: what it read and what it changes.
pub fn keys(sealed: &Sealed) -> Vec<PremiseKey> {
    let changed = sealed.changes().iter().map(|change| {
        let record = change.record();
        PremiseKey::Record { entity: record.entity.full_name(), id: record.id() }
    });
    let mut keys: Vec<PremiseKey> =
        sealed.premises().iter().map(|premise| premise.key.clone()).chain(changed).collect();
    keys.sort();
    keys.dedup();
    keys
}
