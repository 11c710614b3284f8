//! The one thread that writes: it takes what waits, each command in a savepoint of its own, and
//! answers after the COMMIT that makes all of it durable.
//!
//! It waits for nobody: a batch ends when the queue is empty, so a lone caller pays one COMMIT,
//! and many callers share one. What it keeps in memory changes only after COMMIT has returned.

use super::commit::{self, Command, SearchChange};
use super::error::plain;
use super::prepared::{Prepared, prepare};
use super::seal::OpenLog;
use super::snapshot::InsideSnapshot;
use super::{Log, Shared};
use kernel::keys::HeadSigner;
use kernel::log::SignedHead;
use kernel::ports::{Attempt, Change, Committed, InsideError, StoreError};
use kernel::schema::slot;
use kernel::write::Sealed;
use rusqlite::Connection;
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use types::Value;

/// Commands in one transaction at most.
const BATCH: usize = 256;
/// How many batches pass before the length of the write-ahead log is looked at.
const WATCH_EVERY: u32 = 64;
/// The length in bytes from which on the write-ahead log is begun anew.
const LONG_LOG: u64 = 64 << 20;
/// How long beginning it anew may keep the next batch waiting.
const LOG_WAIT: Duration = Duration::from_millis(50);

/// What is asked of the writer.
pub enum Job {
    /// Commit a sealed command.
    Commit {
        /// Its log.
        log: Arc<Log>,
        /// The command.
        sealed: Box<Sealed>,
        /// What its rows need beside its values.
        prepared: Vec<Prepared>,
        /// Takes the answer.
        reply: oneshot::Sender<Result<Committed, StoreError>>,
    },
    /// Run a command on the writer's own snapshot and commit what it seals.
    Inside {
        /// Its log.
        log: Arc<Log>,
        /// The command.
        attempt: Attempt,
        /// Takes the answer.
        reply: oneshot::Sender<Result<Committed, InsideError>>,
    },
    /// Change something that is no record.
    Task {
        /// The change.
        work: Work,
        /// Whether the file must forget what it replaced, also outside the database.
        checkpoint: bool,
        /// Takes the answer.
        done: Done,
    },
}

type Work = Box<dyn FnOnce(&Connection) -> Result<(), StoreError> + Send>;
type Done = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// An answer that waits for the COMMIT.
enum Answer {
    Commit(oneshot::Sender<Result<Committed, StoreError>>, Result<Committed, StoreError>),
    Inside(oneshot::Sender<Result<Committed, InsideError>>, Result<Committed, InsideError>),
    Task(Done, Result<(), StoreError>),
}

impl Answer {
    /// Gives the answer; `failed` instead, if the batch came to nothing.
    fn give(self, failed: Option<&StoreError>) {
        match (self, failed) {
            (Answer::Commit(reply, result), None) => drop(reply.send(result)),
            (Answer::Commit(reply, _), Some(e)) => drop(reply.send(Err(e.clone()))),
            (Answer::Inside(reply, result), None) => drop(reply.send(result)),
            (Answer::Inside(reply, _), Some(e)) => {
                drop(reply.send(Err(InsideError::Store(e.clone()))));
            }
            (Answer::Task(done, result), None) => done(result),
            (Answer::Task(done, _), Some(e)) => done(Err(e.clone())),
        }
    }
}

/// The writer's state.
pub struct Writer {
    /// Behind a lock only so that a second attempt may read through it.
    connection: Mutex<Connection>,
    shared: Arc<Shared>,
    signer: Arc<dyn HeadSigner>,
    /// The logs as the last COMMIT left them.
    frontiers: HashMap<i64, OpenLog>,
    updates: HashMap<i64, HashMap<Vec<usize>, String>>,
    answers: Vec<Answer>,
    searches: Vec<SearchChange>,
    checkpoint: bool,
    /// Batches since the length of the write-ahead log was looked at.
    unwatched: u32,
}

impl Writer {
    /// A writer on its connection.
    pub fn new(connection: Connection, shared: Arc<Shared>, signer: Arc<dyn HeadSigner>) -> Writer {
        Writer {
            connection: Mutex::new(connection),
            shared,
            signer,
            frontiers: HashMap::new(),
            updates: HashMap::new(),
            answers: Vec::with_capacity(BATCH),
            searches: Vec::new(),
            checkpoint: false,
            unwatched: 0,
        }
    }

    /// Works until nobody can ask any more, then closes the file.
    pub fn run(mut self, queue: &Receiver<Job>) {
        while let Ok(first) = queue.recv() {
            let mut batch = Batch { touched: HashSet::new(), failed: self.begin().err() };
            let mut next = Some(first);
            while let Some(job) = next {
                self.take(job, &mut batch);
                next = if self.answers.len() < BATCH { queue.try_recv().ok() } else { None };
            }
            self.finish(batch);
            self.shorten_log();
        }
        self.close();
    }

    fn connection(&mut self) -> &mut Connection {
        self.connection.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn begin(&mut self) -> Result<(), StoreError> {
        self.connection().execute_batch("BEGIN IMMEDIATE").map_err(plain)
    }

    /// Does one job in a savepoint. An error that is the command's own undoes that savepoint; any
    /// other fails the batch.
    fn take(&mut self, job: Job, batch: &mut Batch) {
        let answer = match job {
            Job::Commit { log, sealed, prepared, reply } => {
                let result = self
                    .guarded(batch, |writer, batch| writer.commit(&log, *sealed, prepared, batch));
                Answer::Commit(reply, result)
            }
            Job::Inside { log, attempt, reply } => {
                Answer::Inside(reply, self.inside(&log, attempt, batch))
            }
            Job::Task { work, checkpoint, done } => {
                self.checkpoint |= checkpoint;
                let result = self.guarded(batch, |writer, _| work(writer.connection()));
                Answer::Task(done, result)
            }
        };
        self.answers.push(answer);
    }

    fn guarded<T>(
        &mut self,
        batch: &mut Batch,
        work: impl FnOnce(&mut Writer, &mut Batch) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if let Some(failed) = &batch.failed {
            return Err(failed.clone());
        }
        let searches = self.searches.len();
        let result = self.savepoint("SAVEPOINT command").and_then(|()| work(self, batch));
        let result = match result {
            Ok(done) => {
                let released = self.savepoint("RELEASE command");
                batch.failed = released.as_ref().err().cloned();
                released.map(|()| done)
            }
            Err(error) => {
                self.searches.truncate(searches);
                if self.connection().is_autocommit() {
                    // The error ended the whole transaction.
                    batch.failed = Some(error.clone());
                    return Err(error);
                }
                match self.savepoint("ROLLBACK TO command; RELEASE command") {
                    Ok(()) => Err(error),
                    Err(worse) if is_fatal(&worse) => Err(worse),
                    Err(_) => Err(StoreError::Unavailable(error.to_string())),
                }
            }
        };
        let lost = self.connection().is_autocommit();
        if let Err(error) = &result
            && (lost || is_fatal(error))
        {
            batch.failed = Some(error.clone());
        }
        result
    }

    fn savepoint(&mut self, text: &str) -> Result<(), StoreError> {
        for part in text.split("; ") {
            let mut statement = self.connection().prepare_cached(part).map_err(plain)?;
            statement.execute([]).map_err(plain)?;
        }
        Ok(())
    }

    fn commit(
        &mut self,
        log: &Arc<Log>,
        sealed: Sealed,
        mut prepared: Vec<Prepared>,
        batch: &mut Batch,
    ) -> Result<Committed, StoreError> {
        if sealed.org() != log.id {
            let text = "a command of another organisation".to_owned();
            return Err(StoreError::Internal(text));
        }
        let connection = self.connection.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        let open = match self.frontiers.entry(log.number) {
            std::collections::hash_map::Entry::Occupied(found) => found.into_mut(),
            std::collections::hash_map::Entry::Vacant(empty) => {
                empty.insert(OpenLog::load(connection, log)?)
            }
        };
        batch.touched.insert(log.number);
        let mut command = Command {
            connection,
            tables: &self.shared.tables,
            updates: &mut self.updates,
            searches: &mut self.searches,
        };
        let numbers = command.write(log, open, &sealed, &mut prepared)?;
        let event = sealed.event().id;
        let mut changes = sealed.into_changes();
        for (place, number) in numbers {
            if let Some(Change::Insert(record) | Change::Update { after: record, .. }) =
                changes.get_mut(place)
            {
                record.values[slot::NUMBER] = Value::Text(number);
            }
        }
        Ok(Committed { event, changes })
    }

    fn inside(
        &mut self,
        log: &Arc<Log>,
        attempt: Attempt,
        batch: &mut Batch,
    ) -> Result<Committed, InsideError> {
        // What the batch did so far must be found by a full-text read, too.
        let mut searches = std::mem::take(&mut self.searches);
        let shown =
            self.guarded(batch, |writer, _| commit::search(writer.connection(), &mut searches));
        shown.map_err(InsideError::Store)?;
        let mut refused = None;
        let result = self.guarded(batch, |writer, batch| {
            let snapshot =
                InsideSnapshot { connection: &writer.connection, shared: &writer.shared, log };
            let run = || futures::executor::block_on(attempt(&snapshot));
            let sealed = match catch_unwind(AssertUnwindSafe(run)) {
                Ok(Ok(sealed)) => sealed,
                Ok(Err(problem)) => {
                    refused = Some(problem);
                    return Err(StoreError::Internal("refused".to_owned()));
                }
                Err(_) => {
                    let text = "a command panicked under the locks".to_owned();
                    return Err(StoreError::Internal(text));
                }
            };
            let prepared = prepare(&writer.shared.tables, &sealed);
            writer.commit(log, sealed, prepared, batch)
        });
        result.map_err(|error| match refused {
            Some(problem) => InsideError::Refused(problem),
            None => InsideError::Store(error),
        })
    }

    /// Seals and commits, then changes what is in memory and answers everyone.
    fn finish(&mut self, batch: Batch) {
        let outcome = match &batch.failed {
            Some(failed) => Err(failed.clone()),
            None => self.seal_and_commit(&batch),
        };
        match &outcome {
            Ok(heads) => {
                for head in heads {
                    self.signer.publish(head);
                }
                for number in &batch.touched {
                    if let Some(open) = self.frontiers.get(number) {
                        let size = open.frontier.size();
                        open.log.sealed.send_if_modified(|told| {
                            let grown = size > *told;
                            *told = size.max(*told);
                            grown
                        });
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a batch of commands was not committed");
                // Read again from the file when they are needed.
                batch.touched.iter().for_each(|number| drop(self.frontiers.remove(number)));
                self.searches.clear();
                let connection = self.connection();
                if !connection.is_autocommit() {
                    let _ = connection.execute_batch("ROLLBACK");
                }
            }
        }
        if std::mem::take(&mut self.checkpoint) {
            let text = "PRAGMA wal_checkpoint(TRUNCATE)";
            let _ = self.connection().query_row(text, [], |_| Ok(()));
        }
        for answer in self.answers.drain(..) {
            answer.give(outcome.as_ref().err());
        }
    }

    fn seal_and_commit(&mut self, batch: &Batch) -> Result<Vec<SignedHead>, StoreError> {
        let connection = self.connection.get_mut().unwrap_or_else(|poisoned| poisoned.into_inner());
        commit::search(connection, &mut self.searches)?;
        let mut heads = Vec::with_capacity(batch.touched.len());
        for number in &batch.touched {
            let Some(open) = self.frontiers.get_mut(number) else { continue };
            heads.extend(open.seal(connection, &*self.signer)?);
        }
        connection.prepare_cached("COMMIT").and_then(|mut s| s.execute([])).map_err(plain)?;
        Ok(heads)
    }

    /// Begins the write-ahead log anew when it has become long. SQLite does so by itself only
    /// when a batch happens to begin while nobody reads, which may be never.
    fn shorten_log(&mut self) {
        self.unwatched += 1;
        if self.unwatched < WATCH_EVERY {
            return;
        }
        self.unwatched = 0;
        let connection = self.connection();
        let length =
            connection.path().and_then(|path| std::fs::metadata(format!("{path}-wal")).ok());
        if length.is_none_or(|file| file.len() < LONG_LOG) {
            return;
        }
        // Who reads an older state is waited for, but not long; it is tried again soon.
        let _ = connection.busy_timeout(LOG_WAIT);
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        let _ = connection.busy_timeout(super::connect::BUSY);
    }

    fn close(&mut self) {
        let connection = self.connection();
        let _ = connection.execute_batch("PRAGMA optimize");
        let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }
}

/// One transaction in the making.
struct Batch {
    /// The logs that it added to.
    touched: HashSet<i64>,
    /// Why it comes to nothing.
    failed: Option<StoreError>,
}

/// Whether an error is the database's and not the command's.
fn is_fatal(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::StorageFull(_)
            | StoreError::ReadOnly(_)
            | StoreError::Corrupt(_)
            | StoreError::Unavailable(_)
    )
}
