//! From a draft and the record as it is to what must be written, if anything must.

use super::draft::{Cell, Draft, Line};
use super::executor::Write;
use super::links::Links;
use crate::mapping::bind::{Bound, BoundLines};
use kernel::field::merge;
use kernel::json::write_json_string;
use kernel::schema::slot;
use kernel::{Entity, Input, Known, Record, View};
use types::Value;

/// Writes the draft's values over those of the record that exists.
///
/// None when the record is so already. An empty cell says nothing: the record keeps its value.
pub(super) fn compose(
    bound: &Bound,
    draft: &Draft,
    links: &Links,
    existing: Option<&View>,
) -> Option<Write> {
    let mut input = Input::new();
    let mut own = external_id(&bound.external, &draft.key);
    let current = |at: usize| existing.map_or(&Value::Null, |view| &view.record.values[at]);
    for (at, cell) in &draft.values {
        let value = value_of(cell, bound, links);
        if *at == slot::EXTERNAL_IDS && !value.is_null() {
            own = merge(&value, own);
            continue;
        }
        change(&bound.entity, *at, current(*at), value, &mut input);
    }
    change(&bound.entity, slot::EXTERNAL_IDS, current(slot::EXTERNAL_IDS), own, &mut input);
    for (table, (at, lines)) in bound.lines.iter().zip(&draft.lines) {
        let before = match current(*at) {
            Value::Rows(rows) => rows.as_slice(),
            _ => &[],
        };
        let rows = rows_of(bound, table, lines, links, before);
        if rows != before {
            let name = &bound.entity.fields[*at].name;
            input.values.push((name.clone(), Value::Rows(rows)));
        }
    }
    let is_new = existing.is_none();
    if !is_new && input.values.is_empty() {
        return None;
    }
    let known = |record: &Record| (record.id(), Known::Exactly(record.version()));
    Some(Write {
        entity: bound.entity.full_name(),
        record: existing.map(|view| known(&view.record)),
        input,
        state: draft.state.clone().filter(|_| is_new),
        number: draft.number.clone().filter(|_| is_new),
    })
}

fn change(entity: &Entity, at: usize, current: &Value, value: Value, input: &mut Input) {
    let field = &entity.fields[at];
    if value.is_null() {
        return;
    }
    let stays = match field.kind.merges() {
        true => merge(current, value.clone()) == *current,
        false => value == *current,
    };
    if !stays {
        input.values.push((field.name.clone(), value));
    }
}

/// The lines as they become: those of the file in its order, with the identity of the lines that
/// bear their keys; then the lines that were made elsewhere.
fn rows_of(
    bound: &Bound,
    table: &BoundLines,
    lines: &[Line],
    links: &Links,
    before: &[Vec<Value>],
) -> Vec<Vec<Value>> {
    let own_key = |row: &[Value]| match row.get(slot::EXTERNAL_IDS) {
        Some(Value::Json(json)) => member(json, &bound.external),
        _ => None,
    };
    let is_keyed = table.key.is_some();
    let mut rows = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let known = match &line.key {
            Some(key) => before.iter().find(|row| own_key(row).as_ref() == Some(key)),
            None => before.get(index).filter(|_| !is_keyed),
        };
        let mut row = known.cloned().unwrap_or_default();
        row.resize(table.entity.fields.len(), Value::Null);
        for (at, cell) in &line.values {
            let value = value_of(cell, bound, links);
            if value.is_null() {
                continue;
            }
            let merges = table.entity.fields[*at].kind.merges();
            row[*at] = if merges { merge(&row[*at], value) } else { value };
        }
        if let Some(key) = &line.key {
            let own = external_id(&bound.external, key);
            row[slot::EXTERNAL_IDS] = merge(&row[slot::EXTERNAL_IDS], own);
        }
        rows.push(row);
    }
    if is_keyed {
        rows.extend(before.iter().filter(|row| own_key(row).is_none()).cloned());
    }
    rows
}

fn value_of(cell: &Cell, bound: &Bound, links: &Links) -> Value {
    match cell {
        Cell::Ready(value) => value.clone(),
        Cell::Link { lookup, keys, is_list, .. } => {
            let lookup = &bound.lookups[*lookup];
            let mut ids = keys.iter().filter_map(|key| links.get(lookup, key)).map(Value::from);
            match is_list {
                false => ids.next().unwrap_or_default(),
                true if keys.is_empty() => Value::Null,
                true => Value::List(ids.collect()),
            }
        }
    }
}

/// The JSON object of one key in another system.
fn external_id(name: &str, key: &str) -> Value {
    let mut json = String::with_capacity(name.len() + key.len() + 8);
    json.push('{');
    write_json_string(name, &mut json);
    json.push(':');
    write_json_string(key, &mut json);
    json.push('}');
    Value::Json(json)
}

/// The text of an object's member.
pub(crate) fn member(json: &str, name: &str) -> Option<String> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).ok()?;
    object.get(name)?.as_str().map(str::to_owned)
}
