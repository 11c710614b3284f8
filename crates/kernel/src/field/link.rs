//! Ids: the record's own, a link to another record, and a list of links.

use super::Entities;
use super::raw::{Checked, Fault, items, pointer, string};
use crate::problem::FieldProblem;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::HashSet;
use types::{Uuid, Value, format_id, parse_id};

/// The most links that one field holds.
const MAX_LINKS: usize = 1_000;

/// The prefix of an entity's ids.
///
/// Where the entity is not registered (a process that runs one service), the two that stand on
/// every record are known, and any other is named after its entity.
pub(crate) fn prefix_of(entity: &str, entities: &dyn Entities) -> String {
    if let Some(known) = entities.entity(entity) {
        return known.prefix.clone();
    }
    match entity {
        "users.user" => "usr".to_owned(),
        "platform.company" => "com".to_owned(),
        other => other.rsplit('.').next().unwrap_or_default().to_owned(),
    }
}

/// An id that begins with `prefix`; `what` names the record it should be of.
pub(super) fn check(text: &str, prefix: &str, what: &str) -> Checked {
    let (found, id) = parse_id(text).map_err(|error| {
        Fault::new("invalid_id", format!("must be the id of {what} ({prefix}_…); {error}"))
    })?;
    if found != prefix {
        let text = format!("must be the id of {what} ({prefix}_…), and {found}_… is another");
        return Err(Fault::new("wrong_prefix", text));
    }
    Ok(Value::Id(id))
}

/// An entity's name for people, `a sales order`.
pub(super) fn noun(entity: &str) -> String {
    let name = entity.rsplit('.').next().unwrap_or_default().replace('_', " ");
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {name}", if vowel { "an" } else { "a" })
}

/// Reads a list of ids; each fault is at its item.
pub(super) fn parse_list(
    raw: &str,
    entity: &str,
    at: &str,
    entities: &dyn Entities,
    problems: &mut Vec<FieldProblem>,
) -> Option<Value> {
    let expected = format!("a list of ids of {}", noun(entity));
    match items(raw, &expected) {
        Ok(items) => {
            let texts = items.into_iter().map(|item| string(item, "an id in quotes"));
            list(texts, entity, at, entities, problems)
        }
        Err(fault) => {
            problems.push(fault.at(at));
            None
        }
    }
}

/// Reads ids that commas, semicolons or blanks separate, as a table holds them.
pub(super) fn list_from_text(
    text: &str,
    entity: &str,
    at: &str,
    entities: &dyn Entities,
    problems: &mut Vec<FieldProblem>,
) -> Option<Value> {
    let ids = text.split([',', ';', ' ', '\n']).filter(|id| !id.is_empty());
    list(ids.map(|id| Ok(id.into())), entity, at, entities, problems)
}

fn list<'t>(
    texts: impl Iterator<Item = Checked<Cow<'t, str>>>,
    entity: &str,
    at: &str,
    entities: &dyn Entities,
    problems: &mut Vec<FieldProblem>,
) -> Option<Value> {
    let before = problems.len();
    let (prefix, what) = (prefix_of(entity, entities), noun(entity));
    let (mut ids, mut seen) = (Vec::new(), HashSet::new());
    for (index, text) in texts.enumerate() {
        if index == MAX_LINKS {
            let text = format!("must hold at most {MAX_LINKS} ids");
            problems.push(FieldProblem::new(at, "too_many", text));
            break;
        }
        match text.and_then(|text| check(&text, &prefix, &what)) {
            Ok(id) if seen.insert(id.as_id()) => ids.push(id),
            Ok(_) => {
                let at = pointer(at, &index.to_string());
                problems.push(FieldProblem::new(at, "duplicate_item", "is in the list already"));
            }
            Err(fault) => problems.push(fault.at(&pointer(at, &index.to_string()))),
        }
    }
    // An empty list is an empty field: one value for one meaning.
    let value = if ids.is_empty() { Value::Null } else { Value::List(ids) };
    (problems.len() == before).then_some(value)
}

/// Writes an id with its prefix; the nil id, which names nobody, as null.
pub(super) fn write(id: Uuid, prefix: &str, out: &mut String) {
    if id.is_nil() {
        out.push_str("null");
    } else {
        out.push('"');
        out.push_str(&format_id(prefix, id));
        out.push('"');
    }
}

/// The JSON Schema of an id with `prefix`.
pub(super) fn schema(prefix: &str, what: &str) -> Json {
    json!({
        "type": "string",
        "description": format!("The id of {what}."),
        "pattern": format!("^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"),
        "examples": [format!("{prefix}_01h455vb4pex5vsknk084sn02q")],
    })
}

/// The JSON Schema of a list of ids.
pub(super) fn list_schema(prefix: &str, what: &str) -> Json {
    json!({"type": "array", "items": schema(prefix, what), "uniqueItems": true, "maxItems": MAX_LINKS})
}
