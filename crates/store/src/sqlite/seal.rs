//! Sealing in the group commit: positions, Merkle tree, signed heads.
//!
//! Positions are dense because one thread gives them; what a batch adds stays apart until its
//! COMMIT has returned.

use super::Log;
use super::error::plain;
use super::read::uuid;
use kernel::keys::HeadSigner;
use kernel::log::{Frontier, Hash, Head, SignedHead};
use kernel::ports::StoreError;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;
use types::{Instant, Uuid};

/// A log while a batch adds to it.
pub struct OpenLog {
    /// Which log.
    pub log: Arc<Log>,
    /// The tree with what the batch added.
    pub frontier: Frontier,
    at: Instant,
    is_changed: bool,
}

impl OpenLog {
    /// A log as it was sealed last.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when what was kept of the tree is not one.
    pub fn load(connection: &Connection, log: &Arc<Log>) -> Result<OpenLog, StoreError> {
        let text = "SELECT size, peaks, at FROM _log WHERE log = ?";
        let mut statement = connection.prepare_cached(text).map_err(plain)?;
        let (size, peaks, at): (i64, Vec<u8>, Option<i64>) = statement
            .query_row([log.number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_err(plain)?;
        let peaks: Vec<Hash> = peaks.chunks_exact(32).filter_map(|p| p.try_into().ok()).collect();
        let frontier = Frontier::new(size as u64, peaks);
        let corrupt = || StoreError::Corrupt("the log's head and its peaks do not fit".to_owned());
        let frontier = frontier.ok_or_else(corrupt)?;
        let at = Instant(at.unwrap_or_default());
        Ok(OpenLog { log: log.clone(), frontier, at, is_changed: false })
    }

    /// Adds a leaf, the event at position `frontier.size() + 1`.
    pub fn push(&mut self, leaf: Hash, at: Instant) {
        self.frontier.push(leaf);
        self.at = self.at.max(at);
        self.is_changed = true;
    }

    /// Writes the new head, if anything was added.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn seal(
        &mut self,
        connection: &Connection,
        signer: &dyn HeadSigner,
    ) -> Result<Option<SignedHead>, StoreError> {
        if !self.is_changed {
            return Ok(None);
        }
        let signed = signer.sign(Head {
            org: self.log.id,
            service: self.log.service.clone(),
            size: self.frontier.size(),
            root: self.frontier.root(),
            at: self.at,
        });
        let text = "UPDATE _log SET size = ?, peaks = ?, root = ?, at = ?, key = ?, signature = ? \
                    WHERE log = ?";
        let mut statement = connection.prepare_cached(text).map_err(plain)?;
        let values = params![
            signed.head.size as i64,
            self.frontier.peaks().concat(),
            signed.head.root,
            signed.head.at.0,
            signed.key,
            signed.signature,
            self.log.number,
        ];
        statement.execute(values).map_err(plain)?;
        self.is_changed = false;
        Ok(Some(signed))
    }
}

/// The logs of a file.
pub fn logs(connection: &Connection) -> Result<HashMap<(Uuid, String), Arc<Log>>, StoreError> {
    let text = "SELECT l.log, l.org, o.id, l.service, l.size FROM _log l JOIN _org o USING (org)";
    let mut statement = connection.prepare(text).map_err(plain)?;
    let rows = statement
        .query_map([], |row| {
            let log = Log {
                number: row.get(0)?,
                org: row.get(1)?,
                id: uuid(row, 2)?,
                service: row.get(3)?,
                sealed: watch::Sender::new(row.get::<_, i64>(4)? as u64),
            };
            Ok(((log.id, log.service.clone()), Arc::new(log)))
        })
        .map_err(plain)?;
    rows.collect::<Result<_, _>>().map_err(plain)
}

/// Notes a new log, and its organisation if that is new too.
pub fn add_log(connection: &Connection, org: Uuid, service: &str) -> Result<Log, StoreError> {
    let bytes = org.as_bytes();
    connection
        .execute("INSERT INTO _org (id) VALUES (?) ON CONFLICT DO NOTHING", [bytes])
        .map_err(plain)?;
    let number: i64 = connection
        .query_row("SELECT org FROM _org WHERE id = ?", [bytes], |row| row.get(0))
        .map_err(plain)?;
    let text = "INSERT INTO _log (org, service) VALUES (?, ?) ON CONFLICT DO NOTHING";
    connection.execute(text, params![number, service]).map_err(plain)?;
    let text = "SELECT log, size FROM _log WHERE org = ? AND service = ?";
    let found: Option<(i64, i64)> = connection
        .query_row(text, params![number, service], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .map_err(plain)?;
    let (log, size) =
        found.ok_or_else(|| StoreError::Internal("a log was not noted".to_owned()))?;
    let sealed = watch::Sender::new(size as u64);
    Ok(Log { number: log, org: number, id: org, service: service.to_owned(), sealed })
}
