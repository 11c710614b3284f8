//! The same rows with nothing around them: the yardstick that `megalith bench` measures against.
//!
//! [`Rows::read`] takes what commands left in a file, command by command; [`Rows::write`] puts the
//! very rows into a new file with the same tables and indexes, through one writer thread with
//! group commit. What is missing is what the kernel adds: rights, checks, events, encryption,
//! the tree and its signature.

use super::error::plain;
use super::row::{TableSql, quoted};
use super::schema::{POSITION_BITS, ROW_BITS};
use super::{connect, migrate};
use crate::tables::{Catalog, search_text};
use kernel::Entity;
use kernel::ports::StoreError;
use rusqlite::types::Value as Cell;
use rusqlite::{Connection, params_from_iter};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Commands in one transaction at most, as the store's own writer has it.
const BATCH: usize = 256;

/// How the statement of a full-text row begins.
const SEARCH: &str = "INSERT INTO _search";

/// A row and the statement that writes it.
type Statement = (Arc<str>, Vec<Cell>);

/// The rows of many commands, in the order of their commits.
pub struct Rows {
    entities: Vec<Arc<Entity>>,
    commands: Vec<Vec<Statement>>,
    records: usize,
}

impl Rows {
    /// Reads what the commands of one service left in a closed file; each made records of
    /// `entity`.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read(
        path: &Path,
        entities: Vec<Arc<Entity>>,
        entity: &Entity,
    ) -> Result<Rows, StoreError> {
        Rows::read_first(path, entities, entity, usize::MAX)
    }

    /// Reads the first `most` records, as [`Rows::read`] reads all.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn read_first(
        path: &Path,
        entities: Vec<Arc<Entity>>,
        entity: &Entity,
        most: usize,
    ) -> Result<Rows, StoreError> {
        let connection = connect::reader(path)?;
        let catalog = Catalog::new(&entities);
        let table = catalog.get(&entity.full_name());
        let table = table.ok_or_else(|| StoreError::Internal("no such entity".to_owned()))?;
        let name = quoted(&table.full_name());
        let number: i64 = connection
            .query_row("SELECT number FROM _entity WHERE name = ?", [table.full_name()], |r| {
                r.get(0)
            })
            .map_err(plain)?;
        let sql = TableSql::new(table, number);
        let insert = |name: &str, columns: usize| -> Arc<str> {
            Arc::from(format!("INSERT INTO {name} VALUES (?{})", ", ?".repeat(columns - 1)))
        };
        let rows = |text: &str| -> Result<Vec<Vec<Cell>>, StoreError> {
            let mut statement = connection.prepare(text).map_err(plain)?;
            let width = statement.column_count();
            let rows = statement
                .query_map([], |row| (0..width).map(|at| row.get(at)).collect())
                .map_err(plain)?;
            rows.collect::<Result<_, _>>().map_err(plain)
        };
        let ids = "SELECT id FROM {} ORDER BY _row".replace("{}", &name);
        let ids = rows(&ids)?;
        let mut commands: Vec<Vec<Statement>> = Vec::with_capacity(ids.len().min(most));
        let (mut records, mut last_event) = (0, Cell::Null);
        let search: Arc<str> = Arc::from(format!("{SEARCH} (rowid, words) VALUES (?, ?)"));
        let reading = format!("SELECT {} FROM {name} WHERE _row = ?", sql.columns);
        let mut record = connection.prepare(&reading).map_err(plain)?;
        let mut whole = connection
            .prepare(&format!("SELECT _row, * FROM {name} WHERE id = ? LIMIT 1"))
            .map_err(plain)?;
        let mut events = connection
            .prepare(
                "SELECT e.place, e.id, e.at, e.number, e.change_set, e.hash, e.bytes, r.log, r.record, r.position \
                 FROM _event_record r JOIN _event e ON e.place = (r.log << ?2) + r.position \
                 WHERE r.record = ?1",
            )
            .map_err(plain)?;
        let mut keys =
            connection.prepare("SELECT * FROM _subject_key WHERE subject = ?").map_err(plain)?;
        for id in ids.iter().take(most) {
            records += 1;
            let id = &id[0];
            let mut command = Vec::with_capacity(5);
            let width = whole.column_count();
            let cells: Vec<Cell> = whole
                .query_row([id], |row| (0..width).map(|at| row.get(at)).collect())
                .map_err(plain)?;
            let row = match cells[0] {
                Cell::Integer(row) => row,
                _ => return Err(StoreError::Corrupt("a row without a number".to_owned())),
            };
            let values =
                record.query_row([row], |found| Ok(sql.values(found, 0))).map_err(plain)??;
            command.push((insert(&name, width - 1), cells[1..].to_vec()));
            let words = search_text(table, &values);
            if !words.is_empty() {
                let place = (number << ROW_BITS) | row;
                command.push((search.clone(), vec![Cell::Integer(place), Cell::Text(words)]));
            }
            let cells: Vec<Cell> = events
                .query_row(rusqlite::params![id, POSITION_BITS], |row| {
                    (0..10).map(|at| row.get(at)).collect()
                })
                .map_err(plain)?;
            // Records of one event were made by one command.
            let goes_on = cells[0] == last_event;
            if !goes_on {
                last_event = cells[0].clone();
                command.push((insert("_event", 7), cells[..7].to_vec()));
            }
            command.push((insert("_event_record", 3), cells[7..].to_vec()));
            let key: Option<Vec<Cell>> = keys
                .query_map([id], |row| (0..3).map(|at| row.get(at)).collect())
                .map_err(plain)?
                .next()
                .transpose()
                .map_err(plain)?;
            command.extend(key.map(|cells| (insert("_subject_key", 3), cells)));
            match commands.last_mut().filter(|_| goes_on) {
                Some(earlier) => earlier.extend(command),
                None => commands.push(command),
            }
        }
        drop((record, whole, events, keys));
        Ok(Rows { entities, commands, records })
    }

    /// How many commands there are.
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// How many records they made.
    pub fn records(&self) -> usize {
        self.records
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// Writes all commands to a new file for `callers` who each wait for their answer before the
    /// next; gives the time from the first to the last answer.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn write(self, path: &Path, callers: usize) -> Result<Duration, StoreError> {
        let mut connection = connect::writer(path)?;
        let catalog = Catalog::new(&self.entities);
        migrate::prepare(&mut connection, &catalog)?;
        let (jobs, queue) = mpsc::channel();
        let writer = std::thread::spawn(move || write(connection, &queue));
        let commands = Arc::new(std::sync::Mutex::new(self.commands.into_iter()));
        let begun = Instant::now();
        let tasks: Vec<_> = (0..callers)
            .map(|_| {
                let (commands, jobs) = (commands.clone(), jobs.clone());
                tokio::spawn(async move {
                    loop {
                        let next = commands.lock().ok().and_then(|mut all| all.next());
                        let Some(command) = next else { return Ok(()) };
                        let (reply, answer) = oneshot::channel();
                        let gone = |_| StoreError::Unavailable("the writer is gone".to_owned());
                        jobs.send((command, reply)).map_err(|_| gone(()))?;
                        answer.await.map_err(|_| gone(()))??;
                    }
                })
            })
            .collect();
        drop(jobs);
        for task in tasks {
            task.await.map_err(|e| StoreError::Internal(e.to_string()))??;
        }
        let spent = begun.elapsed();
        writer.join().map_err(|_| StoreError::Internal("the writer panicked".to_owned()))?;
        Ok(spent)
    }
}

type Job = (Vec<Statement>, oneshot::Sender<Result<(), StoreError>>);

/// Group commit, each command in a savepoint, answers after COMMIT. Full text is written after
/// the savepoints, as the store does: the index writes all it holds in memory at each of them.
fn write(connection: Connection, queue: &mpsc::Receiver<Job>) {
    let run = |text: &str| connection.prepare_cached(text)?.execute([]);
    let insert = |(text, cells): &Statement| {
        connection.prepare_cached(text)?.execute(params_from_iter(cells)).map(drop)
    };
    let mut words = Vec::with_capacity(BATCH);
    while let Ok(first) = queue.recv() {
        let mut outcome = run("BEGIN IMMEDIATE").map(drop);
        let mut answers = Vec::with_capacity(BATCH);
        let mut next = Some(first);
        while let Some((command, reply)) = next {
            outcome = outcome.and_then(|()| {
                run("SAVEPOINT command")?;
                for statement in command {
                    if statement.0.starts_with(SEARCH) {
                        words.push(statement);
                    } else {
                        insert(&statement)?;
                    }
                }
                run("RELEASE command").map(drop)
            });
            answers.push(reply);
            next = if answers.len() < BATCH { queue.try_recv().ok() } else { None };
        }
        let outcome = outcome.and_then(|()| words.drain(..).try_for_each(|one| insert(&one)));
        let outcome = outcome.and_then(|()| run("COMMIT").map(drop)).map_err(plain);
        for reply in answers {
            let _ = reply.send(outcome.clone());
        }
    }
}
