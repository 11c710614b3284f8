//! A command that adds one row, read nothing that could move and draws no number: one statement,
//! which is a transaction by itself.
//!
//! It needs no BEGIN and no COMMIT, and the server plans and answers once instead of five times.
//! Each part takes its row from the part before it, so they happen in the order of a longer
//! transaction: whose rows they are, what makes the command happen once, the record, and behind
//! it the event, whose stamp is drawn after every wait for another's row.

use super::param::Param;
use super::pipeline::Step;
use super::row::{self, RowTable};
use crate::tables::ORG;
use kernel::Record;
use kernel::ports::StoreError;
use kernel::write::Sealed;
use std::fmt::Write;
use std::sync::Arc;

/// The statements that add a record to one table: without and with an idempotency row, without
/// and with the key of a new subject.
pub struct Lone([Arc<str>; 4]);

impl Lone {
    /// The statements of a table; `columns` are those of an insert, the organisation first, the
    /// words last if there are any.
    pub fn new(schema: &str, table: &str, columns: &[String], has_words: bool) -> Lone {
        let text = |once, keyed| Arc::from(text(schema, table, columns, has_words, once, keyed));
        Lone([text(false, false), text(true, false), text(false, true), text(true, true)])
    }

    /// The statement of a command; none if it keeps several keys.
    ///
    /// # Errors
    /// [`StoreError::Internal`] for a value that does not fit its field.
    pub fn step(
        &self,
        org: i32,
        table: &RowTable,
        record: &Record,
        sealed: &Sealed,
    ) -> Result<Option<Step>, StoreError> {
        let key = match sealed.keys() {
            [] => None,
            [key] => Some(key),
            _ => return Ok(None),
        };
        let once = sealed.idempotency();
        let mut params = Vec::with_capacity(table.shared.columns.len() + 15);
        params.push(Param::Int(org.into()));
        if let Some(row) = once {
            params.extend([
                Param::Uuid(row.actor),
                Param::Text(row.key.clone()),
                Param::Bytes(row.fingerprint.to_vec()),
                Param::Uuid(row.event),
                Param::Int(row.at.0),
            ]);
        }
        table.params(&record.values, None, &mut params)?;
        let event = sealed.event();
        params.extend([
            Param::Uuid(event.id),
            Param::Int(event.at.0),
            Param::Bytes(event.bytes.clone()),
            Param::Bytes(event.hash.to_vec()),
            event.change_set.map_or(Param::Null, Param::Uuid),
        ]);
        if let Some(key) = key {
            params.extend([Param::Uuid(key.subject), Param::Bytes(key.wrapped.clone())]);
        }
        params.push(Param::Uuid(record.id()));
        let which = usize::from(once.is_some()) + 2 * usize::from(key.is_some());
        Ok(Some(Step { sql: self.0[which].clone(), params }))
    }
}

fn text(
    schema: &str,
    table: &str,
    columns: &[String],
    has_words: bool,
    once: bool,
    keyed: bool,
) -> String {
    // The setting is text: it is made of the organisation's integer, never of what a client sent.
    let mut sql =
        "WITH whose AS (SELECT set_config('megalith.org', ($1::integer)::text, true))".to_owned();
    let mut place = 1;
    let mut before = "whose";
    let mut next = |count: usize| {
        let places: Vec<String> = (place + 1..=place + count).map(|n| format!("${n}")).collect();
        place += count;
        places
    };
    let mut add = |name: &'static str, table: &str, columns: &str, values: &str| {
        let _ = write!(
            sql,
            ", {name} AS (INSERT INTO {table} ({ORG}, {columns}) SELECT $1, {values} FROM {before} RETURNING 1)"
        );
        before = name;
    };
    if once {
        let values = next(5).join(", ");
        add(
            "once",
            &format!("{schema}._idempotency"),
            "actor, key, fingerprint, event, at",
            &values,
        );
    }
    let mut values = next(columns.len() - 1);
    if has_words && let Some(last) = values.last_mut() {
        *last = row::words_at(last);
    }
    add("record", table, &columns[1..].join(", "), &values.join(", "));
    let event = next(5);
    let columns = "id, stamp, at, bytes, hash, number, change_set";
    let [id, at, bytes, hash, set] = [0, 1, 2, 3, 4].map(|n| event[n].as_str());
    let values =
        format!("{id}, nextval('{schema}._event_stamp'), {at}, {bytes}, {hash}, '', {set}");
    add("event", &format!("{schema}._event"), columns, &values);
    if keyed {
        add("key", &format!("{schema}._subject_key"), "subject, wrapped", &next(2).join(", "));
    }
    let record = next(1).concat();
    let _ = write!(
        sql,
        " INSERT INTO {schema}._event_record ({ORG}, record, event) SELECT $1, {record}, {id} FROM {before}"
    );
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_follows_the_one_before_it_and_the_event_follows_the_record() {
        let columns = [ORG, "\"id\"", "\"name\"", "_search"].map(str::to_owned);
        let text = text("yard", "yard.thing", &columns, true, false, true);
        assert_eq!(
            text,
            "WITH whose AS (SELECT set_config('megalith.org', ($1::integer)::text, true)), \
             record AS (INSERT INTO yard.thing (_org, \"id\", \"name\", _search) \
             SELECT $1, $2, $3, $4::tsvector FROM whose RETURNING 1), \
             event AS (INSERT INTO yard._event \
             (_org, id, stamp, at, bytes, hash, number, change_set) \
             SELECT $1, $5, nextval('yard._event_stamp'), $6, $7, $8, '', $9 FROM record \
             RETURNING 1), \
             key AS (INSERT INTO yard._subject_key (_org, subject, wrapped) \
             SELECT $1, $10, $11 FROM event RETURNING 1) \
             INSERT INTO yard._event_record (_org, record, event) SELECT $1, $12, $5 FROM key"
        );
    }
}
