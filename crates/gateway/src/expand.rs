//! Links in full: the records behind the links of a page, asked for in batches.
//!
//! One question for each entity that is linked to, however many links lead there, and all at once.
//! What the reader may not see stays an id; one level deep. Who made or changed a record is named
//! to everyone who sees that record: users are kept apart from organisations, where nobody else
//! reads them.

use crate::edge::{Asked, Edge};
use crate::view::{Expanded, write_id};
use contracts::users::UserNames;
use contracts::{call, in_system_org};
use futures::future::try_join_all;
use kernel::Kind;
use kernel::command::{Answer, Call, List, Query, View};
use kernel::field::Entities;
use kernel::json::write_json_string;
use kernel::problem::{Problem, ProblemKind};
use kernel::schema::{Entity, Scope, slot};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use types::{Uuid, Value};

/// Ids in one question: as many as a filter of 8 KiB holds with room to spare.
const BATCH: usize = 100;

/// What the links of some slots lead to.
struct Linked<'a> {
    target: &'a Arc<Entity>,
    /// Whether the slots name who made or changed the record.
    is_actor: bool,
    slots: Vec<usize>,
    ids: BTreeSet<Uuid>,
}

/// The JSON of the records behind the links in `slots`, as far as the reader may see them.
///
/// # Errors
/// 503 when a service cannot answer.
pub(crate) async fn expand(
    edge: &Edge,
    entity: &Entity,
    slots: &[usize],
    items: &[View],
    asked: &Asked<'_>,
) -> Result<Expanded, Problem> {
    let linked = linked(edge, entity, slots, items);
    let all = linked.iter().flat_map(|linked| {
        let ids: Vec<Uuid> = linked.ids.iter().copied().collect();
        let batches: Vec<Vec<Uuid>> = ids.chunks(BATCH).map(<[Uuid]>::to_vec).collect();
        batches.into_iter().map(move |ids| async move {
            let found = match linked.is_actor {
                true => names(edge, linked.target, &ids, asked).await?,
                false => references(edge, linked.target, &ids, asked).await?,
            };
            Ok::<_, Problem>((linked, found))
        })
    });
    let mut expanded = Expanded::new();
    for (linked, found) in try_join_all(all).await? {
        for (id, json) in found {
            expanded.extend(linked.slots.iter().map(|slot| ((*slot, id), json.clone())));
        }
    }
    Ok(expanded)
}

/// The ids behind the links, by the entity that they lead to.
fn linked<'a>(edge: &'a Edge, entity: &Entity, slots: &[usize], items: &[View]) -> Vec<Linked<'a>> {
    let mut found: BTreeMap<(String, bool), Linked<'a>> = BTreeMap::new();
    for &slot in slots {
        let (Kind::Link { entity: name, .. } | Kind::Links { entity: name }) =
            &entity.fields[slot].kind
        else {
            continue;
        };
        let Some(target) = edge.registry.get(name) else { continue };
        let is_actor = matches!(slot, slot::CREATED_BY | slot::UPDATED_BY);
        let linked = found.entry((name.clone(), is_actor)).or_insert_with(|| Linked {
            target,
            is_actor,
            slots: Vec::new(),
            ids: BTreeSet::new(),
        });
        let shown = items.iter().filter(|view| view.readable.get(slot) == Some(&true));
        linked.ids.extend(shown.flat_map(|view| ids_of(&view.record.values[slot])));
        linked.slots.push(slot);
    }
    found.into_values().collect()
}

fn ids_of(value: &Value) -> Vec<Uuid> {
    match value {
        Value::Id(id) => vec![*id],
        Value::List(items) => items.iter().filter_map(Value::as_id).collect(),
        _ => Vec::new(),
    }
}

/// Users by their names.
async fn names(
    edge: &Edge,
    target: &Entity,
    ids: &[Uuid],
    asked: &Asked<'_>,
) -> Result<Vec<(Uuid, String)>, Problem> {
    let named = user_names(edge, ids, asked).await?;
    let json = |(id, name): (Uuid, String)| {
        let title = |out: &mut String| write_json_string(&name, out);
        (id, reference(&target.prefix, id, title))
    };
    Ok(named.into_iter().map(json).collect())
}

/// What users are called who did something that the reader sees.
///
/// # Errors
/// 503 when the service cannot answer.
pub(crate) async fn user_names(
    edge: &Edge,
    ids: &[Uuid],
    asked: &Asked<'_>,
) -> Result<Vec<(Uuid, String)>, Problem> {
    // The platform itself acts under the id of nobody.
    let users: Vec<Uuid> = ids.iter().copied().filter(|id| !id.is_nil()).collect();
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let by = in_system_org(&asked.signed.call(asked.request_id), "names of those who did it");
    call::<UserNames>(&*edge.peers, by, &UserNames { users }).await
}

/// The records of these ids that the reader may see.
async fn references(
    edge: &Edge,
    target: &Arc<Entity>,
    ids: &[Uuid],
    asked: &Asked<'_>,
) -> Result<Vec<(Uuid, String)>, Problem> {
    let query = match ids {
        [] => return Ok(Vec::new()),
        [id] => Query::Get { entity: target.full_name(), id: *id, known_at: None },
        many => {
            let quoted =
                many.iter().map(|id| format!("'{}'", types::format_id(&target.prefix, *id)));
            let list = quoted.collect::<Vec<_>>().join(", ");
            Query::List(List {
                entity: target.full_name(),
                filter: format!("id in [{list}]"),
                page_size: many.len() as u32,
                ..List::default()
            })
        }
    };
    let call: Call = edge.call(target.scope == Scope::System, asked).await?;
    let views = match edge.peers.ask(&target.service, call, query).await {
        Ok(Answer::Record(view)) => vec![view],
        Ok(Answer::Page(page)) => page.items,
        Ok(_) => return Err(Problem::internal("a link's query answered something else")),
        Err(problem) if matches!(problem.kind, ProblemKind::NotFound | ProblemKind::Forbidden) => {
            Vec::new()
        }
        Err(problem) => return Err(problem),
    };
    let json = |view: &View| {
        let (prefix, id) = (&view.record.entity.prefix, view.record.id());
        (id, reference(prefix, id, |out| write_title(view, &*edge.registry, out)))
    };
    Ok(views.iter().map(json).collect())
}

/// A record as others refer to it: its id and title.
fn reference(prefix: &str, id: Uuid, title: impl FnOnce(&mut String)) -> String {
    let mut out = String::from("{\"id\":");
    write_id(prefix, id, &mut out);
    out.push_str(",\"title\":");
    title(&mut out);
    out.push('}');
    out
}

/// Writes the title of a record as JSON: null if the reader may not see it.
pub(crate) fn write_title(view: &View, entities: &dyn Entities, out: &mut String) {
    let entity = &view.record.entity;
    let value = &view.record.values[entity.title];
    match value {
        _ if view.readable.get(entity.title) != Some(&true) => out.push_str("null"),
        Value::Text(text) => write_json_string(text, out),
        _ => entity.fields[entity.title].kind.write(value, entities, out),
    }
}
