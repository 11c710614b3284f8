//! One listener's way through one log.

use crate::transport::Transport;
use futures::FutureExt;
use futures::future::BoxFuture;
use kernel::log::LogEntry;
use kernel::ports::Store;
use kernel::service::Listener;
use kernel::write::store_problem;
use kernel::{Problem, Runtime};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use types::Uuid;

/// Events read at once.
const BATCH: u32 = 100;
/// The pause after the first refusal; it doubles with each further one.
const FIRST_PAUSE_MS: u64 = 20;
/// The longest pause.
const LONGEST_PAUSE_MS: u64 = 30_000;
/// After this many refusals in a row a listener counts as stuck.
const STUCK_AFTER: u32 = 6;

/// From which log to which listener.
pub struct Route {
    /// The organisation.
    pub org: Uuid,
    /// The listener's name.
    pub reader: String,
    /// The listener.
    pub listener: Listener,
    /// The listening service.
    pub runtime: Arc<Runtime>,
    /// The store whose log is read.
    pub from: Arc<dyn Store>,
    /// The store of the listening service, which keeps the cursor.
    pub store: Arc<dyn Store>,
}

/// A listener that refuses an event again and again.
#[derive(Clone, Debug)]
pub struct Stuck {
    /// The listener.
    pub reader: String,
    /// The event's position.
    pub position: u64,
    /// What the listener answered last.
    pub problem: Problem,
}

impl std::fmt::Display for Stuck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} does not take in position {}: {}", self.reader, self.position, self.problem)
    }
}

impl std::error::Error for Stuck {}

/// How far a pump has come.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// All up to here is taken in; none before the cursor was read.
    done: Option<u64>,
    /// The position that is refused, and how often in a row it was.
    refused: u64,
    refusals: u32,
    stuck: Option<Stuck>,
}

/// A task that delivers one log to one listener.
pub struct Pump {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
    progress: watch::Receiver<Progress>,
    sealed: watch::Receiver<u64>,
}

impl Pump {
    /// Starts to deliver.
    pub fn start(route: Route, transport: Arc<Transport>) -> Pump {
        let (stop, stopping) = watch::channel(false);
        let (report, progress) = watch::channel(Progress::default());
        let sealed = route.from.sealed();
        let work = Work { route, transport, report, stopping, sealed: sealed.clone() };
        Pump { task: tokio::spawn(work.run()), stop, progress, sealed }
    }

    /// Whether all that is sealed now has been taken in.
    pub fn is_idle(&self) -> bool {
        let sealed = *self.sealed.borrow();
        self.progress.borrow().done.is_some_and(|done| done >= sealed)
    }

    /// Waits until what is sealed now has been taken in.
    pub fn caught_up(&self) -> BoxFuture<'static, Result<(), Stuck>> {
        let goal = *self.sealed.borrow();
        let mut progress = self.progress.clone();
        Box::pin(async move {
            let over = |p: &Progress| p.done.is_some_and(|done| done >= goal) || p.stuck.is_some();
            match progress.wait_for(over).await {
                Ok(now) => now.stuck.clone().map_or(Ok(()), Err),
                // The pump was stopped: nothing is left to wait for.
                Err(_) => Ok(()),
            }
        })
    }

    /// Ends after the delivery that is under way.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }
}

/// What the task works with.
struct Work {
    route: Route,
    transport: Arc<Transport>,
    report: watch::Sender<Progress>,
    stopping: watch::Receiver<bool>,
    sealed: watch::Receiver<u64>,
}

impl Work {
    async fn run(mut self) {
        let mut cursor = None;
        while !*self.stopping.borrow() {
            let pause = match self.step(&mut cursor).await {
                Ok(true) => continue,
                Ok(false) => None,
                Err((position, problem)) => Some(self.refused(position, problem)),
            };
            tokio::select! {
                _ = self.stopping.changed() => {}
                _ = wait(&mut self.sealed, pause) => {}
            }
        }
    }

    /// Delivers one batch; false when the log holds nothing new.
    async fn step(&mut self, cursor: &mut Option<u64>) -> Result<bool, (u64, Problem)> {
        let at = cursor.unwrap_or(0);
        let failed = |problem| (at, problem);
        // Before the log is read, so that what is sealed meanwhile wakes the next wait.
        self.sealed.mark_unchanged();
        let from = match *cursor {
            Some(position) => position,
            None => self.cursor().await.map_err(failed)?,
        };
        *cursor = Some(from);
        let entries = self.route.from.log(from, BATCH).await.map_err(store_problem);
        let entries = entries.map_err(failed)?;
        for entry in &entries {
            self.deliver(entry).await.map_err(|problem| (entry.position, problem))?;
            *cursor = Some(entry.position);
            if *self.stopping.borrow() {
                break;
            }
        }
        let now = cursor.unwrap_or(from);
        if now > from && self.cursor().await.map_err(failed)? < now {
            let moved = self.route.store.advance(&self.route.reader, now).await;
            moved.map_err(store_problem).map_err(failed)?;
        }
        let behind = self.sealed.borrow().saturating_sub(now);
        metrics::gauge!("megalith_bus_lag_events", "reader" => self.route.reader.clone())
            .set(behind as f64);
        self.report.send_modify(|progress| {
            *progress = Progress { done: Some(now), ..Progress::default() };
        });
        Ok(!entries.is_empty())
    }

    async fn cursor(&self) -> Result<u64, Problem> {
        let snapshot = self.route.store.snapshot().await.map_err(store_problem)?;
        snapshot.cursor(&self.route.reader).await.map_err(store_problem)
    }

    async fn deliver(&self, entry: &LogEntry) -> Result<(), Problem> {
        let Route { org, reader, listener, runtime, .. } = &self.route;
        let delivery = self.transport.carry(*org, reader, entry).await?;
        let taken = AssertUnwindSafe(listener(runtime, &delivery)).catch_unwind().await;
        taken.unwrap_or_else(|_| Err(Problem::internal("the listener panicked")))
    }

    /// Notes a refusal and answers how long to wait.
    fn refused(&self, position: u64, problem: Problem) -> Duration {
        let reader = &self.route.reader;
        metrics::counter!("megalith_bus_refusals_total", "reader" => reader.clone()).increment(1);
        let mut refusals = 0;
        self.report.send_modify(|progress| {
            progress.refusals =
                if progress.refused == position { progress.refusals + 1 } else { 1 };
            progress.refused = position;
            refusals = progress.refusals;
            if refusals >= STUCK_AFTER {
                let (reader, problem) = (reader.clone(), problem.clone());
                progress.stuck = Some(Stuck { reader, position, problem });
            }
        });
        tracing::warn!(reader, position, refusals, %problem, "an event was not taken in");
        let doubled = FIRST_PAUSE_MS.saturating_mul(1 << refusals.min(20));
        Duration::from_millis(doubled.min(LONGEST_PAUSE_MS))
    }
}

/// Waits for news of the log, or for the end of a pause.
async fn wait(sealed: &mut watch::Receiver<u64>, pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => {
            if sealed.changed().await.is_err() {
                // The store is gone; whoever closed it will stop this pump.
                std::future::pending::<()>().await;
            }
        }
    }
}
