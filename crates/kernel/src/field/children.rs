//! Lines inside a record: a list of objects, each a row of the child entity.

use super::raw::{Fault, items, members, pointer, repeated, write_string};
use super::{Entities, link, write_cell};
use crate::problem::FieldProblem;
use crate::schema::{Entity, slot};
use std::collections::HashSet;
use types::Value;

/// The most lines of one record.
const MAX_ROWS: usize = 10_000;

/// Reads the list; each fault is at its line's field, `/lines/0/quantity`.
///
/// A row has a value for every field of the child entity; what a line leaves out is null.
pub(super) fn parse(
    raw: &str,
    entity: &str,
    at: &str,
    entities: &dyn Entities,
    problems: &mut Vec<FieldProblem>,
) -> Option<Value> {
    let before = problems.len();
    let Some(child) = entities.entity(entity) else {
        let text = format!("cannot be read here: {entity} is not known");
        problems.push(FieldProblem::new(at, "unknown_entity", text));
        return None;
    };
    let items = match items(raw, &format!("a list, with an object for each {}", link::noun(entity)))
    {
        Ok(items) => items,
        Err(fault) => {
            problems.push(fault.at(at));
            return None;
        }
    };
    if items.len() > MAX_ROWS {
        let text = format!("must have at most {MAX_ROWS} lines, not {}", items.len());
        problems.push(FieldProblem::new(at, "too_many", text));
        return None;
    }
    let (mut rows, mut ids) = (Vec::with_capacity(items.len()), HashSet::new());
    for (index, raw) in items.into_iter().enumerate() {
        let at = pointer(at, &index.to_string());
        let row = row(raw, &child, &at, entities, problems);
        if let Some(id) = row[slot::ID].as_id().filter(|id| !ids.insert(*id)) {
            let id = types::format_id(&child.prefix, id);
            let text = format!("names {id}, which is in the list already");
            problems.push(FieldProblem::new(pointer(&at, "id"), "duplicate_item", text));
        }
        rows.push(row);
    }
    (problems.len() == before).then_some(Value::Rows(rows))
}

fn row(
    raw: &str,
    child: &Entity,
    at: &str,
    entities: &dyn Entities,
    problems: &mut Vec<FieldProblem>,
) -> Vec<Value> {
    let mut row = vec![Value::Null; child.fields.len()];
    let members = match members(raw, "an object") {
        Ok(members) => members,
        Err(fault) => {
            problems.push(fault.at(at));
            return row;
        }
    };
    if let Some(name) = repeated(&members) {
        problems.push(FieldProblem::new(pointer(at, name), "duplicate_key", "must be given once"));
        return row;
    }
    for (name, raw) in members {
        let at = pointer(at, &name);
        match child.slot(&name).filter(|&slot| is_input(slot)) {
            Some(slot) => {
                let value = child.fields[slot].kind.parse(raw, &at, entities, problems);
                row[slot] = value.unwrap_or_default();
            }
            None => problems.push(unknown_field(child, &name).at(&at)),
        }
    }
    row
}

/// Whether a line may name the field: its own, its id, and what every record can carry.
pub(super) fn is_input(at: usize) -> bool {
    at >= slot::FIRST || matches!(at, slot::ID | slot::EXTERNAL_IDS | slot::CUSTOM)
}

/// The fault of a name that the entity does not have.
pub(super) fn unknown_field(entity: &Entity, name: &str) -> Fault {
    let hint = entity.nearest(name).map_or(String::new(), |near| format!("; did you mean {near}?"));
    let of = entity.name.replace('_', " ");
    Fault::new("unknown_field", format!("is not a field of {of}{hint}"))
}

/// Writes the rows as a list of objects: id, the child's own fields, and what it carries beside.
/// Of these, those that `readable` names are written; all without it.
pub(super) fn write(
    rows: &[Vec<Value>],
    entity: &str,
    readable: Option<&[bool]>,
    entities: &dyn Entities,
    out: &mut String,
) {
    let Some(child) = entities.entity(entity).filter(|_| !rows.is_empty()) else {
        out.push_str("[]");
        return;
    };
    let slots: Vec<usize> = (0..child.fields.len())
        .filter(|&at| (at == slot::ID || at >= slot::FIRST) && child.shows(at))
        .chain([slot::CUSTOM, slot::EXTERNAL_IDS])
        .filter(|&at| readable.is_none_or(|may| may.get(at) == Some(&true)))
        .collect();
    let prefixes: Vec<Option<String>> =
        slots.iter().map(|&at| child.fields[at].kind.id_prefix(entities)).collect();
    for (index, row) in rows.iter().enumerate() {
        out.push_str(if index == 0 { "[{" } else { ",{" });
        let mut first = true;
        for (&at, prefix) in slots.iter().zip(&prefixes) {
            let Some(value) = row.get(at) else { continue };
            if value.is_null() && matches!(at, slot::CUSTOM | slot::EXTERNAL_IDS) {
                continue;
            }
            if !std::mem::take(&mut first) {
                out.push(',');
            }
            let field = &child.fields[at];
            write_string(&field.name, out);
            out.push(':');
            write_cell(&field.kind, value, prefix.as_deref(), entities, out);
        }
        out.push('}');
    }
    out.push(']');
}
