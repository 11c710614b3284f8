//! Group commit: commands that meet go to the database as one transaction.
//!
//! A command that is one statement ([`super::lone`]) goes by itself while fewer than [`LANES`] of
//! its log are under way. Behind those it waits, and the next lane that gets free takes all that
//! wait: one round trip, one flush and one answer for all of them. A lone caller loses no time by
//! it, and many callers share what a commit costs.
//!
//! Commands that share nothing must not hold each other up. So a group gives up when one of its
//! statements waits long for another's row ([`Begin::Group`]), those who wait long for a lane go
//! together beside the lanes, and what a group was refused for is found out by each command for
//! itself: a transaction that PostgreSQL refused has left nothing behind.

use super::Inner;
use super::error::Context;
use super::pipeline::{Begin, Refused, Step};
use kernel::ports::StoreError;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// Transactions of one log under way before commands wait to go together.
const LANES: usize = 3;
/// The most commands of one group.
const MOST: usize = 64;
/// The most bytes of an event that waits with others; the command of a larger one goes by itself.
const LARGEST: usize = 16 * 1024;
/// How long a command waits for a lane before those who wait go beside the lanes.
const PATIENCE: Duration = Duration::from_millis(20);
/// Commands that go by themselves after a group was refused: where some collide, more will.
const APART: u32 = 64;

/// The commands of one log that wait for a lane.
#[derive(Default)]
pub struct Queue(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    commands: VecDeque<(Step, oneshot::Sender<Answer>)>,
    /// Lanes that are taken.
    taken: usize,
    /// How many commands still go by themselves.
    apart: u32,
}

/// Commands that go together, and those who wait for them.
type Group = (Vec<Step>, Vec<oneshot::Sender<Answer>>);

/// What became of a command in a group.
enum Answer {
    /// The group has committed, or nobody knows.
    Done(Result<(), StoreError>),
    /// Nothing of the group is kept: the command is to go by itself.
    Alone(Step),
}

/// How a command goes.
enum Way {
    /// By itself, at once; on a lane unless it goes beside them.
    Now(Step, Option<Lane>),
    /// With others, once a lane is free.
    Wait(oneshot::Receiver<Answer>),
}

/// A lane that is taken. Dropped, it takes those who wait.
struct Lane(Arc<Inner>);

/// Commits a command that is one statement; `size` is that of its event in bytes.
///
/// # Errors
/// What the statement's failure means in `context`.
pub async fn commit(
    inner: &Arc<Inner>,
    step: Step,
    size: usize,
    context: &Context<'_>,
) -> Result<(), StoreError> {
    let (step, lane) = match enter(inner, step, size) {
        Way::Now(step, lane) => (step, lane),
        Way::Wait(mut receiver) => {
            let answer = loop {
                match tokio::time::timeout(PATIENCE, &mut receiver).await {
                    Ok(answer) => break answer,
                    Err(_) => relieve(inner),
                }
            };
            match answer {
                Ok(Answer::Alone(step)) => (step, None),
                Ok(Answer::Done(done)) => return done,
                Err(_) => return Err(StoreError::Unavailable("the process ends".to_owned())),
            }
        }
    };
    let done = inner.transaction(Begin::Write).await?.alone(&step, context).await;
    drop(lane);
    done
}

fn enter(inner: &Arc<Inner>, step: Step, size: usize) -> Way {
    let mut waiting = inner.queue.lock();
    if size > LARGEST {
        return Way::Now(step, None);
    }
    if waiting.apart > 0 {
        waiting.apart -= 1;
        return Way::Now(step, None);
    }
    if waiting.taken < LANES {
        waiting.taken += 1;
        return Way::Now(step, Some(Lane(inner.clone())));
    }
    let (answer, receiver) = oneshot::channel();
    waiting.commands.push_back((step, answer));
    Way::Wait(receiver)
}

/// Sends those who wait, beside the lanes.
fn relieve(inner: &Arc<Inner>) {
    let group = inner.queue.lock().next();
    if !group.0.is_empty() {
        let inner = inner.clone();
        inner.database.runtime.clone().spawn(async move { send(&inner, group).await });
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Those who go next; none when nobody waits any more.
    fn next(&mut self) -> Group {
        let mut group = Group::default();
        while group.0.len() < MOST
            && let Some((step, caller)) = self.commands.pop_front()
        {
            if !caller.is_closed() {
                group.0.push(step);
                group.1.push(caller);
            }
        }
        group
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut waiting = self.0.queue.lock();
        if waiting.commands.is_empty() {
            waiting.taken -= 1;
        } else {
            // The lane goes over to a task, which no caller that goes away can cut off.
            drop(waiting);
            self.0.database.runtime.spawn(drive(self.0.clone()));
        }
    }
}

/// Sends group after group until nobody waits, then gives up its lane.
async fn drive(inner: Arc<Inner>) {
    loop {
        let group = {
            let mut waiting = inner.queue.lock();
            let group = waiting.next();
            if group.0.is_empty() {
                waiting.taken -= 1;
                return;
            }
            group
        };
        send(&inner, group).await;
    }
}

/// Sends a group and tells each caller; one that has gone away has its command done, as one whose
/// answer is lost.
async fn send(inner: &Inner, (steps, callers): Group) {
    let sent = match inner.transaction(Begin::Group).await {
        Ok(transaction) => transaction.together(&steps).await,
        Err(error) => Err(Refused::Unknown(error)),
    };
    let answers: Vec<Answer> = match sent {
        Ok(()) => steps.iter().map(|_| Answer::Done(Ok(()))).collect(),
        Err(Refused::Unknown(error)) => {
            steps.iter().map(|_| Answer::Done(Err(error.clone()))).collect()
        }
        Err(Refused::NothingKept) => {
            inner.queue.lock().apart = APART;
            steps.into_iter().map(Answer::Alone).collect()
        }
    };
    for (caller, answer) in callers.into_iter().zip(answers) {
        let _ = caller.send(answer);
    }
}
