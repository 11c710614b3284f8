//! Links in full: the records behind the links of a page, asked for in batches.
//!
//! What the reader may not see stays an id; one level deep.

use crate::edge::{Asked, Edge};
use crate::view::{Expanded, write_id};
use kernel::Kind;
use kernel::command::{Answer, List, Query, View};
use kernel::field::Entities;
use kernel::json::write_json_string;
use kernel::problem::{Problem, ProblemKind};
use kernel::schema::{Entity, Scope};
use std::sync::Arc;
use types::{Uuid, Value};

/// Ids in one question: as many as a filter of 8 KiB holds with room to spare.
const BATCH: usize = 100;

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
    let mut expanded = Expanded::new();
    for &slot in slots {
        let (Kind::Link { entity: target, .. } | Kind::Links { entity: target }) =
            &entity.fields[slot].kind
        else {
            continue;
        };
        let Some(target) = edge.registry.get(target) else { continue };
        let shown = items.iter().filter(|view| view.readable.get(slot) == Some(&true));
        let mut ids: Vec<Uuid> = shown.flat_map(|view| ids_of(&view.record.values[slot])).collect();
        ids.sort_unstable();
        ids.dedup();
        for batch in ids.chunks(BATCH) {
            for view in ask(edge, target, batch, asked).await? {
                expanded.insert((slot, view.record.id()), reference(&view, &*edge.registry));
            }
        }
    }
    Ok(expanded)
}

fn ids_of(value: &Value) -> Vec<Uuid> {
    match value {
        Value::Id(id) => vec![*id],
        Value::List(items) => items.iter().filter_map(Value::as_id).collect(),
        _ => Vec::new(),
    }
}

/// The records of these ids that the reader may see.
async fn ask(
    edge: &Edge,
    target: &Arc<Entity>,
    ids: &[Uuid],
    asked: &Asked<'_>,
) -> Result<Vec<View>, Problem> {
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
    let call = edge.call(target.scope == Scope::System, asked).await?;
    match edge.peers.ask(&target.service, call, query).await {
        Ok(Answer::Record(view)) => Ok(vec![view]),
        Ok(Answer::Page(page)) => Ok(page.items),
        Ok(_) => Err(Problem::internal("a link's query answered something else")),
        Err(problem) if matches!(problem.kind, ProblemKind::NotFound | ProblemKind::Forbidden) => {
            Ok(Vec::new())
        }
        Err(problem) => Err(problem),
    }
}

/// A record as others refer to it: its id and title.
fn reference(view: &View, entities: &dyn Entities) -> String {
    let mut out = String::from("{\"id\":");
    write_id(&view.record.entity.prefix, view.record.id(), &mut out);
    out.push_str(",\"title\":");
    write_title(view, entities, &mut out);
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
