//! One of a list of names.

use super::raw::{Checked, Fault};
use crate::schema::nearest;
use serde_json::{Value as Json, json};
use types::Value;

/// The name itself, spelled as it is declared.
pub(super) fn check(text: &str, names: &[String]) -> Checked {
    if names.iter().any(|name| name == text) {
        return Ok(Value::Text(text.to_owned()));
    }
    let message = match nearest(text, names.iter().map(String::as_str)) {
        Some(near) => format!("is not one of its choices; did you mean {near}?"),
        None => format!("must be one of {}", listed(names)),
    };
    Err(Fault::new("unknown_choice", message))
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 12;
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The JSON Schema of a choice.
pub(super) fn schema(names: &[String]) -> Json {
    json!({"type": "string", "enum": names})
}
