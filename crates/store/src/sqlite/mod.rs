//! Records and logs in one SQLite file.
//!
//! One thread writes ([`writer`]): it takes the commands that wait, each in a savepoint of its
//! own, and answers them after the one COMMIT that makes all of them durable; the log is sealed
//! in the same transaction. Readers have connections of their own and see a snapshot.

mod commit;
mod connect;
mod error;
mod migrate;
pub mod offline;
mod prepared;
pub mod raw;
mod read;
mod row;
mod schema;
mod seal;
mod snapshot;
mod writer;

use crate::tables::Catalog;
use async_trait::async_trait;
use connect::Readers;
use kernel::Entity;
use kernel::keys::HeadSigner;
use kernel::log::{LogEntry, SignedHead};
use kernel::ports::{Attempt, Committed, InsideError, PremiseKey, Snapshot, Store, StoreError};
use kernel::write::Sealed;
use row::TableSql;
use snapshot::ReadSnapshot;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock, mpsc};
use std::thread::JoinHandle;
use tokio::sync::{oneshot, watch};
use types::Uuid;
use writer::{Job, Writer};

/// How to open a file.
pub struct Options {
    /// The entities whose records it holds, of all services.
    pub entities: Vec<Arc<Entity>>,
    /// Signs the heads of its logs.
    pub signer: Arc<dyn HeadSigner>,
}

/// An open file: one writer, and the stores of its organisations and services.
///
/// Dropping it ends the writer after what is in its queue, writes the log of changes back into
/// the file and closes it. That nobody else has the file open is the business of who holds the
/// data folder.
pub struct SqliteFile {
    path: PathBuf,
    shared: Arc<Shared>,
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    logs: RwLock<HashMap<(Uuid, String), Arc<Log>>>,
    under_way: AtomicUsize,
    commands: AtomicU64,
}

/// What the writer and the readers share.
struct Shared {
    tables: Tables,
    readers: Readers,
    widths: read::Widths,
    /// Snapshots that someone holds.
    snapshots: AtomicUsize,
}

/// The log of one service in one organisation, and their numbers in this file.
struct Log {
    /// The log's number.
    number: i64,
    /// The organisation's number.
    org: i64,
    /// The organisation.
    id: Uuid,
    service: String,
    sealed: watch::Sender<u64>,
}

/// The tables of every entity, with their statements.
#[derive(Debug)]
struct Tables {
    catalog: Catalog,
    by_service: HashMap<String, HashMap<String, Arc<TableSql>>>,
    by_number: HashMap<i64, Arc<TableSql>>,
}

impl Tables {
    fn new(catalog: Catalog, numbers: &HashMap<String, i64>) -> Tables {
        let mut tables = Tables { catalog, by_service: HashMap::new(), by_number: HashMap::new() };
        for table in tables.catalog.tables().iter().filter(|table| !table.is_child()) {
            let number = numbers.get(&table.full_name()).copied().unwrap_or_default();
            let sql = Arc::new(TableSql::new(table, number));
            tables.by_number.insert(number, sql.clone());
            let of_service = tables.by_service.entry(table.service.clone()).or_default();
            of_service.insert(table.name.clone(), sql);
        }
        tables
    }

    fn of(&self, entity: &Entity) -> Result<&Arc<TableSql>, StoreError> {
        let found = self.by_service.get(&entity.service).and_then(|all| all.get(&entity.name));
        found.ok_or_else(|| StoreError::Internal(format!("no table for {}", entity.full_name())))
    }

    /// The table of an entity by its full name.
    fn named(&self, full_name: &str) -> Result<&Arc<TableSql>, StoreError> {
        let found = full_name
            .split_once('.')
            .and_then(|(service, name)| self.by_service.get(service)?.get(name));
        found.ok_or_else(|| StoreError::Internal(format!("no table for {full_name}")))
    }

    fn numbered(&self, number: i64) -> Option<&Arc<TableSql>> {
        self.by_number.get(&number)
    }
}

impl SqliteFile {
    /// Opens the file at `path`, makes it if there is none, and brings its tables to the shape of
    /// the entities.
    ///
    /// # Errors
    /// [`StoreError::Newer`] when a newer program made the file; [`StoreError::Corrupt`] when it
    /// is no database; [`StoreError::Unavailable`] or [`StoreError::StorageFull`] when it cannot
    /// be opened or written; [`StoreError::Internal`] when a changed field cannot keep its values.
    pub fn open(path: &Path, options: Options) -> Result<Arc<SqliteFile>, StoreError> {
        let mut connection = connect::writer(path)?;
        let catalog = Catalog::new(&options.entities);
        migrate::prepare(&mut connection, &catalog)?;
        connection.execute_batch(schema::RENEW).map_err(error::plain)?;
        let numbers = migrate::entity_numbers(&mut connection, &catalog)?;
        let logs = seal::logs(&connection)?;
        let shared = Arc::new(Shared {
            tables: Tables::new(catalog, &numbers),
            readers: Readers::new(path),
            widths: read::Widths::default(),
            snapshots: AtomicUsize::new(0),
        });
        let (jobs, queue) = mpsc::channel();
        let writer = Writer::new(connection, shared.clone(), options.signer);
        // Commands that run on the writer's thread ask other services, whose stores and connections
        // need the runtime; a file that is opened without one runs none.
        let runtime = tokio::runtime::Handle::try_current().ok();
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                let _entered = runtime.as_ref().map(tokio::runtime::Handle::enter);
                writer.run(&queue);
            })
            .map_err(|e| StoreError::Unavailable(e.to_string()))?;
        Ok(Arc::new(SqliteFile {
            path: path.to_owned(),
            shared,
            jobs: Some(jobs),
            thread: Some(thread),
            logs: RwLock::new(logs),
            under_way: AtomicUsize::new(0),
            commands: AtomicU64::new(0),
        }))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The store of a service in an organisation. The first time ever, it is noted in the file,
    /// which this waits for.
    ///
    /// # Errors
    /// When that note cannot be written.
    pub fn store(self: &Arc<Self>, org: Uuid, service: &str) -> Result<Arc<dyn Store>, StoreError> {
        let key = (org, service.to_owned());
        let known = self.logs.read().unwrap_or_else(|p| p.into_inner()).get(&key).cloned();
        let log = match known {
            Some(log) => log,
            None => {
                let mut logs = self.logs.write().unwrap_or_else(|p| p.into_inner());
                match logs.get(&key) {
                    Some(log) => log.clone(),
                    None => {
                        let log = self.new_log(org, service)?;
                        logs.insert(key, log.clone());
                        log
                    }
                }
            }
        };
        Ok(Arc::new(SqliteStore { file: self.clone(), log }))
    }

    fn new_log(&self, org: Uuid, service: &str) -> Result<Arc<Log>, StoreError> {
        let (reply, answer) = mpsc::channel();
        let name = service.to_owned();
        let note = move |connection: &rusqlite::Connection| {
            let log = seal::add_log(connection, org, &name)?;
            let _ = reply.send(log);
            Ok(())
        };
        // The writer answers `done` after its COMMIT.
        let (done, committed) = mpsc::channel();
        self.send(Job::Task {
            work: Box::new(note),
            checkpoint: false,
            done: Box::new(move |result| drop(done.send(result))),
        })?;
        committed.recv().map_err(|_| closed())??;
        answer.recv().map_err(|_| closed()).map(Arc::new)
    }

    /// The organisations and services that the file has logs of.
    pub fn logs(&self) -> Vec<(Uuid, String)> {
        let logs = self.logs.read().unwrap_or_else(|p| p.into_inner());
        let mut all: Vec<_> = logs.keys().cloned().collect();
        all.sort();
        all
    }

    /// Whether no command is under way and nobody holds a snapshot.
    pub fn is_idle(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
            && self.shared.snapshots.load(Ordering::Relaxed) == 0
    }

    /// Counts commands and snapshots; equal at two looks when nothing happened between them.
    pub fn activity(&self) -> u64 {
        self.commands.load(Ordering::Relaxed)
    }

    /// Copies the file, as it is now, to a new one at `target`.
    ///
    /// # Errors
    /// When the copy cannot be written.
    pub fn copy_to(&self, target: &Path) -> Result<(), StoreError> {
        let connection = connect::reader(&self.path)?;
        connection.execute_batch("PRAGMA query_only = OFF").map_err(error::plain)?;
        let name = target.to_string_lossy();
        connection.execute("VACUUM INTO ?", [name.as_ref()]).map(drop).map_err(error::plain)
    }

    /// Limits how far the file may grow beyond its size, in pages of 4 KiB; none for no limit.
    ///
    /// A file at its limit answers writes with [`StoreError::StorageFull`], as a full disk does.
    ///
    /// # Errors
    /// When the writer does not answer.
    pub async fn limit_pages(&self, pages: Option<i64>) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        let work = move |connection: &rusqlite::Connection| {
            let read = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            let size = connection.query_row("PRAGMA page_count", [], read).map_err(error::plain)?;
            let limit = pages.map_or(i64::from(u32::MAX) - 1, |pages| size + pages);
            let text = format!("PRAGMA max_page_count = {limit}");
            connection.query_row(&text, [], read).map(drop).map_err(error::plain)
        };
        let done = Box::new(move |result| drop(reply.send(result)));
        self.send(Job::Task { work: Box::new(work), checkpoint: false, done })?;
        answer.await.map_err(|_| closed())?
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or_else(closed)?;
        jobs.send(job).map_err(|_| closed())
    }

    fn begin_use(&self) -> Use<'_> {
        self.commands.fetch_add(1, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        Use(self)
    }
}

impl Drop for SqliteFile {
    fn drop(&mut self) {
        self.shared.readers.close();
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != std::thread::current().id()
        {
            let _ = thread.join();
        }
    }
}

/// A command under way.
struct Use<'a>(&'a SqliteFile);

impl Drop for Use<'_> {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the database is closing".to_owned())
}

/// The records and the log of one service in one organisation.
struct SqliteStore {
    file: Arc<SqliteFile>,
    log: Arc<Log>,
}

impl SqliteStore {
    fn reading(&self) -> ReadSnapshot {
        ReadSnapshot::new(&self.file.shared, &self.log)
    }

    async fn task(
        &self,
        checkpoint: bool,
        work: impl FnOnce(&rusqlite::Connection) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let _use = self.file.begin_use();
        let (reply, answer) = oneshot::channel();
        let done = Box::new(move |result| drop(reply.send(result)));
        self.file.send(Job::Task { work: Box::new(work), checkpoint, done })?;
        answer.await.map_err(|_| closed())?
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn snapshot(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        self.file.commands.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(self.reading()))
    }

    async fn commit(&self, sealed: Sealed) -> Result<Committed, StoreError> {
        let _use = self.file.begin_use();
        let (reply, answer) = oneshot::channel();
        let prepared = prepared::prepare(&self.file.shared.tables, &sealed);
        let (log, sealed) = (self.log.clone(), Box::new(sealed));
        self.file.send(Job::Commit { log, sealed, prepared, reply })?;
        answer.await.map_err(|_| closed())?
    }

    async fn commit_inside(
        &self,
        _keys: Vec<PremiseKey>,
        attempt: Attempt,
    ) -> Result<Committed, InsideError> {
        let _use = self.file.begin_use();
        let (reply, answer) = oneshot::channel();
        let job = Job::Inside { log: self.log.clone(), attempt, reply };
        self.file.send(job).map_err(InsideError::Store)?;
        answer.await.map_err(|_| InsideError::Store(closed()))?
    }

    async fn log(&self, after: u64, limit: u32) -> Result<Vec<LogEntry>, StoreError> {
        self.reading().run(move |reading| reading.log(after, limit)).await
    }

    async fn head(&self) -> Result<Option<SignedHead>, StoreError> {
        self.reading().run(|reading| reading.head()).await
    }

    async fn unsealed(&self) -> Result<u64, StoreError> {
        // The commit seals.
        Ok(0)
    }

    fn sealed(&self) -> watch::Receiver<u64> {
        self.log.sealed.subscribe()
    }

    async fn advance(&self, reader: &str, position: u64) -> Result<(), StoreError> {
        let (log, reader) = (self.log.number, reader.to_owned());
        self.task(false, move |connection| {
            commit::advance(connection, log, &reader, position).map(drop)
        })
        .await
    }

    async fn destroy_key(&self, subject: Uuid) -> Result<(), StoreError> {
        let log = self.log.number;
        self.task(true, move |connection| commit::destroy_key(connection, log, subject)).await
    }
}
