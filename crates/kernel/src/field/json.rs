//! JSON kept as its text: free JSON, the keys in other systems, the organisation's own fields.
//!
//! Numbers are never read: the text that came in goes out, so `1.10` stays `1.10`.

use super::raw::{self, Checked, Fault, members, pointer, repeated, string, too_deep};
use super::text::bounded;
use crate::problem::FieldProblem;
use serde::de::IgnoredAny;
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use types::Value;

/// The deepest nesting of a JSON field.
pub(crate) const MAX_DEPTH: u32 = 128;
/// The longest text of a JSON field, in bytes.
const MAX_BYTES: usize = 64 * 1024;
/// The most keys that one record has in other systems.
const MAX_KEYS: usize = 100;
/// The longest name of a key or field.
const MAX_NAME: usize = 60;

/// Any JSON text; blanks around it do not belong to it.
pub(super) fn parse(raw: &str) -> Checked {
    let text = raw.trim_matches([' ', '\t', '\n', '\r']);
    if text.len() > MAX_BYTES {
        let text = format!("must be a JSON text of at most {MAX_BYTES} bytes, not {}", text.len());
        return Err(Fault::new("too_long", text));
    }
    if too_deep(text.as_bytes(), MAX_DEPTH).is_some() {
        let text = format!("must not nest more than {MAX_DEPTH} objects and lists");
        return Err(Fault::new("too_deep", text));
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        return Err(Fault::new("invalid_json", format!("must be JSON; {error}")));
    }
    Ok(Value::Json(text.to_owned()))
}

/// The members of an object while it is read: names in order, values as JSON text.
pub(super) type Object<'a> = BTreeMap<Cow<'a, str>, Cow<'a, str>>;

/// Reads an object whose members `member` checks and turns into JSON text; a null stays, for a
/// merge to remove what it names.
pub(super) fn object<'a>(
    raw: &'a str,
    expected: &str,
    at: &str,
    problems: &mut Vec<FieldProblem>,
    member: impl Fn(&str, &'a str) -> Checked<Cow<'a, str>>,
) -> Option<Value> {
    let before = problems.len();
    let members = match members(raw, expected) {
        Ok(members) => members,
        Err(fault) => {
            problems.push(fault.at(at));
            return None;
        }
    };
    if let Some(name) = repeated(&members) {
        problems.push(FieldProblem::new(pointer(at, name), "duplicate_key", "must be given once"));
        return None;
    }
    let mut object = Object::new();
    for (name, raw) in members {
        match member(&name, raw) {
            Ok(value) => drop(object.insert(name, value)),
            Err(fault) => problems.push(fault.at(&pointer(at, &name))),
        }
    }
    (problems.len() == before).then(|| Value::Json(object_text(&object)))
}

/// The object as JSON text, without blanks, its names in code point order.
pub(super) fn object_text(object: &Object<'_>) -> String {
    let length = object.iter().map(|(name, value)| name.len() + value.len() + 4).sum::<usize>();
    let mut out = String::with_capacity(length + 2);
    out.push('{');
    for (name, value) in object {
        if out.len() > 1 {
            out.push(',');
        }
        raw::write_string(name, &mut out);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
    out
}

/// The JSON string of a text of at most `max` code points, or null.
pub(super) fn text_member<'a>(raw: &'a str, max: u32) -> Checked<Cow<'a, str>> {
    if raw == "null" {
        return Ok(raw.into());
    }
    let text = string(raw, "a text in quotes")?;
    bounded(&text, max)?;
    // An escape may spell what needs none: one text has one spelling in the database.
    let mut out = String::new();
    raw::write_string(&text, &mut out);
    Ok(out.into())
}

/// The record's keys in other systems: an object of texts.
pub(super) fn parse_texts(raw: &str, at: &str, problems: &mut Vec<FieldProblem>) -> Option<Value> {
    let member = |name: &str, raw| {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_.-".contains(&b);
        if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(known) {
            let text = format!("must be named by 1 to {MAX_NAME} of a to z, 0 to 9, _ . -");
            return Err(Fault::new("invalid_name", text));
        }
        text_member(raw, 1_000)
    };
    let value = object(raw, "an object of texts", at, problems, member)?;
    within(value, at, problems)
}

/// The fields that the organisation added: an object.
pub(super) fn parse_custom(raw: &str, at: &str, problems: &mut Vec<FieldProblem>) -> Option<Value> {
    let member = |name: &str, raw: &'_ str| {
        let known = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
        if !begins || name.len() > MAX_NAME || !name.bytes().all(known) {
            let text = format!(
                "must be named by 1 to {MAX_NAME} of a to z, 0 to 9, _, and begin with a letter"
            );
            return Err(Fault::new("invalid_name", text));
        }
        if raw.starts_with('"') {
            return text_member(raw, MAX_BYTES as u32).map(|text| Cow::Owned(text.into_owned()));
        }
        parse(raw)?;
        // A database that reads the column as JSON refuses what is no Unicode text, and U+0000.
        match serde_json::from_str::<Json>(raw) {
            Ok(value) if !holds_nul(&value) => Ok(Cow::Owned(raw.to_owned())),
            Ok(_) => Err(Fault::new("nul_character", "must not contain the character U+0000")),
            Err(error) => Err(Fault::new("invalid_json", format!("must be JSON; {error}"))),
        }
    };
    let value = object(raw, "an object of fields", at, problems, member)?;
    within(value, at, problems)
}

fn holds_nul(value: &Json) -> bool {
    match value {
        Json::String(text) => text.contains('\0'),
        Json::Array(items) => items.iter().any(holds_nul),
        Json::Object(members) => {
            members.iter().any(|(name, value)| name.contains('\0') || holds_nul(value))
        }
        _ => false,
    }
}

/// The object, if it is not too large for a column.
fn within(value: Value, at: &str, problems: &mut Vec<FieldProblem>) -> Option<Value> {
    let (bytes, names) = match &value {
        Value::Json(text) => (text.len(), members(text, "").map_or(0, |members| members.len())),
        _ => (0, 0),
    };
    if bytes > MAX_BYTES || names > MAX_KEYS {
        let text = format!("must have at most {MAX_KEYS} members in {MAX_BYTES} bytes");
        problems.push(FieldProblem::new(at, "too_long", text));
        return None;
    }
    Some(value)
}

/// A merge patch (RFC 7396) of one object's text by another's, member by member; null when
/// nothing is left. Values keep their text.
pub(super) fn merge(current: &Value, patch: Value) -> Value {
    fn read(value: &Value) -> Option<Vec<(Cow<'_, str>, &str)>> {
        let Value::Json(text) = value else { return None };
        members(text, "an object").ok()
    }
    let Some(changes) = read(&patch) else { return patch };
    let current = read(current).unwrap_or_default();
    let mut object: Object<'_> = current.into_iter().map(|(n, v)| (n, v.into())).collect();
    for (name, raw) in changes {
        if raw == "null" {
            object.remove(&name);
        } else {
            object.insert(name, raw.into());
        }
    }
    if object.is_empty() { Value::Null } else { Value::Json(object_text(&object)) }
}

/// The JSON Schema of free JSON.
pub(super) fn schema() -> Json {
    json!({"description": "Any JSON; the very text is kept and returned."})
}

/// The JSON Schema of an object of texts.
pub(super) fn texts_schema() -> Json {
    json!({
        "type": "object",
        "propertyNames": {"pattern": format!("^[a-z0-9_.-]{{1,{MAX_NAME}}}$")},
        "additionalProperties": {"type": ["string", "null"], "maxLength": 1000},
        "maxProperties": MAX_KEYS,
        "description": "A null removes its key.",
        "examples": [{"northwind": "10248"}],
    })
}

/// The JSON Schema of the organisation's own fields.
pub(super) fn custom_schema() -> Json {
    json!({
        "type": "object",
        "propertyNames": {"pattern": format!("^[a-z][a-z0-9_]{{0,{}}}$", MAX_NAME - 1)},
        "maxProperties": MAX_KEYS,
        "description": "A null empties its field.",
    })
}
