//! The JSON of the edge: bodies into input, views, pages and problems into text.
//!
//! A body is taken apart once; each field's text goes straight to its kind. Answers are written
//! straight into a text; no tree of JSON values is ever built.

use crate::command::{Input, Page, View};
use crate::field::{Entities, raw, unknown_field, write_cell};
use crate::problem::{FieldProblem, Problem, ProblemKind};
use crate::schema::{Entity, slot};
use std::sync::Arc;
use types::Value;

/// The deepest nesting of a body: a JSON field at its own limit, inside lines inside lines.
const MAX_DEPTH: u32 = 136;

/// What a client is told of a fault that is ours; the log has the rest.
const NEUTRAL: &str = "Something went wrong on our side. Whoever runs this server finds the cause \
in its log under the request id.";

/// Reads the body of a write: an object of field values.
///
/// What is wrong with single values travels in [`Input::problems`], with the pointer of each.
/// Fields that clients cannot change are read as well; the write path decides about them.
///
/// # Errors
/// 400 when the body as a whole cannot be understood: `invalid_utf8`, `malformed_json`,
/// `too_deep`, `not_an_object`, `duplicate_key`; the text says where.
pub fn read_body(entity: &Entity, bytes: &[u8], entities: &dyn Entities) -> Result<Input, Problem> {
    let members = read_members(bytes)?;
    let mut input = Input { values: Vec::with_capacity(members.len()), problems: Vec::new() };
    for (name, raw) in members {
        let Some(at) = entity.slot(&name).filter(|&at| is_input(entity, at)) else {
            input.problems.push(unknown_field(entity, &name));
            continue;
        };
        let field = &entity.fields[at];
        let pointer = raw::pointer("", &field.name);
        if let Some(value) = field.kind.parse(raw, &pointer, entities, &mut input.problems) {
            input.values.push((field.name.clone(), value));
        }
    }
    Ok(input)
}

/// A field that the entity shows, or a secret that can be set and never read.
fn is_input(entity: &Entity, at: usize) -> bool {
    entity.shows(at) || entity.fields[at].secret
}

/// The members of a body, with their JSON text.
fn read_members(bytes: &[u8]) -> Result<Vec<(std::borrow::Cow<'_, str>, &str)>, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let text = format!("The body is not UTF-8 at byte {}.", error.valid_up_to());
        Problem::malformed("invalid_utf8", text)
    })?;
    if let Some(offset) = raw::too_deep(bytes, MAX_DEPTH) {
        let text =
            format!("The body nests more than {MAX_DEPTH} objects and lists at byte {offset}.");
        return Err(Problem::malformed("too_deep", text));
    }
    let members: raw::Members<'_> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            let found = raw::type_of(text);
            let text = format!("The body must be a JSON object of fields, not {found}.");
            return Problem::malformed("not_an_object", text);
        }
        let offset = offset_of(text, error.line(), error.column());
        let (line, column) = place_of(text, offset);
        let whole = error.to_string();
        let what = match whole.split(" at line ").next().unwrap_or_default() {
            "expected ident" => "expected true, false or null",
            what => what,
        };
        let text = format!(
            "The body is not JSON: {what} at line {line}, column {column} (byte {offset})."
        );
        Problem::malformed("malformed_json", text)
    })?;
    if let Some(name) = raw::repeated(&members.0) {
        let error =
            FieldProblem::new(raw::pointer("", name), "duplicate_key", "must be given once");
        let text = format!("The body names {name:?} twice.");
        return Err(Problem::malformed("duplicate_key", text).with(vec![error]));
    }
    Ok(members.0)
}

/// The byte that the reader names: lines count from 1, columns in bytes from 1, and column 0 is
/// the end of the line before.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column).saturating_sub(1).min(text.len())
}

/// Line and column of a byte, both from 1, the column in characters as editors count.
fn place_of(text: &str, offset: usize) -> (usize, usize) {
    let before = &text.as_bytes()[..offset.min(text.len())];
    let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
    let start = before.iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1);
    let is_first_byte = |b: &&u8| **b & 0xc0 != 0x80;
    (line, before[start..].iter().filter(is_first_byte).count() + 1)
}

/// Writes a record as one actor may see it.
///
/// Absent means not readable, null means empty. The kernel's fields stand around the entity's
/// own: id, version, state, number, company first; custom, external ids and the stamps last.
pub fn write_view(view: &View, entities: &dyn Entities, out: &mut String) {
    Columns::of(&view.record.entity, entities).write(view, entities, out);
}

/// Writes a page: its records, the token of the next page, and the count if it was asked for.
pub fn write_page(page: &Page, entities: &dyn Entities, out: &mut String) {
    out.push_str("{\"items\":[");
    let mut columns: Option<Columns> = None;
    for (index, view) in page.items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        let entity = &view.record.entity;
        if columns.as_ref().is_none_or(|columns| !Arc::ptr_eq(&columns.entity, entity)) {
            columns = Some(Columns::of(entity, entities));
        }
        if let Some(columns) = &columns {
            columns.write(view, entities, out);
        }
    }
    out.push_str("],\"next_page_token\":");
    raw::write_string(&page.next_page_token, out);
    if let Some(total) = page.total_size {
        out.push_str(&format!(",\"total_size\":{total}"));
    }
    out.push('}');
}

/// Writes a problem as `application/problem+json` (RFC 9457).
pub fn write_problem(problem: &Problem, request_id: &str, out: &mut String) {
    let detail = match problem.kind {
        ProblemKind::Internal => NEUTRAL,
        _ => &problem.detail,
    };
    out.push_str("{\"type\":\"about:blank\",\"title\":");
    raw::write_string(problem.kind.title(), out);
    out.push_str(&format!(",\"status\":{},\"detail\":", problem.kind.status()));
    raw::write_string(detail, out);
    out.push_str(",\"code\":");
    raw::write_string(&problem.code, out);
    out.push_str(",\"errors\":[");
    for (index, error) in problem.errors.iter().enumerate() {
        out.push_str(if index == 0 { "{\"pointer\":" } else { ",{\"pointer\":" });
        raw::write_string(&error.pointer, out);
        out.push_str(",\"code\":");
        raw::write_string(&error.code, out);
        out.push_str(",\"message\":");
        raw::write_string(&error.message, out);
        out.push('}');
    }
    out.push_str("],\"request_id\":");
    raw::write_string(request_id, out);
    out.push('}');
}

/// Writes `text` as a JSON string with its quotes; only what JSON demands is escaped.
pub fn write_json_string(text: &str, out: &mut String) {
    raw::write_string(text, out);
}

/// What the records of one entity share when they are written.
struct Columns {
    entity: Arc<Entity>,
    /// Slot, the member's name as `"name":`, and the prefix of ids in it.
    columns: Vec<(usize, String, Option<String>)>,
}

impl Columns {
    fn of(entity: &Arc<Entity>, entities: &dyn Entities) -> Columns {
        const LAST: [usize; 6] = [
            slot::CUSTOM,
            slot::EXTERNAL_IDS,
            slot::CREATED_AT,
            slot::CREATED_BY,
            slot::UPDATED_AT,
            slot::UPDATED_BY,
        ];
        let column = |at: usize| {
            let field = &entity.fields[at];
            let mut name = String::with_capacity(field.name.len() + 3);
            raw::write_string(&field.name, &mut name);
            name.push(':');
            (at, name, field.kind.id_prefix(entities))
        };
        let columns = [slot::ID, slot::VERSION, slot::STATE, slot::NUMBER, slot::COMPANY]
            .into_iter()
            .chain(slot::FIRST..entity.fields.len())
            .chain(LAST)
            .filter(|&at| entity.shows(at))
            .map(column)
            .collect();
        Columns { entity: entity.clone(), columns }
    }

    fn write(&self, view: &View, entities: &dyn Entities, out: &mut String) {
        let mut sign = '{';
        for (at, name, prefix) in &self.columns {
            if !view.readable.get(*at).copied().unwrap_or(false) {
                continue;
            }
            let Some(value) = view.record.values.get(*at) else { continue };
            out.push(std::mem::replace(&mut sign, ','));
            out.push_str(name);
            let kind = &self.entity.fields[*at].kind;
            match value {
                Value::Rows(_) => kind.write_seen(value, view.of_lines(*at), entities, out),
                _ => write_cell(kind, value, prefix.as_deref(), entities, out),
            }
        }
        if sign == '{' {
            out.push('{');
        }
        out.push('}');
    }
}

#[cfg(test)]
mod tests;
