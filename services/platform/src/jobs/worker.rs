//! The worker: takes due jobs, runs them by their kind, and says how they ended.
//!
//! Any number of processes may have one. A worker looks at an organisation when its log has
//! grown, when a job falls due, and now and then in any case; an organisation that nobody uses
//! costs it nothing.

use super::context::{self, Held, JobContext, JobKind, LEASE_US, Last};
use crate::change_set::undo::UndoJob;
use crate::{Job, Org};
use contracts::{SYSTEM_ORG, own};
use futures::FutureExt;
use kernel::ports::{ListPlan, OrderKey};
use kernel::service::Runtime;
use kernel::write::store_problem;
use kernel::{Input, Problem, ProblemKind, Record};
use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use types::{Instant, Uuid, Value};

/// How often the worker looks whether there is something to do.
const PULSE: Duration = Duration::from_millis(250);
/// How often an attended organisation is looked at in any case, unless the worker is told so: less
/// often than files that nobody uses are closed.
const LOOK_EVERY: Duration = Duration::from_secs(1_200);
/// A running job keeps its lease by a sign of life this often.
const SIGN: Duration = Duration::from_micros(LEASE_US as u64 / 3);
/// How long a worker that ends waits until its jobs are given back.
const GIVE_BACK: Duration = Duration::from_secs(5);
/// Organisations that one worker does jobs of at the same time.
const AT_ONCE: u32 = 4;
/// Jobs that take long which one worker does beside the others.
const LONG_AT_ONCE: u32 = 4;
/// Jobs of one organisation that one look finds.
const FOUND: u32 = 20;
/// After so many attempts a job has failed.
pub(super) const MOST_ATTEMPTS: u64 = 8;
/// Microseconds before the second attempt; they double with each further one.
const FIRST_PAUSE_US: i64 = 5_000_000;
/// The longest pause between two attempts.
const LONGEST_PAUSE_US: i64 = 3_600_000_000;
/// The most characters of a problem that a job keeps.
const MAX_ERROR: usize = 1_000;

/// Does the jobs of organisations.
pub struct Worker {
    runtime: Arc<Runtime>,
    kinds: HashMap<&'static str, Arc<dyn JobKind>>,
    holder: String,
    look_every: Duration,
    slots: Arc<Semaphore>,
    long_slots: Arc<Semaphore>,
    /// The jobs that take long and are under way.
    long: Mutex<JoinSet<()>>,
    woken: Notify,
    /// True when the worker ends.
    stopping: watch::Sender<bool>,
    attended: Mutex<HashMap<Uuid, Attended>>,
}

/// A job that this worker may do.
struct Mine<'a> {
    job: &'a Record,
    kind: &'a Arc<dyn JobKind>,
    /// From when on.
    due: Instant,
    /// Whether another's lease need not run out.
    is_alone: bool,
    /// Whether another process should do it, which has been silent for too long.
    is_given_up: bool,
}

/// An organisation whose jobs this worker does.
struct Attended {
    /// Moves when the log of platform grows.
    sealed: watch::Receiver<u64>,
    /// The next instant at which a known job falls due.
    due: Option<Instant>,
    /// Pulses since it was looked at.
    unseen: u32,
    /// Its jobs are being done now.
    busy: bool,
}

impl Worker {
    /// A worker on platform's run time that knows the kinds of this crate.
    pub fn new(runtime: Arc<Runtime>) -> Worker {
        let holder = runtime.source.id().to_string();
        let worker = Worker {
            runtime,
            kinds: HashMap::new(),
            holder,
            look_every: LOOK_EVERY,
            slots: Arc::new(Semaphore::new(AT_ONCE as usize)),
            long_slots: Arc::new(Semaphore::new(LONG_AT_ONCE as usize)),
            long: Mutex::default(),
            woken: Notify::new(),
            stopping: watch::Sender::new(false),
            attended: Mutex::default(),
        };
        worker.with(UndoJob)
    }

    /// The worker with one more kind of job.
    pub fn with(mut self, kind: impl JobKind) -> Worker {
        self.kinds.insert(kind.name(), Arc::new(kind));
        self
    }

    /// The worker that looks at every organisation this often, though nothing was heard of it:
    /// where other processes put jobs into the same database.
    pub fn looking_every(mut self, period: Duration) -> Worker {
        self.look_every = period;
        self
    }

    /// Does the jobs of an organisation from now on, those left over first.
    ///
    /// # Errors
    /// A [`Problem`] when its store cannot be opened.
    pub async fn attend(&self, org: Uuid) -> Result<(), Problem> {
        let sealed = self.runtime.store(org).await?.sealed();
        let attended = Attended { sealed, due: None, unseen: u32::MAX, busy: false };
        self.attended().entry(org).or_insert(attended);
        Ok(())
    }

    /// Leaves an organisation alone from now on; jobs under way go on.
    pub fn leave(&self, org: Uuid) {
        self.attended().remove(&org);
    }

    /// Whether the worker has nothing to do in an organisation, now or at a known later time.
    pub fn is_idle(&self, org: Uuid) -> bool {
        self.attended().get(&org).is_none_or(|org| !org.busy && org.due.is_none())
    }

    /// Looks at an organisation at once: somebody waits for a job there.
    pub fn wake(&self, org: Uuid) {
        if let Some(state) = self.attended().get_mut(&org) {
            state.unseen = u32::MAX;
        }
        self.woken.notify_one();
    }

    /// Works until `stop` becomes true or its sender is gone; begins with every organisation, so
    /// that jobs of a process that ended are found. Jobs that are under way then are given back,
    /// to be gone on with by whoever works next.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        if let Err(problem) = self.attend_all().await {
            tracing::warn!(%problem, "jobs that were left over are found later");
        }
        let mut pulse = tokio::time::interval(PULSE);
        pulse.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = pulse.tick() => self.pulse(),
                () = self.woken.notified() => self.pulse(),
                changed = stop.changed() => {
                    if changed.is_err() || *stop.borrow() {
                        break;
                    }
                }
            }
        }
        self.stopping.send_replace(true);
        let ended = async {
            // The looks first: they begin jobs that take long.
            let _looks = self.slots.acquire_many(AT_ONCE).await;
            let _long = self.long_slots.acquire_many(LONG_AT_ONCE).await;
        };
        if tokio::time::timeout(GIVE_BACK, ended).await.is_err() {
            tracing::warn!("a job could not be given back; it goes on when its lease runs out");
        }
        let mut long = std::mem::take(&mut *self.long());
        long.shutdown().await;
    }

    async fn attend_all(&self) -> Result<(), Problem> {
        for org in own::all(&self.runtime, SYSTEM_ORG, Org::ENTITY).await? {
            if org.state() == Some("active") {
                self.attend(org.id()).await?;
            }
        }
        Ok(())
    }

    /// Begins to look at the organisations that may have something to do.
    fn pulse(self: &Arc<Self>) {
        let now = self.runtime.source.clock.now();
        let mut begun = Vec::new();
        for (org, state) in self.attended().iter_mut().filter(|(_, state)| !state.busy) {
            state.unseen = state.unseen.saturating_add(1);
            let grown = state.sealed.has_changed().unwrap_or(false);
            let due = state.due.is_some_and(|due| due <= now);
            if !grown && !due && PULSE.saturating_mul(state.unseen) < self.look_every {
                continue;
            }
            let Ok(slot) = self.slots.clone().try_acquire_owned() else { break };
            state.sealed.mark_unchanged();
            (state.unseen, state.busy) = (0, true);
            begun.push((*org, slot));
        }
        for (org, slot) in begun {
            let worker = self.clone();
            tokio::spawn(async move {
                let due = worker.run_due(org).await;
                drop(slot);
                worker.looked(org, due);
            });
        }
    }

    fn looked(&self, org: Uuid, due: Result<Option<Instant>, Problem>) {
        if let Err(problem) = &due {
            tracing::warn!(%org, %problem, "jobs of an organisation could not be done");
        }
        if let Some(state) = self.attended().get_mut(&org) {
            state.busy = false;
            state.due = due.unwrap_or_default();
        }
    }

    /// Does every job of an organisation that is due, one after the other; the instant at which
    /// the next one falls due, if there is one.
    ///
    /// # Errors
    /// A [`Problem`] when the database cannot answer; what a job comes to stands in its record.
    pub async fn run_due(&self, org: Uuid) -> Result<Option<Instant>, Problem> {
        let mut passed: HashSet<Uuid> = HashSet::new();
        loop {
            if *self.stopping.borrow() {
                return Ok(None);
            }
            let open = self.open_jobs(org).await?;
            let now = self.runtime.source.clock.now();
            let mine: Vec<Mine<'_>> = open.iter().filter_map(|job| self.mine(job)).collect();
            let is_next = |mine: &&Mine<'_>| mine.due <= now && !passed.contains(&mine.job.id());
            let Some(next) = mine.iter().filter(is_next).min_by_key(|mine| mine.due) else {
                let when = |mine: &Mine<'_>| match passed.contains(&mine.job.id()) {
                    true => due_at(mine.job),
                    false => mine.due,
                };
                return Ok(mine.iter().map(when).min());
            };
            let (job, kind) = (next.job, next.kind);
            // Whatever comes of it, this look does not begin it a second time.
            passed.insert(job.id());
            let slot = match kind.takes_long() {
                false => None,
                // One that ends makes the log grow, which is looked at.
                true => match self.long_slots.clone().try_acquire_owned() {
                    Ok(slot) => Some(slot),
                    Err(_) => {
                        self.vouch(org, next, now).await?;
                        continue;
                    }
                },
            };
            match Held::take(&self.runtime, org, job, &self.holder, next.is_alone).await {
                Ok(held) => match slot {
                    None => run_held(kind.clone(), held, self.stopping.subscribe()).await?,
                    Some(slot) => self.begin_long(kind.clone(), held, slot),
                },
                Err(problem) if is_lost(&problem) => {}
                Err(problem) => return Err(problem),
            }
        }
    }

    /// A job as this worker may do it; none if it may not.
    fn mine<'a>(&'a self, job: &'a Record) -> Option<Mine<'a>> {
        let kind = self.kinds.get(job.values[Job::KIND].as_text().unwrap_or_default())?;
        let payload = match &job.values[Job::PAYLOAD] {
            Value::Json(text) => text.as_str(),
            _ => "null",
        };
        if !kind.takes(payload) {
            let due = after(last_sign(job), kind.given_up_after()?);
            return Some(Mine { job, kind, due, is_alone: false, is_given_up: true });
        }
        let is_alone = kind.is_alone();
        let holder = job.values[Job::HOLDER].as_text();
        // Whoever had it is surely gone.
        let is_orphan =
            job.state() == Some(Job::RUNNING) && is_alone && holder != Some(&self.holder);
        let due = if is_orphan { Instant::default() } else { due_at(job) };
        Some(Mine { job, kind, due, is_alone, is_given_up: false })
    }

    /// Keeps others from giving up a job that has to wait here.
    async fn vouch(&self, org: Uuid, mine: &Mine<'_>, now: Instant) -> Result<(), Problem> {
        let Some(patience) = mine.kind.given_up_after() else { return Ok(()) };
        let waits = mine.job.state() == Some(Job::QUEUED) && !mine.is_given_up;
        if !waits || after(last_sign(mine.job), patience / 3) > now {
            return Ok(());
        }
        match context::vouch(&self.runtime, org, mine.job).await {
            Err(problem) if is_lost(&problem) => Ok(()),
            said => said,
        }
    }

    /// Does a job beside the others.
    fn begin_long(&self, kind: Arc<dyn JobKind>, held: Arc<Held>, slot: OwnedSemaphorePermit) {
        let mut long = self.long();
        while long.try_join_next().is_some() {}
        let stopping = self.stopping.subscribe();
        long.spawn(async move {
            let org = held.org;
            if let Err(problem) = run_held(kind, held, stopping).await {
                tracing::warn!(%org, %problem, "the end of a job could not be noted");
            }
            drop(slot);
        });
    }

    /// The jobs that wait or run, the oldest first.
    async fn open_jobs(&self, org: Uuid) -> Result<Vec<Record>, Problem> {
        let runtime = &self.runtime;
        let entity = runtime.own(Job::ENTITY)?;
        let condition = "state == 'queued' || state == 'running'";
        let open = kernel::env::predicate(&entity, condition, &*runtime.registry)?;
        let plan = ListPlan {
            entity,
            predicates: vec![open],
            tokens: Vec::new(),
            through: Vec::new(),
            order: vec![OrderKey { hop: None, slot: Job::RUN_AT, descending: false }],
            after: None,
            skip: 0,
            limit: FOUND,
            lines: false,
        };
        let snapshot = runtime.store(org).await?.snapshot().await.map_err(store_problem)?;
        snapshot.list(&plan).await.map_err(store_problem)
    }

    fn long(&self) -> std::sync::MutexGuard<'_, JoinSet<()>> {
        self.long.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attended(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Attended>> {
        self.attended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a job that this worker has, with signs of life, and notes its end.
async fn run_held(
    kind: Arc<dyn JobKind>,
    held: Arc<Held>,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), Problem> {
    let mut run = AssertUnwindSafe(kind.run(JobContext { held: held.clone() })).catch_unwind();
    let stopped = async {
        let _ = stopping.wait_for(|stopping| *stopping).await;
        held.quiet().await
    };
    // Beside the job and not in its place: it may be in the middle of an act itself.
    let lost = signs_of_life(&held);
    tokio::pin!(lost);
    let (ended, last) = tokio::select! {
        ended = &mut run => (Some(ended), None),
        last = stopped => (None, Some(last)),
        () = &mut lost => return Ok(()),
    };
    drop(run);
    let mut last = match last {
        Some(last) => last,
        None => tokio::select! {
            biased;
            () = &mut lost => return Ok(()),
            last = held.quiet() => last,
        },
    };
    let noted = match ended {
        None => give_back(&held, &mut last).await,
        Some(Ok(Ok(()))) => held.act_after(&mut last, "finish", |input| input).await,
        Some(Ok(Err(problem))) => note(&held, &mut last, &problem).await,
        Some(Err(_)) => {
            let problem = Problem::internal("the job panicked");
            note(&held, &mut last, &problem).await
        }
    };
    match noted {
        Err(problem) if is_lost(&problem) => Ok(()),
        noted => noted,
    }
}

/// Leaves a job to whoever works next, from where it reported last on.
async fn give_back(held: &Held, last: &mut Last) -> Result<(), Problem> {
    let now = held.runtime.source.clock.now();
    held.act_after(last, "postpone", |input| input.set("run_at", now)).await
}

/// Notes why a job did not end well, and whether it is tried again.
async fn note(held: &Held, last: &mut Last, problem: &Problem) -> Result<(), Problem> {
    let text: String = problem.to_string().chars().take(MAX_ERROR).collect();
    if !may_pass(problem) || held.attempt >= MOST_ATTEMPTS {
        return held.act_after(last, "fail", |input| input.set("error", text)).await;
    }
    let at = held.runtime.source.clock.now().0.saturating_add(pause_us(held.attempt));
    let fill = |input: Input| input.set("error", text).set("run_at", Instant(at));
    held.act_after(last, "postpone", fill).await
}

/// Keeps a job by signs of life; ends when the job is lost.
async fn signs_of_life(held: &Held) {
    loop {
        tokio::time::sleep(SIGN).await;
        match held.act("report", |input| input).await {
            Err(problem) if is_lost(&problem) => return,
            _ => {}
        }
    }
}

/// When a worker may take the job: a running one when its lease has run out.
fn due_at(job: &Record) -> Instant {
    let slot = if job.state() == Some(Job::RUNNING) { Job::LEASED_UNTIL } else { Job::RUN_AT };
    match &job.values[slot] {
        Value::Instant(at) => *at,
        _ => Instant::default(),
    }
}

/// When it was last certain that a process would do the job.
fn last_sign(job: &Record) -> Instant {
    let until = job.values[Job::LEASED_UNTIL].as_instant();
    until.unwrap_or_default().max(due_at(job))
}

fn after(at: Instant, time: Duration) -> Instant {
    Instant(at.0.saturating_add(i64::try_from(time.as_micros()).unwrap_or(i64::MAX)))
}

/// Whether another worker has the job, or someone ended it.
fn is_lost(problem: &Problem) -> bool {
    let code = problem.code.as_str();
    matches!(code, "version_mismatch" | "wrong_state" | "leased" | "contended" | "not_found")
}

/// Whether the same work may go well later.
fn may_pass(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Unavailable
            | ProblemKind::Internal
            | ProblemKind::StorageFull
            | ProblemKind::Conflict
    )
}

/// Microseconds before the next attempt.
fn pause_us(attempt: u64) -> i64 {
    let doublings = attempt.saturating_sub(1).min(20);
    (FIRST_PAUSE_US << doublings).min(LONGEST_PAUSE_US)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let seconds = [1, 2, 3, 8, 11, 99].map(|attempt| pause_us(attempt) / 1_000_000);
        assert_eq!(seconds, [5, 10, 20, 640, 3_600, 3_600]);
    }
}
