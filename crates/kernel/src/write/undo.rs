//! Undo: compensating commands for the events of a change set, after a preview of conflicts.
//!
//! Nothing is taken out of the log: the events are answered by others that put fields back, delete
//! what was made and bring back what was deleted. Compensations that touch different records share
//! a commit, so that undoing an import of thousands of rows does not wait for the disk thousands
//! of times. What someone changed since is a conflict and is left alone; the rest goes on.
//!
//! Undoing twice does nothing more: a change that is put back already counts as undone. So a job
//! that was cut off, or a call whose answer was lost, simply runs again.

use super::overlay::Overlay;
use super::{ATTEMPTS, Prepared, Scoped, Settled, seal, store_problem};
use crate::command::{Call, Command, Input, Known, Verb};
use crate::history::{SubjectKeys, TOGETHER_BY_CHANCE};
use crate::log::Event;
use crate::log::event::{ChangeRecord, EventValue};
use crate::mirror::outside::{self, Needs, Told};
use crate::ports::{Must, PremiseKey, Snapshot, Store, StoreError};
use crate::problem::{Problem, ProblemKind};
use crate::record::Record;
use crate::schema::{Entity, slot};
use crate::service::Runtime;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use types::{Uuid, Value};

/// Events that one step of an undo reads.
const STEP: u32 = 100;

/// Changes that share a commit, the last event's rest aside.
const TOGETHER: usize = 200;

/// How an undo went, or would go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undone {
    /// The change set that took the compensations: undoing that one undoes the undo.
    #[serde(default)]
    pub change_set: Option<Uuid>,
    /// Changes that were, or can be, put back.
    pub undone: u64,
    /// Changes that cannot: the record's id and why.
    pub conflicts: Vec<(String, String)>,
}

impl Undone {
    /// True when every change was, or can be, put back.
    pub fn is_whole(&self) -> bool {
        self.conflicts.is_empty()
    }

    /// Adds what another service says.
    pub fn add(&mut self, other: Undone) {
        self.change_set = self.change_set.or(other.change_set);
        self.undone += other.undone;
        self.conflicts.extend(other.conflicts);
    }
}

/// Puts back what the events of `change_set` changed in this service: see [`Runtime::undo`].
///
/// # Errors
/// 400 when the change set is to undo itself, else a [`Problem`] when the database cannot answer.
pub async fn undo(
    runtime: &Arc<Runtime>,
    call: &Call,
    change_set: Uuid,
    preview: bool,
) -> Result<Undone, Problem> {
    let own = call.change_set.unwrap_or_else(|| runtime.source.id());
    if own == change_set {
        let text = "An undo needs a change set of its own.";
        return Err(Problem::malformed("same_change_set", text));
    }
    let named = format!("undo of {}", types::format_id("cs", change_set));
    let reason = match call.reason.as_deref() {
        Some(said) if !said.is_empty() => format!("{named}: {said}"),
        _ => named,
    };
    let call =
        Call { change_set: Some(own), reason: Some(reason), idempotency: None, ..call.clone() };
    let store = runtime.store(call.org).await?;
    let mut undo = Undo {
        runtime,
        call: &call,
        store: &*store,
        change_set,
        preview,
        seen: None,
        told: Told::default(),
        needs: Mutex::default(),
        outcome: Undone { change_set: Some(own), ..Undone::default() },
    };
    let mut before = u64::MAX >> 1;
    let mut waiting: Vec<Unit> = Vec::new();
    let mut waiting_changes = 0;
    loop {
        let snapshot = store.snapshot().await.map_err(store_problem)?;
        let found = snapshot.events_in(change_set, before, STEP).await.map_err(store_problem)?;
        drop(snapshot);
        for (position, bytes) in &found {
            before = *position;
            let event = Event::parse(bytes).map_err(|e| Problem::internal(e.to_string()))?;
            let event = Arc::new(event);
            waiting_changes += event.changes.len();
            waiting.extend(Unit::of(&event));
            if waiting_changes >= TOGETHER {
                waiting_changes = 0;
                undo.put_back(std::mem::take(&mut waiting)).await?;
            }
        }
        if found.is_empty() {
            undo.put_back(waiting).await?;
            return Ok(undo.outcome);
        }
    }
}

/// Changes of one event that are put back together or not at all: a command with its
/// consequences, or one change of a batch.
#[derive(Clone)]
struct Unit {
    event: Arc<Event>,
    changes: std::ops::Range<usize>,
}

impl Unit {
    /// The units of an event.
    fn of(event: &Arc<Event>) -> Vec<Unit> {
        let count = event.changes.len();
        let whole = Unit { event: event.clone(), changes: 0..count };
        if !TOGETHER_BY_CHANCE.contains(&event.act.as_str()) {
            return vec![whole];
        }
        (0..count).map(|at| Unit { changes: at..at + 1, ..whole.clone() }).collect()
    }

    fn changes(&self) -> &[ChangeRecord] {
        &self.event.changes[self.changes.clone()]
    }
}

/// An undo on its way.
struct Undo<'a> {
    runtime: &'a Arc<Runtime>,
    call: &'a Call,
    store: &'a dyn Store,
    /// What is taken back.
    change_set: Uuid,
    preview: bool,
    /// What a preview has put back so far, in thought.
    seen: Option<Overlay>,
    /// What other services said in the present attempt.
    told: Told,
    /// What other services must be asked before the present attempt can go on.
    needs: Mutex<Needs>,
    outcome: Undone,
}

/// Why some items could not be put back together.
enum Stopped {
    /// The database cannot answer: nothing more is tried.
    Failed(Problem),
    /// One of them does not fit; alone, the others may.
    Refused(Problem),
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Stopped {
        Stopped::Failed(problem)
    }
}

/// What an attempt came to: changes that were put back, and those that could not.
type Count = (u64, Vec<(String, String)>);

impl Undo<'_> {
    /// Puts changes back, together if they go together, else one by one.
    async fn put_back(&mut self, units: Vec<Unit>) -> Result<(), Problem> {
        match self.attempt(&units).await {
            Ok((undone, conflicts)) => {
                self.outcome.undone += undone;
                self.outcome.conflicts.extend(conflicts);
                return Ok(());
            }
            Err(Stopped::Failed(problem)) => return Err(problem),
            Err(Stopped::Refused(_)) => {}
        }
        // What was committed on the way counts again as put back already.
        let mut pending = units;
        loop {
            let count = pending.len();
            let mut later = Vec::new();
            let mut why = Vec::new();
            for unit in pending {
                match self.attempt(std::slice::from_ref(&unit)).await {
                    Ok((undone, conflicts)) if conflicts.is_empty() => {
                        self.outcome.undone += undone;
                    }
                    Ok((_, conflicts)) => {
                        why.extend(conflicts);
                        later.push(unit);
                    }
                    Err(Stopped::Failed(problem)) => return Err(problem),
                    Err(Stopped::Refused(problem)) => {
                        why.extend(self.conflicts(&unit, &problem));
                        later.push(unit);
                    }
                }
            }
            if later.len() == count || later.is_empty() {
                self.outcome.conflicts.extend(why);
                return Ok(());
            }
            pending = later;
        }
    }

    /// Puts changes back in as few commits as their records allow.
    async fn attempt(&mut self, units: &[Unit]) -> Result<Count, Stopped> {
        self.told = match self.preview {
            true => Told::only_asking(Some(self.change_set)),
            false => Told::default(),
        };
        let mut attempts = 0;
        while attempts < ATTEMPTS {
            let count = self.commit_all(units).await?;
            let needs =
                std::mem::take(self.needs.get_mut().unwrap_or_else(PoisonError::into_inner));
            if !needs.is_empty() {
                // What was committed on the way counts as put back the next time.
                match outside::settle(self.runtime, self.call, needs, &mut self.told).await {
                    Ok(()) => continue,
                    Err(problem) if is_fatal(&problem) => return Err(Stopped::Failed(problem)),
                    Err(problem) => return Err(Stopped::Refused(problem)),
                }
            }
            if let Some(count) = count {
                return Ok(count);
            }
            attempts += 1;
        }
        let text = "others keep changing what this depends on";
        Err(Stopped::Refused(Problem::conflict("contended", text)))
    }

    /// One attempt; none if something moved meanwhile.
    async fn commit_all(&mut self, units: &[Unit]) -> Result<Option<Count>, Stopped> {
        let mut undone = 0;
        let mut pending = units.to_vec();
        // A record may stand in the way of another that comes later (one that links to it):
        // whatever was refused is tried again while others succeed.
        loop {
            let mut later = Vec::new();
            let mut why = Vec::new();
            let mut overlay = self.look().await?;
            let mut settled: Vec<Settled> = Vec::new();
            let mut touched: HashSet<Uuid> = HashSet::new();
            let count = pending.len();
            for unit in pending {
                if !self.preview && unit.changes().iter().any(|c| touched.contains(&c.record)) {
                    if !self.commit(&overlay, std::mem::take(&mut settled)).await? {
                        return Ok(None);
                    }
                    touched.clear();
                    overlay = self.look().await?;
                }
                match self.compensate(&unit, &overlay, &touched).await {
                    Ok(parts) => {
                        let changed = parts.iter().flat_map(|one| &one.changes);
                        if !self.preview {
                            touched.extend(changed.map(|change| change.record().id()));
                            settled.extend(parts);
                        }
                        undone += unit.changes.len() as u64;
                    }
                    Err(problem) if is_fatal(&problem) => return Err(Stopped::Failed(problem)),
                    Err(problem) => {
                        why.extend(self.conflicts(&unit, &problem));
                        later.push(unit);
                    }
                }
            }
            if !self.commit(&overlay, settled).await? {
                return Ok(None);
            }
            if self.preview {
                self.seen = Some(overlay);
            }
            if later.is_empty() || later.len() == count {
                return Ok(Some((undone, why)));
            }
            pending = later;
        }
    }

    /// The records as they are now, for a preview with what it has put back in thought.
    async fn look(&mut self) -> Result<Overlay, Problem> {
        let snapshot = self.store.snapshot().await.map_err(store_problem)?;
        Ok(match self.seen.take() {
            Some(seen) => seen.onto(snapshot),
            None => Overlay::new(snapshot),
        })
    }

    /// Commits compensations as one event; false if something moved meanwhile.
    async fn commit(&self, snapshot: &Overlay, mut settled: Vec<Settled>) -> Result<bool, Stopped> {
        if settled.is_empty() {
            return Ok(true);
        }
        let own: HashSet<Uuid> =
            settled.iter().flat_map(|one| one.changes.iter().map(|c| c.record().id())).collect();
        for one in &mut settled {
            // What the same commit changes is held by its own version, and is not yet there, or
            // not yet gone, when premises are looked at.
            one.premises.retain(|premise| {
                let PremiseKey::Record { id, .. } = &premise.key;
                matches!(premise.must, Must::Unlinked { .. }) || !own.contains(id)
            });
        }
        let sealed = seal(self.runtime, self.call, snapshot, settled, "undo", None).await?;
        match self.store.commit(sealed).await {
            Ok(_) => Ok(true),
            Err(StoreError::Moved(_)) => Ok(false),
            Err(error @ (StoreError::NotUnique { .. } | StoreError::OutOfBounds { .. })) => {
                Err(Stopped::Refused(store_problem(error)))
            }
            Err(error) => Err(Stopped::Failed(store_problem(error))),
        }
    }

    /// What a unit needs to be put back, laid on the snapshot; nothing where it is so already.
    async fn compensate(
        &self,
        unit: &Unit,
        overlay: &Overlay,
        touched: &HashSet<Uuid>,
    ) -> Result<Vec<Settled>, Problem> {
        let mut parts = Vec::new();
        let mut covered = Vec::new();
        let mut own: HashSet<Uuid> = HashSet::new();
        let mut pending: Vec<&ChangeRecord> = unit.changes().iter().collect();
        loop {
            let mut later = Vec::new();
            let mut refused = None;
            let count = pending.len();
            for change in pending {
                match self.settle(change, &unit.event.act, overlay).await {
                    Ok(None) => {}
                    Ok(Some(one)) => {
                        let ids: Vec<Uuid> = one.changes.iter().map(|c| c.record().id()).collect();
                        if ids.iter().any(|id| own.contains(id) || touched.contains(id)) {
                            let text = "its consequences are put back in another step";
                            refused = refused.or(Some(Problem::conflict("in_step", text)));
                            later.push(change);
                            continue;
                        }
                        own.extend(ids);
                        covered.extend(overlay.lay(&one.changes));
                        parts.push(one);
                    }
                    Err(problem) => {
                        refused = refused.or(Some(problem));
                        later.push(change);
                    }
                }
            }
            match refused {
                Some(problem) if later.len() == count || is_fatal(&problem) => {
                    overlay.lift(covered);
                    return Err(problem);
                }
                Some(_) => pending = later,
                None => return Ok(parts),
            }
        }
    }

    /// What one change needs to be put back; none where it is so already.
    async fn settle(
        &self,
        change: &ChangeRecord,
        act: &str,
        snapshot: &Overlay,
    ) -> Result<Option<Settled>, Problem> {
        let Some(command) = self.reverse(change, snapshot).await? else { return Ok(None) };
        let told = &self.told;
        let mut scoped = Scoped::find(self.runtime, self.call, &command, snapshot, told).await?;
        scoped.withdraws = act == super::IMPORT;
        match scoped.pass().await? {
            Prepared::Answered(_) => Ok(None),
            Prepared::Refused(draft) => Err(draft.problem),
            Prepared::Checked(checked) => Ok(Some(checked.settle())),
            Prepared::Needs(needs) => {
                self.needs.lock().unwrap_or_else(PoisonError::into_inner).add(needs);
                Err(Problem::conflict("elsewhere", "other services are asked first"))
            }
        }
    }

    /// The command that puts one change back; none when there is nothing left to do.
    async fn reverse(
        &self,
        change: &ChangeRecord,
        snapshot: &Overlay,
    ) -> Result<Option<Command>, Problem> {
        let (entity, id) = (self.runtime.own(&change.entity)?, change.record);
        let now = snapshot.get(&entity, id, &[]).await.map_err(store_problem)?;
        let mut keys = SubjectKeys::new(self.runtime, snapshot);
        let before = values(&entity, &change.before, &mut keys).await?;
        let after = values(&entity, &change.after, &mut keys).await?;
        let command = |verb, values: Vec<(usize, Value)>| {
            let named = values.into_iter().map(|(slot, v)| (entity.fields[slot].name.clone(), v));
            let input = Input { values: named.collect(), problems: Vec::new() };
            Some(Command { entity: change.entity.clone(), verb, input })
        };
        match (Sort::of(change), now) {
            (Sort::Made, None) | (Sort::Gone, Some(_)) => Ok(None),
            (Sort::Made, Some(now)) => {
                let mut then = Record::empty(entity.clone());
                after.into_iter().for_each(|(slot, value)| then.values[slot] = value);
                if has_drawn_number(&now, &then) {
                    return Err(numbered());
                }
                if declared(&entity).any(|slot| now.values[slot] != then.values[slot]) {
                    return Err(changed_since());
                }
                let known = Known::Exactly(now.version());
                Ok(command(Verb::Delete { id, known }, Vec::new()))
            }
            (Sort::Gone, None) => {
                let version = last_version(snapshot, id).await?;
                Ok(command(Verb::Restore { id, version }, before))
            }
            (Sort::Changed, Some(now)) => {
                let own = |(slot, _): &(usize, Value)| declared(&entity).any(|s| s == *slot);
                let before: Vec<(usize, Value)> = before.into_iter().filter(own).collect();
                if before.iter().all(|(slot, value)| now.values[*slot] == *value) {
                    return Ok(None);
                }
                let mut after = after.into_iter().filter(own);
                if after.any(|(slot, value)| now.values[slot] != value) {
                    return Err(changed_since());
                }
                if drew_number(&now, &before) {
                    return Err(numbered());
                }
                Ok(command(Verb::Restore { id, version: now.version() }, before))
            }
            (Sort::Changed, None) if snapshot.takes_away(id) => Ok(None),
            (Sort::Changed, None) => match self.was_ours(snapshot, id).await? {
                true => Ok(None),
                false => Err(Problem::conflict("deleted_since", "someone deleted it since")),
            },
        }
    }

    /// Whether the record was deleted by this undo itself, before it was cut off.
    async fn was_ours(&self, snapshot: &dyn Snapshot, id: Uuid) -> Result<bool, Problem> {
        let events = snapshot.events_of(id).await.map_err(store_problem)?;
        let last = events.last().and_then(|last| Event::parse(&last.bytes).ok());
        Ok(last.is_some_and(|last| last.change_set == self.call.change_set))
    }

    /// Why a unit stays as it is, for each of its records.
    fn conflicts(&self, unit: &Unit, problem: &Problem) -> Vec<(String, String)> {
        let named = |change: &ChangeRecord| {
            let entity = self.runtime.registry.get(&change.entity);
            let id = entity.map(|entity| types::format_id(&entity.prefix, change.record));
            (id.unwrap_or_else(|| change.record.to_string()), problem.to_string())
        };
        unit.changes().iter().map(named).collect()
    }
}

/// What a change did to its record.
enum Sort {
    Made,
    Changed,
    Gone,
}

impl Sort {
    fn of(change: &ChangeRecord) -> Sort {
        match change.version {
            0 => Sort::Gone,
            _ if change.is_first() => Sort::Made,
            _ => Sort::Changed,
        }
    }
}

/// The slots that an undo compares and puts back: those that people and acts fill.
fn declared(entity: &Entity) -> impl Iterator<Item = usize> + '_ {
    let kernel =
        [slot::CREATED_AT, slot::CREATED_BY, slot::UPDATED_AT, slot::UPDATED_BY, slot::NUMBER];
    let fields = entity.fields.iter().enumerate().skip(slot::STATE);
    fields
        .filter(move |(slot, field)| !kernel.contains(slot) && field.computed.is_none())
        .map(|(slot, _)| slot)
}

/// Values of an event by slot, readable; a field that the schema no longer has is left out.
async fn values(
    entity: &Entity,
    named: &[(String, EventValue)],
    keys: &mut SubjectKeys<'_>,
) -> Result<Vec<(usize, Value)>, Problem> {
    let mut values = Vec::with_capacity(named.len());
    for (name, value) in named {
        if let Some(slot) = entity.slot(name) {
            values.push((slot, keys.reveal(name, value).await?));
        }
    }
    Ok(values)
}

/// The version that a deleted record had last.
pub(crate) async fn last_version(snapshot: &dyn Snapshot, id: Uuid) -> Result<u64, Problem> {
    let events = snapshot.events_of(id).await.map_err(store_problem)?;
    let parsed = events.iter().filter_map(|event| Event::parse(&event.bytes).ok());
    let changes = parsed.flat_map(|event| event.changes);
    let versions = changes.filter(|change| change.record == id).map(|change| change.version);
    Ok(versions.max().unwrap_or(0))
}

/// Whether the record bears a number that the platform drew: it came with no change.
fn has_drawn_number(now: &Record, then: &Record) -> bool {
    !now.values[slot::NUMBER].is_null() && then.values[slot::NUMBER].is_null()
}

/// Whether the move that is to be taken back drew the record's number.
fn drew_number(now: &Record, before: &[(usize, Value)]) -> bool {
    let (Some(rule), Some(states)) = (&now.entity.number, &now.entity.states) else { return false };
    let from = before.iter().find(|(slot, _)| *slot == slot::STATE);
    let Some(from) = from.and_then(|(_, value)| value.as_text()) else { return false };
    let to = now.state().unwrap_or_default();
    let draws = |m: &crate::schema::Move| m.act == rule.at && m.from == from && m.to == to;
    !now.values[slot::NUMBER].is_null() && states.moves.iter().any(draws)
}

fn numbered() -> Problem {
    let text = "it has its number since, and numbers have no gaps; cancel it instead";
    Problem::conflict("numbered", text)
}

fn changed_since() -> Problem {
    Problem::conflict("changed_since", "someone changed it since")
}

fn is_fatal(problem: &Problem) -> bool {
    matches!(
        problem.kind,
        ProblemKind::Unavailable | ProblemKind::StorageFull | ProblemKind::Internal
    )
}
