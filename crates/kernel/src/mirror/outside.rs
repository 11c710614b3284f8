//! What a command needs of other services before it can be judged, and how they are asked.
//!
//! The stages of a command run on a snapshot, on SQLite even inside the writer: nobody else is
//! asked from there. They note what they miss ([`Needs`]); whoever runs them lets the snapshot go,
//! asks, and runs them again with what was said ([`Told`]).

use super::contract::{
    Ask, Found, LET_GO, LOOK, LetGo, StillUsed, USE, ask, at_once, execute, own_call,
};
use crate::command::{Call, Command, Input, Known, Verb};
use crate::mirror;
use crate::ports::Snapshot;
use crate::problem::{FieldProblem, Problem, ProblemKind};
use crate::record::Record;
use crate::schema::{Entity, Inner};
use crate::service::Runtime;
use crate::write::store_problem;
use crate::write::undo::last_version;
use futures::future::FutureExt;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use types::{Uuid, Value};

/// How often other services are asked for one command before it answers 409: what they say may be
/// out of date by the time it is used.
pub(crate) const ROUNDS: u32 = 4;

/// A record of another service: the full name of its entity, and its id.
pub(crate) type Named = (String, Uuid);

/// What a command misses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// Linked records of other services whose mirrors are not there.
    pub linked: BTreeSet<Named>,
    /// Own records that are to be deleted, and the services that use them.
    pub leaving: BTreeMap<Named, Vec<String>>,
    /// The command is not going to be committed as it is: nothing may change on its behalf.
    pub only_asks: bool,
}

impl Needs {
    /// True when nothing is missing.
    pub fn is_empty(&self) -> bool {
        self.linked.is_empty() && self.leaving.is_empty()
    }

    /// What is missing after what was told. A command that is not going to be committed as it is
    /// changes nothing elsewhere: what others said is enough to judge it by.
    pub fn still(mut self, told: &Told, fits: bool) -> Option<Needs> {
        if !fits || told.only_asks {
            self.linked.retain(|named| !told.known.contains_key(named));
            self.only_asks = true;
        }
        (!self.is_empty()).then_some(self)
    }

    /// Adds what another command misses.
    pub fn add(&mut self, other: Needs) {
        self.linked.extend(other.linked);
        self.leaving.extend(other.leaving);
        self.only_asks |= other.only_asks;
    }
}

/// What other services said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Linked records that exist, with what is published of them.
    pub known: HashMap<Named, Vec<(String, Value)>>,
    /// Linked records that do not.
    pub unknown: HashSet<Named>,
    /// What links to own records, in all services that use them.
    pub used: HashMap<Named, Vec<FieldProblem>>,
    /// Nothing is going to be committed: a rehearsal, a preview.
    pub only_asks: bool,
    /// Records of this change set are about to go and do not count.
    pub leaving: Option<Uuid>,
    /// How often other services were asked.
    rounds: u32,
}

impl Told {
    /// Nothing yet, for commands that are not going to be committed.
    pub fn only_asking(leaving: Option<Uuid>) -> Told {
        Told { only_asks: true, leaving, ..Told::default() }
    }
}

/// Asks other services for what a command needs; then the command runs again.
///
/// # Errors
/// 503 where a service does not answer; 409 when they were asked too often.
pub(crate) async fn settle(
    runtime: &Arc<Runtime>,
    call: &Call,
    needs: Needs,
    told: &mut Told,
) -> Result<(), Problem> {
    told.rounds += 1;
    if told.rounds > ROUNDS {
        let text = "Others keep changing what this links to. Retry.";
        return Err(Problem { retry_after: Some(1), ..Problem::conflict("contended", text) });
    }
    let only_asks = needs.only_asks || told.only_asks;
    let mut by_entity: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    for (entity, id) in needs.linked {
        by_entity.entry(entity).or_default().push(id);
    }
    for (linked, ids) in by_entity {
        let found = look(runtime, call, &linked, &ids, told).await?;
        let mirror = runtime.registry.target(&runtime.service.name, &linked);
        if let (Some(mirror), false) = (mirror, only_asks) {
            fill(runtime, call, &mirror, &found).await?;
        }
    }
    leave(runtime, call, needs.leaving, only_asks, told).await
}

/// Which of the linked records exist; they may as well be no longer there when it is said.
async fn look(
    runtime: &Runtime,
    call: &Call,
    linked: &str,
    ids: &[Uuid],
    told: &mut Told,
) -> Result<Vec<Uuid>, Problem> {
    let found = look_at(runtime, call, linked, ids).await?;
    for id in ids {
        let named = (linked.to_owned(), *id);
        told.known.remove(&named);
        if !found.iter().any(|found| found.id == *id) {
            told.unknown.insert(named);
        }
    }
    let known: Vec<Uuid> = found.iter().map(|found| found.id).collect();
    told.known.extend(found.into_iter().map(|f| ((linked.to_owned(), f.id), f.values)));
    Ok(known)
}

/// What the owner publishes of records now.
pub(super) async fn look_at(
    runtime: &Runtime,
    call: &Call,
    linked: &str,
    ids: &[Uuid],
) -> Result<Vec<Found>, Problem> {
    let owner = linked.split('.').next().unwrap_or_default();
    let call = own_call(call, "a link is checked");
    let asked =
        Ask { entity: linked.to_owned(), by: runtime.service.name.clone(), ids: ids.to_vec() };
    ask(runtime, &call, (owner, LOOK), &asked).await
}

/// Fills the mirrors of records, in two steps so that a deletion at the owner cannot pass between:
/// first an empty mirror stands here, then the owner knows of the use, then the mirror shows what
/// the owner said. Whoever deletes the record in the meantime takes the empty mirror away, and
/// then the last step fails.
pub(super) async fn fill(
    runtime: &Arc<Runtime>,
    call: &Call,
    mirror: &Arc<Entity>,
    ids: &[Uuid],
) -> Result<(), Problem> {
    let Some(Inner::Mirror { of }) = &mirror.inner else { return Ok(()) };
    if ids.is_empty() {
        return Ok(());
    }
    let call = own_call(call, "a record of another service is linked to");
    let versions = versions(&*snapshot(runtime, &call).await?, mirror, ids).await?;
    let make = |(id, version): &(Uuid, u64)| {
        // One that comes back is as new as any.
        let input = Input::new()
            .set(mirror::SOURCE_VERSION, Value::Int(0))
            .set("created_at", runtime.source.clock.now())
            .set("created_by", call.actor.user());
        command(mirror, Verb::Restore { id: *id, version: *version }, input)
    };
    run(runtime, &call, versions.iter().map(make).collect()).await?;
    let empty: Vec<Record> = standing_in(&*snapshot(runtime, &call).await?, mirror, ids).await?;
    let ids: Vec<Uuid> = empty.iter().map(Record::id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let owner = of.split('.').next().unwrap_or_default();
    let asked = Ask { entity: of.clone(), by: runtime.service.name.clone(), ids };
    let found: Vec<Found> = ask(runtime, &call, (owner, USE), &asked).await?;
    let show = |empty: &Record| match found.iter().find(|found| found.id == empty.id()) {
        Some(found) => shows(empty, found),
        None => gone(empty),
    };
    run(runtime, &call, empty.iter().map(show).collect()).await
}

/// The records without a mirror, and the version that a new one goes on from: a mirror that comes
/// back counts on, so that what was meant for the one before never reaches it.
async fn versions(
    snapshot: &dyn Snapshot,
    mirror: &Arc<Entity>,
    ids: &[Uuid],
) -> Result<Vec<(Uuid, u64)>, Problem> {
    let mut versions = Vec::with_capacity(ids.len());
    for id in ids {
        if snapshot.get(mirror, *id, &[]).await.map_err(store_problem)?.is_none() {
            versions.push((*id, last_version(snapshot, *id).await?));
        }
    }
    Ok(versions)
}

/// The mirrors among `ids` that wait to be filled.
async fn standing_in(
    snapshot: &dyn Snapshot,
    mirror: &Arc<Entity>,
    ids: &[Uuid],
) -> Result<Vec<Record>, Problem> {
    let mut empty = Vec::new();
    for id in ids {
        let found = snapshot.get(mirror, *id, &[]).await.map_err(store_problem)?;
        empty.extend(found.filter(|mirror| !mirror::is_filled(mirror)));
    }
    Ok(empty)
}

/// The command by which a mirror shows what its owner said.
pub(super) fn shows(mirror: &Record, found: &Found) -> Command {
    let version = i64::try_from(found.version).unwrap_or(i64::MAX);
    let mut input = Input::new().set(mirror::SOURCE_VERSION, Value::Int(version));
    for (_, field) in mirror::published(&mirror.entity) {
        let said = found.values.iter().find(|(name, _)| *name == field.name);
        input = input.set(&field.name, said.map_or(Value::Null, |(_, value)| value.clone()));
    }
    let known = Known::Exactly(mirror.version());
    command(&mirror.entity, Verb::Update { id: mirror.id(), known }, input)
}

/// The command that takes a mirror away whose record is gone.
pub(super) fn gone(mirror: &Record) -> Command {
    let known = Known::Exactly(mirror.version());
    command(&mirror.entity, Verb::Delete { id: mirror.id(), known }, Input::new())
}

fn command(mirror: &Entity, verb: Verb, input: Input) -> Command {
    Command { entity: mirror.full_name(), verb, input }
}

/// Executes commands on the kernel's own records. One that others were faster than is done with:
/// whoever needs what they left behind looks again.
///
/// # Errors
/// What is wrong with the database.
pub(super) async fn run(
    runtime: &Arc<Runtime>,
    call: &Call,
    commands: Vec<Command>,
) -> Result<(), Problem> {
    let one = |command: Command| {
        let done = async move {
            match execute(runtime, call, &command).await {
                Ok(_) => Ok(()),
                Err(problem) => match problem.kind {
                    ProblemKind::NotFound
                    | ProblemKind::PreconditionFailed
                    | ProblemKind::Conflict => Ok(()),
                    _ => Err(problem),
                },
            }
        };
        done.boxed()
    };
    at_once(commands.into_iter().map(one).collect()).await.map(drop)
}

async fn snapshot(runtime: &Runtime, call: &Call) -> Result<Box<dyn Snapshot>, Problem> {
    runtime.store(call.org).await?.snapshot().await.map_err(store_problem)
}

/// Asks the services that use records which are to be deleted to let them go, and takes those that
/// did out of the use; what they say still links to them is told.
async fn leave(
    runtime: &Arc<Runtime>,
    call: &Call,
    leaving: BTreeMap<Named, Vec<String>>,
    only_asks: bool,
    told: &mut Told,
) -> Result<(), Problem> {
    let call = own_call(call, "a record is to be deleted");
    let mut by_user: BTreeMap<(String, String), Vec<Uuid>> = BTreeMap::new();
    let mut uses: HashMap<Named, Record> = HashMap::new();
    let looked = snapshot(runtime, &call).await?;
    for ((entity, id), services) in leaving {
        told.used.insert((entity.clone(), id), Vec::new());
        let Some(kept) = runtime.registry.uses(&entity) else { continue };
        let found = looked.get(kept, mirror::use_id(id), &[]).await.map_err(store_problem)?;
        // What the use says now is what those are asked for who are asked.
        let services = found.as_ref().map_or(services, mirror::services);
        uses.extend(found.map(|found| ((entity.clone(), id), found)));
        for service in services {
            by_user.entry((service, entity.clone())).or_default().push(id);
        }
    }
    drop(looked);
    let mut let_go: BTreeMap<Named, Vec<String>> = BTreeMap::new();
    for ((service, entity), ids) in by_user {
        let (leaving, asked) = (told.leaving, ids.clone());
        let request = LetGo { entity: entity.clone(), ids, only_asks, leaving };
        let still: StillUsed = ask(runtime, &call, (&service, LET_GO), &request).await?;
        for id in asked {
            let named = (entity.clone(), id);
            match still.iter().find(|(used, _)| *used == id) {
                Some((_, standing)) => {
                    told.used.entry(named).or_default().extend(standing.iter().cloned());
                }
                None => let_go.entry(named).or_default().push(service.clone()),
            }
        }
    }
    if only_asks {
        return Ok(());
    }
    let release = |(named, services): (Named, Vec<String>)| {
        let uses = uses.get(&named)?;
        // A use that was registered again since is another one.
        let known = Known::Exactly(uses.version());
        let verb = Verb::Act { id: uses.id(), act: mirror::RELEASE.to_owned(), known };
        let input = Input::new().set(mirror::SERVICES, services.join(" "));
        Some(command(&uses.entity, verb, input))
    };
    run(runtime, &call, let_go.into_iter().filter_map(release).collect()).await
}
