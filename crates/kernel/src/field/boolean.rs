//! True or false.

use super::raw::{Checked, Fault};
use serde_json::{Value as Json, json};
use types::Value;

/// Reads `true` or `false`.
pub(super) fn parse(raw: &str) -> Checked {
    match raw {
        "true" => Ok(Value::Bool(true)),
        "false" => Ok(Value::Bool(false)),
        _ => Err(Fault::wrong_type("true or false", raw)),
    }
}

/// Reads the words that tables use, in any case: true, yes, 1; false, no, 0.
pub(super) fn from_text(text: &str) -> Checked {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(Value::Bool(true)),
        "false" | "no" | "0" => Ok(Value::Bool(false)),
        _ => Err(Fault::new("wrong_type", "must be true or false, yes or no, 1 or 0")),
    }
}

/// The JSON Schema of a boolean.
pub(super) fn schema() -> Json {
    json!({"type": "boolean"})
}
