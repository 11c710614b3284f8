//! The same rows with nothing around them: the yardstick that `megalith bench` measures against.
//!
//! [`Rows::read`] takes what commands left in an organisation, command by command; [`Rows::write`]
//! puts the very rows into another organisation of the same tables, a transaction for each
//! command in one round trip, under the same role behind the same row-level security; either
//! statement by statement, or all rows of a command by one statement ([`Form`]). What is
//! missing is what the kernel adds: rights, checks, premises, encryption, and the log's positions,
//! its tree and its signature.

use super::connect::{Address, Pools};
use super::ddl::quoted;
use super::error::{self, Context};
use super::param::{Param, Wire};
use super::pipeline::{Begin, Step, Transaction};
use super::row;
use super::seal::{get, lost};
use crate::tables::{ORG, Table};
use kernel::Entity;
use kernel::ports::StoreError;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_postgres::Row;
use types::Uuid;

/// What the event of a command has before it is sealed.
const EVENT: &str = "id, stamp, at, bytes, hash, number, change_set";

/// How the rows of a command are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// BEGIN, an INSERT for each row, COMMIT; sent together.
    Statements,
    /// One statement, which is a transaction by itself.
    OneStatement,
}

/// The rows of many commands, in the order of their records' ids.
pub struct Rows {
    commands: Vec<Vec<Insert>>,
}

/// A row.
struct Insert {
    /// Its table.
    table: Arc<str>,
    /// Its columns behind the organisation, separated by commas.
    columns: Arc<str>,
    /// What they hold.
    cells: Vec<Param>,
}

impl Form {
    /// The statements that write the rows of a command.
    fn steps(self, org: i32, command: Vec<Insert>) -> Vec<Step> {
        let org = Param::Int(org.into());
        if self == Form::Statements {
            let step = |insert: Insert| {
                let Insert { table, columns, cells } = insert;
                let places = places(1, cells.len());
                let sql = format!("INSERT INTO {table} ({ORG}, {columns}) VALUES ($1{places})");
                Step::new(sql, std::iter::once(org.clone()).chain(cells).collect())
            };
            return command.into_iter().map(step).collect();
        }
        let mut sql =
            "WITH r AS (SELECT set_config('megalith.org', ($1::integer)::text, true))".to_owned();
        let mut params = vec![org];
        let mut before = "r".to_owned();
        let last = command.len().saturating_sub(1);
        for (n, Insert { table, columns, cells }) in command.into_iter().enumerate() {
            let places = places(params.len(), cells.len());
            let insert =
                format!("INSERT INTO {table} ({ORG}, {columns}) SELECT $1{places} FROM {before}");
            params.extend(cells);
            before = format!("r{n}");
            sql += &match n == last {
                true => format!(" {insert}"),
                false => format!(", {before} AS ({insert} RETURNING 1)"),
            };
        }
        vec![Step::new(sql, params)]
    }
}

/// `, $3, $4`: places for `count` parameters behind `after` others.
fn places(after: usize, count: usize) -> String {
    (after + 1..=after + count).map(|n| format!(", ${n}")).collect()
}

/// The organisation's integer in this database, and connections to it.
struct Place {
    pools: Pools,
    org: i32,
}

impl Place {
    async fn find(service_url: &str, org: Uuid) -> Result<Place, StoreError> {
        let pools = Pools::new(&Address::parse(service_url)?)?;
        let connection = pools.write().await?;
        let row = connection.query_one("SELECT megalith.org_of($1)", &[&org]).await;
        let org = row.and_then(|row| row.try_get(0)).map_err(error::plain)?;
        drop(connection);
        Ok(Place { pools, org })
    }

    async fn rows(&self, steps: &[Step]) -> Result<Vec<Vec<Row>>, StoreError> {
        let transaction = Transaction::new(self.pools.read().await?, self.org, Begin::Read);
        transaction.commit(steps, &Context::default()).await
    }

    async fn write(&self, form: Form, command: &[Step]) -> Result<(), StoreError> {
        let transaction = Transaction::new(self.pools.write().await?, self.org, Begin::Write);
        match (form, command) {
            (Form::OneStatement, [step]) => transaction.alone(step, &Context::default()).await,
            _ => transaction.commit(command, &Context::default()).await.map(drop),
        }
    }
}

/// Looks at how far a log is sealed.
pub struct Watch {
    place: Place,
    unsealed: Step,
}

impl Watch {
    /// Watches the log of a service in an organisation.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn new(service_url: &str, org: Uuid, service: &str) -> Result<Watch, StoreError> {
        let place = Place::find(service_url, org).await?;
        let sql = format!(
            "SELECT count(*) FROM {}._event WHERE _org = $1 AND position IS NULL",
            quoted(service)
        );
        let unsealed = Step::new(sql, vec![Param::Int(place.org.into())]);
        Ok(Watch { place, unsealed })
    }

    /// How many events are committed and not sealed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unsealed(&self) -> Result<u64, StoreError> {
        let answers = self.place.rows(std::slice::from_ref(&self.unsealed)).await?;
        let row = answers.first().and_then(|rows| rows.first()).ok_or_else(lost)?;
        Ok(get::<i64>(row, 0)? as u64)
    }
}

impl Rows {
    /// Reads what the commands of one service left in an organisation; each made one record of
    /// `entity`. The first `skip` records are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(
        service_url: &str,
        org: Uuid,
        entity: &Arc<Entity>,
        skip: usize,
    ) -> Result<Rows, StoreError> {
        let place = Place::find(service_url, org).await?;
        let table = Table::of(entity, &|_| None);
        let name = row::full(&table);
        let schema = quoted(&table.service);
        let mut columns: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
        if table.searchable().next().is_some() {
            columns.push(row::SEARCH.to_owned());
        }
        let columns = columns.join(", ");
        let params = vec![Param::Int(place.org.into()), Param::Int(skip as i64)];
        let step = |sql: String| Step::new(sql, params.clone());
        let records = format!("SELECT id FROM {name} WHERE {ORG} = $1 ORDER BY id OFFSET $2");
        let event = EVENT.replace(", ", ", e.");
        let answers = place
            .rows(&[
                step(format!(
                    "SELECT id, {columns} FROM {name} WHERE {ORG} = $1 ORDER BY id OFFSET $2"
                )),
                step(format!(
                    "SELECT r.record, e.{event} FROM {schema}._event_record r \
                     JOIN {schema}._event e ON e._org = $1 AND e.id = r.event \
                     WHERE r._org = $1 AND r.record IN ({records})"
                )),
                step(format!(
                    "SELECT subject, subject, wrapped FROM {schema}._subject_key \
                     WHERE _org = $1 AND subject IN ({records})"
                )),
            ])
            .await?;
        let [records, events, keys] = answers.as_slice() else { return Err(lost()) };
        let own = (Arc::from(name), Arc::from(columns));
        let event = (Arc::from(format!("{schema}._event")), Arc::from(EVENT));
        let of_record = (Arc::from(format!("{schema}._event_record")), Arc::from("record, event"));
        let key = (Arc::from(format!("{schema}._subject_key")), Arc::from("subject, wrapped"));
        let insert = |(table, columns): &(Arc<str>, Arc<str>), cells| {
            let (table, columns) = (table.clone(), columns.clone());
            Insert { table, columns, cells }
        };
        let (events, keys) = (by_id(events)?, by_id(keys)?);
        let mut commands = Vec::with_capacity(records.len());
        for row in records {
            let id = get::<Uuid>(row, 0)?;
            let made = *events.get(&id).ok_or_else(lost)?;
            let mut command = Vec::with_capacity(4);
            if let Some(kept) = keys.get(&id) {
                command.push(insert(&key, cells(kept)?));
            }
            command.push(insert(&own, cells(row)?));
            command.push(insert(&event, cells(made)?));
            let ids = vec![Param::Uuid(id), Param::Uuid(get(made, 1)?)];
            command.push(insert(&of_record, ids));
            commands.push(command);
        }
        Ok(Rows { commands })
    }

    /// How many commands there are.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Writes all commands into another organisation over as many connections as there are
    /// `callers`, at most those of a pool; each caller waits for its answer before the next.
    ///
    /// The first `warm` commands, which open the connections and prepare the statements, are
    /// not counted: gives the number of the others, and the time from their first to their last
    /// answer.
    ///
    /// # Errors
    /// When the database does not answer, or has these rows in that organisation already.
    pub async fn write(
        self,
        form: Form,
        service_url: &str,
        org: Uuid,
        callers: usize,
        warm: usize,
    ) -> Result<(usize, Duration), StoreError> {
        let place = Arc::new(Place::find(service_url, org).await?);
        let commands = self.commands.into_iter();
        let mut first: Vec<_> = commands.map(|command| form.steps(place.org, command)).collect();
        let rest = first.split_off(warm.min(first.len()));
        let count = rest.len();
        write(&place, form, first, callers).await?;
        let begun = Instant::now();
        write(&place, form, rest, callers).await?;
        Ok((count, begun.elapsed()))
    }
}

async fn write(
    place: &Arc<Place>,
    form: Form,
    commands: Vec<Vec<Step>>,
    callers: usize,
) -> Result<(), StoreError> {
    let commands = Arc::new(Mutex::new(commands.into_iter()));
    let caller = || {
        let (place, commands) = (place.clone(), commands.clone());
        tokio::spawn(async move {
            loop {
                let next = commands.lock().ok().and_then(|mut all| all.next());
                let Some(command) = next else { return Ok(()) };
                place.write(form, &command).await?;
            }
        })
    };
    let tasks: Vec<_> = (0..callers).map(|_| caller()).collect();
    for task in tasks {
        task.await.map_err(|e| StoreError::Internal(e.to_string()))??;
    }
    Ok(())
}

/// Rows by the id in their first column.
fn by_id(rows: &[Row]) -> Result<HashMap<Uuid, &Row>, StoreError> {
    rows.iter().map(|row| Ok((get(row, 0)?, row))).collect()
}

/// All columns but the first, as they came.
fn cells(row: &Row) -> Result<Vec<Param>, StoreError> {
    let cell = |at| Ok(get::<Option<Wire>>(row, at)?.map_or(Param::Null, Param::Wire));
    (1..row.len()).map(cell).collect()
}
