//! A file that no server has open: its logs, read only, for `megalith verify`.

use super::connect;
use super::error::plain;
use super::read::{entries, head, uuid};
use super::schema::FORMAT;
use crate::tables::{Catalog, Step};
use kernel::Entity;
use kernel::log::{LogEntry, SignedHead};
use kernel::ports::StoreError;
use rusqlite::Connection;
use std::path::Path;
use std::sync::Arc;
use types::Uuid;

/// Events read at a time.
const PAGE: u32 = 1_000;

/// A log in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogName {
    /// The organisation.
    pub org: Uuid,
    /// The service.
    pub service: String,
    number: i64,
}

/// A file opened for reading only.
pub struct OfflineFile {
    connection: Connection,
}

impl OfflineFile {
    /// Opens the file at `path`, which must exist.
    ///
    /// # Errors
    /// [`StoreError::Newer`] for a file of a newer program, [`StoreError::Corrupt`] for what is no
    /// database, [`StoreError::Unavailable`] when it cannot be opened.
    pub fn open(path: &Path) -> Result<OfflineFile, StoreError> {
        let connection = connect::reader(path)?;
        let format: i32 =
            connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(plain)?;
        if format > FORMAT {
            let text = format!("its format is {format}, this program knows {FORMAT}");
            return Err(StoreError::Newer(text));
        }
        connection.execute_batch("BEGIN").map_err(plain)?;
        Ok(OfflineFile { connection })
    }

    /// Writes a copy of the file at `path` as it is now to `target`, which must not exist; a server
    /// may have it open and go on writing.
    ///
    /// # Errors
    /// As [`OfflineFile::open`]; [`StoreError::StorageFull`] when there is no room.
    pub fn copy(path: &Path, target: &Path) -> Result<(), StoreError> {
        let connection = connect::reader(path)?;
        connection.execute_batch("PRAGMA query_only = OFF").map_err(plain)?;
        let name = target.to_string_lossy();
        connection.execute("VACUUM INTO ?", [name.as_ref()]).map(drop).map_err(plain)
    }

    /// The logs of the file, by organisation and service.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn logs(&self) -> Result<Vec<LogName>, StoreError> {
        let text =
            "SELECT o.id, l.service, l.log FROM _log l JOIN _org o USING (org) ORDER BY 1, 2";
        let mut statement = self.connection.prepare(text).map_err(plain)?;
        let rows = statement
            .query_map([], |row| {
                Ok(LogName { org: uuid(row, 0)?, service: row.get(1)?, number: row.get(2)? })
            })
            .map_err(plain)?;
        rows.collect::<Result<_, _>>().map_err(plain)
    }

    /// Shows every event of a log to `see`, in order, with the hash that is stored with it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn events(&self, log: &LogName, mut see: impl FnMut(&LogEntry)) -> Result<(), StoreError> {
        let mut after = 0;
        loop {
            let page = entries(&self.connection, log.number, after, PAGE)?;
            page.iter().for_each(&mut see);
            match page.last() {
                Some(last) => after = last.position,
                None => return Ok(()),
            }
        }
    }

    /// The newest signed head of a log.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn head(&self, log: &LogName) -> Result<Option<SignedHead>, StoreError> {
        head(&self.connection, log.number, log.org, &log.service)
    }

    /// The steps that would bring the file to the shape of these entities, as texts.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn pending(&self, entities: &[Arc<Entity>]) -> Result<Vec<String>, StoreError> {
        let steps = super::migrate::steps(&self.connection, &Catalog::new(entities))?;
        Ok(steps.iter().map(Step::to_string).collect())
    }

    /// What SQLite finds wrong with the file itself; empty if nothing.
    ///
    /// # Errors
    /// When the file cannot be read at all.
    pub fn integrity(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check").map_err(plain)?;
        let rows = statement.query_map([], |row| row.get(0)).map_err(plain)?;
        let found: Vec<String> = rows.collect::<Result<_, _>>().map_err(plain)?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    }
}
