//! Statements sent together: one round trip for a whole transaction.
//!
//! Each statement is sent before the answer to the one before it has come. When one fails, the
//! server refuses those behind it and makes of the COMMIT a ROLLBACK, so a transaction sent this
//! way is kept whole or not at all.

use super::connect::Connection;
use super::error::{self, Context};
use super::param::Param;
use futures::FutureExt;
use futures::future::BoxFuture;
use kernel::ports::StoreError;
use std::sync::Arc;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, Statement};

/// A statement and what is bound to it.
#[derive(Clone, Debug)]
pub struct Step {
    /// The text, with `$1`, `$2`, …
    pub sql: Arc<str>,
    /// What is bound, in order.
    pub params: Vec<Param>,
}

impl Step {
    /// A statement with its parameters.
    pub fn new(sql: impl Into<Arc<str>>, params: Vec<Param>) -> Step {
        Step { sql: sql.into(), params }
    }
}

/// How a transaction begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// It sees what commits while it runs; for writing.
    Write,
    /// As [`Begin::Write`], for commands that share nothing: a statement that waits for another
    /// transaction's row for longer than a moment is refused.
    Group,
    /// It sees one state of the database; for reading.
    Read,
}

/// How the steps of one round trip stand in their transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Stay,
    Commit,
}

/// How long a statement of a group waits for another transaction's row.
const GROUP_LOCK_LIMIT_MS: u32 = 20;

/// Why commands that were sent together were not committed.
#[derive(Debug)]
pub enum Refused {
    /// The server refused a statement, or it could not be sent: nothing is kept.
    NothingKept,
    /// The connection broke, so that nobody knows; or there was none.
    Unknown(StoreError),
}

/// A transaction of one organisation on one connection.
///
/// Dropped without a commit it is rolled back: the ROLLBACK is sent at once, ahead of whatever the
/// connection is used for next, and nobody waits for its answer.
pub struct Transaction {
    connection: Connection,
    org: i32,
    begin: Begin,
    is_open: bool,
}

impl Transaction {
    /// A transaction that begins with its first steps.
    pub fn new(connection: Connection, org: i32, begin: Begin) -> Transaction {
        Transaction { connection, org, begin, is_open: false }
    }

    /// Runs steps in one round trip and leaves the transaction open; answers the rows of each.
    ///
    /// # Errors
    /// What the first failing statement means in `context`; the transaction is over then.
    pub async fn run(
        &mut self,
        steps: &[Step],
        context: &Context<'_>,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        self.send(steps, End::Stay, context).await
    }

    /// Runs steps in one round trip, the COMMIT included; answers the rows of each.
    ///
    /// # Errors
    /// What the first failing statement means in `context`; nothing was kept then, unless the
    /// connection broke, in which case nobody knows.
    pub async fn commit(
        mut self,
        steps: &[Step],
        context: &Context<'_>,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        self.send(steps, End::Commit, context).await
    }

    /// Runs a step that is a transaction by itself, and says itself whose it is.
    ///
    /// # Errors
    /// As those of [`Transaction::commit`].
    pub async fn alone(self, step: &Step, context: &Context<'_>) -> Result<(), StoreError> {
        let params: Vec<_> = step.params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
        let run = async {
            let statement = self.connection.prepare_cached(&step.sql).await?;
            self.connection.execute(&statement, &params).await
        };
        run.await.map(drop).map_err(|e| self.failed(&e, context))
    }

    /// Runs steps that are a command each in one round trip, the COMMIT included.
    ///
    /// # Errors
    /// Whether it is certain that nothing is kept.
    pub async fn together(mut self, steps: &[Step]) -> Result<(), Refused> {
        let Err(e) = self.exchange(steps, End::Commit).await else { return Ok(()) };
        let failed = self.failed(&e, &Context::default());
        Err(if error::keeps_nothing(&e) { Refused::NothingKept } else { Refused::Unknown(failed) })
    }

    async fn send(
        &mut self,
        steps: &[Step],
        end: End,
        context: &Context<'_>,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        self.exchange(steps, end).await.map_err(|e| self.failed(&e, context))
    }

    async fn exchange(&mut self, steps: &[Step], end: End) -> Result<Vec<Vec<Row>>, Error> {
        let statements = self.prepare(steps).await?;
        let begin = (!self.is_open).then(|| self.opening());
        // From the first statement on the transaction may be open, even if this future is dropped.
        self.is_open = true;
        let parameters: Vec<Vec<&(dyn ToSql + Sync)>> = steps
            .iter()
            .map(|step| step.params.iter().map(|p| p as &(dyn ToSql + Sync)).collect())
            .collect();
        let client = &self.connection;
        let simple = |sql: String| -> BoxFuture<'_, Result<Vec<Row>, Error>> {
            async move { client.batch_execute(&sql).await.map(|()| Vec::new()) }.boxed()
        };
        let opening = begin.map(simple);
        let is_opening = opening.is_some();
        let middle = statements.iter().zip(&parameters).map(|(statement, parameters)| {
            let answer: BoxFuture<'_, _> = client.query(statement, parameters).boxed();
            answer
        });
        let closing = (end == End::Commit).then(|| simple("COMMIT".to_owned()));
        // After an error the COMMIT may not have been sent: dropping sends a ROLLBACK, which
        // harms nothing.
        let mut answers = in_order(opening.into_iter().chain(middle).chain(closing)).await?;
        self.is_open = end == End::Stay;
        answers.drain(..usize::from(is_opening));
        answers.truncate(steps.len());
        Ok(answers)
    }

    /// Prepares what this connection has not seen yet; most often nothing.
    async fn prepare(&self, steps: &[Step]) -> Result<Vec<Statement>, Error> {
        let each = steps.iter().map(|step| self.connection.prepare_cached(&step.sql));
        futures::future::try_join_all(each).await
    }

    fn opening(&self) -> String {
        let mode = match self.begin {
            Begin::Write | Begin::Group => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            Begin::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let patience = match self.begin {
            Begin::Group => format!("; SET LOCAL lock_timeout = {GROUP_LOCK_LIMIT_MS}"),
            Begin::Write | Begin::Read => String::new(),
        };
        format!("{mode}; SET LOCAL megalith.org = '{}'{patience}", self.org)
    }

    fn failed(&self, e: &Error, context: &Context<'_>) -> StoreError {
        if error::is_stale_plan(e) {
            // A migration changed a table under a prepared statement: the next one is made anew.
            self.connection.statement_cache.clear();
        }
        error::read(e, context)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if self.is_open {
            // The first poll sends; the answer is read and thrown away by the connection's task.
            let _ = self.connection.batch_execute("ROLLBACK").now_or_never();
        }
    }
}

/// Sends all, in order and without waiting, then takes the answers in order.
///
/// When one cannot even be sent (a parameter does not fit) or is refused while the others are
/// still on their way, none behind it is sent. The error is that of the first statement that
/// failed: a later one may be known earlier, and says only that the transaction is over.
async fn in_order<'a, R: Send + 'a, E: Send + 'a>(
    sends: impl Iterator<Item = BoxFuture<'a, Result<R, E>>>,
) -> Result<Vec<R>, E> {
    let mut waiting = Vec::new();
    for mut send in sends {
        match futures::poll!(&mut send) {
            std::task::Poll::Ready(answer) => {
                let is_refused = answer.is_err();
                waiting.push(futures::future::ready(answer).boxed());
                if is_refused {
                    break;
                }
            }
            std::task::Poll::Pending => waiting.push(send),
        }
    }
    let mut answers = Vec::with_capacity(waiting.len());
    let mut first = None;
    for answer in waiting {
        match answer.await {
            Ok(rows) => answers.push(rows),
            Err(e) => first = first.or(Some(e)),
        }
    }
    first.map_or(Ok(answers), Err)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Poll;

    type Sent<'a> = BoxFuture<'a, Result<u8, &'static str>>;

    /// A statement whose answer has come by the time it is asked for the `nth` time.
    fn answered<'a>(nth: usize, answer: Result<u8, &'static str>) -> Sent<'a> {
        let mut asked = 0;
        futures::future::poll_fn(move |context| {
            asked += 1;
            if asked > nth {
                return Poll::Ready(answer);
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .boxed()
    }

    #[tokio::test]
    async fn the_error_is_the_first_statements_though_a_later_one_is_known_earlier() {
        // On a busy machine the server has answered a statement before its sender looks.
        let sends = [answered(0, Ok(1)), answered(3, Err("moved")), answered(0, Err("over"))];
        assert_eq!(in_order(sends.into_iter()).await, Err("moved"));
        let sends = [answered(2, Ok(1)), answered(0, Ok(2)), answered(1, Ok(3))];
        assert_eq!(in_order(sends.into_iter()).await, Ok(vec![1, 2, 3]));
    }

    #[tokio::test]
    async fn nothing_is_sent_behind_a_statement_that_cannot_be() {
        let mut sent = 0;
        let sends = (0..3).map(|at| {
            sent += 1;
            answered(1 - at, if at == 1 { Err("does not fit") } else { Ok(1) })
        });
        assert_eq!(in_order(sends).await, Err("does not fit"));
        assert_eq!(sent, 2);
    }
}
