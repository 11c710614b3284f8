//! Lines inside a record: identity, defaults, computed fields and checks of child rows.
//!
//! A client sends all lines of a record or none. A line with an id that the record has keeps its
//! identity and counts its version on; any other is new.

use crate::field::Kind;
use crate::problem::FieldProblem;
use crate::rights::Lines;
use crate::schema::{self, Computing, Entity, Field, slot};
use crate::service::{Registry, Work};
use std::sync::Arc;
use types::{Rounding, Value};

/// The fields of a record that hold lines, with the lines' entity.
pub(super) fn children(work: &Work<'_>) -> Vec<(usize, Arc<Entity>)> {
    let fields = work.record.entity.fields.iter().enumerate();
    let lines = fields.filter_map(|(slot, field)| match &field.kind {
        Kind::Children { entity } => Some((slot, work.registry.get(entity)?.clone())),
        _ => None,
    });
    lines.collect()
}

/// Gives every line its id, version, author and defaults; a line that an undo brings back
/// (`restores`) keeps those that it had.
pub(super) fn settle(work: &mut Work<'_>, restores: bool) {
    for (at, entity) in children(work) {
        let before: Vec<Vec<Value>> = match work.before.as_ref().map(|before| &before.values[at]) {
            Some(Value::Rows(rows)) => rows.clone(),
            _ => Vec::new(),
        };
        if work.before.as_ref().is_some_and(|before| before.values[at] == work.record.values[at]) {
            continue;
        }
        let mut rows = match work.record.values[at].take() {
            Value::Rows(rows) => rows,
            _ => Vec::new(),
        };
        for row in &mut rows {
            row.resize(entity.fields.len(), Value::Null);
            let id = row[slot::ID].as_id();
            let known = before.iter().find(|old| id.is_some() && old[slot::ID].as_id() == id);
            if known.is_some() || !restores {
                settle_row(row, known, &entity, work);
            }
        }
        work.record.values[at] = Value::Rows(rows);
    }
}

/// Puts back into lines what the actor may not see or change of them; a change of it is a problem.
pub(super) fn keep(
    value: &mut Value,
    before: &Value,
    mask: &Lines,
    registry: &Registry,
    field: &Field,
) -> Vec<FieldProblem> {
    let (Kind::Children { entity }, Value::Rows(rows)) = (&field.kind, value) else {
        return Vec::new();
    };
    let Some(entity) = registry.get(entity) else { return Vec::new() };
    let old: &[Vec<Value>] = match before {
        Value::Rows(rows) => rows,
        _ => &[],
    };
    let mut problems = Vec::new();
    for (index, row) in rows.iter_mut().enumerate() {
        let place = index.to_string();
        row.resize(entity.fields.len(), Value::Null);
        let id = row[slot::ID].as_id();
        let known = old.iter().find(|old| id.is_some() && old[slot::ID].as_id() == id);
        for at in (slot::FIRST..row.len()).filter(|&at| !mask.writable[at]) {
            let kept = known.map_or(Value::Null, |old| old[at].clone());
            let sent = std::mem::replace(&mut row[at], kept);
            let name = &entity.fields[at].name;
            let pointer = format!("/{}/{index}/{name}", field.name);
            if !mask.readable[at] && !sent.is_null() {
                problems.push(super::unseen::unknown_of_line(mask, &field.name, &place, name));
            } else if mask.readable[at] && !sent.is_null() && sent != row[at] {
                let text = "is set by the platform and cannot be changed";
                problems.push(FieldProblem::new(pointer, "read_only", text));
            }
        }
    }
    problems
}

fn settle_row(row: &mut [Value], known: Option<&Vec<Value>>, entity: &Entity, work: &Work<'_>) {
    let now = work.source.clock.now();
    let user: Value = work.call.actor.user().into();
    match known {
        Some(old) => {
            for kept in [
                slot::VERSION,
                slot::CREATED_AT,
                slot::CREATED_BY,
                slot::UPDATED_AT,
                slot::UPDATED_BY,
            ] {
                row[kept] = old[kept].clone();
            }
            if row != old.as_slice() {
                row[slot::VERSION] = Value::Int(old[slot::VERSION].as_int().unwrap_or(0) + 1);
                row[slot::UPDATED_AT] = now.into();
                row[slot::UPDATED_BY] = user;
            }
        }
        None => {
            row[slot::ID] = work.source.id().into();
            row[slot::VERSION] = Value::Int(1);
            row[slot::CREATED_AT] = now.into();
            row[slot::CREATED_BY] = user.clone();
            row[slot::UPDATED_AT] = now.into();
            row[slot::UPDATED_BY] = user;
            for (value, field) in row.iter_mut().zip(&entity.fields) {
                if let (Value::Null, Some(schema::Default::Value(start))) =
                    (&*value, &field.default)
                {
                    *value = start.clone();
                }
            }
        }
    }
}

/// Fills the computed fields of every line.
pub(super) fn compute(work: &mut Work<'_>, rounding: Rounding) {
    for (at, entity) in children(work) {
        let Value::Rows(mut rows) = work.record.values[at].take() else { continue };
        let parent = Some((&*work.record.entity, work.record.values.as_slice()));
        for row in &mut rows {
            for (slot, field) in entity.fields.iter().enumerate() {
                if let Some(rule) = field.computed {
                    row[slot] = rule(&Computing { entity: &entity, values: row, parent, rounding });
                }
            }
        }
        work.record.values[at] = Value::Rows(rows);
    }
}

/// Checks that no required field of a line is empty.
pub(super) fn check(work: &mut Work<'_>) {
    let mut problems = Vec::new();
    for (at, entity) in children(work) {
        let Value::Rows(rows) = &work.record.values[at] else { continue };
        let name = &work.record.entity.fields[at].name;
        for (index, row) in rows.iter().enumerate() {
            for (slot, field) in entity.fields.iter().enumerate().skip(slot::FIRST) {
                let empty = row[slot].is_null() || row[slot].as_text() == Some("");
                if field.required && empty {
                    let pointer = format!("/{name}/{index}/{}", field.name);
                    problems.push(FieldProblem::new(pointer, "required", "must not be empty"));
                }
            }
        }
    }
    work.problems.extend(problems);
}
