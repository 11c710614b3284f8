//! Several commands in one commit: batches and imports.

use super::store_problem;
use super::{ATTEMPTS, Checked, Prepared, Scoped, Settled, answer, earlier, rehearse, seal};
use crate::command::{Answer, Call, Command, Verb};
use crate::log::Event;
use crate::log::event::ChangeRecord;
use crate::mirror::outside::{self, Needs, Told};
use crate::ports::{Change, Committed, ListPlan, Snapshot, StoreError};
use crate::problem::{FieldProblem, Problem};
use crate::record::Record;
use crate::schema::slot;
use crate::service::Runtime;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use types::{Uuid, Value};

/// The act of commands that bring records in from another system: a new one may name its state
/// and its number.
pub const IMPORT: &str = "import";
/// The act of an import that makes every check and commits nothing.
pub const REHEARSAL: &str = "rehearsal";

/// What each command came to.
type Results = Vec<Result<Answer, Problem>>;

/// Executes commands of one service together: see [`Runtime::execute_all`].
///
/// # Errors
/// A [`Problem`] of the whole; each command's own is in its place among the results.
pub async fn execute_all(
    runtime: &Arc<Runtime>,
    call: &Call,
    commands: &[Command],
    act: &str,
    all_or_nothing: bool,
) -> Result<Results, Problem> {
    let store = runtime.store(call.org).await?;
    let mut refused: HashMap<usize, Problem> = HashMap::new();
    let mut attempts = 0;
    let rehearses = call.dry_run || act == REHEARSAL;
    let mut told = if rehearses { Told::only_asking(None) } else { Told::default() };
    while attempts < ATTEMPTS {
        let snapshot = store.snapshot().await.map_err(store_problem)?;
        if !rehearses && let Some(event) = earlier(call, &*snapshot).await? {
            return replay(runtime, call, commands, &*snapshot, &event, &told).await;
        }
        let enters = matches!(act, IMPORT | REHEARSAL);
        let batch = Batch { runtime, call, snapshot: &*snapshot, enters, told: &told };
        let (mut results, accepted, needs) = batch.prepare(commands, &refused).await;
        if !needs.is_empty() {
            drop(snapshot);
            outside::settle(runtime, call, needs, &mut told).await?;
            continue;
        }
        if let (true, Some(at)) = (all_or_nothing, results.iter().position(Result::is_err)) {
            let first = results.swap_remove(at);
            return Err(first.err().map_or_else(
                || Problem::internal("a refusal without its problem"),
                |problem| at_command(problem, at),
            ));
        }
        if accepted.is_empty() {
            return Ok(results);
        }
        if rehearses {
            batch.refuse_taken(&mut results, &accepted).await?;
            for (place, settled) in accepted {
                if call.dry_run && results[place].is_ok() {
                    let outcome = rehearse::outcome(runtime, call, &*snapshot, settled).await?;
                    results[place] = Ok(outcome);
                }
            }
            return Ok(results);
        }
        let places: Vec<(usize, usize)> =
            accepted.iter().map(|(place, one)| (*place, one.changes.len())).collect();
        let records: Vec<(usize, Record)> =
            accepted.iter().map(|(place, one)| (*place, claims(one))).collect();
        let settled = accepted.into_iter().map(|(_, one)| one).collect();
        let sealed = seal(runtime, call, &*snapshot, settled, act, None).await?;
        // A database may tidy up while nobody reads.
        drop(snapshot);
        match store.commit(sealed).await {
            Ok(committed) => {
                give(runtime, call, &mut results, &places, committed).await?;
                return Ok(results);
            }
            Err(StoreError::Moved(_) | StoreError::KeyUsed) => attempts += 1,
            Err(StoreError::NotUnique { entity, field }) if !all_or_nothing => {
                let snapshot = store.snapshot().await.map_err(store_problem)?;
                let batch = Batch { runtime, call, snapshot: &*snapshot, enters, told: &told };
                let taken = batch.taken(&records, &entity, &field).await?;
                if taken.is_empty() {
                    // Whoever had it has let it go.
                    attempts += 1;
                }
                let problem = store_problem(StoreError::NotUnique { entity, field });
                refused.extend(taken.into_iter().map(|place| (place, problem.clone())));
            }
            Err(error) => return Err(store_problem(error)),
        }
    }
    let text = "Others keep changing what these commands depend on. Retry.";
    Err(Problem { retry_after: Some(1), ..Problem::conflict("contended", text) })
}

/// Puts the stored records into the places of their commands.
async fn give(
    runtime: &Runtime,
    call: &Call,
    results: &mut Results,
    places: &[(usize, usize)],
    committed: Committed,
) -> Result<(), Problem> {
    let facts = runtime.facts.of(call.org).await?;
    let mut changes = committed.changes.into_iter();
    for (place, count) in places {
        let own: Option<Change> = changes.next();
        changes.by_ref().take(count - 1).for_each(drop);
        let Some(change) = own else { continue };
        let entity = change.record().entity.clone();
        let plan = runtime.plans.of(call, &entity, &facts, &*runtime.registry)?;
        results[*place] = Ok(answer(change, &plan));
    }
    Ok(())
}

/// The circumstances of one attempt.
pub(super) struct Batch<'a> {
    pub(super) runtime: &'a Arc<Runtime>,
    pub(super) call: &'a Call,
    pub(super) snapshot: &'a dyn Snapshot,
    pub(super) enters: bool,
    pub(super) told: &'a Told,
}

/// What the stages of one command came to.
enum One {
    /// There is nothing to commit.
    Answered(Answer),
    /// It is to be committed.
    Settled(Settled),
    /// Other services must be asked first.
    Needs(Needs),
}

impl Batch<'_> {
    /// Takes every command through the stages: the results so far, what is to be committed with
    /// its place, and what other services must be asked first.
    async fn prepare(
        &self,
        commands: &[Command],
        refused: &HashMap<usize, Problem>,
    ) -> (Results, Vec<(usize, Settled)>, Needs) {
        let mut results = Vec::with_capacity(commands.len());
        let mut accepted: Vec<(usize, Settled)> = Vec::new();
        let mut touched = HashSet::new();
        let mut needs = Needs::default();
        let mut some = false;
        for (place, command) in commands.iter().enumerate() {
            let prepared = match refused.get(&place) {
                Some(problem) => Err(problem.clone()),
                None => self.settle(place, command, &mut touched).await,
            };
            results.push(match prepared {
                Ok(One::Answered(answer)) => Ok(answer),
                Ok(One::Settled(settled)) => {
                    accepted.push((place, settled));
                    Ok(Answer::Done)
                }
                Ok(One::Needs(more)) => {
                    some |= !more.only_asks;
                    needs.add(more);
                    Ok(Answer::Done)
                }
                Err(problem) => Err(problem),
            });
        }
        // What one command only asks for, another may need.
        needs.only_asks &= !some;
        (results, accepted, needs)
    }

    /// One command through the stages.
    async fn settle(
        &self,
        place: usize,
        command: &Command,
        touched: &mut HashSet<Uuid>,
    ) -> Result<One, Problem> {
        if matches!(command.verb, Verb::Restore { .. }) {
            return Err(Problem::forbidden("restore"));
        }
        let twice = || {
            let text = "Two commands of one batch change the same record. Make them one, or \
                        send two batches.";
            Problem::conflict("changed_twice", text)
        };
        if command.verb.record().is_some_and(|id| touched.contains(&id)) {
            return Err(twice());
        }
        let mut scoped =
            Scoped::find(self.runtime, self.call, command, self.snapshot, self.told).await?;
        scoped.new_id = new_id(self.runtime, self.call, place);
        scoped.enters = self.enters;
        match scoped.pass().await? {
            Prepared::Answered(answer) => Ok(One::Answered(answer)),
            Prepared::Needs(needs) => Ok(One::Needs(needs)),
            Prepared::Refused(draft) => Ok(One::Answered(Answer::Draft(draft))),
            Prepared::Checked(checked) => {
                let settled = Checked::settle(*checked);
                let ids: Vec<Uuid> = settled.changes.iter().map(|c| c.record().id()).collect();
                if ids.iter().any(|id| touched.contains(id)) {
                    return Err(twice());
                }
                touched.extend(ids);
                Ok(One::Settled(settled))
            }
        }
    }

    /// Refuses what a commit would refuse because another record has its value.
    async fn refuse_taken(
        &self,
        results: &mut Results,
        accepted: &[(usize, Settled)],
    ) -> Result<(), Problem> {
        let records: Vec<(usize, Record)> =
            accepted.iter().map(|(place, one)| (*place, claims(one))).collect();
        let Some((_, first)) = records.first() else { return Ok(()) };
        let name = first.entity.full_name();
        for field in first.entity.fields.iter().filter(|field| field.unique) {
            for place in self.taken(&records, &name, &field.name).await? {
                let (entity, field) = (name.clone(), field.name.clone());
                results[place] = Err(store_problem(StoreError::NotUnique { entity, field }));
            }
        }
        Ok(())
    }

    /// The places of the commands whose value of a unique field another record has, or an earlier
    /// command of the batch takes.
    pub(super) async fn taken(
        &self,
        records: &[(usize, Record)],
        entity: &str,
        field: &str,
    ) -> Result<Vec<usize>, Problem> {
        let mut seen: Vec<&Value> = Vec::new();
        let mut taken = Vec::new();
        for (place, record) in records.iter().filter(|(_, r)| r.entity.full_name_ref() == entity) {
            let value = record.get(field);
            if value.is_null() {
                continue;
            }
            if seen.contains(&value) || self.is_taken(record, field, value).await? {
                taken.push(*place);
            }
            seen.push(value);
        }
        Ok(taken)
    }

    async fn is_taken(&self, record: &Record, field: &str, value: &Value) -> Result<bool, Problem> {
        let entity = &record.entity;
        let predicate = match (value, entity.slot(field)) {
            (Value::Id(id), Some(slot)) => {
                crate::env::one_of(entity, slot, &[*id], &*self.runtime.registry)?
            }
            (Value::Text(text), Some(_)) => {
                let text = text.replace('\\', "\\\\").replace('\'', "\\'");
                let text = text.replace('\n', "\\n").replace('\r', "\\r");
                let condition = format!("{field} == '{text}'");
                crate::env::predicate(entity, &condition, &*self.runtime.registry)?
            }
            _ => return Ok(false),
        };
        let plan = ListPlan {
            entity: entity.clone(),
            predicates: vec![predicate],
            tokens: Vec::new(),
            through: Vec::new(),
            order: Vec::new(),
            after: None,
            skip: 0,
            limit: 2,
            lines: false,
        };
        let found = self.snapshot.list(&plan).await.map_err(store_problem)?;
        Ok(found.iter().any(|other| other.id() != record.id()))
    }
}

/// A command's own record with its id and what no other record may have, nothing else.
fn claims(one: &Settled) -> Record {
    let record = one.changes[0].record();
    let entity = &record.entity;
    let mut claims = Record::empty(entity.clone());
    for (at, field) in entity.fields.iter().enumerate() {
        if field.unique || at == slot::ID {
            claims.values[at] = record.values[at].clone();
        }
    }
    claims
}

/// The id of the record that a command of an identified batch makes: a repetition finds it again
/// by its random part, which follows from the key and the command's place.
fn new_id(runtime: &Runtime, call: &Call, place: usize) -> Option<Uuid> {
    let sent = call.idempotency.as_ref()?;
    let (user, place) = (call.actor.user(), (place as u64).to_be_bytes());
    let parts: [&[u8]; 6] = [
        b"batch",
        call.org.as_bytes(),
        user.as_bytes(),
        sent.key.as_bytes(),
        &sent.fingerprint,
        &place,
    ];
    let print = runtime.keys.fingerprint(&parts);
    let mut random = [0; 16];
    random.copy_from_slice(&print[..16]);
    Some(types::uuid_v7(runtime.source.clock.now().unix_ms(), u128::from_le_bytes(random)))
}

/// Whether two ids were made from the same chance, whenever that was.
fn same_chance(a: Uuid, b: Uuid) -> bool {
    a.as_bytes()[6..] == b.as_bytes()[6..]
}

/// What the batch of an earlier request answered, command by command.
async fn replay(
    runtime: &Arc<Runtime>,
    call: &Call,
    commands: &[Command],
    snapshot: &dyn Snapshot,
    event: &Event,
    told: &Told,
) -> Result<Results, Problem> {
    let mut results = Vec::with_capacity(commands.len());
    for (place, command) in commands.iter().enumerate() {
        let made = new_id(runtime, call, place);
        let is_own = |change: &&ChangeRecord| match command.verb.record() {
            Some(id) => change.record == id && change.entity == command.entity,
            None => made.is_some_and(|made| same_chance(made, change.record)),
        };
        let change = event.changes.iter().find(is_own);
        results.push(again(runtime, call, command, (snapshot, told), event.id, change).await);
    }
    Ok(results)
}

/// One command of a repeated batch. One that left no trace in the event was refused or changed
/// nothing; which of the two, the stages say again.
async fn again(
    runtime: &Arc<Runtime>,
    call: &Call,
    command: &Command,
    (snapshot, told): (&dyn Snapshot, &Told),
    event: Uuid,
    change: Option<&ChangeRecord>,
) -> Result<Answer, Problem> {
    let scoped = Scoped::find(runtime, call, command, snapshot, told).await?;
    if let Some(change) = change {
        let view = scoped.as_left_by(event, change.record).await?;
        return Ok(view.map_or(Answer::Done, Answer::Record));
    }
    match scoped.pass().await? {
        Prepared::Answered(answer) => Ok(answer),
        Prepared::Refused(draft) => Err(draft.problem),
        Prepared::Checked(_) | Prepared::Needs(_) => {
            let text = "This was refused when the batch was sent first. Send it under a new key.";
            Err(Problem::conflict("refused_before", text))
        }
    }
}

/// The problem with its pointers under the command's place in the batch.
fn at_command(mut problem: Problem, index: usize) -> Problem {
    for error in &mut problem.errors {
        error.pointer = format!("/commands/{index}{}", error.pointer);
    }
    if problem.errors.is_empty() {
        let at =
            FieldProblem::new(format!("/commands/{index}"), &problem.code, problem.detail.clone());
        problem.errors.push(at);
    }
    problem
}
