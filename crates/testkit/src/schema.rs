//! Whether the entities of a service are sound: what a declaration must be beyond what the
//! compiler checks.

use kernel::field::OnDelete;
use kernel::mirror::Reference;
use kernel::schema::{EntityKind, Scope, slot};
use kernel::service::Registry;
use kernel::{Entity, Kind, Service};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Verbs that every entity knows.
const VERBS: [&str; 4] = ["read", "create", "update", "delete"];

/// Everything that is unsound in the entities of `service`, each fault with its place.
///
/// Names are in their case and prefixes told apart; each entity and field says what it is; links
/// inside the service lead to entities of it, lines to child entities; each state is reached from
/// the first, which is left; each act of a state, a number or a grant exists; sums and their
/// conditions compile, and so do those of fields.
pub fn faults(service: &Service) -> Vec<String> {
    let registry = Registry::new(service.entities.iter().cloned());
    let mut prefixes: BTreeMap<&str, &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for entity in &service.entities {
        let mut fault = |text: String| faults.push(format!("{}: {text}", entity.name));
        if entity.service != service.name {
            fault(format!("belongs to {}", entity.service));
        }
        if let Some(other) = prefixes.insert(&entity.prefix, &entity.name) {
            fault(format!("shares the prefix {} with {other}", entity.prefix));
        }
        if entity.kind != EntityKind::Child && entity.permits.is_empty() {
            fault("is granted to nobody".to_owned());
        }
        names(entity, &mut fault);
        links(entity, service, &registry, &mut fault);
        states(entity, &mut fault);
        acts(entity, service, &mut fault);
        sums(entity, &registry, &mut fault);
    }
    faults.extend(registry.faults());
    for reference in service.publishes() {
        let mut fault = |text: String| faults.push(format!("{}: {text}", reference.entity));
        published(reference, registry.get(&reference.full_name()), &mut fault);
    }
    faults
}

/// What is unsound between services: what one links to, another must publish, or say which of it
/// may be linked to.
pub fn faults_between(services: &[Service]) -> Vec<String> {
    let mut faults = Vec::new();
    for (service, reference) in services.iter().flat_map(|s| s.references().map(move |r| (s, r))) {
        let name = reference.full_name();
        let known = services.iter().any(|owner| match reference.system {
            true => owner.says_linkable(&name),
            false => owner.published(&name).is_some(),
        });
        if !known {
            faults.push(format!("{} links to {name}, which nobody publishes", service.name));
        }
    }
    faults
}

/// A reference publishes what its entity has, as the entity has it.
fn published(reference: &Reference, entity: Option<&Arc<Entity>>, fault: &mut impl FnMut(String)) {
    let Some(entity) = entity else {
        return fault("is published and is no entity here".to_owned());
    };
    if reference.system || entity.scope == Scope::System {
        fault("is of the system organisation and cannot be mirrored".to_owned());
    }
    if reference.prefix != entity.prefix {
        fault(format!("is published with the prefix {}", reference.prefix));
    }
    for field in &reference.fields {
        let leads = matches!(
            field.kind,
            Kind::Link { .. } | Kind::Links { .. } | Kind::Children { .. } | Kind::Custom
        );
        match entity.field_named(&field.name) {
            None => fault(format!("has no field {}, which is published", field.name)),
            Some(own) if own.secret || leads => {
                fault(format!("publishes {}, which must not leave it", field.name));
            }
            Some(own) if own.kind != field.kind || own.personal != field.personal => {
                fault(format!("publishes {} as something else", field.name));
            }
            Some(_) => {}
        }
    }
}

fn names(entity: &Entity, fault: &mut impl FnMut(String)) {
    let fits = |name: &str, joint: char| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == joint)
    };
    if !fits(&entity.name, '_') || !fits(&entity.plural, '-') || !fits(&entity.prefix, '_') {
        fault("is not named in snake case, its plural in kebab case".to_owned());
    }
    if !is_sentence(&entity.summary) {
        fault(format!("does not say what it is in a sentence: {}", entity.summary));
    }
    let mut seen = BTreeSet::new();
    for field in &entity.fields {
        if !fits(&field.name, '_') || !seen.insert(&field.name) {
            fault(format!("{} is no name of its own in snake case", field.name));
        }
        if !is_sentence(&field.help) {
            fault(format!("{} does not say what it means: {}", field.name, field.help));
        }
    }
}

/// Whether a text begins with a capital letter and ends with a full stop.
fn is_sentence(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.ends_with('.')
}

fn links(entity: &Entity, service: &Service, registry: &Registry, fault: &mut impl FnMut(String)) {
    for field in entity.fields.iter().skip(slot::FIRST) {
        let (target, lines) = match &field.kind {
            Kind::Link { entity, .. } | Kind::Links { entity } => (entity, false),
            Kind::Children { entity } => (entity, true),
            _ => continue,
        };
        let own = target.split_once('.').is_some_and(|(owner, _)| owner == service.name);
        if !own && !service.references().any(|reference| reference.full_name() == *target) {
            fault(format!("{} leads to {target} and names no reference of it", field.name));
        }
        let restricts = !matches!(&field.kind, Kind::Link { on_delete, .. } if *on_delete != OnDelete::Restrict);
        if !own && !restricts {
            fault(format!("{} does not restrict the deletion of {target}", field.name));
        }
        match registry.get(target) {
            None if own => fault(format!("{} leads to {target}, which is not here", field.name)),
            Some(found) if lines != (found.kind == EntityKind::Child) => {
                fault(format!("{} takes {target} for another kind", field.name));
            }
            _ => {}
        }
    }
}

fn states(entity: &Entity, fault: &mut impl FnMut(String)) {
    let Some(states) = &entity.states else { return };
    let mut reached: BTreeSet<&str> = states.names.iter().take(1).map(String::as_str).collect();
    while let Some(next) = states
        .moves
        .iter()
        .find(|step| reached.contains(&*step.from) && !reached.contains(&*step.to))
    {
        reached.insert(&next.to);
    }
    for name in states.names.iter().filter(|name| !reached.contains(name.as_str())) {
        fault(format!("no way leads to the state {name}"));
    }
    if states.names.first().is_none_or(|first| !states.moves.iter().any(|m| m.from == *first)) {
        fault("the first state is never left".to_owned());
    }
    let mut ways = BTreeSet::new();
    for step in &states.moves {
        if !ways.insert((&step.from, &step.act)) {
            fault(format!("{} leads from {} to two states", step.act, step.from));
        }
    }
}

fn acts(entity: &Entity, service: &Service, fault: &mut impl FnMut(String)) {
    let mut known = service.acts_of(&entity.full_name());
    let moves = entity.states.iter().flat_map(|states| &states.moves);
    known.extend(moves.map(|step| step.act.clone()));
    let knows = |act: &str| known.iter().any(|name| name == act);
    if let Some(number) = entity.number.as_ref().filter(|n| n.at != "create" && !knows(&n.at)) {
        fault(format!("the number is drawn at {}, which is no act", number.at));
    }
    for permit in &entity.permits {
        if !VERBS.contains(&permit.verb.as_str()) && !knows(&permit.verb) {
            fault(format!("{} is granted {}, which is no act", permit.role, permit.verb));
        }
    }
    for act in known.iter().filter(|act| !entity.permits.iter().any(|p| p.verb == **act)) {
        fault(format!("{act} is granted to nobody"));
    }
}

fn sums(entity: &Arc<Entity>, registry: &Registry, fault: &mut impl FnMut(String)) {
    for sum in &entity.accumulators {
        let when = sum.when.as_str();
        if !when.is_empty()
            && let Err(problem) = kernel::env::predicate(entity, when, registry)
        {
            fault(format!("{} counts when {when}: {problem}", sum.name));
        }
        for name in &sum.sums {
            let kind = entity.field_named(name).map(|field| &field.kind);
            let adds = matches!(kind, Some(Kind::Money | Kind::Duration | Kind::Integer { .. }))
                || kind.is_some_and(|kind| kind.scale().is_some());
            if !adds {
                fault(format!("{} sums {name}, which is no number", sum.name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::schema::{Declare, Move, States};
    use kernel::{Field, Kind};

    struct Sound;

    impl Declare for Sound {
        fn entity() -> Entity {
            let step = Move { from: "open".into(), act: "end".into(), to: "over".into() };
            Entity::new("x", "thing", "things", "thg")
                .doc("A thing.", "")
                .field(Field::new("name", Kind::text(10), "What it is called."))
                .states(States { names: vec!["open".into(), "over".into()], moves: vec![step] })
                .permit("clerk", &[("read", None), ("end", None)])
        }
    }

    struct Unsound;

    impl Declare for Unsound {
        fn entity() -> Entity {
            let step = Move { from: "over".into(), act: "end".into(), to: "open".into() };
            Entity::new("y", "Thing", "things", "thg")
                .doc("a thing", "")
                .field(Field::new("friend", Kind::link("x.nobody"), ""))
                .states(States { names: vec!["open".into(), "over".into()], moves: vec![step] })
                .permit("clerk", &[("fly", None)])
                .numbered("T-{seq:1}", "land")
        }
    }

    #[test]
    fn a_sound_service_has_no_faults() {
        assert_eq!(faults(&Service::new("x").entity::<Sound>()), Vec::<String>::new());
    }

    #[test]
    fn every_fault_is_named() {
        let faults = faults(&Service::new("x").entity::<Sound>().entity::<Unsound>());
        for expected in [
            "belongs to y",
            "shares the prefix thg with thing",
            "is not named in snake case",
            "does not say what it is",
            "friend does not say what it means",
            "friend leads to x.nobody",
            "no way leads to the state over",
            "the first state is never left",
            "granted fly, which is no act",
            "drawn at land",
            "end is granted to nobody",
        ] {
            assert!(faults.iter().any(|f| f.contains(expected)), "{expected} in {faults:#?}");
        }
    }
}
