//! Rights of every operation: who has the one right may do the one thing, and nothing else.

use super::ground::Ground;
use super::life::refused;
use crate::world::World;
use kernel::command::{Aggregate, Extent, List, Totals, Verb};
use kernel::rights::{EVERYONE, Rule};
use kernel::schema::{EntityKind, Scope};
use kernel::{Answer, Command, Entity, Input, Kind, Query, Record};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Proves the rights of every operation of an entity; the operations as the API names them.
///
/// What the system organisation keeps has no roles of an organisation: nothing is exercised.
pub(super) async fn obeys(ground: &mut Ground<'_>, entity: &Arc<Entity>) -> Vec<String> {
    if entity.scope == Scope::System {
        return Vec::new();
    }
    let mut verbs = vec!["create".to_owned()];
    if entity.kind != EntityKind::AppendOnly {
        verbs.extend(["update".to_owned(), "delete".to_owned()]);
    }
    let mut acts: Vec<String> = entity
        .states
        .iter()
        .flat_map(|states| states.moves.iter().map(|step| step.act.clone()))
        .chain(acts_beside_moves(ground, entity))
        .collect();
    acts.sort();
    acts.dedup();
    verbs.extend(acts);
    let rule = |role: &str, verb: &str| Rule {
        name: format!("{role}:{verb}"),
        role: role.to_owned(),
        entity: entity.full_name(),
        verb: verb.to_owned(),
        allow: true,
        condition: String::new(),
        hidden: Vec::new(),
        read_only: Vec::new(),
    };
    let org = ground.world.org;
    let record = ground.make(entity).await;
    let base = format!("{}_{}", entity.service, entity.name);
    let mut exercised: Vec<String> = ["get", "list", "aggregate", "history"]
        .iter()
        .map(|verb| format!("{base}_{verb}"))
        .collect();
    // What everyone may do with one's own is out of the way: a role with rules of another entity
    // has none for this one.
    let elsewhere = Rule { entity: "nowhere.nothing".to_owned(), ..rule(EVERYONE, "read") };
    let mut rules = vec![elsewhere, rule("reader", "read")];
    if let Some(sums) = entity.accumulators.first() {
        exercised.push(format!("{base}_totals"));
        // A sum says something of every record and of the fields that it is kept by.
        rules.push(Rule { condition: "version > 0".to_owned(), ..rule("reader_of_some", "read") });
        rules.push(Rule { hidden: sums.by.clone(), ..rule("reader_without_key", "read") });
    }
    for verb in &verbs {
        rules.push(rule(&format!("reader_{verb}"), "read"));
        rules.push(rule(&format!("reader_{verb}"), verb));
        rules.push(rule(&format!("blind_{verb}"), verb));
    }
    // Who writes a record names others in it, and must see those.
    let names = linked(ground.world, entity);
    for (verb, name) in verbs.iter().flat_map(|verb| names.iter().map(move |name| (verb, name))) {
        for role in ["reader", "blind"].map(|who| format!("{who}_{verb}")) {
            rules.push(Rule { entity: name.clone(), ..rule(&role, "read") });
        }
    }
    ground.world.facts.rule(org, rules);
    reads(ground, entity, &record).await;
    for verb in &verbs {
        writes(ground, entity, &record, verb).await;
        exercised.push(format!("{base}_{verb}"));
    }
    explains(ground, entity, &record).await;
    exercised.extend(["explain", "explain_one"].map(|verb| format!("{base}_{verb}")));
    // What only the platform makes is in no client's batch.
    if ground.hand(entity).is_none_or(|hand| !hand.by_platform) {
        batches(ground, entity).await;
        exercised.push(format!("{base}_batch"));
    }
    ground.world.facts.rule(org, Vec::new());
    exercised
}

/// The entities that records of an entity and their lines link to, itself left out.
fn linked(world: &World, entity: &Entity) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for field in &entity.fields {
        match &field.kind {
            Kind::Link { entity: name, .. } | Kind::Links { entity: name } => {
                names.insert(name.clone());
            }
            Kind::Children { entity: line } => {
                let line = world.registry.get(line);
                names.extend(line.map(|line| linked(world, line)).unwrap_or_default());
            }
            _ => {}
        }
    }
    names.remove(&entity.full_name());
    names
}

fn acts_beside_moves(ground: &Ground<'_>, entity: &Entity) -> Vec<String> {
    ground.world.runtime(&entity.service).service.acts_of(&entity.full_name())
}

/// Reading needs its right on every surface, and no other right stands in for it.
async fn reads(ground: &mut Ground<'_>, entity: &Arc<Entity>, record: &Record) {
    for (role, get, list) in
        [("reader", 200, 200), ("nobody", 404, 403), ("blind_create", 404, 403)]
    {
        let call = ground.call(entity, &[role]);
        let got = ground.get(call.clone(), entity, record.id()).await.map(drop);
        refused(ground, entity, role, "get", got, get);
        let history = ground.history(call.clone(), entity, record.id()).await.map(drop);
        refused(ground, entity, role, "history", history, get);
        let page = List { entity: entity.full_name(), page_size: 1, ..List::default() };
        let listed = ground.world.ask(call.clone(), Query::List(page)).await.map(drop);
        refused(ground, entity, role, "list", listed, list);
        let groups = Aggregate {
            entity: entity.full_name(),
            select: "count()".to_owned(),
            ..Aggregate::default()
        };
        let summed = ground.world.ask(call, Query::Aggregate(groups)).await.map(drop);
        refused(ground, entity, role, "aggregate", summed, list);
    }
    for sums in &entity.accumulators {
        for (role, status) in [
            ("reader", 200),
            ("nobody", 403),
            ("blind_create", 403),
            ("reader_of_some", 403),
            ("reader_without_key", 403),
        ] {
            let (of, by) = (sums.name.clone(), Vec::new());
            let totals = Totals { entity: entity.full_name(), of, by, as_of: None };
            let call = ground.call(entity, &[role]);
            let told = ground.world.ask(call, Query::Totals(totals)).await.map(drop);
            refused(ground, entity, role, "totals", told, status);
        }
    }
}

/// A verb needs its right: a reader is told so, who sees nothing finds nothing, and who has the
/// right is refused by no right (though perhaps by the record's state or a rule).
async fn writes(ground: &mut Ground<'_>, entity: &Arc<Entity>, record: &Record, verb: &str) {
    let input = match verb {
        "create" => ground.input(entity).await,
        _ => Input::new(),
    };
    let id = record.id();
    let command = || match verb {
        "create" => Verb::Create,
        "update" => Ground::update(id),
        "delete" => Ground::delete(id),
        act => Ground::act(id, act),
    };
    let call = ground.call(entity, &["reader"]);
    let done = ground.execute(call, entity, command(), input.clone()).await.map(drop);
    refused(ground, entity, "a reader", verb, done, 403);
    if verb != "create" {
        let call = ground.call(entity, &[&format!("blind_{verb}")]);
        let done = ground.execute(call, entity, command(), input.clone()).await.map(drop);
        refused(ground, entity, "who cannot see it", verb, done, 404);
    }
    // A delete or an act is tried on a record of its own.
    let own = match verb {
        "create" | "update" => id,
        _ => ground.make(entity).await.id(),
    };
    let command = match verb {
        "create" => Verb::Create,
        "update" => Ground::update(own),
        "delete" => Ground::delete(own),
        act => Ground::act(own, act),
    };
    let call = ground.call(entity, &[&format!("reader_{verb}")]);
    let org = call.org;
    let done = ground.execute(call, entity, command, input).await;
    if verb == "update" && done.is_ok() {
        // It changed nothing, which is no event.
        ground.uncount(org, entity);
    }
    let status = done.as_ref().err().map_or(200, |problem| problem.kind.status());
    let by_platform = ground.hand(entity).is_some_and(|hand| hand.by_platform);
    let says = || format!("{}: {verb} by who may: {done:?}", entity.name);
    ground.checked(by_platform || matches!(status, 200 | 409 | 422), says);
}

/// Explain names the rule that decides; a record that is not seen is not explained.
async fn explains(ground: &mut Ground<'_>, entity: &Arc<Entity>, record: &Record) {
    for (role, verb, id, expected) in [
        ("reader", "read", None, Some("reader:read")),
        ("reader", "read", Some(record.id()), Some("reader:read")),
        ("reader", "create", None, None),
        ("reader_create", "create", None, Some("reader_create:create")),
        ("nobody", "read", None, None),
    ] {
        let (entity_name, verb_name) = (entity.full_name(), verb.to_owned());
        let query = Query::Explain { entity: entity_name, id, verb: verb_name, roles: Vec::new() };
        let answer = ground.world.ask(ground.call(entity, &[role]), query).await;
        let Ok(Answer::Explained(explained)) = answer else { panic!("{answer:?}") };
        let says = || format!("{}: {role} {verb}: {explained:?}", entity.name);
        let allowed = expected.is_some();
        ground.checked((explained.allowed, explained.by.as_deref()) == (allowed, expected), says);
        let all = if allowed { Extent::All } else { Extent::None };
        let extent = id.is_none().then_some(all);
        ground.checked((explained.extent, &explained.condition) == (extent, &None), says);
    }
    let hidden = Some(record.id());
    let (name, verb) = (entity.full_name(), "read".to_owned());
    let query = Query::Explain { entity: name.clone(), id: hidden, verb, roles: Vec::new() };
    let asked = ground.world.ask(ground.call(entity, &["blind_create"]), query).await.map(drop);
    refused(ground, entity, "who cannot see it", "explain", asked, 404);
    let (verb, roles) = ("read".to_owned(), vec!["reader".to_owned()]);
    let query = Query::Explain { entity: name, id: None, verb, roles };
    let asked = ground.world.ask(ground.call(entity, &["reader"]), query).await.map(drop);
    refused(ground, entity, "who is no administrator", "explain of a role", asked, 403);
}

/// A batch asks for the right of each of its commands.
async fn batches(ground: &mut Ground<'_>, entity: &Arc<Entity>) {
    for (role, expected) in [("reader", 403), ("nobody", 403), ("reader_create", 200)] {
        let input = ground.input(entity).await;
        let command = Command { entity: entity.full_name(), verb: Verb::Create, input };
        let call = ground.call(entity, &[role]);
        let outcomes = ground.batch(call, entity, vec![command]).await;
        let outcomes = outcomes.unwrap_or_else(|why| panic!("{}: a batch: {why}", entity.name));
        ground.checked(outcomes.len() == 1, || format!("{}: one answer for one", entity.name));
        for outcome in outcomes {
            refused(ground, entity, role, "a batch", outcome.map(drop), expected);
        }
    }
}
