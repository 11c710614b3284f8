//! The same rows with nothing around them: the yardstick that `megalith bench` measures against.
//!
//! [`Rows::read`] takes what commands left in an organisation, command by command; [`Rows::write`]
//! puts the very rows into another organisation of the same tables, a transaction for each
//! command in one round trip, under the same role behind the same row-level security. What is
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

/// The rows of many commands, in the order of their records' ids.
pub struct Rows {
    /// The statements of each command; the organisation is missing in front of the parameters.
    commands: Vec<Vec<Step>>,
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

    async fn write(&self, command: &[Step]) -> Result<(), StoreError> {
        let transaction = Transaction::new(self.pools.write().await?, self.org, Begin::Write);
        transaction.commit(command, &Context::default()).await.map(drop)
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
        let insert = |table: &str, columns: &str| -> Arc<str> {
            let places = (1..=columns.split(", ").count()).map(|n| format!(", ${}", n + 1));
            let places: String = places.collect();
            Arc::from(format!("INSERT INTO {table} ({ORG}, {columns}) VALUES ($1{places})"))
        };
        let own = insert(&name, &columns);
        let event = insert(&format!("{schema}._event"), EVENT);
        let of_record = insert(&format!("{schema}._event_record"), "record, event");
        let key = insert(&format!("{schema}._subject_key"), "subject, wrapped");
        let (events, keys) = (by_id(events)?, by_id(keys)?);
        let mut commands = Vec::with_capacity(records.len());
        for row in records {
            let id = get::<Uuid>(row, 0)?;
            let made = *events.get(&id).ok_or_else(lost)?;
            let mut command = Vec::with_capacity(4);
            if let Some(kept) = keys.get(&id) {
                command.push(Step::new(key.clone(), cells(kept)?));
            }
            command.push(Step::new(own.clone(), cells(row)?));
            command.push(Step::new(event.clone(), cells(made)?));
            let ids = vec![Param::Uuid(id), Param::Uuid(get(made, 1)?)];
            command.push(Step::new(of_record.clone(), ids));
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
        mut self,
        service_url: &str,
        org: Uuid,
        callers: usize,
        warm: usize,
    ) -> Result<(usize, Duration), StoreError> {
        let place = Arc::new(Place::find(service_url, org).await?);
        let number = Param::Int(place.org.into());
        for step in self.commands.iter_mut().flatten() {
            step.params.insert(0, number.clone());
        }
        let rest = self.commands.split_off(warm.min(self.commands.len()));
        let count = rest.len();
        write(&place, self.commands, callers).await?;
        let begun = Instant::now();
        write(&place, rest, callers).await?;
        Ok((count, begun.elapsed()))
    }
}

async fn write(
    place: &Arc<Place>,
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
                place.write(&command).await?;
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
