//! Connections: the one that writes, and those that only read.

use super::error::plain;
use crate::sql::{ADD, SUBTRACT};
use kernel::ports::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::sync::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 256;
/// Reads at the same time; more wait.
const READERS: usize = 16;
/// How long a connection waits for a lock.
pub const BUSY: std::time::Duration = std::time::Duration::from_secs(5);

/// Opens the connection that writes, and makes the file if there is none.
pub fn writer(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(plain)?;
    connection
        .execute_batch(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; \
             PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864;",
        )
        .map_err(plain)?;
    prepare(&connection)?;
    Ok(connection)
}

/// Opens a connection that reads only.
pub fn reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(plain)?;
    let settings = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; \
                    PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;";
    connection.execute_batch(settings).map_err(plain)?;
    prepare(&connection)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // A plan is made for the statement, not for what is bound to it; else a statement with a range
    // is parsed and planned anew whenever another value is bound: a sixth of a list's time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(plain)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for (name, of) in [(ADD, i64::checked_add as fn(i64, i64) -> _), (SUBTRACT, i64::checked_sub)] {
        let function = move |context: &rusqlite::functions::Context<'_>| {
            let (a, b) = (context.get::<Option<i64>>(0)?, context.get::<Option<i64>>(1)?);
            Ok(a.zip(b).and_then(|(a, b)| of(a, b)))
        };
        connection.create_scalar_function(name, 2, flags, function).map_err(plain)?;
    }
    Ok(())
}

/// Runs a statement that is kept prepared.
pub fn run(connection: &Connection, text: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(text)?.execute([]).map(drop)
}

/// Connections that read, opened when they are needed and kept.
pub struct Readers {
    path: std::path::PathBuf,
    free: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    /// Readers of the file at `path`; none is open yet.
    pub fn new(path: &Path) -> Readers {
        let permits = Semaphore::new(READERS);
        Readers { path: path.to_owned(), free: Mutex::default(), permits }
    }

    /// Waits until another read may run.
    pub async fn permit(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        let closed = |_| StoreError::Unavailable("the file is closing".to_owned());
        self.permits.acquire().await.map_err(closed)
    }

    /// A connection that nobody uses.
    pub fn take(&self) -> Result<Connection, StoreError> {
        let free = self.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).pop();
        free.map_or_else(|| reader(&self.path), Ok)
    }

    /// Closes the connections that nobody uses, so that the writer is the last to close the file
    /// and takes its side files away.
    pub fn close(&self) {
        self.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).clear();
    }

    /// Gives a connection back; its snapshot ends.
    pub fn give_back(&self, connection: Connection) {
        if connection.is_autocommit() || run(&connection, "ROLLBACK").is_ok() {
            self.free.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(connection);
        }
    }
}
