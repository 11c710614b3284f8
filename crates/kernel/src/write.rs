//! The one write path: scope → permit → draft → check → seal → commit → reply.
//!
//! [`execute`] reads top to bottom. Each stage is a type, so that none can be left out; only
//! [`Checked::seal`] makes a [`Sealed`], and a store accepts nothing else.

use crate::command::{Answer, Call, Command, Draft, Verb, View};
use crate::history;
use crate::log::event::{self, Event};
use crate::mirror::outside::{self, Needs, Told};
use crate::ports::{
    Attempt, Change, Effect, IdempotencyRow, InsideError, Must, Premise, PremiseKey, Snapshot,
    StoreError,
};
use crate::problem::{FieldProblem, Problem, ProblemKind};
use crate::record::Record;
use crate::rights::{OrgFacts, Plan};
use crate::schema::{Entity, EntityKind, slot};
use crate::service::{Case, Runtime, Work};
use std::sync::Arc;
use types::{Instant, Uuid, Value};

mod accumulate;
mod batch;
mod conditions;
mod draft;
mod entering;
mod hidden;
mod lines;
mod links;
mod number;
mod overlay;
mod refusal;
mod rehearse;
mod release;
mod reply;
mod sealed;
pub mod undo;
mod unseen;

pub use batch::{IMPORT, REHEARSAL, execute_all};
use draft::Permitted;
use hidden::Hidden;
use links::UNKNOWN_LINK;
pub use refusal::store_problem;
pub(crate) use release::{IN_USE, standing};
use reply::{answer, reply};
pub(crate) use reply::{bind, reduce};
pub use sealed::{Sealed, SealedEvent, SubjectKey};

/// How often a command runs again because a premise moved, before it answers 409.
const ATTEMPTS: u32 = 3;

/// Executes a command: one commit, one event, or a [`Problem`] and no trace.
pub(crate) async fn execute(
    runtime: &Arc<Runtime>,
    call: &Call,
    command: &Command,
    effect: Option<Effect>,
) -> Result<Answer, Problem> {
    if call.dry_run {
        return rehearse::rehearse(runtime, call, command).await;
    }
    let store = runtime.store(call.org).await?;
    let mut moved = Vec::new();
    let mut told = Told::default();
    let mut attempts = 0;
    while attempts < ATTEMPTS {
        attempts += 1;
        let outcome = if moved.is_empty() {
            let snapshot = store.snapshot().await.map_err(store_problem)?;
            match stages(runtime, call, command, effect.clone(), &*snapshot, &told).await? {
                Staged::Answered(answer) => return Ok(answer),
                Staged::Sealed(sealed) => {
                    drop(snapshot);
                    store.commit(*sealed).await.map_err(InsideError::Store)
                }
                Staged::Needs(needs) => {
                    drop(snapshot);
                    outside::settle(runtime, call, needs, &mut told).await?;
                    attempts -= 1;
                    continue;
                }
            }
        } else {
            let attempt = second_attempt(
                (runtime.clone(), call.clone(), command.clone()),
                effect.clone(),
                told.clone(),
            );
            store.commit_inside(std::mem::take(&mut moved), attempt).await
        };
        match outcome {
            Ok(committed) => return reply(runtime, call, committed).await,
            Err(InsideError::Store(StoreError::Moved(keys))) => moved = keys,
            Err(InsideError::Store(StoreError::KeyUsed)) => {}
            Err(InsideError::Store(StoreError::EffectDone)) => return Ok(Answer::Done),
            Err(InsideError::Store(error)) => return Err(store_problem(error)),
            Err(InsideError::Refused(problem)) if problem.code == ANSWERED => {}
            Err(InsideError::Refused(problem)) => return Err(problem),
        }
    }
    let text = "Others keep changing what this depends on. Read it again and retry.";
    Err(Problem { retry_after: Some(1), ..Problem::conflict("contended", text) })
}

/// The code of a second attempt that found nothing left to commit; the first stage answers then.
const ANSWERED: &str = "answered";

/// The stages of a command as a store runs them under the locks of what moved.
fn second_attempt(
    (runtime, call, command): (Arc<Runtime>, Call, Command),
    effect: Option<Effect>,
    told: Told,
) -> Attempt {
    Box::new(move |snapshot| {
        Box::pin(async move {
            match stages(&runtime, &call, &command, effect, snapshot, &told).await? {
                Staged::Sealed(sealed) => Ok(*sealed),
                // Neither can be done under the locks: the first stage looks again without them.
                Staged::Answered(_) | Staged::Needs(_) => {
                    Err(Problem::conflict(ANSWERED, "nothing to commit"))
                }
            }
        })
    })
}

/// What the stages come to.
enum Staged {
    /// A command to commit.
    Sealed(Box<Sealed>),
    /// Nothing to commit: a repetition, or a change that changes nothing.
    Answered(Answer),
    /// Nothing yet: other services must be asked first.
    Needs(Needs),
}

async fn stages(
    runtime: &Arc<Runtime>,
    call: &Call,
    command: &Command,
    effect: Option<Effect>,
    snapshot: &dyn Snapshot,
    told: &Told,
) -> Result<Staged, Problem> {
    match prepare(runtime, call, command, snapshot, told).await? {
        Prepared::Answered(answer) => Ok(Staged::Answered(answer)),
        Prepared::Needs(needs) => Ok(Staged::Needs(needs)),
        Prepared::Refused(draft) => Err(draft.problem),
        Prepared::Checked(checked) => {
            let settled = vec![checked.settle()];
            let act = command.verb.right();
            let sealed = seal(runtime, call, snapshot, settled, act, effect).await?;
            Ok(Staged::Sealed(Box::new(sealed)))
        }
    }
}

/// A command before it is sealed.
enum Prepared<'a> {
    /// It may be committed as it stands.
    Checked(Box<Checked<'a>>),
    /// There is nothing to commit.
    Answered(Answer),
    /// Other services must be asked before it can be judged.
    Needs(Needs),
    /// A dry run that was refused.
    Refused(Box<Draft>),
}

async fn prepare<'a>(
    runtime: &'a Arc<Runtime>,
    call: &'a Call,
    command: &'a Command,
    snapshot: &'a dyn Snapshot,
    told: &'a Told,
) -> Result<Prepared<'a>, Problem> {
    let scoped = Scoped::find(runtime, call, command, snapshot, told).await?;
    if let Some(event) = earlier(call, snapshot).await? {
        let Some(change) = event.changes.first() else {
            return Err(Problem::internal("an idempotency row without its event"));
        };
        let view = scoped.as_left_by(event.id, change.record).await?;
        return Ok(Prepared::Answered(view.map_or(Answer::Done, Answer::Record)));
    }
    if matches!(command.verb, Verb::Restore { .. }) && scoped.entity.inner.is_none() {
        return Err(Problem::forbidden(&scoped.plan.right("restore")));
    }
    scoped.pass().await
}

/// The event of an earlier request with the same idempotency key, if there was one.
async fn earlier(call: &Call, snapshot: &dyn Snapshot) -> Result<Option<Event>, Problem> {
    let Some(sent) = &call.idempotency else { return Ok(None) };
    let row = snapshot.idempotent(call.actor.user(), &sent.key).await.map_err(store_problem)?;
    let Some(row) = row else { return Ok(None) };
    if row.fingerprint != sent.fingerprint {
        let text = "This Idempotency-Key was used for another request. Use a new key.";
        return Err(Problem::new(ProblemKind::Invalid, "idempotency_key_reused", text));
    }
    let bytes = snapshot.event(row.event).await.map_err(store_problem)?;
    let event = bytes.and_then(|bytes| Event::parse(&bytes).ok());
    event.map(Some).ok_or_else(|| Problem::internal("an idempotency row without its event"))
}

/// What a command is about: entity, rights, and the record as it is.
struct Scoped<'a> {
    runtime: &'a Arc<Runtime>,
    call: &'a Call,
    command: &'a Command,
    snapshot: &'a dyn Snapshot,
    /// What other services said so far.
    told: &'a Told,
    entity: Arc<Entity>,
    facts: Arc<OrgFacts>,
    plan: Arc<Plan>,
    before: Option<Record>,
    /// The id of the record to make, where it was decided before.
    new_id: Option<Uuid>,
    /// The record comes from another system, with the state and number that it has there.
    enters: bool,
    /// What an import brought in is taken out again: entries that never change may go, too.
    withdraws: bool,
}

impl<'a> Scoped<'a> {
    async fn find(
        runtime: &'a Arc<Runtime>,
        call: &'a Call,
        command: &'a Command,
        snapshot: &'a dyn Snapshot,
        told: &'a Told,
    ) -> Result<Scoped<'a>, Problem> {
        let entity = runtime.own_or_inner(&command.entity, &call.actor)?;
        if entity.kind == EntityKind::Child {
            let text = "These are lines of another record: change them with that record.";
            return Err(Problem::conflict("child_entity", text));
        }
        let facts = runtime.facts.of(call.org).await?;
        let plan = runtime.plans.of(call, &entity, &facts, &*runtime.registry)?;
        let before = match &command.verb {
            Verb::Create => None,
            Verb::Update { id, .. }
            | Verb::Delete { id, .. }
            | Verb::Act { id, .. }
            | Verb::Restore { id, .. } => {
                let see = plan.see().ok_or_else(|| Problem::not_found(&entity.name))?;
                let found =
                    snapshot.get(&entity, *id, &bind(see, call, runtime.source.clock.now())).await;
                found.map_err(store_problem)?
            }
        };
        Ok(Scoped {
            runtime,
            call,
            command,
            snapshot,
            told,
            entity,
            facts,
            plan,
            before,
            new_id: None,
            enters: false,
            withdraws: false,
        })
    }

    /// The stages from the rights to the checks.
    async fn pass(self) -> Result<Prepared<'a>, Problem> {
        let (runtime, call, facts) = (self.runtime, self.call, self.facts.clone());
        let plan = self.plan.clone();
        let permitted = self.permit()?;
        let sketch = call.dry_run.then(|| permitted.sketch());
        let judged = match permitted.draft().await {
            Ok(drafted) => drafted.check().await?,
            Err(problem) => Judged::Refused {
                problem: unseen::standing_in_the_way(problem, runtime, call, &facts),
                record: None,
            },
        };
        let checked = match judged {
            Judged::Fits(checked) => checked,
            Judged::Needs(needs) => return Ok(Prepared::Needs(needs)),
            Judged::Refused { problem, record } => {
                return match (sketch, problem.kind) {
                    (Some(sketch), ProblemKind::Invalid | ProblemKind::Conflict) => {
                        let record = reduce(record.map_or(sketch, |record| *record), &plan);
                        Ok(Prepared::Refused(Box::new(Draft { problem, record })))
                    }
                    _ => Err(problem),
                };
            }
        };
        if checked.changes_nothing() {
            let plan = checked.scoped.plan.clone();
            return Ok(Prepared::Answered(Answer::Record(reduce(checked.work.record, &plan))));
        }
        Ok(Prepared::Checked(checked))
    }

    /// The record as an earlier event left it, under the actor's rights of now; none where the
    /// event deleted it.
    async fn as_left_by(&self, event: Uuid, record: Uuid) -> Result<Option<View>, Problem> {
        let until = history::Until::Event(event);
        let found = history::replay(self.runtime, self.snapshot, &self.entity, record, until);
        let Some(record) = found.await? else { return Ok(None) };
        if !crate::read::is_visible(&self.plan, &record, self.call, self.now()) {
            return Err(Problem::not_found(&self.entity.name));
        }
        let view = reduce(record, &self.plan);
        Ok(Some(View { replayed: true, ..view }))
    }

    /// What is done as rights and rules know it: putting back is `update`, or `create` where the
    /// record is gone.
    fn verb(&self) -> &'a str {
        match (&self.command.verb, &self.before) {
            (Verb::Restore { .. }, Some(_)) => "update",
            (Verb::Restore { .. }, None) => "create",
            (verb, _) => verb.right(),
        }
    }

    fn permit(self) -> Result<Permitted<'a>, Problem> {
        let verb = self.verb();
        if verb != "create" && self.before.is_none() {
            return Err(Problem::not_found(&self.entity.name));
        }
        let allowed = match &self.before {
            Some(record) => self.plan.may(verb, Some(record), self.call, self.now()).allowed,
            None => self.plan.might(verb),
        };
        if !allowed {
            return Err(Problem::forbidden(&self.plan.right(verb)));
        }
        let kept = self.entity.kind == EntityKind::AppendOnly && !self.withdraws;
        if kept && self.before.is_some() {
            let text = "Entries of this kind never change and are never deleted. Add one that \
                        corrects it.";
            return Err(Problem::conflict("append_only", text));
        }
        Ok(Permitted(self))
    }
}

impl Scoped<'_> {
    fn now(&self) -> Instant {
        self.runtime.source.clock.now()
    }

    /// Whether the actor may leave the record like this: nothing is made, moved or changed into
    /// what the actor may not make or change.
    fn may_leave(&self, after: &Record) -> bool {
        let verb = self.verb();
        let judged = matches!(verb, "create" | "update");
        let allowed = || self.plan.may(verb, Some(after), self.call, self.now()).allowed;
        self.plan.reaches(after) && (!judged || allowed())
    }
}

/// A record as the command wants it, not yet checked.
struct Drafted<'a> {
    scoped: Scoped<'a>,
    work: Work<'a>,
}

impl<'a> Drafted<'a> {
    async fn check(mut self) -> Result<Judged<'a>, Problem> {
        let scoped = &self.scoped;
        if !matches!(scoped.command.verb, Verb::Delete { .. }) {
            check_shape(&self.work.record, &mut self.work.problems);
            lines::check(&mut self.work);
            conditions::check(&mut self.work, scoped)?;
            links::check(&mut self.work, scoped).await?;
            let case = Case {
                verb: self.work.verb,
                before: self.work.before.as_ref(),
                after: &self.work.record,
            };
            for rule in scoped.runtime.service.rules(scoped.entity.full_name_ref()) {
                self.work.problems.extend(rule(&case));
            }
        }
        let needs = std::mem::take(&mut self.work.needs);
        if let Some(needs) = needs.still(scoped.told, self.work.problems.is_empty()) {
            return Ok(Judged::Needs(needs));
        }
        if !self.work.problems.is_empty() {
            // What was filled from a record that the actor may not see is not told.
            let is_told = !self.work.problems.iter().any(|problem| problem.code == UNKNOWN_LINK);
            let record = is_told.then(|| Box::new(self.work.record));
            return Ok(Judged::Refused { problem: Problem::invalid(self.work.problems), record });
        }
        if !scoped.may_leave(&self.work.record) {
            return Err(Problem::forbidden(&scoped.plan.right(scoped.verb())));
        }
        Ok(Judged::Fits(Box::new(Checked { scoped: self.scoped, work: self.work })))
    }
}

/// What the checks come to.
enum Judged<'a> {
    /// Nothing is wrong.
    Fits(Box<Checked<'a>>),
    /// Other services must be asked first.
    Needs(Needs),
    /// Something is wrong; with the record as it would have become, where it may be told.
    Refused { problem: Problem, record: Option<Box<Record>> },
}

/// What the schema demands of every record.
fn check_shape(record: &Record, problems: &mut Vec<FieldProblem>) {
    let entity = &record.entity;
    for (slot, field) in entity.fields.iter().enumerate() {
        let value = &record.values[slot];
        let empty = value.is_null() || value.as_text() == Some("");
        let required = field.required || slot == slot::COMPANY && entity.per_company;
        if !required || !empty {
            continue;
        }
        let pointer = format!("/{}", field.name);
        if !problems.iter().any(|problem| problem.pointer == pointer) {
            problems.push(FieldProblem::new(pointer, "required", "must not be empty"));
        }
    }
}

/// A command that may be committed as it stands.
struct Checked<'a> {
    scoped: Scoped<'a>,
    work: Work<'a>,
}

impl Checked<'_> {
    fn changes_nothing(&self) -> bool {
        matches!(self.scoped.command.verb, Verb::Update { .. } | Verb::Restore { .. })
            && self.work.others.is_empty()
            && self.work.before.as_ref() == Some(&self.work.record)
    }

    /// What the command comes to.
    fn settle(self) -> Settled {
        let Checked { scoped, work } = self;
        let own = match (work.before, &scoped.command.verb) {
            (None, _) => Change::Insert(work.record),
            (Some(_), Verb::Delete { .. }) => Change::Delete(work.record),
            (Some(before), _) => Change::Update { before, after: work.record },
        };
        let changes = std::iter::once(own).chain(work.others).collect();
        let act = scoped.command.verb.right().to_owned();
        Settled { act, changes, premises: work.premises }
    }
}

/// What a checked command comes to; only [`Checked::settle`] makes one.
struct Settled {
    /// What it does by itself: `create`, `update`, `delete` or the act's name.
    act: String,
    /// Its changes, its own record first.
    changes: Vec<Change>,
    /// What it read and could change its answer.
    premises: Vec<Premise>,
}

/// Gives the changes of checked commands their versions, actor and time, and writes their event.
async fn seal(
    runtime: &Runtime,
    call: &Call,
    snapshot: &dyn Snapshot,
    settled: Vec<Settled>,
    act: &str,
    effect: Option<Effect>,
) -> Result<Sealed, Problem> {
    let facts = runtime.facts.of(call.org).await?;
    let service = runtime.service.name.clone();
    let source = &runtime.source;
    let at = source.clock.now();
    let (mut premises, mut changes, mut acts) = (Vec::new(), Vec::new(), Vec::new());
    for one in settled {
        premises.extend(one.premises);
        acts.extend(std::iter::repeat_n(one.act, one.changes.len()));
        changes.extend(one.changes);
    }
    premises.sort_by(|a: &Premise, b| a.key.cmp(&b.key));
    premises.dedup_by(|a, b| a.key == b.key && a.must == b.must);
    changes.iter_mut().for_each(|change| stamp(change, call, at));
    let draws = number::draws(&changes, &acts, &facts);
    let deltas = accumulate::deltas(runtime, call, &changes)?;

    let event = Event {
        id: source.id(),
        org: call.org,
        service,
        at,
        actor: call.actor.user(),
        actor_kind: call.actor.kind(),
        act: act.to_owned(),
        reason: call.reason.clone().unwrap_or_default(),
        request_id: call.request_id.clone(),
        change_set: call.change_set,
        premises: premises.iter().filter_map(Premise::read_version).collect(),
        // Written one by one: a value that is hidden needs its subject's key.
        changes: Vec::new(),
    };
    let mut hidden = Hidden::new(runtime, snapshot);
    let mut writer = event.begin(changes.len());
    for change in &changes {
        hidden.write(change, &mut writer).await?;
    }
    let bytes = writer.into_bytes();
    let idempotency = call.idempotency.as_ref().map(|sent| IdempotencyRow {
        actor: call.actor.user(),
        key: sent.key.clone(),
        fingerprint: sent.fingerprint,
        event: event.id,
        at,
    });
    Ok(Sealed {
        org: call.org,
        event: SealedEvent {
            id: event.id,
            at,
            change_set: event.change_set,
            hash: event::hash(&bytes),
            bytes,
        },
        changes,
        premises,
        draws,
        deltas,
        keys: hidden.into_new_keys(),
        idempotency,
        effect,
    })
}

/// Sets version, time and actor of a changed record.
fn stamp(change: &mut Change, call: &Call, at: Instant) {
    let (record, version) = match change {
        Change::Insert(record) => {
            let last = record.version();
            // A record that comes back keeps its history: who created it, and its count.
            if last == 0 {
                record.values[slot::CREATED_AT] = at.into();
                record.values[slot::CREATED_BY] = call.actor.user().into();
            }
            (record, last + 1)
        }
        Change::Update { before, after } => (after, before.version() + 1),
        Change::Delete(_) => return,
    };
    record.values[slot::VERSION] = Value::Int(version as i64);
    record.values[slot::UPDATED_AT] = at.into();
    record.values[slot::UPDATED_BY] = call.actor.user().into();
}

impl Premise {
    /// What the event says of this premise: the record that was read, and its version.
    fn read_version(&self) -> Option<(String, Uuid, u64)> {
        let PremiseKey::Record { entity, id } = &self.key;
        match self.must {
            Must::HaveVersion(version) => Some((entity.clone(), *id, version)),
            Must::Exist | Must::Unlinked { .. } => None,
        }
    }
}
