//! What services ask each other about records that are linked to; the kernel answers for all of
//! them, under [`LOOK`], [`USE`] and [`LET_GO`].

use crate::command::{Actor, Answer, Call, Command, Input, Known, Verb};
use crate::mirror::{self, Reference};
use crate::ports::Snapshot;
use crate::problem::{FieldProblem, Problem, ProblemKind};
use crate::schema::{Entity, Inner};
use crate::service::Runtime;
use crate::write::{self, store_problem};
use futures::future::{BoxFuture, FutureExt};
use futures::stream::{self, StreamExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use types::{Uuid, Value};

/// What the owner publishes of records as they are now; nothing changes.
pub(crate) const LOOK: &str = "references.look";
/// As [`LOOK`], and from now on the asking service uses them.
pub(crate) const USE: &str = "references.use";
/// A record is to be deleted: the service lets go of its mirror, if nothing links to it.
pub(crate) const LET_GO: &str = "references.let_go";

/// How many commands about different records are under way at once.
const AT_ONCE: usize = 32;
/// How often a use is registered again because others register it as well.
const TRIES: usize = 4;

/// Asks for records of an entity.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// The entity's full name.
    pub entity: String,
    /// The service that asks.
    pub by: String,
    /// The records.
    pub ids: Vec<Uuid>,
}

/// A record as its owner publishes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Found {
    /// The record.
    pub id: Uuid,
    /// The version that the values are of, at least 1.
    pub version: u64,
    /// The published fields that are filled.
    pub values: Vec<(String, Value)>,
}

/// Asks a service to let go of records that it mirrors.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LetGo {
    /// The full name of their entity.
    pub entity: String,
    /// The records.
    pub ids: Vec<Uuid>,
    /// Only says who links to them.
    #[serde(default)]
    pub only_asks: bool,
    /// Records that this change set made do not count: they are about to go.
    #[serde(default)]
    pub leaving: Option<Uuid>,
}

/// What links to a record, by record; those without such a link are let go.
pub(crate) type StillUsed = Vec<(Uuid, Vec<FieldProblem>)>;

/// Makes one of the calls.
///
/// # Errors
/// What the other service answers; 503 where it does not run.
pub(super) async fn ask<A: DeserializeOwned>(
    runtime: &Runtime,
    call: &Call,
    (service, name): (&str, &str),
    request: &impl Serialize,
) -> Result<A, Problem> {
    let body = encode(request)?;
    match runtime.peers.contract(service, name, call.clone(), body).await {
        Ok(answer) => decode(&answer),
        Err(problem) if problem.kind == ProblemKind::NotFound => {
            let text = format!("The service {service} does not answer. Retry in a moment.");
            Err(Problem::unavailable("unreachable", text, 1))
        }
        Err(problem) => Err(problem),
    }
}

/// Answers one of the calls; none for any other name.
pub(crate) async fn answer(
    runtime: &Arc<Runtime>,
    name: &str,
    call: &Call,
    body: &[u8],
) -> Option<Result<Vec<u8>, Problem>> {
    Some(match name {
        LOOK => match read::<Ask>(call, body) {
            Ok(ask) => look(runtime, call, &ask).await.and_then(|found| encode(&found)),
            Err(problem) => Err(problem),
        },
        USE => match read::<Ask>(call, body) {
            Ok(ask) => register(runtime, call, &ask).await.and_then(|found| encode(&found)),
            Err(problem) => Err(problem),
        },
        LET_GO => match read::<LetGo>(call, body) {
            Ok(asked) => let_go(runtime, call, &asked).await.and_then(|still| encode(&still)),
            Err(problem) => Err(problem),
        },
        _ => return None,
    })
}

/// Reads a request; only the platform itself asks.
fn read<R: DeserializeOwned>(call: &Call, body: &[u8]) -> Result<R, Problem> {
    match call.actor {
        Actor::System | Actor::Service(_) => decode(body),
        Actor::User(_) | Actor::ApiKey { .. } => Err(Problem::forbidden("references")),
    }
}

/// The records as they are now; those that are not there are left out.
async fn look(runtime: &Arc<Runtime>, call: &Call, ask: &Ask) -> Result<Vec<Found>, Problem> {
    if let Some(linkable) = runtime.service.linkable_of(&ask.entity) {
        let ids = linkable(runtime, call, &ask.ids).await?;
        return Ok(ids
            .into_iter()
            .map(|id| Found { id, version: 1, values: Vec::new() })
            .collect());
    }
    let (entity, reference) = published(runtime, &ask.entity)?;
    let snapshot = runtime.store(call.org).await?.snapshot().await.map_err(store_problem)?;
    let mut found = Vec::with_capacity(ask.ids.len());
    for id in &ask.ids {
        found.extend(see(&*snapshot, &entity, reference, *id).await?);
    }
    Ok(found)
}

/// An entity of this service that is published.
fn published<'r>(
    runtime: &'r Runtime,
    entity: &str,
) -> Result<(Arc<Entity>, &'r Reference), Problem> {
    let reference = runtime.service.published(entity);
    let reference = reference.ok_or_else(|| {
        Problem::internal(format!("{} publishes nothing of {entity}", runtime.service.name))
    })?;
    Ok((runtime.own(entity)?, reference))
}

async fn see(
    snapshot: &dyn Snapshot,
    entity: &Arc<Entity>,
    reference: &Reference,
    id: Uuid,
) -> Result<Option<Found>, Problem> {
    let found = snapshot.get(entity, id, &[]).await.map_err(store_problem)?;
    Ok(found.map(|record| {
        let names = reference.fields.iter().map(|field| field.name.clone());
        let values = names.map(|name| {
            let value = record.get(&name).clone();
            (name, value)
        });
        let values = values.filter(|(_, value)| !value.is_null()).collect();
        Found { id, version: record.version(), values }
    }))
}

/// Notes that a service uses the records, and answers them as they are after that.
async fn register(runtime: &Arc<Runtime>, call: &Call, ask: &Ask) -> Result<Vec<Found>, Problem> {
    published(runtime, &ask.entity)?;
    let notes: Vec<_> = ask.ids.iter().map(|id| note(runtime, call, ask, *id).boxed()).collect();
    let noted = at_once(notes).await?;
    let ids = noted.into_iter().flatten().collect();
    look(runtime, call, &Ask { entity: ask.entity.clone(), by: ask.by.clone(), ids }).await
}

/// Notes the use of one record; none where there is no such record.
async fn note(
    runtime: &Arc<Runtime>,
    call: &Call,
    ask: &Ask,
    record: Uuid,
) -> Result<Option<Uuid>, Problem> {
    let (entity, id) = (mirror::use_name(&ask.entity), mirror::use_id(record));
    let call = own_call(call, &format!("{} links to it", ask.by));
    let by = Input::new().set(mirror::SERVICES, ask.by.as_str());
    let act = Verb::Act { id, act: mirror::REGISTER.to_owned(), known: Known::Nothing };
    let first = by.clone().set(mirror::RECORD, record).set(mirror::TIMES, Value::Int(1));
    let mut refused = None;
    for _ in 0..TRIES {
        // Most were registered before; the first registration makes the row.
        for (verb, input) in [(act.clone(), &by), (Verb::Restore { id, version: 0 }, &first)] {
            let command = Command { entity: entity.clone(), verb, input: input.clone() };
            match execute(runtime, &call, &command).await {
                Ok(_) => return Ok(Some(record)),
                Err(problem) => refused = Some(problem),
            }
            let kind = refused.as_ref().map(|problem| problem.kind);
            match kind {
                Some(ProblemKind::NotFound | ProblemKind::PreconditionFailed) => {}
                Some(ProblemKind::Conflict) => break,
                _ => return Err(refused.unwrap_or_else(|| Problem::internal("a lost problem"))),
            }
        }
        if !exists(runtime, &call, &ask.entity, record).await? {
            return Ok(None);
        }
    }
    Err(refused.unwrap_or_else(|| Problem::internal("a use that was never registered")))
}

async fn exists(
    runtime: &Runtime,
    call: &Call,
    entity: &str,
    record: Uuid,
) -> Result<bool, Problem> {
    let entity = runtime.own(entity)?;
    let snapshot = runtime.store(call.org).await?.snapshot().await.map_err(store_problem)?;
    Ok(snapshot.get(&entity, record, &[]).await.map_err(store_problem)?.is_some())
}

/// Lets go of mirrors that nothing links to; says what links to the others.
async fn let_go(runtime: &Arc<Runtime>, call: &Call, asked: &LetGo) -> Result<StillUsed, Problem> {
    let Some(mirror) = runtime.registry.target(&runtime.service.name, &asked.entity) else {
        return Ok(Vec::new());
    };
    if !matches!(mirror.inner, Some(Inner::Mirror { .. })) {
        return Err(Problem::internal(format!("{} is the service's own", asked.entity)));
    }
    let one = |id: &Uuid| let_one_go(runtime, call, asked, &mirror, *id).boxed();
    let standing = at_once(asked.ids.iter().map(one).collect()).await?;
    let still = asked.ids.iter().copied().zip(standing);
    Ok(still.filter(|(_, standing)| !standing.is_empty()).collect())
}

/// What all of these come to, some of them under way at once: their commits share the disk's work.
pub(super) async fn at_once<T: Send>(
    all: Vec<BoxFuture<'_, Result<T, Problem>>>,
) -> Result<Vec<T>, Problem> {
    // All come to their end, whichever fails: a commit is not broken off.
    let all: Vec<Result<T, Problem>> = stream::iter(all).buffered(AT_ONCE).collect().await;
    all.into_iter().collect()
}

/// What links to one record; its mirror is gone where nothing does.
async fn let_one_go(
    runtime: &Arc<Runtime>,
    call: &Call,
    asked: &LetGo,
    mirror: &Arc<Entity>,
    id: Uuid,
) -> Result<Vec<FieldProblem>, Problem> {
    if asked.only_asks {
        let snapshot = runtime.store(call.org).await?.snapshot().await.map_err(store_problem)?;
        return write::standing(&runtime.registry, &*snapshot, mirror, id, asked.leaving).await;
    }
    let call = own_call(call, &format!("{} deletes it", mirror_owner(&asked.entity)));
    let verb = Verb::Delete { id, known: Known::Nothing };
    let command = Command { entity: mirror.full_name(), verb, input: Input::new() };
    match execute(runtime, &call, &command).await {
        Ok(Answer::Done | Answer::Record(_)) => Ok(Vec::new()),
        Ok(other) => Err(Problem::internal(format!("a deletion answered {other:?}"))),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(Vec::new()),
        Err(problem) if problem.code == write::IN_USE => Ok(problem.errors),
        Err(problem) => Err(problem),
    }
}

fn mirror_owner(entity: &str) -> &str {
    entity.split('.').next().unwrap_or_default()
}

/// Executes a command on the kernel's own records.
pub(super) fn execute<'a>(
    runtime: &'a Arc<Runtime>,
    call: &'a Call,
    command: &'a Command,
) -> BoxFuture<'a, Result<Answer, Problem>> {
    Box::pin(write::execute(runtime, call, command, None))
}

/// A call by the kernel itself: by nobody's right and outside of every change set, so that an undo
/// never touches it.
pub(super) fn own_call(call: &Call, reason: &str) -> Call {
    Call { request_id: call.request_id.clone(), ..Call::system(call.org, reason) }
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    let written = ciborium::into_writer(value, &mut bytes);
    written
        .map_err(|error| Problem::internal(format!("a reference cannot be encoded: {error}")))?;
    Ok(bytes)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    ciborium::from_reader(bytes)
        .map_err(|error| Problem::internal(format!("a reference cannot be read: {error}")))
}
