//! The life of a record of every entity: made, read, found, changed, moved, deleted.

use super::ground::Ground;
use crate::world::view;
use kernel::command::{Known, List, Verb};
use kernel::json::{read_body, write_view};
use kernel::rights::EVERYONE;
use kernel::schema::{EntityKind, Scope, slot};
use kernel::{Answer, Entity, Input, Kind, Problem, Query, Record, View};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use types::Uuid;

/// Runs the suite for one entity.
pub(super) async fn lives(ground: &mut Ground<'_>, entity: &Arc<Entity>) {
    is_documented(ground, entity);
    let (sent, made) = ground.make_with(entity).await;
    is_as_sent(ground, &sent, &made);
    is_found(ground, &made).await;
    is_no_business_of_strangers(ground, &made).await;
    goes_through_json(ground, &made).await;
    let changed = changes(ground, &made).await;
    super::rights::obeys(ground, entity).await;
    moves(ground, entity).await;
    ends(ground, &changed).await;
}

fn is_documented(ground: &mut Ground<'_>, entity: &Entity) {
    ground.checked(!entity.summary.is_empty(), || format!("{}: no summary", entity.name));
    for field in &entity.fields {
        let says = || format!("{}.{} has no help", entity.name, field.name);
        ground.checked(!field.help.is_empty(), says);
    }
}

/// What a client set stands in the record, as it was sent.
fn is_as_sent(ground: &mut Ground<'_>, sent: &Input, made: &Record) {
    let entity = &made.entity;
    ground.checked(made.version() == 1, || format!("{}: not version 1", entity.name));
    ground.checked(made.state() == entity.first_state(), || format!("{}: state", entity.name));
    for (name, value) in &sent.values {
        let Some(field) = entity.field_named(name) else { continue };
        // Lines are completed, and a secret is never answered.
        if !field.secret && !matches!(field.kind, Kind::Children { .. }) {
            let says =
                || format!("{}.{name}: sent {value:?}, is {:?}", entity.name, made.get(name));
            ground.checked(made.get(name) == value, says);
        }
    }
}

async fn list(ground: &Ground<'_>, entity: &Entity, filter: String) -> Vec<View> {
    let lines = true;
    let (name, filter) = (entity.full_name(), filter);
    let list = List { entity: name, filter, lines, page_size: 1000, ..List::default() };
    match ground.world.ask(ground.master(entity), Query::List(list)).await {
        Ok(Answer::Page(page)) => page.items,
        other => panic!("a list of {} answered {other:?}", entity.name),
    }
}

/// It is read back equal: by id, as known now, and in lists.
async fn is_found(ground: &mut Ground<'_>, made: &Record) {
    let entity = made.entity.clone();
    let read = ground.get(ground.master(&entity), &entity, made.id()).await;
    let says = || format!("{}: get answers {read:?} and not {made:?}", entity.name);
    ground.checked(read.as_ref().is_ok_and(|view| view.record == *made), says);
    let known_at = Some(ground.world.source.clock.now());
    let query = Query::Get { entity: entity.full_name(), id: made.id(), known_at };
    let known = ground.world.ask(ground.master(&entity), query).await.map(view);
    let says = || format!("{}: known_at answers {known:?} and not {made:?}", entity.name);
    ground.checked(known.as_ref().is_ok_and(|view| view.record == *made), says);
    for filter in [format!("id == '{}'", made.public_id()), String::new()] {
        let found = list(ground, &entity, filter.clone()).await;
        let found: Vec<&Record> =
            found.iter().map(|view| &view.record).filter(|r| r.id() == made.id()).collect();
        let says = || format!("{}: a list by '{filter}' has {found:?}, not {made:?}", entity.name);
        ground.checked(found == [made], says);
    }
    let events = ground.events_of(made).await;
    ground.checked(events == 1, || format!("{}: {events} events made it", entity.name));
}

/// Who has no role sees nothing of others', and neither does who works for another organisation.
async fn is_no_business_of_strangers(ground: &mut Ground<'_>, made: &Record) {
    let entity = made.entity.clone();
    let id = made.id();
    // Not the user who made the record: what everyone may do with one's own is no right to others'.
    let passer_by = ground.world.call_as("passer_by").actor;
    let stranger = kernel::Call { actor: passer_by, ..ground.call(&entity, &[]) };
    let other = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0b99);
    let foreign = kernel::Call { org: other, ..ground.world.call() };
    for (who, call) in [("a stranger", stranger.clone()), ("another organisation", foreign)] {
        if who != "a stranger" && entity.scope == Scope::System {
            continue;
        }
        let get = ground.get(call.clone(), &entity, id).await.map(drop);
        refused(ground, &entity, who, "get", get, 404);
        for verb in [Ground::update(id), Ground::delete(id), Ground::act(id, "anything")] {
            let right = verb.right().to_owned();
            let done = ground.execute(call.clone(), &entity, verb, Input::new()).await;
            refused(ground, &entity, who, &right, done.map(drop), 404);
        }
    }
    let list = List { entity: entity.full_name(), ..List::default() };
    let listed = ground.world.ask(stranger.clone(), Query::List(list)).await;
    if entity.permits.iter().any(|permit| permit.role == EVERYONE) {
        let none = matches!(&listed, Ok(Answer::Page(page)) if page.items.is_empty());
        let says = || format!("{}: a list by a stranger has {listed:?}", entity.name);
        return ground.checked(none, says);
    }
    refused(ground, &entity, "a stranger", "list", listed.map(drop), 403);
    let create = ground.execute(stranger, &entity, Verb::Create, Input::new()).await.map(drop);
    refused(ground, &entity, "a stranger", "create", create, 403);
}

pub(super) fn refused(
    ground: &mut Ground<'_>,
    entity: &Entity,
    who: &str,
    what: &str,
    outcome: Result<(), Problem>,
    expected: u16,
) {
    let status = outcome.as_ref().err().map_or(200, |problem| problem.kind.status());
    let says = || format!("{}: {what} by {who}: {outcome:?}, not {expected}", entity.name);
    ground.checked(status == expected, says);
}

/// Its JSON reads back into the same values.
async fn goes_through_json(ground: &mut Ground<'_>, made: &Record) {
    let entity = made.entity.clone();
    let read = ground.get(ground.master(&entity), &entity, made.id()).await;
    let view = read.unwrap_or_else(|problem| panic!("{}: {problem}", entity.name));
    let registry = ground.world.registry.clone();
    let mut json = String::new();
    write_view(&view, &*registry, &mut json);
    let input = read_body(&entity, json.as_bytes(), &*registry);
    let input = input.unwrap_or_else(|problem| panic!("{}: {problem}\n{json}", entity.name));
    let says = || format!("{}: {:?}\n{json}", entity.name, input.problems);
    ground.checked(input.problems.is_empty(), says);
    for slot in entity.shown() {
        let name = &entity.fields[slot].name;
        let value = input.values.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let is_lines = matches!(entity.fields[slot].kind, Kind::Children { .. });
        let same = value == Some(&view.record.values[slot]);
        // An object that merges is written as an empty one where there is none, the platform's
        // name as nobody's.
        let nothing = types::Value::Json("{}".to_owned());
        let empty = value.is_none_or(|value| value.is_null() || *value == nothing)
            && (view.record.values[slot].is_null()
                || view.record.values[slot].as_id().is_some_and(|id| id.is_nil()));
        let says =
            || format!("{}.{name}: {value:?} from {:?}", entity.name, view.record.values[slot]);
        ground.checked(same || empty || is_lines && value.is_some(), says);
    }
}

/// One changed field is one event and one version more; a client that saw neither is refused.
async fn changes(ground: &mut Ground<'_>, made: &Record) -> Record {
    let entity = made.entity.clone();
    let slots: Vec<usize> =
        (slot::FIRST..entity.fields.len()).chain([slot::EXTERNAL_IDS]).collect();
    if entity.kind == EntityKind::AppendOnly {
        for verb in [Ground::update(made.id()), Ground::delete(made.id())] {
            let right = verb.right().to_owned();
            let call = ground.master(&entity);
            let done = ground.execute(call, &entity, verb, Input::new()).await.map(drop);
            refused(ground, &entity, "an administrator", &right, done, 409);
        }
        return made.clone();
    }
    for slot in slots {
        let Some(input) = ground.change(&entity, made, slot).await else { continue };
        let stale = Verb::Update { id: made.id(), known: Known::Exactly(9) };
        let call = ground.master(&entity);
        let old = ground.execute(call.clone(), &entity, stale, input.clone()).await.map(drop);
        refused(ground, &entity, "who has not read it", "update", old, 412);
        let seen = Verb::Update { id: made.id(), known: Known::Exactly(made.version()) };
        let after = match ground.execute(call, &entity, seen, input.clone()).await {
            Ok(answer) => view(answer).record,
            // A rule holds this field to others: the next one.
            Err(problem) if problem.kind.status() == 422 => continue,
            Err(problem) => panic!("{}: {input:?} is refused: {problem}", entity.name),
        };
        let (name, value) = &input.values[0];
        let read = ground.get(ground.master(&entity), &entity, made.id()).await;
        let says = || format!("{}: read back {read:?} and not {after:?}", entity.name);
        ground.checked(read.as_ref().is_ok_and(|view| view.record == after), says);
        let merges = entity.field_named(name).is_some_and(|field| field.kind.merges());
        let says = || format!("{}.{name}: {:?} and not {value:?}", entity.name, after.get(name));
        ground.checked(merges || after.get(name) == value, says);
        let counts = (after.version(), ground.events_of(&after).await);
        ground.checked(counts == (2, 2), || format!("{}: {counts:?}", entity.name));
        is_told(ground, &after, slot).await;
        return after;
    }
    panic!("{}: no field can be changed", entity.name)
}

/// What happened to it is told as it happened: the change of one field, and its creation.
async fn is_told(ground: &mut Ground<'_>, after: &Record, slot: usize) {
    let entity = after.entity.clone();
    let told = ground.history(ground.master(&entity), &entity, after.id()).await;
    let told = told.unwrap_or_else(|problem| panic!("{}: {problem}", entity.name)).items;
    let what: Vec<(&str, u64)> = told.iter().map(|one| (&*one.verb, one.version)).collect();
    let says = || format!("{}: {what:?} is told", entity.name);
    ground.checked(what == [("update", 2), ("create", 1)], says);
    let field = &entity.fields[slot];
    let is_told = match (&field.kind, field.secret) {
        (_, true) => told[0].changes.is_empty(),
        (Kind::Children { .. }, _) => told[0].lines.iter().all(|line| line.field == field.name),
        _ => told[0].changes.iter().any(|change| {
            change.field == field.name && change.after.as_ref() == Some(after.get(&field.name))
        }),
    };
    let says = || format!("{}.{}: {:?} is told", entity.name, field.name, told[0]);
    ground.checked(is_told, says);
}

/// Every state is reached by acts from the first, and each act leads where it says.
async fn moves(ground: &mut Ground<'_>, entity: &Arc<Entity>) {
    let Some(states) = entity.states.clone() else { return };
    let Some(first) = states.names.first().cloned() else { return };
    // The shortest way to each state whose acts are not refused.
    let mut ways: BTreeMap<String, Vec<String>> = BTreeMap::from([(first.clone(), Vec::new())]);
    let mut next = VecDeque::from([first]);
    while let Some(from) = next.pop_front() {
        for step in states.moves.iter().filter(|step| step.from == from) {
            let way = ways[&from].clone();
            let record = walk(ground, entity, &way).await;
            let before = ground.events_of(&record).await;
            let call = ground.master(entity);
            let verb = Ground::act(record.id(), &step.act);
            match ground.execute(call, entity, verb, Input::new()).await {
                Ok(answer) => {
                    let after = view(answer).record;
                    let says =
                        || format!("{}: {} leads to {:?}", entity.name, step.act, after.state());
                    ground.checked(after.state() == Some(&step.to), says);
                    let events = ground.events_of(&after).await - before;
                    ground.checked(events == 1, || format!("{}: {events} events", step.act));
                    if !ways.contains_key(&step.to) {
                        ways.insert(step.to.clone(), [way, vec![step.act.clone()]].concat());
                        next.push_back(step.to.clone());
                    }
                }
                Err(problem) => {
                    let may = ground.may_refuse(entity, &step.act);
                    let says = || format!("{}: {} is refused: {problem}", entity.name, step.act);
                    ground.checked(may && matches!(problem.kind.status(), 409 | 422), says);
                }
            }
        }
    }
}

/// A new record in the state that acts lead to.
pub(super) async fn walk(ground: &mut Ground<'_>, entity: &Arc<Entity>, way: &[String]) -> Record {
    let mut record = ground.make(entity).await;
    for act in way {
        let call = ground.master(entity);
        let done = ground.execute(call, entity, Ground::act(record.id(), act), Input::new()).await;
        record = view(done.unwrap_or_else(|why| panic!("{}: {act}: {why}", entity.name))).record;
    }
    record
}

/// It is deleted and gone, or stays as designed.
async fn ends(ground: &mut Ground<'_>, record: &Record) {
    let entity = record.entity.clone();
    if entity.kind == EntityKind::AppendOnly {
        return;
    }
    let (id, call) = (record.id(), ground.master(&entity));
    let done = ground.execute(call, &entity, Ground::delete(id), Input::new()).await;
    let gone = match done {
        Ok(_) => true,
        Err(problem) => {
            let may = ground.may_refuse(&entity, "delete");
            let says = || format!("{}: delete is refused: {problem}", entity.name);
            ground.checked(may && matches!(problem.kind.status(), 409 | 422), says);
            false
        }
    };
    let read = ground.get(ground.master(&entity), &entity, id).await;
    ground.checked(read.is_err() == gone, || format!("{}: {read:?} after delete", entity.name));
    let listed = list(ground, &entity, format!("id == '{}'", record.public_id())).await;
    ground.checked(listed.is_empty() == gone, || format!("{}: listed after delete", entity.name));
    if gone {
        let events = ground.events_of(record).await;
        ground.checked(events == 3, || format!("{}: {events} events in its life", entity.name));
    }
}
